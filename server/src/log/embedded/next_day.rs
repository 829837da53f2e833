//! The next day's file: opened long before it is needed, so that midnight asks nothing of the system that it may refuse.

use super::files::{beside, days_in, db_error, file_of, io_error, meta, open_writer};
use super::{Day, EmbeddedOptions};
use crate::log::LogError;
use chengtu_engine::city::Calendar;
use chengtu_engine::time::Timestamp;
use rusqlite::Connection;
use std::path::Path;
use std::time::{Duration, Instant};

/// So long before it begins the next day's file is opened, seconds.
const AHEAD_S: i64 = 3_600;
/// Where it cannot be opened, it is tried again after so long.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// The file of a day that has not begun, and why there is none.
#[derive(Debug, Default)]
pub(super) struct NextDay {
    ahead: Option<(Day, Connection)>,
    /// Why it could not be opened or begun, and when that is tried again.
    trouble: Option<(String, Instant)>,
}

/// The day of a moment, and that of an hour later.
pub(super) fn today_and_soon(now: Timestamp, calendar: &Calendar) -> (Day, Day) {
    let day = |at: Timestamp| Day::of(at, calendar.offset_s(at));
    let (today, soon) = (day(now), day(now.plus_seconds(AHEAD_S)));
    (today, soon.max(today))
}

impl NextDay {
    /// Opens the file of a day, where it is not open yet and it is time to try.
    pub(super) fn open(
        &mut self,
        dir: &Path,
        day: Day,
        open: impl FnOnce() -> Result<Connection, LogError>,
    ) {
        let there = self.ahead.as_ref().is_some_and(|(d, _)| *d == day);
        let early = self.trouble.as_ref().is_some_and(|t| Instant::now() < t.1);
        if there || early {
            return;
        }
        self.drop_other(dir);
        match open() {
            Ok(conn) => {
                self.ahead = Some((day, conn));
                self.trouble = None;
            }
            Err(error) => self.note(day, &error),
        }
    }

    fn note(&mut self, day: Day, error: &LogError) {
        let words = format!(
            "the log's file of {} cannot be opened yet, what follows stays in the file before it: {error}",
            day.name()
        );
        if self.trouble.as_ref().is_none_or(|t| t.0 != words) {
            tracing::warn!("{words}");
        }
        self.trouble = Some((words, Instant::now() + AGAIN_AFTER));
    }

    /// A file of a day that will not come, as a clock was set: it holds nothing.
    fn drop_other(&mut self, dir: &Path) {
        if let Some((day, conn)) = self.ahead.take() {
            drop(conn);
            remove(dir, day);
        }
    }

    /// The open file of a day, to be begun.
    pub(super) fn take(&mut self, day: Day) -> Option<Connection> {
        let (of, conn) = self.ahead.take()?;
        if of == day {
            return Some(conn);
        }
        self.ahead = Some((of, conn));
        None
    }

    /// Beginning it failed and is tried again.
    pub(super) fn keep(&mut self, day: Day, conn: Connection, error: &LogError) {
        self.ahead = Some((day, conn));
        self.note(day, error);
    }

    /// Why there is no file of the next day, in words.
    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.as_ref().map(|t| t.0.clone())
    }
}

/// Removes a day's file that holds nothing; it is only tidying.
fn remove(dir: &Path, day: Day) {
    let path = file_of(dir, day);
    for path in [beside(&path, "-wal"), beside(&path, "-shm"), path] {
        let _ = std::fs::remove_file(path);
    }
}

/// Days with a file that was begun, ascending. One that was not holds nothing that was acknowledged: one that was made
/// ahead is removed, one that holds anything all the same is set aside.
pub(super) fn days_begun(
    dir: &Path,
    options: &EmbeddedOptions,
    bulk: bool,
) -> Result<Vec<Day>, LogError> {
    let mut days = days_in(dir)?;
    while let Some(last) = days.last().copied() {
        let path = file_of(dir, last);
        let conn = open_writer(&path, options.day_bytes_max, bulk)?;
        if meta(&conn, "epoch").map_err(db_error(&path))?.is_some() {
            break;
        }
        let rows: i64 = conn
            .query_row(
                "SELECT (SELECT count(*) FROM records)+(SELECT count(*) FROM keyframes)",
                [],
                |r| r.get(0),
            )
            .map_err(db_error(&path))?;
        drop(conn);
        if rows == 0 {
            remove(dir, last);
        } else {
            tracing::warn!(path = %path.display(), "a day's file that was never begun is set aside");
            let aside = path.with_extension("sqlite.unfinished");
            std::fs::rename(&path, &aside).map_err(io_error(&path))?;
        }
        days.pop();
    }
    Ok(days)
}
