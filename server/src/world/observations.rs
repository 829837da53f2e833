//! Readings of sensors, and what feeds say of the sensors themselves.

use super::LiveCity;
use super::commands::NotDone;
use super::tick::Tick;
use crate::request::{NO_TIME, ObservationRow, Problems, SensorInfo, Taken};
use chengtu_engine::code::Code;
use chengtu_engine::command::{Command, Observation, SensorRegistration};
use chengtu_engine::decide::{ObservationProblem, decide_observations};
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::Actor;
use chengtu_engine::record::{Body, Origin};

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
        let mut problems = Problems::default();
        let mut described = 0;
        let mut readings = Vec::new();
        let mut row_of = Vec::new();
        for row in rows {
            if let Some(info) = row.sensor
                && !self.describe_sensor(feed, row.row, &row.key, info, &mut problems, tick)?
            {
                continue;
            }
            let Some((time, value)) = row.reading else {
                described += 1;
                continue;
            };
            let Some(sensor) = self.state.sensor_of(feed, &row.key) else {
                problems.push(row.row, Code::RowUnknownSensor, || {
                    format!("sensor {:?} was never described: send its name, phenomenon, unit and position once", row.key)
                });
                continue;
            };
            row_of.push(row.row);
            readings.push(Observation {
                sensor,
                phenomenon_time: if time == NO_TIME { tick.now } else { time },
                value,
            });
        }
        let decision = decide_observations(&self.state, feed, &readings, tick.now);
        for (at, problem) in decision.problems {
            problems.push(row_of[at], code_of(&problem), || problem.to_string());
        }
        let accepted = described + decision.taken.len() as u64;
        if !decision.taken.is_empty() {
            let origin = Origin {
                actor: Actor::Feed(feed),
                command: None,
            };
            let body = Body::Observations(decision.taken, decision.events);
            self.write(tick, origin, body)?;
        }
        Ok(Taken {
            accepted,
            problems,
            seq: self.state.seq(),
            cases: Vec::new(),
        })
    }

    /// Registers a sensor, or renews what is known of it; false where the row was refused.
    fn describe_sensor(
        &mut self,
        feed: FeedId,
        row: u32,
        key: &str,
        info: SensorInfo,
        problems: &mut Problems,
        tick: &mut Tick,
    ) -> Result<bool, String> {
        let known = self.state.sensor_of(feed, key).is_some();
        if !known && self.state.sensors().len() >= self.config.limits.sensors_max {
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
            key: key.to_owned(),
            name: info.name,
            phenomenon: info.phenomenon,
            unit_of_measure: info.unit_of_measure,
            position: info.position,
            thresholds: info.thresholds,
        });
        match self.execute(tick, &command, &Actor::Feed(feed), None) {
            Ok(_) => Ok(true),
            Err(NotDone::Refused(r)) => {
                problems.push(row, r.code(), || r.to_string());
                Ok(false)
            }
            Err(NotDone::Stopped(why)) => Err(why),
        }
    }
}

fn code_of(problem: &ObservationProblem) -> Code {
    match problem {
        ObservationProblem::InFuture { .. } => Code::RowFuture,
        ObservationProblem::NotThisFeeds(_) => Code::RowNotYours,
        ObservationProblem::NotFinite => Code::RowValue,
    }
}
