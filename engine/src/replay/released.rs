use super::{History, HistoryError};
use crate::record::Record;
use crate::state::{Changes, State};
use crate::time::Timestamp;

/// What came late and is shown at its own time, read a while ahead.
#[derive(Debug, Default)]
pub(super) struct Released {
    late: Vec<Record>,
    /// Everything late that occurred by the second and was known after the first is in `late`.
    covers: Option<(Timestamp, Timestamp)>,
}

impl Released {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Brings a state that was folded to `until` to what had happened by then.
    ///
    /// - `after`: what occurred by then has been released already
    /// - `ahead_s`: how far to read ahead, and back, seconds
    pub fn release<H: History>(
        &mut self,
        history: &H,
        state: &mut State,
        after: Option<Timestamp>,
        until: Timestamp,
        ahead_s: i64,
    ) -> Result<Changes, HistoryError> {
        let covered = self
            .covers
            .is_some_and(|(known, occurred)| known <= until && until <= occurred);
        if !covered {
            // Some of what lies behind as well, for a clock that runs back.
            let (known, occurred) = (until.plus_seconds(-ahead_s), until.plus_seconds(ahead_s));
            self.late = history.late(occurred, known)?;
            self.covers = Some((known, occurred));
        }
        let mut changes = Changes::default();
        for record in self.late.iter().filter(|r| r.known_at > until) {
            changes.merge(state.release(record, after, until));
        }
        Ok(changes)
    }
}
