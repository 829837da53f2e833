use super::{Moment, TimelineBar, TimelineMark};
use crate::ids::ThingId;
use crate::record::Record;
use crate::state::State;
use crate::time::Timestamp;

/// Why the past cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {what}")]
pub struct HistoryError {
    /// Which file, record or stretch.
    pub at: String,
    /// What is wrong, in words.
    pub what: String,
}

/// A stretch that a log has lost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The last moment before it that can be shown.
    pub from: Timestamp,
    /// The first moment after it that can be shown: that of the keyframe from which folding goes on.
    pub to: Timestamp,
    /// What is missing and why, in words.
    pub words: String,
}

/// Where a replay reads from; implementors do the input.
///
/// Times are those at which records were known, unless said otherwise.
pub trait History: Send {
    /// Times of the first and the last record; `None` for an empty log. Grows while the city runs.
    fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, HistoryError>;

    /// The state of the newest keyframe known at or before `time`; an empty state if there is none.
    fn state_before(&self, time: Timestamp) -> Result<State, HistoryError>;

    /// Up to `limit` records after `after_seq` that were known by `until`, in order. Never reaches over a gap: there
    /// it ends, and gives nothing until `after_seq` lies behind the gap.
    fn records(
        &self,
        after_seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, HistoryError>;

    /// Records known after `known_after` that hold something that occurred by `occurred_until` and came late
    /// ([`super::late_since`]), in order.
    fn late(
        &self,
        occurred_until: Timestamp,
        known_after: Timestamp,
    ) -> Result<Vec<Record>, HistoryError>;

    /// Up to `limit` events from `from` to `to`, both included, of anything or of one thing.
    fn moments(
        &self,
        of: Option<ThingId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
        newest_first: bool,
    ) -> Result<Vec<Moment>, HistoryError>;

    /// Counts in `bars` equal parts from `from` to `to`, and the severe and urgent moments in it, at most
    /// [`super::MARKS_MAX`], the most severe first if there are more, in the order of time.
    fn bars(
        &self,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    ) -> Result<(Vec<TimelineBar>, Vec<TimelineMark>), HistoryError>;

    /// Stretches that the log has lost, oldest first.
    fn gaps(&self) -> Vec<Gap>;
}

impl<H: History + ?Sized> History for Box<H> {
    fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, HistoryError> {
        (**self).span()
    }

    fn state_before(&self, time: Timestamp) -> Result<State, HistoryError> {
        (**self).state_before(time)
    }

    fn records(
        &self,
        after_seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, HistoryError> {
        (**self).records(after_seq, until, limit)
    }

    fn late(
        &self,
        occurred_until: Timestamp,
        known_after: Timestamp,
    ) -> Result<Vec<Record>, HistoryError> {
        (**self).late(occurred_until, known_after)
    }

    fn moments(
        &self,
        of: Option<ThingId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
        newest_first: bool,
    ) -> Result<Vec<Moment>, HistoryError> {
        (**self).moments(of, from, to, limit, newest_first)
    }

    fn bars(
        &self,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    ) -> Result<(Vec<TimelineBar>, Vec<TimelineMark>), HistoryError> {
        (**self).bars(from, to, bars)
    }

    fn gaps(&self) -> Vec<Gap> {
        (**self).gaps()
    }
}
