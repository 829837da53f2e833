//! What is kept elsewhere so that a log can be held against it: signed anchors, the trail between them, and the key.

mod book;
mod key;
mod published;
mod signed;
mod trail;

pub use book::{ANCHOR_EVERY_S, AnchorBook};
pub use key::{KeyError, PublicKey, ServerKey};
pub use published::{Published, PublishedError};
pub use signed::SignedAnchor;
pub use trail::Trail;
