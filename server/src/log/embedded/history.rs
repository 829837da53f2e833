//! The log as a replay reads it: connections of its own that only read, beside the server that writes.

use super::days::{Days, Trouble, has_segments};
use super::gaps::Gaps;
use super::{Day, index, rows};
use crate::log::LogError;
use crate::log::recover::beginning;
use chengtu_engine::city::Calendar;
use chengtu_engine::ids::ThingId;
use chengtu_engine::record::Record;
use chengtu_engine::replay::{
    Gap, History, HistoryError, Moment, TimelineBar, TimelineMark, bars_of, late_since, marks_of,
    mentions,
};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

/// Reads the past of a log in a directory; any number of them may do so while a server writes it.
///
/// What is damaged or missing is given as a gap; everything else can be read, after it as before it.
#[derive(Debug)]
pub struct LogHistory {
    days: Days,
    gaps: OnceCell<RefCell<Gaps>>,
    /// First and last time of days that are over.
    reach: RefCell<BTreeMap<Day, (Timestamp, Timestamp)>>,
}

fn history_error(error: LogError) -> HistoryError {
    HistoryError {
        at: "log".to_owned(),
        what: error.to_string(),
    }
}

impl LogHistory {
    /// Over a directory that holds a log.
    pub(super) fn open(dir: &Path) -> Result<Self, LogError> {
        let days = Days::of(dir);
        days.list()?;
        Ok(Self {
            days,
            gaps: OnceCell::new(),
            reach: RefCell::default(),
        })
    }

    /// Seconds to add to UTC in this city, by its newest rules.
    pub(in crate::log) fn offset_s(&self) -> Option<i32> {
        let state = self.state_before(Timestamp(i64::MAX)).ok()?;
        Some(state.rules()?.calendar.offset_s(state.known_at()))
    }

    /// The city's calendar, by its newest rules.
    pub(in crate::log) fn calendar(&self) -> Option<Calendar> {
        let state = self.state_before(Timestamp(i64::MAX)).ok()?;
        state.rules().map(|r| r.calendar.clone())
    }

    /// The state before the first record that is there.
    ///
    /// # Errors
    /// [`LogError`] where that record is not the log's first and no state before it can be read.
    pub(in crate::log) fn first_state(&self) -> Result<State, LogError> {
        let Some(day) = self.days.list()?.first().copied() else {
            return Ok(State::new());
        };
        let after = self.days.after_seq(day)?;
        if after == 0 {
            return Ok(State::new());
        }
        let path = self.days.path(day);
        let file = self.days.open(day)?;
        let keyframe = rows::keyframe_at(&file, after).map_err(super::files::db_error(&path))?;
        let damaged = |what: String| LogError::Damaged {
            place: super::files::place(&path),
            seq: after,
            what,
        };
        let keyframe = keyframe.ok_or_else(|| damaged("its keyframe".to_owned()))?;
        keyframe.state().map_err(|e| damaged(e.to_string()))
    }

    /// Bytes of all segments: what their records cost.
    ///
    /// # Errors
    /// [`LogError`] when a day cannot be read.
    pub fn segment_bytes(&self) -> Result<u64, LogError> {
        let mut all = 0;
        for day in self.days.list()? {
            let file = self.days.open(day)?;
            let sum = rows::segment_bytes(&file);
            all += sum.map_err(super::files::db_error(&self.days.path(day)))?;
        }
        Ok(all)
    }

    /// Hands on records after `after_seq` in order until `take` says no; without `fixes` only those that hold events.
    pub(in crate::log) fn scan(
        &self,
        after_seq: u64,
        fixes: bool,
        take: impl FnMut(Record) -> bool,
    ) -> Result<(), LogError> {
        self.days
            .walk(after_seq, fixes, take)
            .map_err(|t| t.into_error(self.days.dir()))
    }

    fn gaps_known(&self) -> &RefCell<Gaps> {
        self.gaps.get_or_init(|| RefCell::new(Gaps::of(&self.days)))
    }

    /// First and last time of a day's records; `None` if it has none.
    fn reach(&self, day: Day) -> Result<Option<(Timestamp, Timestamp)>, LogError> {
        if let Some(reach) = self.reach.borrow().get(&day) {
            return Ok(Some(*reach));
        }
        let file = self.days.open(day)?;
        let first = self.days.stretch_from(&file, 0)?;
        let last = rows::last_time(&file, has_segments(&file).unwrap_or(false));
        let last = last.map_err(super::files::db_error(&self.days.path(day)))?;
        let reach = first.zip(last).map(|(f, last)| (f.2, last));
        let over = self.days.list()?.last() > Some(&day);
        if let Some(reach) = reach
            && over
        {
            self.reach.borrow_mut().insert(day, reach);
        }
        Ok(reach)
    }

