use super::files::{
    APPLICATION_ID, SCHEMA_VERSION, days_in, db_error, file_of, io_error, max_of, meta,
    open_reader, version_of,
};
use super::{Day, Keyframe, Log, LogError};
use chengtu_engine::archive::{EncodedRecord, decode_record, encode_record};
use chengtu_engine::record::{LiveRecord, Record};
use chengtu_engine::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS records(
  seq INTEGER PRIMARY KEY, known_at INTEGER NOT NULL, kind INTEGER NOT NULL,
  head BLOB NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS keyframes(
  seq INTEGER PRIMARY KEY, known_at INTEGER NOT NULL, state BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
";

/// How a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Most bytes of one day's file; beyond, writing ends as with a full disk.
    pub day_bytes_max: u64,
}

/// The log in SQLite: one file a day, each beginning with a keyframe; WAL, `synchronous=FULL`.
#[derive(Debug)]
pub struct Embedded {
    dir: PathBuf,
    options: EmbeddedOptions,
    /// Days with a file, ascending; the last is being written.
    days: Vec<Day>,
    writer: Connection,
    epoch: u64,
    last_seq: u64,
    in_transaction: bool,
    stopped: Option<String>,
    /// Nothing is durable until the end.
    bulk: bool,
    /// Held for as long as the log is open: one server a directory.
    _lock: Option<File>,
}

fn random_epoch() -> u64 {
    // The standard library's hash seed is random; 53 bits, so that scripts can hold it in a double.
    let h = std::hash::RandomState::new().build_hasher().finish();
    (h >> 11).max(1)
}

/// Opens a day's file for writing, creating it when `keyframe` is given.
fn open_writer(path: &Path, options: EmbeddedOptions, bulk: bool) -> Result<Connection, LogError> {
    // What is made aside needs no second file beside it, and may be read later by those who must not write.
    let (journal, synchronous) = if bulk {
        ("MEMORY", "OFF")
    } else {
        ("WAL", "FULL")
    };
    let e = db_error(path);
    let conn = Connection::open(path).map_err(&e)?;
    let tables = version_of(&conn, path)?;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode={journal}; PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=2000; PRAGMA cache_size=-2048;
         PRAGMA max_page_count={};",
        (options.day_bytes_max / 4096).clamp(16, 4_294_967_294)
    ))
    .map_err(&e)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))
        .map_err(&e)?;
    if tables.is_none() {
        conn.execute_batch(&format!(
            "BEGIN; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION}; {SCHEMA} COMMIT;"
        ))
        .map_err(&e)?;
    }
    Ok(conn)
}

fn insert_keyframe(conn: &Connection, k: &Keyframe) -> rusqlite::Result<usize> {
    conn.prepare_cached("INSERT OR REPLACE INTO keyframes VALUES(?1,?2,?3,?4)")?
        .execute(params![k.seq as i64, k.known_at.0, k.packed, k.crc()])
}

impl Embedded {
    /// Opens a log, or begins one on `today` in an empty or missing directory.
    ///
    /// # Errors
    /// [`LogError`]: not writable, in use by another server, of a newer version, damaged.
    pub fn open(dir: &Path, options: EmbeddedOptions, today: Day) -> Result<Self, LogError> {
        Self::open_for(dir, options, today, false)
    }

    /// As [`Self::open`], for a log that is made at once, aside, and is nothing until it is whole: nothing is durable
    /// before [`Self::finish_bulk`].
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_bulk(dir: &Path, options: EmbeddedOptions, first: Day) -> Result<Self, LogError> {
        Self::open_for(dir, options, first, true)
    }

    /// Ends a log made by [`Self::open_bulk`]: all of it is durable when this returns.
    ///
    /// # Errors
    /// As committing.
    pub fn finish_bulk(mut self) -> Result<(), LogError> {
        self.commit()?;
        let Self {
            dir, days, writer, ..
        } = self;
        let last = file_of(&dir, days.last().copied().unwrap_or(Day(0)));
        writer
            .close()
            .map_err(|(_, source)| db_error(&last)(source))?;
        for day in days {
            let path = file_of(&dir, day);
            let file = File::open(&path).map_err(io_error(&path))?;
            file.sync_all().map_err(io_error(&path))?;
        }
        #[cfg(unix)]
        File::open(&dir)
            .and_then(|d| d.sync_all())
            .map_err(io_error(&dir))?;
        Ok(())
    }

