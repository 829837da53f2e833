//! Detectors: rules that look at everything decided, before it is logged, and raise and end alarms.
//!
//! What a detector raises is an event of the same record as its cause: it is logged, and replay folds it without asking
//! any detector again. A new detector is one file here and one line in [`DETECTORS`].

mod alarms;
mod sensor_thresholds;
mod severe_cases;

pub use alarms::Alarms;

use crate::command::Observation;
use crate::event::Event;
use crate::model::Sensor;
use crate::state::State;
use sensor_thresholds::SensorThresholds;
use severe_cases::SevereCases;

/// Every detector, in the order in which each input is shown to them.
const DETECTORS: [&dyn Detector; 2] = [&SevereCases, &SensorThresholds];

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

/// Events that detectors add to those of a command; `state` is the state before them.
pub fn after_events(state: &State, events: &[Event]) -> Vec<Event> {
    run(state, events.iter().map(Input::Event))
}

/// Events that detectors add to a batch of readings, each of which is judged, not the newest alone.
///
/// `readings` in any order; of several with one time the first counts, and one that is not newer than its sensor's
/// latest says nothing of the present and is passed over. Cost: n log n.
pub fn after_readings(state: &State, readings: &[Observation]) -> Vec<Event> {
    let mut sorted: Vec<&Observation> = readings.iter().collect();
    sorted.sort_by_key(|o| (o.sensor, o.phenomenon_time));
    sorted.dedup_by_key(|o| (o.sensor, o.phenomenon_time));
    let inputs = sorted.into_iter().filter_map(|o| {
        let sensor = state.sensor(o.sensor)?;
        let is_newer = |l: crate::model::Reading| o.phenomenon_time > l.phenomenon_time;
        let is_present = sensor.latest.is_none_or(is_newer);
        is_present.then_some(Input::Reading(sensor, o))
    });
    run(state, inputs)
}

fn run<'a>(state: &State, inputs: impl Iterator<Item = Input<'a>>) -> Vec<Event> {
    let mut alarms = Alarms::new(state);
    for input in inputs {
        for detector in DETECTORS {
            detector.detect(input, &mut alarms);
        }
    }
    alarms.into_events()
}
