//! The things of a running city.

mod actor;
mod alarm;
mod case;
mod case_history;
mod desk;
mod mover;
mod note;
mod reporter;
mod sensor;
mod unit;

pub use actor::Actor;
pub use alarm::{Alarm, AlarmSource};
pub use case::{Case, CaseSource, Stage, StageChange};
pub use case_history::{CaseHistory, HISTORY_MAX, HistoryEntry, HistoryKind};
pub use desk::{DESK_NAME_MAX, desk_parts, numbered_desk};
pub use mover::{Fix, Mover, MoverKind, NO_BEARING, NO_FEED, RecentFixes};
pub use note::{
    ADDRESS_CHARS_MAX, NAME_CHARS_MAX, NOTE_CHARS_MAX, NOTES_CHARS_MAX, extended_note, is_longer,
    note_added, note_before, shown, with_room,
};
pub use reporter::{Reporter, TELEPHONE_CHARS_MAX};
pub use sensor::{Phenomenon, Reading, Sensor, SensorState, Thresholds, keep_hour};
pub use unit::{Assignment, AssignmentTarget, Unit, UnitStatus};
