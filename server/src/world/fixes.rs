//! Positions: gathered over a tick, decided together, appended as one record a feed.

use super::LiveCity;
use super::batches::{PendingFixes, Sender, Slice};
use super::heard::seconds;
use super::tick::Tick;
use crate::access::{Part, Principal, UNITS_FEED};
use crate::audience::notice;
use crate::outbox::Outbox;
use crate::request::{
    FeedData, FixBatch, FixRowIn, NO_TIME, OLD_AFTER_S, Posted, Problems, Unavailable,
};
use chengtu_engine::code::Code;
use chengtu_engine::command::Command;
use chengtu_engine::decide::{FixProblem, decide_fixes_but};
use chengtu_engine::ids::FeedId;
use chengtu_engine::model::{Actor, Fix, MoverKind};
use chengtu_engine::permission::Permission;
use chengtu_engine::record::{Body, Origin};
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

/// Under which door fixes are counted, whatever way they come.
const DOOR: &str = "fixes";

impl LiveCity {
    /// Whose feed the fixes of a session are, without those that are not its own; they wait for their turn.
    pub(super) fn socket_fixes(
        &mut self,
        outbox: Arc<Outbox>,
        principal: &Principal,
        mut batch: FixBatch,
    ) {
        if let Some(why) = principal.ended() {
            return notice(&outbox, Code::NoAccess, why.to_string());
        }
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
        let posted = Posted {
            door: DOOR,
            unread: core::mem::take(&mut batch.problems),
            data: FeedData::Fixes(batch),
        };
        self.pending.data.push(feed, posted, Sender::Socket(outbox));
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
    ) -> Result<(), Unavailable> {
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
            pending.rows.push(row.row);
            pending.fixes.push(Fix { mover, ..row.fix });
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
    ) -> Result<(), Unavailable> {
        let mut new: BTreeMap<&str, MoverKind> = BTreeMap::new();
        let mut changed: BTreeMap<&str, MoverKind> = BTreeMap::new();
        for row in rows {
            let key = batch.key(row);
            let known = self.state.mover_of(feed, key);
            if let Some(known) = known.and_then(|id| self.state.mover(id)) {
                // What is known and says that it is of another kind.
                if let Some(kind) = row.kind
                    && known.unit.is_none()
                    && known.kind != kind
                {
                    changed.insert(key, kind);
                }
            } else {
                new.entry(key).or_insert(row.kind.unwrap_or_default());
            }
        }
        if !new.is_empty() && new.len() > self.room_for_movers(feed) {
            self.make_room(feed, new.len(), tick)
                .map_err(Unavailable::Stopped)?;
            let room = self.room_for_movers(feed);
            while new.len() > room {
                new.pop_last();
            }
        }
        new.append(&mut changed);
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
        let seen = &self.pending.seen_rows;
        let is_known = |f: &Fix| seen.has(seen.of_fix(f));
        let decision = decide_fixes_but(&self.state, feed, &pending.fixes, now, is_known);
        for fix in decision.block.iter() {
            let print = self.pending.seen_rows.of_fix(&fix);
            self.pending.seen_rows.add(print, fix.fix_time, now);
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
        let bounds = self.state.rules().map(|r| r.bounds);
        let is_outside = |f: &Fix| bounds.is_some_and(|b| !b.contains(f.position));
        let is_old = |f: &Fix| f.fix_time < now.plus_seconds(-OLD_AFTER_S);
        let mut refused = decision.problems.into_iter().peekable();
        let mut start = 0;
        for slice in pending.slices {
            let end = start + slice.len;
            let mut accepted = slice.len as u64;
            let fixes = &pending.fixes[start..end];
            let mut outside = fixes.iter().filter(|f| is_outside(f)).count() as u64;
            let mut old = fixes.iter().filter(|f| is_old(f)).count() as u64;
            let outcome = self.outcome(slice.ticket);
            while let Some((at, problem)) = refused.next_if(|(at, _)| *at < end) {
                accepted -= 1;
                outside -= u64::from(is_outside(&pending.fixes[at]));
                old -= u64::from(is_old(&pending.fixes[at]));
                let code = code_of(problem);
                let problems = &mut outcome.taken.problems;
                problems.push(pending.rows[at], code, || problem.to_string());
            }
            start = end;
            outcome.taken.accepted += accepted;
            outcome.taken.outside += outside;
            outcome.taken.old += old;
            if let Err(why) = &written {
                outcome.failed = Some(Unavailable::Stopped(why.clone()));
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