    fn open_for(
        dir: &Path,
        options: EmbeddedOptions,
        today: Day,
        bulk: bool,
    ) -> Result<Self, LogError> {
        std::fs::create_dir_all(dir).map_err(io_error(dir))?;
        let lock_path = dir.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(io_error(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LogError::InUse {
                    path: dir.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => {
                return Err(LogError::Io {
                    path: lock_path,
                    source,
                });
            }
        }
        let mut days = days_in(dir)?;
        // A file whose first keyframe never became durable holds nothing that was acknowledged.
        while let Some(last) = days.last().copied() {
            let path = file_of(dir, last);
            let conn = open_writer(&path, options, bulk)?;
            if meta(&conn, "epoch").map_err(db_error(&path))?.is_some() {
                break;
            }
            drop(conn);
            tracing::warn!(path = %path.display(), "a day's file that was never begun is set aside");
            let aside = path.with_extension("sqlite.unfinished");
            std::fs::rename(&path, &aside).map_err(io_error(&path))?;
            days.pop();
        }
        let fresh = days.is_empty();
        if fresh {
            days.push(today);
        }
        let day = days.last().copied().unwrap_or(today);
        let path = file_of(dir, day);
        let e = db_error(&path);
        let writer = open_writer(&path, options, bulk)?;
        if fresh {
            let empty = Keyframe::of(&chengtu_engine::state::State::new())?;
            begin_file(&writer, random_epoch(), &empty).map_err(&e)?;
        }
        let epoch = meta(&writer, "epoch").map_err(&e)?.unwrap_or(0) as u64;
        let last_record = max_of(&writer, "records").map_err(&e)?.unwrap_or(0);
        let last_keyframe = max_of(&writer, "keyframes").map_err(&e)?.unwrap_or(0);
        Ok(Self {
            dir: dir.to_owned(),
            options,
            days,
            writer,
            epoch,
            last_seq: last_record.max(last_keyframe) as u64,
            in_transaction: false,
            stopped: None,
            bulk,
            _lock: Some(lock),
        })
    }

    fn path(&self) -> PathBuf {
        file_of(&self.dir, self.day())
    }

    /// A connection that reads one day.
    fn reader(&self, day: Day) -> Result<Connection, LogError> {
        open_reader(&file_of(&self.dir, day))
    }

    /// Does one thing in the running transaction; the first error ends all writing.
    fn write(
        &mut self,
        what: impl FnOnce(&Connection) -> rusqlite::Result<usize>,
    ) -> Result<(), LogError> {
        if let Some(why) = &self.stopped {
            return Err(LogError::Stopped(why.clone()));
        }
        let begin = if self.in_transaction {
            Ok(())
        } else {
            self.writer.execute_batch("BEGIN IMMEDIATE")
        };
        self.in_transaction = true;
        begin
            .and_then(|()| what(&self.writer))
            .map(|_| ())
            .map_err(|source| self.stop(source))
    }

    /// Ends writing for good. What was not committed is taken back, nothing is flushed again.
    fn stop(&mut self, source: rusqlite::Error) -> LogError {
        let error = LogError::Database {
            path: self.path(),
            source,
        };
        self.stopped = Some(error.to_string());
        let _ = self.writer.execute_batch("ROLLBACK");
        let _ = self
            .writer
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        self.in_transaction = false;
        let last = |table| max_of(&self.writer, table).ok().flatten().unwrap_or(0) as u64;
        self.last_seq = last("records").max(last("keyframes"));
        error
    }
}

/// Writes what a day's file begins with, durably and as a whole.
fn begin_file(conn: &Connection, epoch: u64, keyframe: &Keyframe) -> rusqlite::Result<()> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    insert_keyframe(conn, keyframe)?;
    conn.execute("INSERT INTO meta VALUES('epoch', ?1)", [epoch as i64])?;
    conn.execute(
        "INSERT INTO meta VALUES('after_seq', ?1)",
        [keyframe.seq as i64],
    )?;
    conn.execute_batch("COMMIT")
}

impl Log for Embedded {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn last_seq(&self) -> u64 {
        self.last_seq
    }

    fn append(&mut self, record: &LiveRecord) -> Result<(), LogError> {
        debug_assert_eq!(record.seq, self.last_seq + 1, "records follow one another");
        let e = encode_record(record)?;
        let (seq, known_at) = (record.seq as i64, record.known_at.0);
        self.write(|conn| {
            conn.prepare_cached("INSERT INTO records VALUES(?1,?2,?3,?4,?5,?6)")?
                .execute(params![seq, known_at, e.kind, e.head, e.body, e.crc])
        })?;
        self.last_seq = record.seq;
        Ok(())
    }

