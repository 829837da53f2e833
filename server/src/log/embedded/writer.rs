use super::chain::{self, Link};
use super::days::Days;
use super::files::{days_in, db_error, file_of, io_error, last_seq, meta, open_writer, place};
use super::sealer::{Sealer, Tidier, swap_in};
use super::{Day, EmbeddedOptions, index, retain, rows, schema};
use crate::log::{Keyframe, LogError, LogWriter};
use chengtu_engine::archive::encode_record;
use chengtu_engine::record::{Body, LiveRecord, Record};
use chengtu_engine::replay::MomentReader;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The log in SQLite: one file a day, each beginning with a keyframe; WAL, `synchronous=FULL`.
///
/// Records are rows while they are young. Closed stretches are encoded as segments on another thread and swapped in
/// with the next commit, so that writing does not wait for it.
#[derive(Debug)]
pub struct EmbeddedWriter {
    dir: PathBuf,
    options: EmbeddedOptions,
    /// Days with a file, ascending; the last is being written.
    days: Vec<Day>,
    // Dropped in this order: readers end before the writer closes, which then leaves nothing beside the file.
    tidier: Tidier,
    sealer: Sealer,
    reading: Days,
    writer: Connection,
    epoch: u64,
    last_seq: u64,
    link: Link,
    moments: MomentReader,
    in_transaction: bool,
    stopped: Option<String>,
    /// Nothing is durable until the end, and nothing is sealed meanwhile.
    bulk: bool,
    /// Held for as long as the log is open: one server a directory.
    _lock: File,
}

fn random_epoch(dir: &Path) -> Result<u64, LogError> {
    let random = getrandom::u64().map_err(|e| io_error(dir)(e.into()))?;
    // 53 bits, so that scripts can hold it in a double.
    Ok((random >> 11).max(1))
}

/// Takes the directory for this process alone.
pub(super) fn lock(dir: &Path) -> Result<File, LogError> {
    std::fs::create_dir_all(dir).map_err(io_error(dir))?;
    let path = dir.join("lock");
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io_error(&path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(LogError::InUse { place: place(dir) }),
        Err(TryLockError::Error(source)) => Err(io_error(&path)(source)),
    }
}

/// The link after a file's last record.
fn last_link(conn: &Connection, epoch: u64) -> rusqlite::Result<Link> {
    let find = |sql: &str| {
        conn.query_row(sql, [], |r| r.get::<_, Option<Link>>(0))
            .optional()
            .map(Option::flatten)
    };
    let newest = "SELECT link FROM records WHERE seq=(SELECT max(seq) FROM records)";
    let sealed = "SELECT link FROM segments ORDER BY first_seq DESC LIMIT 1";
    let begin = "SELECT link FROM links ORDER BY seq DESC LIMIT 1";
    for sql in [newest, sealed, begin] {
        if let Some(link) = find(sql)? {
            return Ok(link);
        }
    }
    Ok(chain::start(epoch))
}

impl EmbeddedWriter {
    /// Opens a log, or begins one on the day of `now` in an empty or missing directory.
    pub(super) fn open(
        dir: &Path,
        options: EmbeddedOptions,
        now: Timestamp,
    ) -> Result<Self, LogError> {
        let mut log = Self::open_for(dir, options, now, false)?;
        log.retain();
        Ok(log)
    }

    /// See [`super::EmbeddedStore::bulk_writer`].
    pub(super) fn open_bulk(
        dir: &Path,
        options: EmbeddedOptions,
        first: Timestamp,
    ) -> Result<Self, LogError> {
        Self::open_for(dir, options, first, true)
    }

    /// Ends a log that was opened in bulk: all of it is durable when this returns.
    ///
    /// # Errors
    /// [`LogError`], as from a commit, or where indexes cannot be made or the files not be synced.
    pub fn finish_bulk(mut self) -> Result<(), LogError> {
        self.commit()?;
        let path = self.path();
        schema::make_indexes(&self.writer).map_err(db_error(&path))?;
        let nothing = Connection::open_in_memory().map_err(db_error(&path))?;
        std::mem::replace(&mut self.writer, nothing)
            .close()
            .map_err(|(_, source)| db_error(&path)(source))?;
        for day in &self.days {
            let path = file_of(&self.dir, *day);
            let file = File::open(&path).map_err(io_error(&path))?;
            file.sync_all().map_err(io_error(&path))?;
        }
        #[cfg(unix)]
        File::open(&self.dir)
            .and_then(|d| d.sync_all())
            .map_err(io_error(&self.dir))?;
        Ok(())
    }

    fn open_for(
        dir: &Path,
        options: EmbeddedOptions,
        now: Timestamp,
        bulk: bool,
    ) -> Result<Self, LogError> {
        let lock = lock(dir)?;
        let mut days = days_begun(dir, &options, bulk)?;
        let fresh = days.is_empty();
        if fresh {
            days.push(Day::of(now, options.calendar.offset_s(now)));
        }
        let path = file_of(dir, newest(&days));
        let e = db_error(&path);
        let writer = open_writer(&path, options.day_bytes_max, bulk)?;
        if fresh {
            let epoch = random_epoch(dir)?;
            let empty = Keyframe::of(&State::new())?;
            schema::begin(&writer, epoch, &empty, &chain::start(epoch)).map_err(&e)?;
        }
        let epoch = meta(&writer, "epoch").map_err(&e)?.unwrap_or(0) as u64;
        let last_seq = last_seq(&writer).map_err(&e)?;
        let reading = Days::of(dir);
        Ok(Self {
            dir: dir.to_owned(),
            options,
            link: last_link(&writer, epoch).map_err(&e)?,
            sealer: Sealer::of(&writer).map_err(&e)?,
            moments: reading.reader_at(last_seq)?,
            reading,
            days,
            writer,
            epoch,
            last_seq,
            tidier: Tidier::default(),
            in_transaction: false,
            stopped: None,
            bulk,
            _lock: lock,
        })
    }

