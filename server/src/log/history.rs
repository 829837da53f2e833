//! The log as a replay reads it: connections of its own that only read, beside the server that writes.

use super::Keyframe;
use super::embedded::read_row;
use super::files::{days_in, file_of, open_reader};
use super::{Day, LogError};
use chengtu_engine::archive::decode_record;
use chengtu_engine::record::Record;
use chengtu_engine::replay::{
    Gap, History, HistoryError, MomentReader, bars_of, late_since, marks_of, mentions,
};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use chengtu_engine::wire::v1::{Moment, ThingId, TimelineBar, TimelineMark};
use rusqlite::{Connection, OptionalExtension};
use std::path::{Path, PathBuf};

/// Reads the past of a log in a directory; any number of them may do so while a server writes it.
#[derive(Debug)]
pub struct LogHistory {
    dir: PathBuf,
}

fn history_error(error: LogError) -> HistoryError {
    HistoryError {
        at: "log".to_owned(),
        what: error.to_string(),
    }
}

impl LogHistory {
    /// Over a directory that holds a log.
    ///
    /// # Errors
    /// [`LogError`] when it holds none.
    pub fn open(dir: &Path) -> Result<Self, LogError> {
        days_in(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
        })
    }

    /// True where there is a log at all.
    pub(super) fn has_files(&self) -> Result<bool, LogError> {
        Ok(!days_in(&self.dir)?.is_empty())
    }

    /// Seconds to add to UTC in this city, by its newest rules.
    pub(super) fn offset_s(&self) -> Option<i32> {
        let state = self.state_before(Timestamp(i64::MAX)).ok()?;
        Some(state.rules()?.calendar.offset_s(state.known_at()))
    }

    fn days(&self) -> Result<Vec<(Day, Connection)>, HistoryError> {
        let days = days_in(&self.dir).map_err(history_error)?;
        days.into_iter()
            .map(|d| {
                let conn = open_reader(&file_of(&self.dir, d)).map_err(history_error)?;
                Ok((d, conn))
            })
            .collect()
    }

    fn failed(&self, day: Day) -> impl Fn(rusqlite::Error) -> HistoryError {
        let at = file_of(&self.dir, day).display().to_string();
        move |e| HistoryError {
            at: at.clone(),
            what: e.to_string(),
        }
    }

    /// Hands on records in order until told to stop; `plain`: only those that hold events.
    pub(super) fn scan(
        &self,
        after_seq: u64,
        from: Timestamp,
        until: Timestamp,
        plain: bool,
        mut take: impl FnMut(Record) -> bool,
    ) -> Result<(), HistoryError> {
        for (day, conn) in self.days()? {
            let e = self.failed(day);
            let kinds = if plain { "AND kind=0" } else { "" };
            let mut statement = conn
                .prepare_cached(&format!(
                    "SELECT seq,known_at,kind,head,body,crc FROM records
                     WHERE seq>?1 AND known_at>=?2 AND known_at<=?3 {kinds} ORDER BY seq"
                ))
                .map_err(&e)?;
            let mut rows = statement
                .query([after_seq as i64, from.0, until.0])
                .map_err(&e)?;
            while let Some(row) = rows.next().map_err(&e)? {
                let (seq, known_at, encoded) = read_row(row).map_err(&e)?;
                let record = decode_record(seq, known_at, &encoded).map_err(|what| {
                    let at = format!("{}, record {seq}", file_of(&self.dir, day).display());
                    HistoryError {
                        at,
                        what: what.to_string(),
                    }
                })?;
                if !take(record) {
                    return Ok(());
                }
            }
        }
        Ok(())
    }
}

impl History for LogHistory {
    fn span(&self) -> Result<Option<(Timestamp, Timestamp)>, HistoryError> {
        let mut span: Option<(Timestamp, Timestamp)> = None;
        for (day, conn) in self.days()? {
            let e = self.failed(day);
            let found = conn
                .query_row(
                    "SELECT known_at FROM records ORDER BY seq LIMIT 1",
                    [],
                    |r| r.get::<_, i64>(0),
                )
                .optional()
                .map_err(&e)?;
            let Some(first) = found else { continue };
            let last: i64 = conn
                .query_row(
                    "SELECT known_at FROM records ORDER BY seq DESC LIMIT 1",
                    [],
                    |r| r.get(0),
                )
                .map_err(&e)?;
            let first = span.map_or(Timestamp(first), |s| s.0);
            span = Some((first, Timestamp(last)));
        }
        Ok(span)
    }

    fn state_before(&self, time: Timestamp) -> Result<State, HistoryError> {
        for (day, conn) in self.days()?.into_iter().rev() {
            let e = self.failed(day);
            let mut statement = conn
                .prepare_cached(
                    "SELECT seq,known_at,state,crc FROM keyframes WHERE known_at<=?1 ORDER BY seq DESC",
                )
                .map_err(&e)?;
            let mut rows = statement.query([time.0]).map_err(&e)?;
            while let Some(row) = rows.next().map_err(&e)? {
                let keyframe = Keyframe {
                    seq: row.get::<_, i64>(0).map_err(&e)? as u64,
                    known_at: Timestamp(row.get(1).map_err(&e)?),
                    packed: row.get(2).map_err(&e)?,
                };
                if keyframe.crc() == row.get::<_, u32>(3).map_err(&e)?
                    && let Ok(state) = keyframe.state()
                {
                    return Ok(state);
                }
                tracing::warn!(
                    seq = keyframe.seq,
                    "a keyframe is damaged; an older one is taken"
                );
            }
        }
        Ok(State::new())
    }

    fn records(
        &self,
        after_seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, HistoryError> {
        let mut out = Vec::new();
        if limit > 0 {
            self.scan(after_seq, Timestamp(i64::MIN), until, false, |r| {
                out.push(r);
                out.len() < limit
            })?;
        }
        Ok(out)
    }

    fn late(
        &self,
        occurred_until: Timestamp,
        known_after: Timestamp,
    ) -> Result<Vec<Record>, HistoryError> {
        let mut out = Vec::new();
        let from = Timestamp(known_after.0.saturating_add(1));
        self.scan(0, from, Timestamp(i64::MAX), false, |r| {
            if late_since(&r).is_some_and(|t| t <= occurred_until) {
                out.push(r);
            }
            true
        })?;
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
        let mut reader = MomentReader::default();
        let mut out = Vec::new();
        self.scan(0, Timestamp(i64::MIN), to, true, |r| {
            let moments = reader.read(&r);
            if r.known_at >= from {
                out.extend(
                    moments
                        .into_iter()
                        .filter(|m| of.is_none_or(|t| mentions(m, t))),
                );
            }
            newest_first || out.len() < limit
        })?;
        if newest_first {
            out.reverse();
        }
        out.truncate(limit);
        Ok(out)
    }

    fn bars(
        &self,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    ) -> Result<(Vec<TimelineBar>, Vec<TimelineMark>), HistoryError> {
        let mut marks = Vec::new();
        self.scan(0, from, to, true, |r| {
            marks.extend(marks_of(&r));
            true
        })?;
        Ok(bars_of(marks.into_iter(), from, to, bars))
    }

    fn gaps(&self) -> Vec<Gap> {
        Vec::new()
    }
}
