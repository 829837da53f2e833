use crate::city::Severity;
use crate::ids::ThingId;
use crate::time::Timestamp;

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