    /// The day that is being written.
    pub fn day(&self) -> Day {
        newest(&self.days)
    }

    fn path(&self) -> PathBuf {
        file_of(&self.dir, self.day())
    }

    /// Does one thing in the running transaction; the first error ends all writing.
    fn write(
        &mut self,
        what: impl FnOnce(&Connection) -> rusqlite::Result<()>,
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
            .map_err(|source| self.stop(source))
    }

    /// Ends writing for good. What was not committed is taken back, nothing is flushed again.
    fn stop(&mut self, source: rusqlite::Error) -> LogError {
        let error = db_error(&self.path())(source);
        self.stopped = Some(error.to_string());
        let _ = self.writer.execute_batch("ROLLBACK");
        let _ = self
            .writer
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        self.in_transaction = false;
        self.last_seq = last_seq(&self.writer).unwrap_or(0);
        error
    }

    /// Swaps in the stretch that has been sealed, and has the next one sealed.
    fn seal(&mut self) -> Result<(), LogError> {
        if let Some(sealed) = self.sealer.sealed() {
            self.write(|conn| swap_in(conn, &sealed))?;
            self.sealer.swapped_in(sealed.segment.last_seq);
        }
        self.sealer.begin(self.path());
        Ok(())
    }

    /// Begins a new day: what follows is in a file of its own that begins with `keyframe`.
    fn begin_day(&mut self, day: Day, keyframe: &Keyframe) -> Result<(), LogError> {
        self.commit()?;
        if self.bulk {
            schema::make_indexes(&self.writer).map_err(db_error(&self.path()))?;
        }
        self.sealer.begin_file();
        let path = file_of(&self.dir, day);
        let made = open_writer(&path, self.options.day_bytes_max, self.bulk).and_then(|conn| {
            schema::begin(&conn, self.epoch, keyframe, &self.link).map_err(db_error(&path))?;
            Ok(conn)
        });
        match made {
            Ok(conn) => {
                self.writer = conn;
                self.days.push(day);
                if !self.bulk {
                    self.retain();
                    self.tidier.begin(&self.dir, &self.days);
                }
                Ok(())
            }
            Err(error) => {
                self.stopped = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Takes away the oldest days where there are too many.
    fn retain(&mut self) {
        let today = self.day();
        if let Err(error) = retain::retain(&self.dir, &mut self.days, &self.options, today) {
            tracing::warn!(%error, "an old day's log cannot be taken away");
        }
    }
}

/// The last of some days; there is always one: opening makes it.
fn newest(days: &[Day]) -> Day {
    days.last().copied().unwrap_or(Day(0))
}

/// Days with a file that was begun, ascending. One whose first keyframe never became durable holds nothing that was
/// acknowledged, and is set aside.
fn days_begun(dir: &Path, options: &EmbeddedOptions, bulk: bool) -> Result<Vec<Day>, LogError> {
    let mut days = days_in(dir)?;
    while let Some(last) = days.last().copied() {
        let path = file_of(dir, last);
        let conn = open_writer(&path, options.day_bytes_max, bulk)?;
        if meta(&conn, "epoch").map_err(db_error(&path))?.is_some() {
            break;
        }
        drop(conn);
        tracing::warn!(path = %path.display(), "a day's file that was never begun is set aside");
        let aside = path.with_extension("sqlite.unfinished");
        std::fs::rename(&path, &aside).map_err(io_error(&path))?;
        days.pop();
    }
    Ok(days)
}

impl LogWriter for EmbeddedWriter {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn last_seq(&self) -> u64 {
        self.last_seq
    }

    fn append(&mut self, record: &LiveRecord) -> Result<(), LogError> {
        debug_assert_eq!(record.seq, self.last_seq + 1, "records follow one another");
        let record: &Record = record;
        let e = encode_record(record)?;
        let link = chain::next(&self.link, record)?;
        let moments = match &record.body {
            Body::Fixes(_) => Vec::new(),
            _ => self.moments.read(record),
        };
        self.write(|conn| {
            rows::insert_record(conn, record.seq, record.known_at, &e, &link)?;
            index::insert(conn, record, &moments)
        })?;
        self.link = link;
        self.last_seq = record.seq;
        self.sealer.push(record);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), LogError> {
        if let Some(why) = &self.stopped {
            return Err(LogError::Stopped(why.clone()));
        }
        if !self.bulk {
            self.seal()?;
        }
        if !self.in_transaction {
            return Ok(());
        }
        match self.writer.execute_batch("COMMIT") {
            Ok(()) => {
                self.in_transaction = false;
                if !self.bulk {
                    self.tidier.begin_once(&self.dir, &self.days);
                }
                Ok(())
            }
            Err(source) => Err(self.stop(source)),
        }
    }

    fn read_from(&self, seq: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        self.reading
            .read(seq, Timestamp(i64::MAX), limit)
            .map_err(|t| t.into_error(&self.dir))
    }

    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError> {
        self.write(|conn| rows::insert_keyframe(conn, keyframe).map(|_| ()))
    }

    fn roll_over(&mut self, now: Timestamp, state: &State) -> Result<bool, LogError> {
        let calendar = state
            .rules()
            .map_or(&self.options.calendar, |r| &r.calendar);
        let day = Day::of(now, calendar.offset_s(now));
        if day <= self.day() {
            return Ok(false);
        }
        self.begin_day(day, &Keyframe::of(state)?)?;
        tracing::info!(day = day.name(), "a new day's log");
        Ok(true)
    }
}
