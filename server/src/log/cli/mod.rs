//! Commands about a data directory.

mod print;

pub use print::LogArgs;
