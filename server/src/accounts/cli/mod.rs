//! Commands about accounts, on the data directory itself: also while a server runs, which follows within a second.

mod args;
mod terminal;

pub use args::UserArgs;
