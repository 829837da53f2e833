//! Positions: gathered over a tick, decided together, appended as one record a feed.

use super::LiveCity;
use super::batches::{PendingFixes, Sender, Slice, count};
use super::commands::NotDone;
use super::heard::seconds;
use super::tick::Tick;
use crate::access::{Part, Principal, UNITS_FEED};
use crate::audience::notice;
use crate::outbox::Outbox;
use crate::request::{FeedData, FixBatch, FixRowIn, NO_TIME, Problems};
use chengtu_engine::code::Code;
use chengtu_engine::command::Command;
use chengtu_engine::decide::{FixProblem, decide_fixes};
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::{Body, Origin};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

impl LiveCity {
    /// Whose feed the fixes of a session are, without those that are not its own; they wait for their turn.
    pub(super) fn socket_fixes(
        &mut self,
        outbox: Arc<Outbox>,
        principal: &Principal,
        mut batch: FixBatch,
    ) {
        let feed = match &principal.part {
            Part::Feed(f) => f.name.as_str(),
            Part::Terminal => {
                keep_own(&mut batch, &principal.name);
                UNITS_FEED
            }
            Part::Operator | Part::Viewer => {
                let text = Permission::SendFixes.refusal();
                return notice(&outbox, Code::NotForRole, text.to_owned());
            }
        };
        let data = FeedData::Fixes(batch);
        self.pending.data.push(feed, data, Sender::Socket(outbox));
    }

    /// Finds the movers of a slice of a batch, registers new ones, and keeps the fixes until they are recorded.
    ///
    /// # Errors
    /// Why nothing is written any more.
    pub(super) fn gather_fixes(
        &mut self,
        feed: FeedId,
        batch: &FixBatch,
        slice: Range<usize>,
        ticket: u64,
        tick: &mut Tick,
    ) -> Result<(), String> {
        let rows = &batch.rows[slice];
        self.register_movers(feed, batch, rows, tick)?;
        let mut problems = Problems::default();
        let pending = tick.fixes.entry(feed).or_default();
        let before = pending.fixes.len();
        pending.fixes.reserve(rows.len());
        pending.rows.reserve(rows.len());
        let now_s = seconds(tick.now);
        for row in rows {
            let Some(mover) = self.state.mover_of(feed, batch.key(row)) else {
                problems.push(row.row, Code::RowTooMany, || self.no_room(feed));
                continue;
            };
            self.retiring.heard.hear(mover, now_s);
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
        pending.slices.push(Slice { ticket, len });
        tick.rows += rows.len();
        tick.gathered += len;
        if problems.count > 0 {
            self.outcome(ticket).taken.problems.append(problems);
        }
        Ok(())
    }

    /// Why a new mover of a feed is not taken.
    fn no_room(&self, feed: FeedId) -> String {
        let of_feed = self.state.movers_of(feed);
        if of_feed >= self.config.limits.feed_movers_max() {
            return format!(
                "{of_feed} movers of this feed are known, no more of one feed are taken (limits.feed_share_max_percent)"
            );
        }
        format!(
            "{} movers are known, no more are taken (limits.movers_max)",
            self.state.movers_known()
        )
    }

    /// How many more movers of a feed may be known.
    pub(super) fn room_for_movers(&self, feed: FeedId) -> usize {
        let limits = &self.config.limits;
        let of_all = limits.movers_max.saturating_sub(self.state.movers_known());
        let of_feed = limits
            .feed_movers_max()
            .saturating_sub(self.state.movers_of(feed));
        of_all.min(of_feed)
    }

    fn register_movers(
        &mut self,
        feed: FeedId,
        batch: &FixBatch,
        rows: &[FixRowIn],
        tick: &mut Tick,
    ) -> Result<(), String> {
        let mut new: BTreeMap<&str, MoverKind> = BTreeMap::new();
        for row in rows {
            let key = batch.key(row);
            if self.state.mover_of(feed, key).is_none() {
                new.entry(key).or_insert(row.kind.unwrap_or_default());
            }
        }
        if !new.is_empty() && new.len() > self.room_for_movers(feed) {
            self.make_room(feed, new.len(), tick)?;
            let room = self.room_for_movers(feed);
            while new.len() > room {
                new.pop_last();
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
        for slice in pending.slices {
            let end = start + slice.len;
            let outcome = self.outcome(slice.ticket);
            let mut accepted = slice.len as u64;
            while let Some((at, problem)) = refused.next_if(|(at, _)| *at < end) {
                accepted -= 1;
                let code = code_of(problem);
                let problems = &mut outcome.taken.problems;
                problems.push(pending.rows[at], code, || problem.to_string());
                count(&name, "fixes", result_of(problem), 1);
            }
            start = end;
            outcome.taken.accepted += accepted;
            if let Err(why) = &written {
                outcome.failed = Some(why.clone());
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
