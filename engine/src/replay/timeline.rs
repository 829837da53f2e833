use super::Bookmark;
use crate::city::Severity;
use crate::ids::ThingId;
use crate::time::Timestamp;

/// A stretch of time for the time bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    /// The client's number.
    pub request: u32,
    /// Time of the first record.
    pub from: Timestamp,
    /// Time of the last record.
    pub to: Timestamp,
    /// First moment that the log holds.
    pub log_from: Timestamp,
    /// Last moment that the log holds.
    pub log_to: Timestamp,
    /// Equal parts from `from` to `to`.
    pub bars: Vec<TimelineBar>,
    /// Severe and urgent cases and alarms, the gravest first where there are too many; at most 200.
    pub marks: Vec<TimelineMark>,
    /// Stretches that the log has lost, with the reason in words.
    pub gaps: Vec<(Timestamp, Timestamp, String)>,
    /// Bookmarks in the stretch.
    pub bookmarks: Vec<Bookmark>,
}

/// One part of a time line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimelineBar {
    /// Cases reported within the bar.
    pub cases: u32,
    /// Alarms raised within the bar.
    pub alarms: u32,
}

/// A grave moment on a time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineMark {
    /// When it was known.
    pub time: Timestamp,
    /// How grave the case or alarm is.
    pub severity: Severity,
    /// The case or alarm.
    pub thing: ThingId,
}
