//! Sensors: each in its own way, or driven along a curve.

use crate::command::Observation;
use crate::decide::decide_observations;
use crate::geo::distance_m;
use crate::ids::FeedId;
use crate::model::{Actor, Phenomenon};
use crate::record::{Body, Origin};
use crate::sim::Chance;
use crate::sim::act::Storm;
use crate::sim::behave::{Behaviour, LocalMoment, Measured};
use crate::sim::rates::local_moment;
use crate::sim::simulator::{Simulator, Step};
use std::collections::BTreeMap;

/// Seconds between readings of one sensor.
const EVERY_S: i64 = 60;
/// Seconds between readings of one that is driven.
const DRIVEN_EVERY_S: i64 = 20;
/// Air where no table was given: mean and spread of PM2.5, µg/m³.
const AIR: (f64, f64) = (55.0, 30.0);

impl Simulator {
    /// What is measured in this second, as batches of the sensors' feeds.
    pub(in crate::sim) fn measure(&mut self, step: &mut Step) {
        self.instruments.end_curves(self.now);
        let own = self.config.sensors && !self.is_recorded();
        if !own && self.instruments.all_free() {
            return;
        }
        let second = self.now.whole_seconds();
        let (local, air) = self.weather();
        let mut readings: BTreeMap<FeedId, Vec<Observation>> = BTreeMap::new();
        for sensor in self.state.sensors().iter().filter(|s| !s.has_retired()) {
            if self.faults.dead_feeds.contains_key(&sensor.feed) {
                continue;
            }
            let turn = second + i64::from(sensor.id.0) * 7;
            let value = if let Some(driven) = self.instruments.driven_value(sensor.id, self.now) {
                if turn.rem_euclid(DRIVEN_EVERY_S) != 0 {
                    continue;
                }
                Some(driven)
            } else {
                if !own || turn.rem_euclid(EVERY_S) != 0 {
                    continue;
                }
                let behaviour = self.instruments.own.entry(sensor.id).or_insert_with(|| {
                    let chance = Chance::of_numbers(self.seed, "sensor", &[sensor.id.0.into()]);
                    match sensor.latest.and_then(|r| r.value) {
                        Some(v) => Behaviour::continuing(sensor.phenomenon, chance, v, local, air),
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

    pub(in crate::sim) fn observe(
        &mut self,
        feed: FeedId,
        readings: &[Observation],
        step: &mut Step,
    ) {
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
    pub(in crate::sim) fn rain(&mut self, storm: &Storm) {
        let now = self.now;
        let mut curves = Vec::new();
        for sensor in self.state.sensors().iter().filter(|s| !s.has_retired()) {
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
