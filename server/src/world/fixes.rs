//! Positions: gathered over a tick, decided together, appended as one record a feed.

use super::LiveCity;
use super::batches::{Batch, PendingFixes, Sender, count};
use super::commands::NotDone;
use super::tick::Tick;
use crate::access::{Part, UNITS_FEED};
use crate::audience::notice;
use crate::request::{FixBatch, NO_TIME, Problems, Taken};
use chengtu_engine::code::Code;
use chengtu_engine::command::Command;
use chengtu_engine::decide::{FixProblem, decide_fixes};
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::{Body, Origin};
use std::collections::BTreeMap;

impl LiveCity {
    pub(super) fn socket_fixes(&mut self, session: u64, mut batch: FixBatch, tick: &mut Tick) {
        let Some(viewer) = self.audience.viewer(session) else {
            return;
        };
        let outbox = viewer.outbox.clone();
        let feed = match &viewer.principal.part {
            Part::Feed(f) => f.name.clone(),
            Part::Terminal => {
                keep_own(&mut batch, &viewer.principal.name);
                UNITS_FEED.to_owned()
            }
            Part::Operator | Part::Viewer => {
                let text = Permission::SendFixes.refusal();
                return notice(&outbox, Code::NotForRole, text.to_owned());
            }
        };
        match self.feed_id(&feed, tick) {
            Ok(id) => self.gather_fixes(id, batch, Sender::Socket(outbox), tick),
            Err(why) => notice(&outbox, Code::Stopped, why),
        }
    }

    /// Finds the movers of a batch, registers new ones, and keeps the fixes for the end of the tick.
    pub(super) fn gather_fixes(
        &mut self,
        feed: FeedId,
        batch: FixBatch,
        sender: Sender,
        tick: &mut Tick,
    ) {
        if let Err(why) = self.register_movers(feed, &batch, tick) {
            return sender.refuse(why);
        }
        let mut problems = Problems::default();
        let pending = tick.fixes.entry(feed).or_default();
        let before = pending.fixes.len();
        pending.fixes.reserve(batch.rows.len());
        pending.rows.reserve(batch.rows.len());
        for row in &batch.rows {
            let Some(mover) = self.state.mover_of(feed, batch.key(row)) else {
                problems.push(row.row, Code::RowTooMany, || {
                    format!(
                        "{} movers are known, no more are taken (limits.movers_max)",
                        self.state.movers().len()
                    )
                });
                continue;
            };
            let fix_time = if row.fix.fix_time == NO_TIME {
                tick.now
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
        all.append(problems);
        tick.rows += batch.rows.len();
        tick.gathered += len;
        pending.batches.push(Batch {
            sender,
            len,
            problems: all,
        });
    }

    fn register_movers(
        &mut self,
        feed: FeedId,
        batch: &FixBatch,
        tick: &mut Tick,
    ) -> Result<(), String> {
        let movers_max = self.config.limits.movers_max;
        let room = movers_max.saturating_sub(self.state.movers().len());
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
        self.execute(tick, &command, &Actor::Feed(feed), None)
            .map(|_| ())
            .map_err(NotDone::into_text)
    }

    /// Decides, appends and applies what was gathered; every batch gets its own result.
    pub(super) fn record_fixes(&mut self, tick: &mut Tick) {
        tick.gathered = 0;
        for (feed, pending) in core::mem::take(&mut tick.fixes) {
            self.record_fixes_of(feed, pending, tick);
        }
    }

    fn record_fixes_of(&mut self, feed: FeedId, pending: PendingFixes, tick: &mut Tick) {
        let decision = decide_fixes(&self.state, feed, &pending.fixes, tick.now);
        let taken = decision.block.len() as u64;
        let written = if decision.block.is_empty() {
            self.stopped.clone().map_or(Ok(()), Err)
        } else {
            let origin = Origin {
                actor: Actor::Feed(feed),
                command: None,
            };
            let body = Body::Fixes(decision.block);
            self.write(tick, origin, body).map(|_| ())
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
        for mut batch in pending.batches {
            let end = start + batch.len;
            let mut accepted = batch.len as u64;
            while let Some((at, problem)) = refused.next_if(|(at, _)| *at < end) {
                accepted -= 1;
                let code = code_of(problem);
                batch
                    .problems
                    .push(pending.rows[at], code, || problem.to_string());
                count(&name, "fixes", result_of(problem), 1);
            }
            start = end;
            let result = Taken {
                accepted,
                problems: batch.problems,
                seq: self.state.seq(),
                cases: Vec::new(),
            };
            match &written {
                Ok(()) => tick.answers.push(batch.sender.answer(result)),
                Err(why) => batch.sender.refuse(why.clone()),
            }
        }
    }
}

/// Keeps the rows of a terminal's own unit.
fn keep_own(batch: &mut FixBatch, call_sign: &str) {
    let FixBatch {
        keys,
        rows,
        problems,
    } = batch;
    rows.retain(|r| {
        let start = r.key_start as usize;
        let own = keys.get(start..start + usize::from(r.key_len)) == Some(call_sign);
        if !own {
            problems.push(r.row, Code::RowNotYours, || {
                format!("a terminal speaks only for its own unit, {call_sign}")
            });
        }
        own
    });
}

fn code_of(problem: FixProblem) -> Code {
    match problem {
        FixProblem::InFuture { .. } => Code::RowFuture,
        FixProblem::Duplicate => Code::RowDuplicate,
        FixProblem::NotThisFeeds(_) => Code::RowNotYours,
        FixProblem::OutsideWorld => Code::RowPlace,
    }
}

/// Under which name the row is counted.
fn result_of(problem: FixProblem) -> &'static str {
    match problem {
        FixProblem::InFuture { .. } => "quarantined",
        FixProblem::Duplicate => "duplicate",
        FixProblem::NotThisFeeds(_) | FixProblem::OutsideWorld => "rejected",
    }
}
