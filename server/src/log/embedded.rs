use super::chain::{self, Link};
use super::files::{days_in, db_error, file_of, io_error, last_seq, meta, open_writer};
use super::reader::Days;
use super::seal::{self, Sealed, Unsealed};
use super::{Day, Keyframe, Log, LogError, index, retain, rows, schema};
use chengtu_engine::archive::encode_record;
use chengtu_engine::record::{Body, LiveRecord, Record};
use chengtu_engine::replay::MomentReader;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};
use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread::JoinHandle;

/// Stretches that may wait to be sealed before writing waits for them.
const BACKLOG: u64 = 8;

/// How a log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Most bytes of one day's file; beyond, writing ends as with a full disk.
    pub day_bytes_max: u64,
    /// Days that are kept, the present one included; 0 keeps all.
    pub keep_days: u32,
    /// Bytes of all days that are kept, the present one in any case; 0 keeps all.
    pub keep_bytes: u64,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            day_bytes_max: u64::MAX,
            keep_days: 0,
            keep_bytes: 0,
        }
    }
}

/// The log in SQLite: one file a day, each beginning with a keyframe; WAL, `synchronous=FULL`.
///
/// Records are rows while they are young. Closed stretches are encoded as segments on another thread and swapped in
/// with the next commit, so that writing does not wait for it.
#[derive(Debug)]
pub struct Embedded {
    dir: PathBuf,
    options: EmbeddedOptions,
    /// Days with a file, ascending; the last is being written.
    days: Vec<Day>,
    reading: Days,
    writer: Connection,
    epoch: u64,
    last_seq: u64,
    last_known_at: Timestamp,
    link: Link,
    moments: MomentReader,
    unsealed: Unsealed,
    /// The stretch that is being sealed: its last record, and where the segment comes from.
    sealing: Option<(u64, Receiver<Option<Sealed>>)>,
    /// Seals days that are over.
    tidying: Option<JoinHandle<()>>,
    /// True once that has begun.
    tidied: bool,
    ending: Arc<AtomicBool>,
    in_transaction: bool,
    stopped: Option<String>,
    /// Nothing is durable until the end, and nothing is sealed meanwhile.
    bulk: bool,
    /// Held for as long as the log is open: one server a directory.
    _lock: File,
}

