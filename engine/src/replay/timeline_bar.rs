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

/// A severe or urgent moment on a time line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimelineMark {
    /// When it was known.
    pub time: Timestamp,
    /// Severity of the case or alarm.
    pub severity: Severity,
    /// The case or alarm.
    pub thing: ThingId,
}
