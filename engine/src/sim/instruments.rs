//! Sensors: each in its own way, or driven along a curve.

use super::Chance;
use super::act::Storm;
use super::behave::{Behaviour, LocalMoment, Measured};
use super::rates::local_moment;
use super::simulator::{Simulator, Step};
use crate::command::Observation;
use crate::decide::decide_observations;
use crate::geo::distance_m;
use crate::ids::{FeedId, SensorId};
use crate::model::{Actor, Phenomenon};
use crate::record::{Body, Origin};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Sensors as they behave.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Instruments {
    /// By sensor; made when a sensor is first measured here.
    own: BTreeMap<SensorId, Behaviour>,
    /// Values at moments, ascending; straight lines between.
    driven: BTreeMap<SensorId, Vec<(Timestamp, f64)>>,
}

/// Seconds between readings of one sensor.
const EVERY_S: i64 = 60;
/// Seconds between readings of one that is driven.
const DRIVEN_EVERY_S: i64 = 20;
/// Air where no table was given: mean and spread of PM2.5, µg/m³.
const AIR: (f64, f64) = (55.0, 30.0);

impl Instruments {
    /// Drives a sensor along a curve from now on, in place of another.
    pub fn drive(&mut self, sensor: SensorId, curve: Vec<(Timestamp, f64)>) {
        self.driven.insert(sensor, curve);
    }

    pub fn is_driven(&self, sensor: SensorId) -> bool {
        self.driven.contains_key(&sensor)
    }

    /// Ends curves that are over; the sensor goes on from the last value.
    fn end_curves(&mut self, now: Timestamp) {
        let over = |curve: &[(Timestamp, f64)]| curve.last().is_none_or(|(t, _)| *t < now);
        let ended: Vec<SensorId> = self
            .driven
            .iter()
            .filter(|(_, curve)| over(curve))
            .map(|(sensor, _)| *sensor)
            .collect();
        for sensor in ended {
            self.driven.remove(&sensor);
            self.own.remove(&sensor);
        }
    }
}

fn value_at(curve: &[(Timestamp, f64)], now: Timestamp) -> f64 {
    let after = curve.partition_point(|(t, _)| *t <= now);
    let before = after.checked_sub(1).and_then(|i| curve.get(i));
    match (before, curve.get(after)) {
        (Some((t, a)), Some((u, b))) => {
            let part = now.seconds_since(*t) / u.seconds_since(*t).max(1e-6);
            a + (b - a) * part
        }
        (Some((_, v)), None) | (None, Some((_, v))) => *v,
        (None, None) => 0.0,
    }
}

impl Simulator {
    /// What is measured in this second, as batches of the sensors' feeds.
    pub(super) fn measure(&mut self, step: &mut Step) {
        self.instruments.end_curves(self.now);
        let own = self.config.sensors && !self.is_recorded();
        if !own && self.instruments.driven.is_empty() {
            return;
        }
        let second = self.now.0.div_euclid(1_000_000);
        let (local, air) = self.weather();
        let mut readings: BTreeMap<FeedId, Vec<Observation>> = BTreeMap::new();
        for sensor in self.state.sensors() {
            if self.dead_feeds.contains_key(&sensor.feed) {
                continue;
            }
            let turn = second + i64::from(sensor.id.0) * 7;
            let value = if let Some(curve) = self.instruments.driven.get(&sensor.id) {
                if turn.rem_euclid(DRIVEN_EVERY_S) != 0 {
                    continue;
                }
                Some(libm::round(value_at(curve, self.now) * 1_000.0) / 1_000.0)
            } else {
                if !own || turn.rem_euclid(EVERY_S) != 0 {
                    continue;
                }
                let behaviour = self.instruments.own.entry(sensor.id).or_insert_with(|| {
                    let chance = Chance::of_numbers(self.seed, "sensor", &[sensor.id.0.into()]);
                    match sensor.latest.and_then(|r| r.value) {
                        Some(v) => Behaviour::going_on(sensor.phenomenon, chance, v, local, air),
                        None => Behaviour::new(sensor.phenomenon, chance),
                    }
                });
                match behaviour.step(EVERY_S as f64 / 60.0, local, air) {
                    Measured::Silent => continue,
                    Measured::Broken => None,
                    Measured::Value(v) => Some(v),
                }
            };
            readings.entry(sensor.feed).or_default().push(Observation {
                sensor: sensor.id,
                phenomenon_time: self.now,
                value,
            });
        }
        for (feed, readings) in readings {
            self.observe(feed, &readings, step);
        }
    }

    pub(super) fn observe(&mut self, feed: FeedId, readings: &[Observation], step: &mut Step) {
        let decision = decide_observations(&self.state, feed, readings, self.now);
        if !decision.taken.is_empty() {
            let origin = Origin {
                actor: Actor::Feed(feed),
                command: None,
            };
            let body = Body::Observations(decision.taken, decision.events);
            self.write(origin, body, step);
        }
    }

    /// The city's own time, and the air as it usually is then.
    fn weather(&self) -> (LocalMoment, (f64, f64)) {
        let Some(rules) = self.state.rules() else {
            let utc = crate::city::Calendar::with_offset(0);
            return (local_moment(&utc, self.now).0, AIR);
        };
        let (local, month) = local_moment(&rules.calendar, self.now);
        let day = self.config.air.get(usize::from(month.max(1)) - 1);
        let hour = day.and_then(|d| d.get(local.hour as usize));
        (local, hour.copied().unwrap_or(AIR))
    }

    /// Lets the water rise at every water level sensor within reach of a storm.
    pub(super) fn rain(&mut self, storm: &Storm) {
        let now = self.now;
        let mut curves = Vec::new();
        for sensor in self.state.sensors() {
            let near = distance_m(sensor.position, storm.centre) <= storm.radius_m;
            if sensor.phenomenon != Phenomenon::WaterLevel || !near {
                continue;
            }
            let of = [sensor.id.0.into(), now.0 as u64];
            let mut chance = Chance::of_numbers(self.seed, "storm", &of);
            let peak = storm.peak_m * chance.between(0.5, 1.0);
            let begin = sensor.latest.and_then(|r| r.value).unwrap_or(0.0);
            let late_s = chance.between(0.0, f64::from(storm.rise_s) / 4.0) as i64;
            let at = |s: u32| now.plus_seconds(late_s + i64::from(s));
            let full = storm.rise_s.saturating_add(storm.hold_s);
            let curve = vec![
                (now, begin),
                (at(0), begin),
                (at(storm.rise_s), peak.max(begin)),
                (at(full), peak.max(begin)),
                (at(full.saturating_add(storm.fall_s)), begin),
            ];
            curves.push((sensor.id, curve));
        }
        for (sensor, curve) in curves {
            self.instruments.drive(sensor, curve);
        }
    }
}
