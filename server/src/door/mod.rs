//! The door: which connections are let in, how many of whom, and for how long.

mod accept;
mod connections;
mod handles;
mod line;
mod secure;

pub use accept::serve;
pub(crate) use connections::{Connection, Doing};