    /// Days with records between two times, ascending; a day that cannot be read is a gap, not an error.
    fn days_within(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Day>, HistoryError> {
        let mut within = self.days.list().map_err(history_error)?;
        within.retain(|day| {
            let reach = self.reach(*day).ok().flatten();
            reach.is_some_and(|(first, last)| first <= to && last >= from)
        });
        Ok(within)
    }

    /// The moments of a day whose file has no index yet.
    fn moments_unindexed(&self, day: Day) -> Vec<Moment> {
        let Ok(after) = self.days.after_seq(day) else {
            return Vec::new();
        };
        let Ok(mut reader) = self.days.reader_at(after) else {
            return Vec::new();
        };
        let mut moments = Vec::new();
        let end = self
            .days
            .list()
            .ok()
            .and_then(|all| all.into_iter().find(|d| *d > day));
        let end = end
            .and_then(|d| self.days.after_seq(d).ok())
            .unwrap_or(u64::MAX);
        let _ = self.days.walk(after, false, |r| {
            if r.seq <= end {
                moments.extend(reader.read(&r));
            }
            r.seq < end
        });
        moments
    }

    fn records_unindexed(&self, day: Day, mut take: impl FnMut(&Record)) {
        let (Ok(mut next), Ok(list)) = (self.days.after_seq(day), self.days.list()) else {
            return;
        };
        let end = list.into_iter().find(|d| *d > day);
        let end = end
            .and_then(|d| self.days.after_seq(d).ok())
            .unwrap_or(u64::MAX);
        while let Ok(some) = self.days.read(next + 1, Timestamp(i64::MAX), 512) {
            let Some(last) = some.last() else { break };
            next = last.seq;
            some.iter().filter(|r| r.seq <= end).for_each(&mut take);
            if next >= end {
                break;
            }
        }
    }
}

impl History for LogHistory {
    fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, HistoryError> {
        let days = self.days.list().map_err(history_error)?;
        // A file that cannot be read takes nothing from the others.
        let reach = |day: &Day| self.reach(*day).ok().flatten();
        let first = days.iter().find_map(reach);
        let last = days.iter().rev().find_map(reach);
        Ok(first.zip(last).map(|(f, l)| (f.0, l.1)))
    }

    fn state_before(&self, time: Timestamp) -> Result<State, HistoryError> {
        let begin = beginning(&self.days, time, u64::MAX).map_err(history_error)?;
        Ok(begin.state)
    }

    fn records(
        &self,
        after_seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, HistoryError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        match self.days.read(after_seq + 1, until, limit) {
            Ok(records) => Ok(records),
            Err(trouble) => {
                self.gaps_known()
                    .borrow_mut()
                    .add(&self.days, after_seq, &trouble);
                if let Trouble::File { what, .. } = &trouble {
                    tracing::warn!(%what, "the log cannot be read here");
                }
                Ok(Vec::new())
            }
        }
    }

    fn late(
        &self,
        occurred_until: Timestamp,
        known_after: Timestamp,
    ) -> Result<Vec<Record>, HistoryError> {
        let mut out = Vec::new();
        for day in self.days_within(known_after, Timestamp(i64::MAX))? {
            let file = self.days.open(day).map_err(history_error)?;
            if has_segments(&file).unwrap_or(false) {
                let seqs = index::late(&file, occurred_until, known_after);
                drop(file);
                for seq in seqs.unwrap_or_default() {
                    out.extend(
                        self.days
                            .read(seq, Timestamp(i64::MAX), 1)
                            .unwrap_or_default(),
                    );
                }
            } else {
                drop(file);
                self.records_unindexed(day, |r| {
                    if r.known_at > known_after
                        && late_since(r).is_some_and(|t| t <= occurred_until)
                    {
                        out.push(r.clone());
                    }
                });
            }
        }
        Ok(out)
    }

    fn moments(
        &self,
        of: Option<ThingId>,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
        newest_first: bool,
    ) -> Result<Vec<Moment>, HistoryError> {
        let mut days = self.days_within(from, to)?;
        if newest_first {
            days.reverse();
        }
        let mut out: Vec<Moment> = Vec::new();
        for day in days {
            if out.len() >= limit {
                break;
            }
            let file = self.days.open(day).map_err(history_error)?;
            let room = limit - out.len();
            if has_segments(&file).unwrap_or(false) {
                let found = index::moments(&file, of, from, to, room, newest_first);
                out.extend(found.unwrap_or_default());
            } else {
                drop(file);
                let mut all = self.moments_unindexed(day);
                all.retain(|m| m.time >= from && m.time <= to && of.is_none_or(|t| mentions(m, t)));
                if newest_first {
                    all.reverse();
                }
                out.extend(all.into_iter().take(room));
            }
        }
        Ok(out)
    }

    fn bars(
        &self,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    ) -> Result<(Vec<TimelineBar>, Vec<TimelineMark>), HistoryError> {
        let mut marks = Vec::new();
        for day in self.days_within(from, to)? {
            let file = self.days.open(day).map_err(history_error)?;
            if has_segments(&file).unwrap_or(false) {
                marks.extend(index::marks(&file, from, to).unwrap_or_default());
            } else {
                drop(file);
                self.records_unindexed(day, |r| marks.extend(marks_of(r)));
            }
        }
        Ok(bars_of(marks.into_iter(), from, to, bars))
    }

    fn gaps(&self) -> Vec<Gap> {
        self.gaps_known().borrow().list()
    }
}
