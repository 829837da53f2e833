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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::SensorRegistration;
    use crate::geo::Position;
    use crate::ids::{FeedId, SensorId};
    use crate::model::{Actor, AlarmSource, Phenomenon, Thresholds};
    use crate::record::{Body, Origin, Record, World};
    use crate::time::Timestamp;

    fn apply(state: &mut State, body: Body) {
        let seq = state.seq() + 1;
        state.apply(&Record {
            seq,
            known_at: Timestamp::from_seconds(seq as i64),
            world: World::Live,
            origin: Origin {
                actor: Actor::System,
                command: None,
            },
            body,
        });
        assert_eq!(state.check(), Ok(()));
    }

    fn city(sensors: u32) -> State {
        let mut state = State::new();
        let name = "f".to_owned();
        let feed = FeedId(0);
        let mut events = vec![Event::FeedRegistered { feed, name }];
        events.extend((0..sensors).map(|n| Event::SensorRegistered {
            sensor: SensorId(n),
            registration: SensorRegistration {
                feed,
                key: n.to_string(),
                name: n.to_string(),
                phenomenon: Phenomenon::WaterLevel,
                unit_of_measure: "m".to_owned(),
                position: Position::new(1_187_900_000, 320_500_000),
                thresholds: Some(Thresholds {
                    warning: 0.2,
                    alarm: 0.4,
                }),
            },
        }));
        apply(&mut state, Body::Events(events));
        state
    }

    fn read(state: &mut State, values: &[f64]) {
        let time = Timestamp::from_seconds(state.seq() as i64);
        let sensors = state.sensors().len() as u32;
        let step = 900_000 / values.len() as i64;
        let readings = (0..sensors).flat_map(|n| {
            let of = |(i, v): (i64, &f64)| Observation {
                sensor: SensorId(n),
                phenomenon_time: time.plus_us((i + 1) * step),
                value: Some(*v),
            };
            (0..).zip(values).map(of).collect::<Vec<_>>()
        });
        let readings: Vec<Observation> = readings.collect();
        let events = after_readings(state, &readings, time.plus_us(1_000_000));
        apply(state, Body::Observations(readings, events));
    }

    #[test]
    fn a_sensor_that_comes_and_goes_has_one_alarm_that_waits_for_a_person() {
        let mut state = city(3);
        let before = state.next_alarm();
        for _ in 0..50 {
            // Over the bound and back, in one record and in two.
            read(&mut state, &[1.0, 0.0, 1.0, 0.0]);
            read(&mut state, &[1.0]);
            read(&mut state, &[0.0]);
        }
        let raised = state.next_alarm().0 - before.0;
        assert_eq!((raised, state.alarms().len()), (3 * 50 * 3, 3));
        for n in 0..3 {
            let of: Vec<_> = state.alarms_of(AlarmSource::Sensor(SensorId(n))).collect();
            assert_eq!(of.len(), 1);
            assert!(state.alarms()[&of[0]].ended_at.is_some());
        }
        // One that runs is not made room with.
        read(&mut state, &[1.0]);
        read(&mut state, &[1.0]);
        let running = state.alarms().values().filter(|a| a.ended_at.is_none());
        assert_eq!((running.count(), state.alarms().len()), (3, 3));
    }
}
