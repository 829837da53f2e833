//! The past, played: where it is read from, what happened when, and a clock that moves over it.
//!
//! A replay folds and never decides. Whatever it shows at a moment is the fold of what was known by then.

mod checkpoints;
mod history;
mod memory;
mod moments;
mod player;
mod released;

pub use crate::state::{LATE_AFTER_S, late_since};
pub use history::{Gap, History, HistoryError};
pub use memory::MemoryHistory;
pub use moments::{MARKS_MAX, MomentReader, bars_of, marks_of, mentions};
pub use player::{Edge, PlayError, Player, Step};
