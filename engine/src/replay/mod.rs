//! The past, played: where it is read from, what happened when, and a clock that moves over it.
//!
//! A replay folds and never decides. Whatever it shows at a moment is the fold of what was known by then.

mod bookmark;
mod checkpoints;
mod clock;
mod history;
mod memory;
mod moment;
mod moments;
mod player;
mod released;
mod timeline;
mod timeline_bar;

pub use crate::state::{LATE_AFTER_S, late_since};
pub use bookmark::{Bookmark, BookmarkChange, OfficerView};
pub use clock::{SPEED_RANGE, TimeBasis, TimeControl, WorldClock};
pub use history::{Gap, History, HistoryError};
pub use memory::MemoryHistory;
pub use moment::{MOMENTS_MAX, Moment, MomentKind};
pub use moments::{MARKS_MAX, MomentReader, bars_of, marks_of, mentions};
pub use player::{Edge, PlayError, Player, Step};
pub use timeline::Timeline;
pub use timeline_bar::{TimelineBar, TimelineMark};
