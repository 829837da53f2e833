//! The life of a case as one table: at which stage an act is possible, and which stage the case is at after it.
//!
//! Decisions, the fold, the invariants of a state, simulators, drills and the client's buttons all read this table.

mod act;
mod stage;
mod table;

pub use act::Act;
pub use table::{advances, allowed, next, outcome};
