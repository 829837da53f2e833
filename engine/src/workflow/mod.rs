//! The life of a case as one table: at which stage an act is possible, and which stage the case is at after it.
//!
//! Decisions, the fold, the invariants of a state, simulators, drills and the client's buttons all read this table.

mod act;
mod stage;
mod table;

use crate::model::Stage;

pub use act::Act;
pub use table::{advances, allowed, next, outcome};

/// For how long voiding or bundling a case can be taken back, seconds.
pub const RESTORE_WITHIN_S: i64 = 600;

/// The stage that a case is restored to that was at `before` when it was voided or bundled. Its units have gone, so that a
/// case that had some waits for others.
pub const fn restored(before: Stage) -> Stage {
    match before {
        Stage::Reported | Stage::Handled => before,
        _ => Stage::Filed,
    }
}
