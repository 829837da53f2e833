//! Commands about a data directory.

mod keep;
mod print;

pub use keep::{CompactArgs, VerifyArgs};
pub use print::LogArgs;
