//! Data of feeds: fixes as columns, readings, cases.

use super::World;
use super::request::{
    CaseRow, FeedData, FixBatch, NO_TIME, ObservationRow, Problems, Taken, Unavailable,
};
use super::turn::{Answer, Turn, Undone};
use crate::audience::notice;
use crate::codes;
use crate::session::{Feed, Outbox, UNITS_FEED, Who};
use chengtu_engine::command::{CaseReport, Command, Observation, SensorRegistration};
use chengtu_engine::decide::{FixProblem, ObservationProblem, decide_fixes, decide_observations};
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::record::{Body, Origin};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::oneshot;

type Reply = oneshot::Sender<Result<Taken, Unavailable>>;

/// Where the result of a batch goes.
enum To {
    Feed(Reply),
    Socket(Arc<Outbox>),
}

/// One batch among those that become one record.
struct Part {
    to: To,
    /// How many of the gathered fixes are its.
    len: usize,
    problems: Problems,
}

/// Fixes of one feed that came in one tick: they become one record.
#[derive(Default)]
pub(super) struct PendingFixes {
    fixes: Vec<Fix>,
    rows: Vec<u32>,
    parts: Vec<Part>,
}

fn count(feed: &str, kind: &'static str, what: &'static str, n: u64) {
    if n > 0 {
        metrics::counter!("chengtu_rows_total", "feed" => feed.to_owned(), "kind" => kind, "result" => what)
            .increment(n);
    }
}

impl World {
    pub(super) fn feed(&mut self, feed: &Feed, data: FeedData, reply: Reply, turn: &mut Turn) {
        let id = match self.feed_id(&feed.name, turn) {
            Ok(id) => id,
            Err(why) => {
                let _ = reply.send(Err(Unavailable(why)));
                return;
            }
        };
        match data {
            FeedData::Fixes(batch) => self.gather(id, batch, To::Feed(reply), turn),
            FeedData::Observations(rows) => {
                let taken = self.observations(id, rows, turn);
                finish(&feed.name, "observations", taken, reply, turn);
            }
            FeedData::Cases(rows) => {
                let taken = self.cases(id, rows, turn);
                finish(&feed.name, "cases", taken, reply, turn);
            }
        }
    }

    /// The feed of a name, registered when it is new.
    fn feed_id(&mut self, name: &str, turn: &mut Turn) -> Result<FeedId, String> {
        if let Some(id) = self.state.feed(name) {
            return Ok(id);
        }
        if self.state.feeds().len() >= self.config.limits.feeds_max {
            return Err(format!(
                "{} feeds are known, no more are taken (limits.feeds_max)",
                self.state.feeds().len()
            ));
        }
        let name = name.to_owned();
        let command = Command::RegisterFeed { name: name.clone() };
        match self.execute(turn, &command, &Actor::System, None) {
            Ok(_) => self
                .state
                .feed(&name)
                .ok_or_else(|| format!("feed {name} could not be registered")),
            Err(Undone::Refused(r)) => Err(r.to_string()),
            Err(Undone::Stopped(why)) => Err(why),
        }
    }

    pub(super) fn socket_fixes(&mut self, session: u64, mut batch: FixBatch, turn: &mut Turn) {
        let Some(viewer) = self.audience.viewer(session) else {
            return;
        };
        let outbox = viewer.outbox.clone();
        let name = match &viewer.who {
            Who::Feed(f) => f.name.clone(),
            Who::Unit(call_sign) => {
                let FixBatch {
                    keys,
                    rows,
                    problems,
                } = &mut batch;
                rows.retain(|r| {
                    let start = r.key_start as usize;
                    let own =
                        keys.get(start..start + usize::from(r.key_len)) == Some(call_sign.as_str());
                    if !own {
                        problems.push(r.row, codes::ROW_NOT_YOURS, || {
                            format!("a terminal speaks only for its own unit, {call_sign}")
                        });
                    }
                    own
                });
                UNITS_FEED.to_owned()
            }
            _ => {
                let text = "fixes come from feeds and terminals, not from this role";
                return notice(&outbox, codes::NOT_PERMITTED, text.to_owned());
            }
        };
        match self.feed_id(&name, turn) {
            Ok(id) => self.gather(id, batch, To::Socket(outbox), turn),
            Err(why) => notice(&outbox, codes::STOPPED, why),
        }
    }

