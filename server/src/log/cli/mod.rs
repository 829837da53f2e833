//! Commands about a data directory.

mod clock;
mod keep;
mod print;

pub use clock::{ClockArgs, MendTimeArgs};
pub use keep::{AnchorArgs, CompactArgs, VerifyArgs};
pub use print::LogArgs;
