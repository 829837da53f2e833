//! What goes out: every file that a command makes is written by one rule.
//!
//! - Nothing is ever written onto what this program keeps: a log, drills, the files of a city.
//! - Only new files are written; what is there is replaced where the command line says so, and only if it is a plain file
//!   that may be written.
//! - A file appears when it is whole, a set of files as one.
//! - `-` is standard output.

mod args;
mod error;
mod own;
mod place;
mod set;
#[cfg(test)]
mod tests;
mod written;

pub use args::OutArgs;
pub use error::OutError;
pub use place::{Folder, Place};
pub use set::{FileSet, exchange};
pub use written::Written;
