//! Detectors: rules that look at everything decided, before it is logged, and raise and end alarms.
//!
//! What a detector raises is an event of the same record as its cause: it is logged, and replay folds it without asking
//! any detector again. A new detector is one file here and one line in [`DETECTORS`].

mod alarms;
mod detector;
mod sensor_thresholds;
mod severe_cases;

pub use alarms::Alarms;
pub use detector::{Detector, Input};

use crate::command::Observation;
use crate::event::Event;
use crate::model::Reading;
use crate::state::State;
use crate::time::Timestamp;
use sensor_thresholds::SensorThresholds;
use severe_cases::SevereCases;

/// Every detector, in the order in which each input is shown to them.
const DETECTORS: [&dyn Detector; 2] = [&SevereCases, &SensorThresholds];

/// Events that detectors add to those of a command; `state` is the state before them.
pub fn after_events(state: &State, events: &[Event]) -> Vec<Event> {
    run(state, events.iter().map(Input::Event))
}

/// Events that detectors add to a batch of readings, each of which is judged, not the newest alone.
///
/// `readings` in any order; of several with one time before `now` the first counts, of several that are of now the last
/// that came, and one that is not newer than its sensor's latest says nothing of the present and is passed over: what is
/// judged last is what the fold shows. Cost: n log n.
pub fn after_readings(state: &State, readings: &[Observation], now: Timestamp) -> Vec<Event> {
    let mut sorted: Vec<&Observation> = readings.iter().collect();
    sorted.sort_by_key(|o| (o.sensor, o.phenomenon_time));
    sorted.dedup_by(|later, first| {
        (later.sensor, later.phenomenon_time) == (first.sensor, first.phenomenon_time)
            && first.phenomenon_time < now
    });
    let inputs = sorted.into_iter().filter_map(|o| {
        let sensor = state.sensor(o.sensor)?;
        let is_newer = |l: Reading| o.phenomenon_time > l.phenomenon_time;
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
