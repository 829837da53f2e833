use super::{Gap, History, HistoryError, MomentReader, bars_of, late_since, marks_of, mentions};
use super::{Moment, TimelineBar, TimelineMark};
use crate::ids::ThingId;
use crate::record::Record;
use crate::state::State;
use crate::time::Timestamp;

/// A stretch of records held whole: an incident file, a fork, a test.
#[derive(Clone, Debug)]
pub struct MemoryHistory {
    records: Vec<Record>,
    /// States by the number of records before them, the first at 0.
    keyframes: Vec<(usize, State)>,
    moments: Vec<Moment>,
    gaps: Vec<Gap>,
    reader: MomentReader,
    /// Nothing more was known by then.
    until: Timestamp,
}

impl MemoryHistory {
    /// Of records that follow `start`, in order, with a keyframe every `keyframe_records` of them.
    ///
    /// # Errors
    /// [`HistoryError`] when a record does not follow the one before it.
    pub fn new(
        start: State,
        records: Vec<Record>,
        keyframe_records: usize,
    ) -> Result<Self, HistoryError> {
        let mut history = Self {
            records: Vec::new(),
            keyframes: Vec::new(),
            moments: Vec::new(),
            gaps: Vec::new(),
            reader: MomentReader::of(&start),
            until: start.known_at(),
        };
        history.follow(start, records, keyframe_records)?;
        Ok(history)
    }

    /// Goes on behind a gap: records that follow `start`, which is later than all that is held so far.
    ///
    /// # Errors
    /// [`HistoryError`] when a record does not follow the one before it, or `start` does not lie behind.
    pub fn resume(
        &mut self,
        start: State,
        records: Vec<Record>,
        keyframe_records: usize,
    ) -> Result<(), HistoryError> {
        let last = self.records.last().map_or(0, |r| r.seq);
        let last = last.max(self.keyframes.last().map_or(0, |(_, state)| state.seq()));
        if start.seq() <= last || start.known_at() < self.until {
            return Err(HistoryError {
                at: format!("record {}", start.seq()),
                what: format!("what follows a gap lies before its end at record {last}"),
            });
        }
        self.reader = MomentReader::of(&start);
        self.follow(start, records, keyframe_records)
    }

    /// Takes a state and what follows it.
    fn follow(
        &mut self,
        start: State,
        records: Vec<Record>,
        keyframe_records: usize,
    ) -> Result<(), HistoryError> {
        let mut state = start.clone();
        self.keyframes.push((self.records.len(), start));
        for (i, record) in records.into_iter().enumerate() {
            if record.seq != state.seq() + 1 {
                return Err(HistoryError {
                    at: format!("record {}", record.seq),
                    what: format!("record {} should stand here", state.seq() + 1),
                });
            }
            self.moments.extend(self.reader.read(&record));
            state.apply(&record);
            self.records.push(record);
            if (i + 1).is_multiple_of(keyframe_records.max(1)) {
                self.keyframes.push((self.records.len(), state.clone()));
            }
        }
        self.until = self.until.max(state.known_at());
        Ok(())
    }

    /// Appends the next records; everything that happened by `until` is then known. `state`: the state after them, if
    /// the caller has it, as a keyframe for later.
    ///
    /// # Errors
    /// [`HistoryError`] when a record does not follow the one before it; those before it have been taken.
    pub fn extend(
        &mut self,
        records: Vec<Record>,
        until: Timestamp,
        state: Option<State>,
    ) -> Result<(), HistoryError> {
        for record in records {
            let last = self.records.last().map(|r| r.seq);
            let next = last.unwrap_or(self.keyframes[0].1.seq()) + 1;
            if record.seq != next {
                return Err(HistoryError {
                    at: format!("record {}", record.seq),
                    what: format!("record {next} should stand here"),
                });
            }
            self.moments.extend(self.reader.read(&record));
            self.until = self.until.max(record.known_at);
            self.records.push(record);
        }
        self.until = self.until.max(until);
        if let Some(state) = state {
            self.keyframes.push((self.records.len(), state));
        }
        Ok(())
    }

    /// With words about what its source has lost.
    #[must_use]
    pub fn with_gaps(mut self, gaps: Vec<Gap>) -> Self {
        self.gaps = gaps;
        self
    }

    /// How many records were known by `time`.
    fn known_by(&self, time: Timestamp) -> usize {
        self.records.partition_point(|r| r.known_at <= time)
    }
}

impl History for MemoryHistory {
    fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, HistoryError> {
        let start = &self.keyframes[0].1;
        let first = self.records.first().map(|r| r.known_at);
        // A stretch that begins at a state can be shown from that state on.
        let begins = (start.seq() > 0).then(|| start.known_at());
        Ok(begins.or(first).map(|b| (b, self.until.max(b))))
    }

    fn state_before(&self, time: Timestamp) -> Result<State, HistoryError> {
        let known = self.known_by(time);
        // Behind a gap a state may be later than all records before it.
        let there = |(n, state): &(usize, State)| *n <= known && state.known_at() <= time;
        let (_, state) = &self.keyframes[self.keyframes[1..].partition_point(there)];
        Ok(state.clone())
    }

    fn records(
        &self,
        after_seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, HistoryError> {
        let from = self.records.partition_point(|r| r.seq <= after_seq);
        let to = self.known_by(until).max(from);
        let some = &self.records[from..to.min(from.saturating_add(limit))];
        // Never over a gap.
        let next = match from {
            0 => self.keyframes[0].1.seq() + 1,
            _ => after_seq + 1,
        };
        let follow = some.iter().zip(next..).take_while(|(r, seq)| r.seq == *seq);
        Ok(follow.map(|(r, _)| r.clone()).collect())
    }

    fn late(
        &self,
        occurred_until: Timestamp,
        known_after: Timestamp,
    ) -> Result<Vec<Record>, HistoryError> {
        let after = &self.records[self.known_by(known_after)..];
        let late = after
            .iter()
            .filter(|r| late_since(r).is_some_and(|t| t <= occurred_until));
        Ok(late.cloned().collect())
    }

    fn moments(
        &self,
        of: Option<ThingId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
        newest_first: bool,
    ) -> Result<Vec<Moment>, HistoryError> {
        let begin = self.moments.partition_point(|m| m.time < from);
        let end = self.moments.partition_point(|m| m.time <= to).max(begin);
        let here = self.moments[begin..end]
            .iter()
            .filter(|m| of.is_none_or(|t| mentions(m, t)))
            .cloned();
        Ok(if newest_first {
            here.rev().take(limit).collect()
        } else {
            here.take(limit).collect()
        })
    }

    fn bars(
        &self,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    ) -> Result<(Vec<TimelineBar>, Vec<TimelineMark>), HistoryError> {
        let marks = self.records.iter().flat_map(marks_of);
        Ok(bars_of(marks, from, to, bars))
    }

    fn gaps(&self) -> Vec<Gap> {
        self.gaps.clone()
    }
}
