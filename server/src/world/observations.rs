//! Readings of sensors, and what feeds say of the sensors themselves.

use super::LiveCity;
use super::commands::NotDone;
use super::heard::seconds;
use super::seen_rows::Print;
use super::tick::Tick;
use crate::request::{NO_TIME, OLD_AFTER_S, ObservationRow, Problems, SensorInfo, Taken};
use chengtu_engine::code::Code;
use chengtu_engine::command::{Command, Observation, SensorRegistration};
use chengtu_engine::decide::{ObservationProblem, decide_observations};
use chengtu_engine::geo::Position;
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::Actor;
use chengtu_engine::record::{Body, Origin};
use chengtu_engine::time::Timestamp;
use std::collections::HashSet;

/// What has been read of a batch.
#[derive(Default)]
struct Read {
    /// What is decided already: rows that only described a sensor, and problems.
    taken: Taken,
    readings: Vec<Observation>,
    /// Row of each reading in its batch.
    row_of: Vec<u32>,
    /// What the batch has said so far.
    said: HashSet<Print>,
}

impl LiveCity {
    /// Registers the sensors that are described, then decides and appends the readings.
    ///
    /// # Errors
    /// Why nothing is written any more.
    pub(super) fn take_observations(
        &mut self,
        feed: FeedId,
        rows: Vec<ObservationRow>,
        tick: &mut Tick,
    ) -> Result<Taken, String> {
        let mut read = Read::default();
        for row in rows {
            if let Some(info) = &row.sensor {
                let problems = &mut read.taken.problems;
                if !self.describe_sensor(feed, &row, info, problems, tick)? {
                    continue;
                }
            }
            self.read_row(feed, &row, tick.now, &mut read);
        }
        self.record_readings(feed, read, tick)
    }

    /// A row of whose sensor everything is known that the row says.
    fn read_row(&self, feed: FeedId, row: &ObservationRow, now: Timestamp, read: &mut Read) {
        let problems = &mut read.taken.problems;
        let known = self.state.sensor_of(feed, &row.key);
        let Some(sensor) = known.and_then(|id| self.state.sensor(id)) else {
            return problems.push(row.row, Code::RowUnknownSensor, || {
                format!("sensor {:?} was never described: send its name, phenomenon, unit and position once", row.key)
            });
        };
        if let Some(why) = other_unit(row.unit.as_deref(), &sensor.unit_of_measure) {
            return problems.push(row.row, Code::RowValue, || why);
        }
        let Some((time, value)) = row.reading else {
            read.taken.accepted += 1;
            read.taken.outside += u64::from(self.is_outside(sensor.position));
            return;
        };
        let reading = Observation {
            sensor: sensor.id,
            phenomenon_time: if time == NO_TIME { now } else { time },
            value,
        };
        let print = self.pending.seen_rows.of_reading(&reading);
        if time != NO_TIME && (self.pending.seen_rows.has(print) || !read.said.insert(print)) {
            return problems.push(row.row, Code::RowDuplicate, || {
                "repeats an earlier reading (same sensor, time and value): ignored".to_owned()
            });
        }
        read.row_of.push(row.row);
        read.readings.push(reading);
    }

    /// Decides, appends and applies readings.
    fn record_readings(
        &mut self,
        feed: FeedId,
        read: Read,
        tick: &mut Tick,
    ) -> Result<Taken, String> {
        let now = tick.now;
        let mut taken = read.taken;
        let decision = decide_observations(&self.state, feed, &read.readings, now);
        for (at, problem) in decision.problems {
            let (row, code) = (read.row_of[at], code_of(&problem));
            taken.problems.push(row, code, || problem.to_string());
        }
        for o in &decision.taken {
            let print = self.pending.seen_rows.of_reading(o);
            self.pending.seen_rows.add(print, o.phenomenon_time, now);
            let at = self.state.sensor(o.sensor).map(|s| s.position);
            taken.accepted += 1;
            taken.outside += u64::from(at.is_some_and(|p| self.is_outside(p)));
            let is_old = o.phenomenon_time < now.plus_seconds(-OLD_AFTER_S);
            taken.old += u64::from(is_old);
        }
        if !decision.taken.is_empty() {
            let origin = Origin {
                actor: Actor::Feed(feed),
                command: None,
            };
            let body = Body::Observations(decision.taken, decision.events);
            self.write(tick, origin, body)?;
            // Of two readings without a time the later is shown.
            tick.later();
        }
        taken.seq = self.state.seq();
        Ok(taken)
    }

    /// Whether a place lies outside the city's bounds.
    pub(super) fn is_outside(&self, p: Position) -> bool {
        self.state.rules().is_some_and(|r| !r.bounds.contains(p))
    }

    fn has_room_for_sensor(&self, feed: FeedId) -> bool {
        let limits = &self.config.limits;
        self.state.sensors_known() < limits.sensors_max
            && self.state.sensors_of(feed) < limits.feed_sensors_max()
    }

    /// Registers a sensor, or renews what is known of it; false where the row was refused.
    fn describe_sensor(
        &mut self,
        feed: FeedId,
        of: &ObservationRow,
        info: &SensorInfo,
        problems: &mut Problems,
        tick: &mut Tick,
    ) -> Result<bool, String> {
        let row = of.row;
        let known = self.state.sensor_of(feed, &of.key).is_some();
        if !known && !self.has_room_for_sensor(feed) {
            self.make_room_for_sensor(feed, tick)?;
        }
        if !known && self.state.sensors_known() >= self.config.limits.sensors_max {
            problems.push(row, Code::RowTooMany, || {
                "no more sensors are taken (limits.sensors_max)".to_owned()
            });
            return Ok(false);
        }
        let of_feed = self.state.sensors_of(feed);
        if !known && of_feed >= self.config.limits.feed_sensors_max() {
            problems.push(row, Code::RowTooMany, || {
                format!("{of_feed} sensors of this feed are known, no more of one feed are taken (limits.feed_share_max_percent)")
            });
            return Ok(false);
        }
        let command = Command::RegisterSensor(SensorRegistration {
            feed,
            key: of.key.clone(),
            name: info.name.clone(),
            phenomenon: info.phenomenon,
            unit_of_measure: info.unit_of_measure.clone(),
            position: info.position,
            thresholds: info.thresholds,
        });
        match self.execute(tick, &command, &Actor::Feed(feed), None) {
            Ok(_) => {
                if let Some(sensor) = self.state.sensor_of(feed, &of.key) {
                    self.retiring.silent.hear_sensor(sensor, seconds(tick.now));
                }
                Ok(true)
            }
            Err(NotDone::Refused(r)) => {
                problems.push(row, r.code(), || r.to_string());
                Ok(false)
            }
            Err(NotDone::Stopped(why)) => Err(why),
        }
    }
}

/// Why a value is not taken whose row says another unit than the sensor has.
fn other_unit(said: Option<&str>, known: &str) -> Option<String> {
    let said = said.map(str::trim).filter(|u| !u.is_empty())?;
    let known = known.trim();
    (!known.is_empty() && said != known).then(|| {
        format!(
            "the value is in {said:?} and the sensor is described in {known:?}: send it in that unit, or describe the sensor anew with its bounds"
        )
    })
}

fn code_of(problem: &ObservationProblem) -> Code {
    match problem {
        ObservationProblem::InFuture { .. } => Code::RowFuture,
        ObservationProblem::NotThisFeeds(_) => Code::RowNotYours,
        ObservationProblem::NotFinite => Code::RowValue,
    }
}
