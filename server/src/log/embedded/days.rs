//! Reading a directory of days: connections that only read, and records out of rows and segments alike.

use super::Day;
use super::files::{days_in, db_error, file_of, meta, open_reader_of_damaged, place};
use super::lived;
use super::rows::{self, Stretch};
use crate::log::recover::beginning;
use crate::log::{Keyframe, Keyframes, LogError};
use chengtu_engine::archive::{ArchiveError, decode_record};
use chengtu_engine::record::{Body, Record};
use chengtu_engine::replay::MomentReader;
use chengtu_engine::time::Timestamp;
use rusqlite::Connection;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};

/// Connections that are kept open.
const OPEN_MAX: usize = 12;

/// The days of a directory, to be read by one thread; the server may be writing the last of them.
#[derive(Debug)]
pub(super) struct Days {
    dir: PathBuf,
    idle: RefCell<Vec<(Day, Connection)>>,
    /// The records before each day's first.
    after: RefCell<BTreeMap<Day, u64>>,
    /// The newest day that was found begun.
    begun: Cell<Option<Day>>,
    /// The segment read last: readers go on where they were.
    unpacked: RefCell<Option<Unpacked>>,
}

/// A segment's records.
#[derive(Debug)]
struct Unpacked {
    day: Day,
    first_seq: u64,
    records: Vec<Record>,
}

/// A connection to a day's file, handed back when it is done with.
pub(super) struct DayFile<'a> {
    days: &'a Days,
    pub(super) day: Day,
    conn: Option<Connection>,
}

impl Deref for DayFile<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        match &self.conn {
            Some(conn) => conn,
            None => unreachable!("it is taken only when this is dropped"),
        }
    }
}

impl Drop for DayFile<'_> {
    fn drop(&mut self) {
        let Some(conn) = self.conn.take() else { return };
        // A statement that failed may have left a transaction open.
        if !conn.is_autocommit() {
            let _ = conn.execute_batch("ROLLBACK");
        }
        let mut idle = self.days.idle.borrow_mut();
        if idle.len() >= OPEN_MAX {
            idle.remove(0);
        }
        idle.push((self.day, conn));
    }
}

/// What keeps records from being read.
#[derive(Debug)]
pub(super) enum Trouble {
    /// They are not there; the next that are, if any.
    Missing {
        expected: u64,
        next: Option<Stretch>,
    },
    /// They are not what was written.
    Damaged {
        path: PathBuf,
        stretch: Stretch,
        what: String,
    },
    /// They are of a newer program.
    Newer {
        path: PathBuf,
        stretch: Stretch,
        what: ArchiveError,
    },
    /// The file cannot be read here.
    File {
        path: PathBuf,
        seq: u64,
        what: LogError,
    },
}

impl Trouble {
    /// What was found where records could not be decoded.
    fn of(path: &Path, stretch: Stretch, what: ArchiveError) -> Self {
        let path = path.to_owned();
        if what.is_newer() {
            Self::Newer {
                path,
                stretch,
                what,
            }
        } else {
            Self::Damaged {
                path,
                stretch,
                what: what.to_string(),
            }
        }
    }

    /// The error for those who must have every record.
    pub(super) fn into_error(self, dir: &Path) -> LogError {
        match self {
            Self::Missing { expected, next } => LogError::Gap {
                place: place(dir),
                expected,
                found: next.map_or(expected, |s| s.0),
            },
            Self::Damaged {
                path,
                stretch,
                what,
            } => LogError::Damaged {
                place: place(&path),
                seq: stretch.0,
                what,
            },
            Self::Newer { path, what, .. } => LogError::NewerRecord {
                place: place(&path),
                what,
            },
            Self::File { what, .. } => what,
        }
    }
}

/// What a day has from some record on.
enum Found {
    Records(Vec<Record>),
    /// The next record was known later than asked for.
    Later,
    /// The day ends before.
    Nothing,
}

impl Days {
    pub(super) fn of(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            idle: RefCell::default(),
            after: RefCell::default(),
            begun: Cell::default(),
            unpacked: RefCell::default(),
        }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Days that have a file, ascending; one that is made ahead and has not begun is none.
    pub(super) fn list(&self) -> Result<Vec<Day>, LogError> {
        let mut days = days_in(&self.dir)?;
        while let Some(last) = days.last().copied()
            && !self.is_begun(last)
        {
            days.pop();
        }
        Ok(days)
    }

