//! The log: every record in order, durable before anybody sees it, with keyframes to start from.
//!
//! [`LogStore`] is all that the rest of the server knows of it; [`EmbeddedStore`] keeps it in a directory.

mod anchor;
mod aside;
pub mod cli;
mod describe;
mod embedded;
mod error;
mod keyframe;
mod mend;
mod proof;
mod recover;
mod store;

pub use anchor::{Anchor, NoAnchor};
pub use aside::{Aside, AsideError, BookmarkStore, DrillFiles, DurableWrite, ViewStore};
pub use describe::{Described, Describer};
pub use embedded::{
    Compacted, Day, DrillFolder, EmbeddedOptions, EmbeddedStore, EmbeddedWriter, Finding, LOG_FILE,
    LogHistory, REPORT_FILE, SCHEMA_VERSION, Verified,
};
pub use error::LogError;
pub use keyframe::{Keyframe, KeyframeError};
pub use proof::{
    ANCHOR_EVERY_S, AnchorBook, KeyError, PublicKey, Published, PublishedError, ServerKey,
    SignedAnchor, Trail,
};
pub use recover::{Recovered, recover};
pub use store::{Keyframes, LogStore, LogWriter};