    /// Finds the movers of a batch, registers new ones, and keeps the fixes for the end of the tick.
    fn gather(&mut self, feed: FeedId, batch: FixBatch, to: To, turn: &mut Turn) {
        if let Err(why) = self.register_movers(feed, &batch, turn) {
            match to {
                To::Feed(reply) => drop(reply.send(Err(Unavailable(why)))),
                To::Socket(outbox) => notice(&outbox, codes::STOPPED, why),
            }
            return;
        }
        let mut problems = Problems::default();
        let pending = turn.fixes.entry(feed).or_default();
        let before = pending.fixes.len();
        pending.fixes.reserve(batch.rows.len());
        pending.rows.reserve(batch.rows.len());
        for row in &batch.rows {
            let Some(mover) = self.state.mover_of(feed, batch.key(row)) else {
                problems.push(row.row, codes::ROW_TOO_MANY, || {
                    format!(
                        "{} movers are known, no more are taken (limits.movers_max)",
                        self.state.movers().len()
                    )
                });
                continue;
            };
            let fix_time = if row.fix.fix_time == NO_TIME {
                turn.now
            } else {
                row.fix.fix_time
            };
            pending.rows.push(row.row);
            pending.fixes.push(Fix {
                mover,
                fix_time,
                ..row.fix
            });
        }
        let len = pending.fixes.len() - before;
        let mut all = batch.problems;
        all.count += problems.count;
        all.listed.extend(problems.listed);
        turn.rows += batch.rows.len();
        turn.gathered += len;
        pending.parts.push(Part {
            to,
            len,
            problems: all,
        });
    }