    /// Whether a day's file has begun; one that cannot be read has: that is for those who read it to tell.
    fn is_begun(&self, day: Day) -> bool {
        if self.begun.get().is_some_and(|known| day <= known) {
            return true;
        }
        // A file whose tables are still being made is begun as little as one without a beginning.
        let tables = "SELECT count(*) FROM sqlite_schema WHERE name='meta'";
        // By a connection of its own: one that is kept would keep the day's second file from being tidied away.
        let begun = open_reader_of_damaged(&self.path(day))
            .ok()
            .and_then(|file| {
                let made: i64 = file.query_row(tables, [], |r| r.get(0)).ok()?;
                Some(made > 0 && meta(&file, "epoch").ok()?.is_some())
            });
        if begun == Some(true) {
            self.begun.set(Some(day));
        }
        begun.unwrap_or(true)
    }

    /// Files behind the last day that has begun.
    pub(super) fn not_begun(&self) -> Result<Vec<Day>, LogError> {
        let mut all = days_in(&self.dir)?;
        Ok(all.split_off(self.list()?.len()))
    }

    /// Seconds that a day which is over was lived; 0 where its file cannot be read.
    pub(super) fn lived_s(&self, day: Day) -> i64 {
        let lived = |file: DayFile<'_>| {
            let version = version_of(&file)?;
            lived::lived_s(&file, version)
        };
        let found = self.open(day).map(lived);
        found.ok().and_then(Result::ok).unwrap_or(0)
    }

    /// Whether a day's file begins with a state that can be read: then nothing before it is needed to fold the log.
    pub(super) fn begins_with_a_state(&self, day: Day) -> bool {
        let keyframe = self.after_seq(day).and_then(|after| {
            let file = self.open(day)?;
            rows::keyframe_at(&file, after).map_err(db_error(&self.path(day)))
        });
        matches!(keyframe, Ok(Some(k)) if k.state().is_ok())
    }

    pub(super) fn path(&self, day: Day) -> PathBuf {
        file_of(&self.dir, day)
    }

    /// A day's file.
    pub(super) fn open(&self, day: Day) -> Result<DayFile<'_>, LogError> {
        let mut idle = self.idle.borrow_mut();
        let conn = match idle.iter().rposition(|(d, _)| *d == day) {
            Some(at) => idle.remove(at).1,
            None => open_reader_of_damaged(&self.path(day))?,
        };
        drop(idle);
        Ok(DayFile {
            days: self,
            day,
            conn: Some(conn),
        })
    }

    /// Number of the record before a day's first.
    pub(super) fn after_seq(&self, day: Day) -> Result<u64, LogError> {
        if let Some(after) = self.after.borrow().get(&day) {
            return Ok(*after);
        }
        let file = self.open(day)?;
        let after = meta(&file, "after_seq").map_err(db_error(&self.path(day)))?;
        let after = after.unwrap_or(0).max(0) as u64;
        self.after.borrow_mut().insert(day, after);
        Ok(after)
    }

    /// Up to `limit` records from `seq` on that were known by `until`, in order and without holes: what cannot be read
    /// ends the list, or is the error if it comes first.
    pub(super) fn read(
        &self,
        seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Vec<Record>, Trouble> {
        let mut out = Vec::new();
        let mut next = seq;
        match self.read_into(&mut out, &mut next, until, limit) {
            Err(trouble) if out.is_empty() => Err(trouble),
            _ => Ok(out),
        }
    }

    fn read_into(
        &self,
        out: &mut Vec<Record>,
        next: &mut u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<(), Trouble> {
        let trouble = |day: Day, seq: u64| {
            let path = self.path(day);
            move |what| Trouble::File { path, seq, what }
        };
        let days = self.list().map_err(trouble(Day(0), *next))?;
        // From the newest back: most reading is near the end.
        let mut at = days.len();
        while at > 0 {
            at -= 1;
            // A file that cannot be read is an error only once everything before it has been read.
            if self.after_seq(days[at]).is_ok_and(|after| after < *next) {
                break;
            }
        }
        for day in days.get(at..).unwrap_or_default() {
            let after = self.after_seq(*day).map_err(trouble(*day, *next))?;
            if after + 1 > *next {
                let e = trouble(*day, *next);
                let next_there = self
                    .open(*day)
                    .and_then(|f| self.stretch_from(&f, *next))
                    .map_err(e)?;
                return Err(Trouble::Missing {
                    expected: *next,
                    next: next_there,
                });
            }
            while out.len() < limit {
                let file = self.open(*day).map_err(trouble(*day, *next))?;
                match self.run(&file, *next, until, limit - out.len())? {
                    Found::Records(some) => {
                        *next += some.len() as u64;
                        if out.is_empty() {
                            *out = some;
                        } else {
                            out.extend(some);
                        }
                    }
                    Found::Later => return Ok(()),
                    Found::Nothing => break,
                }
            }
            if out.len() >= limit {
                break;
            }
        }
        Ok(())
    }

    /// The first stretch of a day that ends at or after `seq`.
    pub(super) fn stretch_from(
        &self,
        file: &DayFile<'_>,
        seq: u64,
    ) -> Result<Option<Stretch>, LogError> {
        let path = self.path(file.day);
        let e = db_error(&path);
        let sealed = has_segments(file).map_err(&e)?;
        rows::stretch_from(file, seq, sealed).map_err(&e)
    }

    fn run(
        &self,
        file: &DayFile<'_>,
        seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Found, Trouble> {
        let path = self.path(file.day);
        let failed = |source| Trouble::File {
            path: path.clone(),
            seq,
            what: db_error(&path)(source),
        };
        if let Some(u) = &*self.unpacked.borrow()
            && u.day == file.day
            && (u.first_seq..u.first_seq + u.records.len() as u64).contains(&seq)
        {
            return Ok(part(&u.records, seq - u.first_seq, until, limit));
        }
        // One view of the file: a stretch that is being sealed is either rows or a segment.
        file.execute_batch("BEGIN").map_err(failed)?;
        let found = self.run_in_view(file, &path, seq, until, limit);
        let _ = file.execute_batch("COMMIT");
        found
    }

    fn run_in_view(
        &self,
        file: &DayFile<'_>,
        path: &Path,
        seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Found, Trouble> {
        let failed = |source| Trouble::File {
            path: path.to_owned(),
            seq,
            what: db_error(path)(source),
        };
        let sealed = has_segments(file).map_err(failed)?;
        if sealed && let Some(kept) = rows::segment_of(file, seq).map_err(failed)? {
            return self.run_of_segment(&kept, (file.day, path), seq, until, limit);
        }
        let (records, end) = run_of_rows(file, path, seq, until, limit)?;
        if !records.is_empty() {
            return Ok(Found::Records(records));
        }
        if matches!(end, RowsEnd::Later) {
            return Ok(Found::Later);
        }
        match rows::stretch_from(file, seq, sealed).map_err(failed)? {
            Some(next) => Err(Trouble::Missing {
                expected: seq,
                next: Some(next),
            }),
            None if matches!(end, RowsEnd::Hole) => Err(Trouble::Missing {
                expected: seq,
                next: None,
            }),
            None => Ok(Found::Nothing),
        }
    }

    /// The part of a segment from `seq` on; the segment is kept for who goes on.
    fn run_of_segment(
        &self,
        kept: &rows::Kept,
        (day, path): (Day, &Path),
        seq: u64,
        until: Timestamp,
        limit: usize,
    ) -> Result<Found, Trouble> {
        let s = &kept.segment;
        if s.first_known_at > until {
            return Ok(Found::Later);
        }
        let stretch = (s.first_seq, s.last_seq, s.first_known_at, s.last_known_at);
        if !kept.is_whole() {
            return Err(Trouble::Damaged {
                path: path.to_owned(),
                stretch,
                what: format!("checksum of records {} to {}", s.first_seq, s.last_seq),
            });
        }
        let records = s.records().map_err(|e| Trouble::of(path, stretch, e))?;
        let found = part(&records, seq - s.first_seq, until, limit);
        *self.unpacked.borrow_mut() = Some(Unpacked {
            day,
            first_seq: s.first_seq,
            records,
        });
        Ok(found)
    }

    /// Hands on records after `after_seq` in order until `take` says no; without `fixes` only those that hold events.
    pub(super) fn walk(
        &self,
        after_seq: u64,
        fixes: bool,
        mut take: impl FnMut(Record) -> bool,
    ) -> Result<(), Trouble> {
        let mut next = after_seq + 1;
        let trouble = |day: Day, seq: u64| {
            let path = self.path(day);
            move |what| Trouble::File { path, seq, what }
        };
        for day in self.list().map_err(trouble(Day(0), next))? {
            let mut file = self.open(day).map_err(trouble(day, next))?;
            while let Some(stretch) = self.stretch_from(&file, next).map_err(trouble(day, next))? {
                let from = next.max(stretch.0);
                if stretch.1 > stretch.0 && !fixes {
                    let failed = |e| trouble(day, from)(db_error(&self.path(day))(e));
                    // Between the two looks the rows may have become a segment, never the other way round.
                    let Some(kept) = rows::segment_of(&file, from).map_err(failed)? else {
                        continue;
                    };
                    let records = if kept.is_whole() {
                        let records = kept.segment.records_without_fixes();
                        records.map_err(|e| Trouble::of(&self.path(day), stretch, e))?
                    } else {
                        return Err(Trouble::Damaged {
                            path: self.path(day),
                            stretch,
                            what: "checksum".to_owned(),
                        });
                    };
                    next = stretch.1 + 1;
                    for record in records.into_iter().filter(|r| r.seq >= from) {
                        if !take(record) {
                            return Ok(());
                        }
                    }
                    continue;
                }
                drop(file);
                let some = self.read(from, Timestamp(i64::MAX), 512)?;
                next = from + some.len() as u64;
                for record in some {
                    if !fixes && matches!(record.body, Body::Fixes(_)) {
                        continue;
                    }
                    if !take(record) {
                        return Ok(());
                    }
                }
                file = self.open(day).map_err(trouble(day, next))?;
            }
        }
        Ok(())
    }

    /// A reader of the moments of the records after `seq`: it knows the names of units and feeds there, from the newest
    /// readable keyframe and the events since.
    pub(super) fn reader_at(&self, seq: u64) -> Result<MomentReader, LogError> {
        let begin = beginning(self, Timestamp(i64::MAX), seq.saturating_add(1))?.state;
        let mut reader = MomentReader::of(&begin);
        // Damage is an error where the state is folded.
        let _ = self.walk(begin.seq(), false, |record| {
            if record.seq > seq {
                return false;
            }
            reader.read(&record);
            true
        });
        Ok(reader)
    }
}

impl Keyframes for Days {
    fn newest(&self, until: Timestamp, before_seq: u64) -> Result<Option<Keyframe>, LogError> {
        for day in self.list()?.into_iter().rev() {
            // A file that cannot be read takes nothing from the others.
            let found = self.open(day).and_then(|file| {
                rows::newest_keyframe(&file, until, before_seq).map_err(db_error(&self.path(day)))
            });
            match found {
                Ok(Some(keyframe)) => return Ok(Some(keyframe)),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a day's keyframes cannot be read"),
            }
        }
        Ok(None)
    }
}

/// Why a run of rows ends.
enum RowsEnd {
    /// No more were asked for, or there are none.
    Here,
    /// The next record was known later than asked for.
    Later,
    /// A row is missing.
    Hole,
}

/// Records that are rows, from `seq` on without holes; what is damaged ends them, or is the error if it comes first.
fn run_of_rows(
    conn: &Connection,
    path: &Path,
    seq: u64,
    until: Timestamp,
    limit: usize,
) -> Result<(Vec<Record>, RowsEnd), Trouble> {
    let failed = |source| Trouble::File {
        path: path.to_owned(),
        seq,
        what: db_error(path)(source),
    };
    let mut statement = conn
        .prepare_cached(
            "SELECT seq,known_at,kind,head,body,crc FROM records WHERE seq>=?1 ORDER BY seq LIMIT ?2",
        )
        .map_err(failed)?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut rows_found = statement.query([seq as i64, limit]).map_err(failed)?;
    let mut out: Vec<Record> = Vec::new();
    while let Some(row) = rows_found.next().map_err(failed)? {
        let (found, known_at, encoded) = rows::read_record(row).map_err(failed)?;
        if found != seq + out.len() as u64 {
            return Ok((out, RowsEnd::Hole));
        }
        if known_at > until {
            return Ok((out, RowsEnd::Later));
        }
        match decode_record(found, known_at, &encoded) {
            Ok(record) => out.push(record),
            Err(_) if !out.is_empty() => break,
            Err(what) => {
                let stretch = (found, found, known_at, known_at);
                return Err(Trouble::of(path, stretch, what));
            }
        }
    }
    Ok((out, RowsEnd::Here))
}

/// The part of a segment that was asked for.
fn part(records: &[Record], from: u64, until: Timestamp, limit: usize) -> Found {
    let rest = &records[from as usize..];
    let known = rest.partition_point(|r| r.known_at <= until);
    if known == 0 {
        return Found::Later;
    }
    Found::Records(rest[..known.min(limit)].to_vec())
}

/// True for files that have segments; asked every time, as a file may be brought up to date at any time.
pub(super) fn has_segments(conn: &Connection) -> rusqlite::Result<bool> {
    version_of(conn).map(|version| version >= 2)
}

/// The format of a file.
pub(super) fn version_of(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA user_version")?
        .query_row([], |r| r.get(0))
}
