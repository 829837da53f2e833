use super::alarms::Alarms;
use crate::command::Observation;
use crate::event::Event;
use crate::model::Sensor;

/// One thing that a detector is shown.
#[derive(Clone, Copy, Debug)]
pub enum Input<'a> {
    /// Something that was decided, by anything but a detector.
    Event(&'a Event),
    /// A reading newer than the sensor's latest; of one sensor in the order of their times.
    Reading(&'a Sensor, &'a Observation),
}

/// A rule that raises and ends alarms.
///
/// Pure: the same inputs give the same alarms. What it has to remember between records must be part of the state.
pub trait Detector: Sync {
    /// Looks at one input and raises or ends alarms.
    fn detect(&self, input: Input<'_>, alarms: &mut Alarms<'_>);
}