    fn register_movers(
        &mut self,
        feed: FeedId,
        batch: &FixBatch,
        turn: &mut Turn,
    ) -> Result<(), String> {
        let room = self
            .config
            .limits
            .movers_max
            .saturating_sub(self.state.movers().len());
        let mut new: BTreeMap<&str, MoverKind> = BTreeMap::new();
        for row in &batch.rows {
            let key = batch.key(row);
            if self.state.mover_of(feed, key).is_none() && new.len() < room {
                new.entry(key).or_insert(row.kind.unwrap_or_default());
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        let movers = new.into_iter().map(|(k, kind)| (k.to_owned(), kind));
        let command = Command::RegisterMovers {
            feed,
            movers: movers.collect(),
        };
        match self.execute(turn, &command, &Actor::Feed(feed), None) {
            Ok(_) => Ok(()),
            Err(Undone::Refused(r)) => Err(r.to_string()),
            Err(Undone::Stopped(why)) => Err(why),
        }
    }

    /// Decides, logs and applies what was gathered; every batch gets its own result.
    pub(super) fn flush_fixes(&mut self, turn: &mut Turn) {
        turn.gathered = 0;
        for (feed, pending) in core::mem::take(&mut turn.fixes) {
            let decision = decide_fixes(&self.state, feed, &pending.fixes, turn.now);
            let taken = decision.block.len() as u64;
            let written = if decision.block.is_empty() {
                self.stopped.clone().map_or(Ok(()), Err)
            } else {
                let origin = Origin {
                    actor: Actor::Feed(feed),
                    command: None,
                };
                let body = Body::Fixes(decision.block);
                self.write(turn, origin, body).map(|_| ())
            };
            let name = self
                .state
                .feeds()
                .get(usize::from(feed.0))
                .cloned()
                .unwrap_or_default();
            count(&name, "fixes", "accepted", taken);
            let mut refused = decision.problems.into_iter().peekable();
            let mut start = 0;
            for mut part in pending.parts {
                let end = start + part.len;
                let mut accepted = part.len as u64;
                while let Some((at, problem)) = refused.next_if(|(at, _)| *at < end) {
                    accepted -= 1;
                    let code = code_of(problem);
                    part.problems
                        .push(pending.rows[at], code, || problem.to_string());
                    count(&name, "fixes", word_of(code), 1);
                }
                start = end;
                let result = Taken {
                    accepted,
                    problems: part.problems,
                    seq: self.state.seq(),
                    cases: Vec::new(),
                };
                match (&written, part.to) {
                    (Ok(()), To::Feed(reply)) => turn.answers.push(Answer::Feed(reply, result)),
                    (Ok(()), To::Socket(outbox)) => {
                        turn.answers.push(Answer::Fixes(outbox, result));
                    }
                    (Err(why), To::Feed(reply)) => {
                        let _ = reply.send(Err(Unavailable(why.clone())));
                    }
                    (Err(why), To::Socket(outbox)) => {
                        notice(&outbox, codes::STOPPED, why.clone());
                    }
                }
            }
        }
    }

    fn observations(
        &mut self,
        feed: FeedId,
        rows: Vec<ObservationRow>,
        turn: &mut Turn,
    ) -> Result<Taken, String> {
        let mut problems = Problems::default();
        let mut described = 0;
        let mut readings = Vec::new();
        let mut row_of = Vec::new();
        for row in rows {
            if let Some(info) = row.sensor {
                let known = self.state.sensor_of(feed, &row.key).is_some();
                if !known && self.state.sensors().len() >= self.config.limits.sensors_max {
                    problems.push(row.row, codes::ROW_TOO_MANY, || {
                        "no more sensors are taken (limits.sensors_max)".to_owned()
                    });
                    continue;
                }
                let command = Command::RegisterSensor(SensorRegistration {
                    feed,
                    key: row.key.clone(),
                    name: info.name,
                    phenomenon: info.phenomenon,
                    unit_of_measure: info.unit_of_measure,
                    position: info.position,
                    thresholds: info.thresholds,
                });
                match self.execute(turn, &command, &Actor::Feed(feed), None) {
                    Ok(_) => {}
                    Err(Undone::Refused(r)) => {
                        problems.push(row.row, r.code(), || r.to_string());
                        continue;
                    }
                    Err(Undone::Stopped(why)) => return Err(why),
                }
            }
            let Some((time, value)) = row.reading else {
                described += 1;
                continue;
            };
            let Some(sensor) = self.state.sensor_of(feed, &row.key) else {
                problems.push(row.row, codes::ROW_UNKNOWN_SENSOR, || {
                    format!("sensor {:?} was never described: send its name, phenomenon, unit and position once", row.key)
                });
                continue;
            };
            row_of.push(row.row);
            readings.push(Observation {
                sensor,
                phenomenon_time: if time == NO_TIME { turn.now } else { time },
                value,
            });
        }
        let decision = decide_observations(&self.state, feed, &readings, turn.now);
        for (at, problem) in decision.problems {
            let code = match problem {
                ObservationProblem::InFuture { .. } => codes::ROW_FUTURE,
                ObservationProblem::NotThisFeeds(_) => codes::ROW_NOT_YOURS,
                ObservationProblem::NotFinite => codes::ROW_VALUE,
            };
            problems.push(row_of[at], code, || problem.to_string());
        }
        let accepted = described + decision.taken.len() as u64;
        if !decision.taken.is_empty() {
            let origin = Origin {
                actor: Actor::Feed(feed),
                command: None,
            };
            let body = Body::Observations(decision.taken, decision.events);
            self.write(turn, origin, body)?;
        }
        Ok(Taken {
            accepted,
            problems,
            seq: self.state.seq(),
            cases: Vec::new(),
        })
    }

    fn cases(
        &mut self,
        feed: FeedId,
        rows: Vec<CaseRow>,
        turn: &mut Turn,
    ) -> Result<Taken, String> {
        let mut taken = Taken::default();
        for row in rows {
            let Some(class) = self.state.rules().and_then(|r| r.class_by_code(&row.class)) else {
                taken.problems.push(row.row, 104, || {
                    format!("there is no case class {:?} in this city", row.class)
                });
                continue;
            };
            let address = if row.address.is_empty() {
                self.city.address(row.position)
            } else {
                row.address
            };
            let known = self.state.case_of(feed, &row.key);
            let command = Command::ReportCase(CaseReport {
                class,
                severity: row.severity,
                position: row.position,
                address,
                note: row.note,
                occurred_at: row.occurred_at.unwrap_or(turn.now),
                filed_at: row.filed_at,
                key: row.key,
            });
            match self.execute(turn, &command, &Actor::Feed(feed), None) {
                Ok((_, case)) => {
                    taken.accepted += 1;
                    taken.cases.extend(case.or(known));
                }
                Err(Undone::Refused(r)) => {
                    taken.problems.push(row.row, r.code(), || r.to_string());
                }
                Err(Undone::Stopped(why)) => return Err(why),
            }
        }
        taken.seq = self.state.seq();
        Ok(taken)
    }
}

fn finish(
    feed: &str,
    kind: &'static str,
    taken: Result<Taken, String>,
    reply: Reply,
    turn: &mut Turn,
) {
    match taken {
        Ok(taken) => {
            count(feed, kind, "accepted", taken.accepted);
            count(feed, kind, "rejected", taken.problems.count);
            turn.answers.push(Answer::Feed(reply, taken));
        }
        Err(why) => {
            let _ = reply.send(Err(Unavailable(why)));
        }
    }
}

fn code_of(problem: FixProblem) -> u16 {
    match problem {
        FixProblem::InFuture { .. } => codes::ROW_FUTURE,
        FixProblem::Duplicate => codes::ROW_DUPLICATE,
        FixProblem::NotThisFeeds(_) => codes::ROW_NOT_YOURS,
        FixProblem::OutsideWorld => codes::ROW_PLACE,
    }
}

fn word_of(code: u16) -> &'static str {
    match code {
        codes::ROW_FUTURE => "quarantined",
        codes::ROW_DUPLICATE => "duplicate",
        _ => "rejected",
    }
}
