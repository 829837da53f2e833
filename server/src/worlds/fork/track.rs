//! One branch as a past that can be played: before the fork the log's, after it the branch's own.

use super::Pair;
use chengtu_engine::ids::ThingId;
use chengtu_engine::record::Record;
use chengtu_engine::replay::{
    Gap, History, HistoryError, MemoryHistory, Moment, TimelineBar, TimelineMark,
};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::sync::{Arc, PoisonError, RwLockReadGuard};

/// What has been computed of a branch.
#[derive(Debug)]
pub(super) struct Track {
    /// Its records, after those of the log.
    pub own: MemoryHistory,
    /// The second that is forked.
    pub at: Timestamp,
    /// The log's last record before it.
    pub at_seq: u64,
}

/// Reads a branch.
pub(super) struct TrackReader {
    pub pair: Arc<Pair>,
    pub side: usize,
    pub log: Box<dyn History>,
    /// The log's first record.
    pub from: Timestamp,
}

impl TrackReader {
    fn track(&self) -> RwLockReadGuard<'_, Track> {
        let track = &self.pair.tracks[self.side];
        track.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The second that is forked.
    fn at(&self) -> Timestamp {
        self.track().at
    }
}

impl History for TrackReader {
    fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, HistoryError> {
        let track = self.track();
        let own = track.own.span()?;
        let to = own.map_or(track.at, |(_, to)| to.max(track.at));
        Ok(Some((self.from.min(track.at), to)))
    }

    fn state_before(&self, time: Timestamp) -> Result<State, HistoryError> {
        let track = self.track();
        if time >= track.at {
            return track.own.state_before(time);
        }
        drop(track);
        self.log.state_before(time)
    }

    fn records(
        &self,
        after_seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, HistoryError> {
        let (at, at_seq) = {
            let track = self.track();
            (track.at, track.at_seq)
        };
        if after_seq >= at_seq {
            return self.track().own.records(after_seq, until, limit);
        }
        let mut before = self.log.records(after_seq, until.min(at), limit)?;
        before.retain(|r| r.seq <= at_seq);
        let reached = before.last().map_or(after_seq, |r| r.seq);
        if reached == at_seq && before.len() < limit {
            let left = limit - before.len();
            before.extend(self.track().own.records(at_seq, until, left)?);
        }
        Ok(before)
    }

    fn late(
        &self,
        occurred_until: Timestamp,
        known_after: Timestamp,
    ) -> Result<Vec<Record>, HistoryError> {
        self.track().own.late(occurred_until, known_after)
    }

    fn moments(
        &self,
        of: Option<ThingId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
        newest_first: bool,
    ) -> Result<Vec<Moment>, HistoryError> {
        let at = self.at();
        let before = |limit: usize| {
            if from > at || limit == 0 {
                return Ok(Vec::new());
            }
            self.log.moments(of, from, to.min(at), limit, newest_first)
        };
        let own = |limit: usize| self.track().own.moments(of, from, to, limit, newest_first);
        let (mut first, second) = if newest_first {
            let own = own(limit)?;
            let left = limit - own.len();
            (own, before(left)?)
        } else {
            let before = before(limit)?;
            let left = limit - before.len();
            (before, own(left)?)
        };
        first.extend(second);
        Ok(first)
    }

    fn bars(
        &self,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    ) -> Result<(Vec<TimelineBar>, Vec<TimelineMark>), HistoryError> {
        let at = self.at();
        let (mut counts, mut marks) = self.track().own.bars(from, to, bars)?;
        if from <= at {
            // The log may have gone on since: of it only what was before the fork counts.
            let whole_us = (i128::from(to.0) - i128::from(from.0)).max(1);
            let (old, old_marks) = self.log.bars(from, to, bars)?;
            let before_us = i128::from(at.0) - i128::from(from.0);
            let last = before_us * i128::from(bars) / whole_us;
            for (i, (sum, more)) in counts.iter_mut().zip(old).enumerate() {
                if (i as i128) <= last {
                    sum.cases += more.cases;
                    sum.alarms += more.alarms;
                }
            }
            marks.extend(old_marks.into_iter().filter(|m| m.time <= at));
            marks.sort_by_key(|m| m.time);
        }
        Ok((counts, marks))
    }

    fn gaps(&self) -> Vec<Gap> {
        let at = self.at();
        let mut gaps = self.log.gaps();
        gaps.retain(|g| g.from < at);
        gaps
    }
}