    fn commit(&mut self) -> Result<(), LogError> {
        if let Some(why) = &self.stopped {
            return Err(LogError::Stopped(why.clone()));
        }
        if !self.in_transaction {
            return Ok(());
        }
        match self.writer.execute_batch("COMMIT") {
            Ok(()) => {
                self.in_transaction = false;
                Ok(())
            }
            Err(source) => Err(self.stop(source)),
        }
    }

    fn read_from(&self, seq: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        let mut out: Vec<Record> = Vec::new();
        let mut next = seq;
        for day in &self.days {
            let path = file_of(&self.dir, *day);
            let e = db_error(&path);
            let conn = self.reader(*day)?;
            let last = max_of(&conn, "records").map_err(&e)?.unwrap_or(0) as u64;
            if last < next {
                continue;
            }
            let mut statement = conn
                .prepare("SELECT seq,known_at,kind,head,body,crc FROM records WHERE seq>=?1 ORDER BY seq LIMIT ?2")
                .map_err(&e)?;
            let room = (limit - out.len()) as i64;
            let mut rows = statement.query(params![next as i64, room]).map_err(&e)?;
            while let Some(row) = rows.next().map_err(&e)? {
                let (found, known_at, encoded) = read_row(row).map_err(&e)?;
                if found != next {
                    return Err(LogError::Gap {
                        path: self.dir.clone(),
                        expected: next,
                        found,
                    });
                }
                let record =
                    decode_record(found, known_at, &encoded).map_err(|what| LogError::Damaged {
                        path: path.clone(),
                        seq: found,
                        what: what.to_string(),
                    })?;
                out.push(record);
                next += 1;
            }
            if out.len() >= limit {
                break;
            }
        }
        Ok(out)
    }

    fn keyframe_before(&self, time: Timestamp) -> Result<Option<Keyframe>, LogError> {
        for day in self.days.iter().rev() {
            let path = file_of(&self.dir, *day);
            let e = db_error(&path);
            let conn = self.reader(*day)?;
            let mut statement = conn
                .prepare("SELECT seq,known_at,state,crc FROM keyframes WHERE known_at<=?1 ORDER BY seq DESC")
                .map_err(&e)?;
            let mut rows = statement.query([time.0]).map_err(&e)?;
            while let Some(row) = rows.next().map_err(&e)? {
                let keyframe = Keyframe {
                    seq: row.get::<_, i64>(0).map_err(&e)? as u64,
                    known_at: Timestamp(row.get(1).map_err(&e)?),
                    packed: row.get(2).map_err(&e)?,
                };
                if keyframe.crc() == row.get::<_, u32>(3).map_err(&e)? {
                    return Ok(Some(keyframe));
                }
                tracing::warn!(seq = keyframe.seq, path = %path.display(), "a keyframe is damaged; an older one is taken");
            }
        }
        Ok(None)
    }

    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError> {
        self.write(|conn| insert_keyframe(conn, keyframe))
    }

    fn begin_day(&mut self, day: Day, keyframe: &Keyframe) -> Result<(), LogError> {
        if day <= self.day() {
            return Ok(());
        }
        self.commit()?;
        let path = file_of(&self.dir, day);
        let made = open_writer(&path, self.options, self.bulk).and_then(|conn| {
            begin_file(&conn, self.epoch, keyframe).map_err(db_error(&path))?;
            Ok(conn)
        });
        match made {
            Ok(conn) => {
                self.writer = conn;
                self.days.push(day);
                Ok(())
            }
            Err(error) => {
                self.stopped = Some(error.to_string());
                Err(error)
            }
        }
    }

    fn day(&self) -> Day {
        // There is always one: opening makes it.
        self.days.last().copied().unwrap_or(Day(0))
    }
}

pub(super) fn read_row(
    row: &rusqlite::Row<'_>,
) -> rusqlite::Result<(u64, Timestamp, EncodedRecord)> {
    Ok((
        row.get::<_, i64>(0)? as u64,
        Timestamp(row.get(1)?),
        EncodedRecord {
            kind: row.get(2)?,
            head: row.get(3)?,
            body: row.get(4)?,
            crc: row.get(5)?,
        },
    ))
}