fn random_epoch() -> u64 {
    // The standard library's hash seed is random; 53 bits, so that scripts can hold it in a double.
    let h = std::hash::RandomState::new().build_hasher().finish();
    (h >> 11).max(1)
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
        Err(TryLockError::WouldBlock) => Err(LogError::InUse {
            path: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(LogError::Io { path, source }),
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

impl Embedded {
    /// Opens a log, or begins one on `today` in an empty or missing directory.
    ///
    /// # Errors
    /// [`LogError`]: not writable, in use by another server, of a newer version, damaged.
    pub fn open(dir: &Path, options: EmbeddedOptions, today: Day) -> Result<Self, LogError> {
        let mut log = Self::open_for(dir, options, today, false)?;
        log.retain(log.day());
        Ok(log)
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
        today: Day,
        bulk: bool,
    ) -> Result<Self, LogError> {
        let lock = lock(dir)?;
        let mut days = days_in(dir)?;
        // A file whose first keyframe never became durable holds nothing that was acknowledged.
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
        let fresh = days.is_empty();
        if fresh {
            days.push(today);
        }
        let day = days.last().copied().unwrap_or(today);
        let path = file_of(dir, day);
        let e = db_error(&path);
        let writer = open_writer(&path, options.day_bytes_max, bulk)?;
        if fresh {
            let epoch = random_epoch();
            let empty = Keyframe::of(&State::new())?;
            schema::begin(&writer, epoch, &empty, &chain::start(epoch)).map_err(&e)?;
        }
        let epoch = meta(&writer, "epoch").map_err(&e)?.unwrap_or(0) as u64;
        let last_seq = last_seq(&writer).map_err(&e)?;
        let mut log = Self {
            dir: dir.to_owned(),
            options,
            reading: Days::of(dir),
            link: last_link(&writer, epoch).map_err(&e)?,
            unsealed: Unsealed::of(&writer).map_err(&e)?,
            days,
            writer,
            epoch,
            last_seq,
            last_known_at: Timestamp(i64::MIN),
            moments: MomentReader::default(),
            sealing: None,
            tidying: None,
            tidied: false,
            ending: Arc::new(AtomicBool::new(false)),
            in_transaction: false,
            stopped: None,
            bulk,
            _lock: lock,
        };
        log.moments = log.names()?;
        Ok(log)
    }

    /// What the index must know of what has been: from the newest keyframe and the records since.
    fn names(&self) -> Result<MomentReader, LogError> {
        let state = self
            .keyframe_before(Timestamp(i64::MAX))?
            .and_then(|k| k.state().ok())
            .unwrap_or_else(State::new);
        let mut reader = MomentReader::of(&state);
        // Damage is told of when the state is folded.
        let _ = self.reading.walk(state.seq(), false, |record| {
            reader.read(&record);
            true
        });
        Ok(reader)
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
        self.last_seq = last_seq(&self.writer).unwrap_or(0);
        error
    }

    /// Swaps in the stretch that has been sealed, and has the next one sealed.
    fn seal(&mut self) -> Result<(), LogError> {
        let now_us = self.last_known_at.0;
        if let Some((last, ready)) = self.sealing.take() {
            let sealed = if self.unsealed.backlog(now_us) > BACKLOG {
                // Whoever writes faster than can be sealed waits here: a copy of an old log, not a city.
                ready.recv().map_err(|_| TryRecvError::Disconnected)
            } else {
                ready.try_recv()
            };
            match sealed {
                Err(TryRecvError::Empty) => self.sealing = Some((last, ready)),
                Ok(Some(s)) => {
                    let last = s.segment.last_seq;
                    self.write(|conn| rows::insert_segment(conn, &s.segment, &s.link))?;
                    self.unsealed.drop_to(last);
                }
                // It cannot be read: it stays as it is and is told of when somebody reads it.
                Ok(None) | Err(TryRecvError::Disconnected) => self.unsealed.drop_to(last),
            }
        }
        if self.sealing.is_none()
            && let Some((first, last)) = self.unsealed.due(now_us)
        {
            let (send, ready) = std::sync::mpsc::channel();
            let path = self.path();
            let work = move || {
                let sealed = seal::seal(&path, first, last).unwrap_or_else(|error| {
                    tracing::warn!(%error, first, last, "records cannot be sealed and stay as they are");
                    None
                });
                let _ = send.send(sealed);
            };
            if std::thread::Builder::new()
                .name("seal".to_owned())
                .spawn(work)
                .is_ok()
            {
                self.sealing = Some((last, ready));
            }
        }
        Ok(())
    }

    /// Seals what is left of days that are over, on a thread of its own.
    fn tidy(&mut self) {
        if self.tidying.as_ref().is_some_and(|t| !t.is_finished()) {
            return;
        }
        let Some((_, over)) = self.days.split_last() else {
            return;
        };
        let (dir, over, ending) = (self.dir.clone(), over.to_vec(), self.ending.clone());
        let work = move || {
            for day in over {
                if ending.load(Ordering::Relaxed) {
                    return;
                }
                match seal::seal_day(&dir, day, &ending) {
                    Ok(0) => {}
                    Ok(segments) => {
                        tracing::info!(day = day.name(), segments, "a day that is over is sealed");
                    }
                    Err(error) => tracing::warn!(%error, "a day that is over stays unsealed"),
                }
            }
        };
        let thread = std::thread::Builder::new().name("tidy".to_owned());
        self.tidying = thread.spawn(work).ok();
    }

    /// Takes away the oldest days where there are too many.
    fn retain(&mut self, today: Day) {
        if let Err(error) = retain::retain(&self.dir, &mut self.days, &self.options, today) {
            tracing::warn!(%error, "an old day's log cannot be taken away");
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        if let Some(tidying) = self.tidying.take() {
            let _ = tidying.join();
        }
        if let Some((_, ready)) = self.sealing.take() {
            let _ = ready.recv();
        }
    }
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
        self.last_known_at = self.last_known_at.max(record.known_at);
        self.unsealed.push(record);
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
                // Whoever only opens a log to look at it changes nothing; whoever writes it looks after it.
                if !self.bulk && !core::mem::replace(&mut self.tidied, true) {
                    self.tidy();
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

    fn keyframe_before(&self, time: Timestamp) -> Result<Option<Keyframe>, LogError> {
        self.reading.keyframe_before(time)
    }

    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError> {
        self.write(|conn| rows::insert_keyframe(conn, keyframe).map(|_| ()))
    }

    fn begin_day(&mut self, day: Day, keyframe: &Keyframe) -> Result<(), LogError> {
        if day <= self.day() {
            return Ok(());
        }
        self.commit()?;
        self.sealing = None;
        if self.bulk {
            schema::make_indexes(&self.writer).map_err(db_error(&self.path()))?;
        }
        let path = file_of(&self.dir, day);
        let made = open_writer(&path, self.options.day_bytes_max, self.bulk).and_then(|conn| {
            schema::begin(&conn, self.epoch, keyframe, &self.link).map_err(db_error(&path))?;
            Ok(conn)
        });
        match made {
            Ok(conn) => {
                self.writer = conn;
                self.days.push(day);
                self.unsealed = Unsealed::default();
                if !self.bulk {
                    self.retain(day);
                    self.tidy();
                }
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
