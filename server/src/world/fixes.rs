//! Positions: gathered over a tick, decided together, appended as one record a feed.

use super::LiveCity;
use super::batches::{Batch, PendingFixes, Sender};
use super::tick::Tick;
use crate::access::{Part, UNITS_FEED};
use crate::audience::notice;
use crate::request::{
    FixBatch, NO_TIME, OLD_AFTER_S, Problems, Taken, Unavailable, count_taken, count_untaken,
};
use chengtu_engine::code::Code;
use chengtu_engine::command::Command;
use chengtu_engine::decide::{FixProblem, decide_fixes_but};
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::{Body, Origin};
use std::collections::BTreeMap;

/// Under which door fixes are counted, whatever way they come.
const DOOR: &str = "fixes";

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
            Err(why) => {
                count_untaken(None, DOOR, batch.sent(), &why);
                Sender::Socket(outbox).refuse(why);
            }
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
            let name = self.feed_name(feed);
            count_untaken(Some(&name), DOOR, batch.sent(), &why);
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
            pending.rows.push(row.row);
            pending.fixes.push(Fix { mover, ..row.fix });
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
    ) -> Result<(), Unavailable> {
        let movers_max = self.config.limits.movers_max;
        let room = movers_max.saturating_sub(self.state.movers().len());
        let mut new: BTreeMap<&str, MoverKind> = BTreeMap::new();
        let mut unknown = 0;
        for row in &batch.rows {
            let key = batch.key(row);
            match self.state.mover_of(feed, key) {
                None if unknown < room || new.contains_key(key) => {
                    let said = new.insert(key, row.kind.unwrap_or_default());
                    unknown += usize::from(said.is_none());
                }
                None => {}
                // What is known and says that it is of another kind.
                Some(mover) => {
                    if let Some(kind) = row.kind
                        && self
                            .state
                            .mover(mover)
                            .is_some_and(|m| m.unit.is_none() && m.kind != kind)
                    {
                        new.insert(key, kind);
                    }
                }
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
            .map_err(Unavailable::from)
    }

    fn feed_name(&self, feed: FeedId) -> String {
        let name = self.state.feeds().get(usize::from(feed.0));
        name.cloned().unwrap_or_default()
    }

    /// Decides, appends and applies what was gathered; every batch gets its own result.
    pub(super) fn record_fixes(&mut self, tick: &mut Tick) {
        tick.gathered = 0;
        for (feed, pending) in core::mem::take(&mut tick.fixes) {
            self.record_fixes_of(feed, pending, tick);
        }
        // What comes later in the tick is later: of two rows without a time the later is shown.
        tick.later();
    }

    fn record_fixes_of(&mut self, feed: FeedId, mut pending: PendingFixes, tick: &mut Tick) {
        let now = tick.now;
        for fix in pending.fixes.iter_mut().filter(|f| f.fix_time == NO_TIME) {
            fix.fix_time = now;
        }
        let seen = &self.seen_rows;
        let is_known = |f: &Fix| seen.has(seen.of_fix(f));
        let decision = decide_fixes_but(&self.state, feed, &pending.fixes, now, is_known);
        for fix in decision.block.iter() {
            let print = self.seen_rows.of_fix(&fix);
            self.seen_rows.add(print, fix.fix_time, now);
        }
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
        let name = self.feed_name(feed);
        let bounds = self.state.rules().map(|r| r.bounds);
        let is_outside = |f: &Fix| bounds.is_some_and(|b| !b.contains(f.position));
        let is_old = |f: &Fix| f.fix_time < now.plus_seconds(-OLD_AFTER_S);
        let mut refused = decision.problems.into_iter().peekable();
        let mut start = 0;
        for mut batch in pending.batches {
            let end = start + batch.len;
            let mut accepted = batch.len as u64;
            let fixes = &pending.fixes[start..end];
            let mut outside = fixes.iter().filter(|f| is_outside(f)).count() as u64;
            let mut old = fixes.iter().filter(|f| is_old(f)).count() as u64;
            while let Some((at, problem)) = refused.next_if(|(at, _)| *at < end) {
                accepted -= 1;
                outside -= u64::from(is_outside(&pending.fixes[at]));
                old -= u64::from(is_old(&pending.fixes[at]));
                let code = code_of(problem);
                batch
                    .problems
                    .push(pending.rows[at], code, || problem.to_string());
            }
            start = end;
            let taken = Taken {
                accepted,
                outside,
                old,
                problems: batch.problems,
                seq: self.state.seq(),
                cases: Vec::new(),
            };
            match &written {
                Ok(()) => {
                    count_taken(&name, DOOR, &taken);
                    tick.answers.push(batch.sender.answer(taken));
                }
                Err(why) => {
                    let why = Unavailable::Stopped(why.clone());
                    let rows = accepted + taken.problems.count;
                    count_untaken(Some(&name), DOOR, rows, &why);
                    batch.sender.refuse(why);
                }
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
