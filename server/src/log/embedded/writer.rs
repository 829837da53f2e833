use super::chain::{self, Link};
use super::days::Days;
use super::failure::{Failure, failure};
use super::files::{db_error, file_of, io_error, last_seq, meta, open_writer};
use super::lived::Lived;
use super::lock::Lock;
use super::next_day::NextDay;
use super::reserve::Reserve;
use super::seal::Sealed;
use super::sealer::{Sealer, Tidier, swap_in};
use super::stage::{Head, Pending};
use super::{Day, EmbeddedOptions, next_day, retain, rows, schema};
use crate::log::{Anchor, Keyframe, LogError, LogWriter};
use chengtu_engine::record::{Body, LiveRecord, Record};
use chengtu_engine::replay::MomentReader;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long one attempt waits for somebody else's lock on the day's file. A tick must not stand still for it: the commit
/// is tried again with the next.
const LOCK_PATIENCE: Duration = Duration::from_millis(20);
/// Records of a bulk that are written into its transaction at once.
const BULK_RECORDS: usize = 1_024;
/// Room that is asked for to see whether a full disk takes something again, bytes.
const PROBE_BYTES: i64 = 256 << 10;

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
    pending: Pending,
    moments: MomentReader,
    lived: Lived,
    /// Part of a bulk is in a transaction that is not committed.
    in_transaction: bool,
    stopped: Option<String>,
    /// Nothing is durable until the end, and nothing is sealed meanwhile.
    bulk: bool,
    files: Files,
}

/// What a log holds open for later.
#[derive(Debug)]
struct Files {
    next_day: NextDay,
    reserve: Reserve,
    /// Held for as long as the log is open: one server a directory.
    lock: Lock,
}

fn random_epoch(dir: &Path) -> Result<u64, LogError> {
    let random = getrandom::u64().map_err(|e| io_error(dir)(e.into()))?;
    // 53 bits, so that scripts can hold it in a double.
    Ok((random >> 11).max(1))
}

/// Where a file ends.
fn head_of(conn: &Connection, epoch: u64) -> rusqlite::Result<Head> {
    let seq = last_seq(conn)?;
    let find = |sql: &str| {
        conn.query_row(sql, [], |r| r.get::<_, Option<Link>>(0))
            .optional()
            .map(Option::flatten)
    };
    let newest = "SELECT link FROM records WHERE seq=(SELECT max(seq) FROM records)";
    let sealed = "SELECT link FROM segments ORDER BY first_seq DESC LIMIT 1";
    let begin = "SELECT link FROM links ORDER BY seq DESC LIMIT 1";
    let record_link = match find(newest)? {
        None => find(sealed)?,
        found => found,
    };
    let behind = rows::keyframe_link(conn, seq)?;
    let link = match behind.or(record_link) {
        Some(link) => link,
        None => find(begin)?.unwrap_or_else(|| chain::start(epoch)),
    };
    let keyframe: Option<i64> = conn.query_row(
        "SELECT max(seq) FROM keyframes WHERE seq<=?1",
        [seq as i64],
        |r| r.get(0),
    )?;
    Ok(Head {
        seq,
        record_link,
        link,
        keyframe: keyframe.unwrap_or(0) as u64,
    })
}

impl EmbeddedWriter {
    /// Opens a log, or begins one on the day of `now` in an empty or missing directory.
    pub(super) fn open(
        dir: &Path,
        options: EmbeddedOptions,
        now: Timestamp,
    ) -> Result<Self, LogError> {
        let mut log = Self::open_for(dir, options, now, None)?;
        log.files.reserve.fill(&log.files.lock);
        log.retain();
        Ok(log)
    }

    /// See [`super::EmbeddedStore::bulk_writer`].
    pub(super) fn open_bulk(
        dir: &Path,
        options: EmbeddedOptions,
        first: Timestamp,
        state: &State,
    ) -> Result<Self, LogError> {
        Self::open_for(dir, options, first, Some(state))
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

    /// `bulk`: the state that a log begins with that is made at once.
    fn open_for(
        dir: &Path,
        options: EmbeddedOptions,
        now: Timestamp,
        bulk: Option<&State>,
    ) -> Result<Self, LogError> {
        let (begin, bulk) = (bulk.cloned().unwrap_or_default(), bulk.is_some());
        let mut lock = Lock::take(dir)?;
        let mut days = next_day::days_begun(dir, &options, bulk)?;
        let fresh = days.is_empty();
        if fresh {
            days.push(Day::of(now, options.calendar.offset_s(now)));
        }
        let path = file_of(dir, newest(&days));
        let e = db_error(&path);
        let writer = open_writer(&path, options.day_bytes_max, bulk)?;
        if fresh {
            let epoch = random_epoch(dir)?;
            let first = Keyframe::of(&begin)?;
            schema::begin(&writer, epoch, &first, &chain::start(epoch)).map_err(&e)?;
        }
        let epoch = meta(&writer, "epoch").map_err(&e)?.unwrap_or(0) as u64;
        if !bulk {
            lock.take_out_refused(&writer, &path, epoch)?;
            writer.busy_timeout(LOCK_PATIENCE).map_err(&e)?;
        }
        let head = head_of(&writer, epoch).map_err(&e)?;
        let reading = Days::of(dir);
        Ok(Self {
            dir: dir.to_owned(),
            options,
            sealer: Sealer::of(&writer).map_err(&e)?,
            moments: reading.reader_at(head.seq)?,
            reading,
            lived: Lived::of(&writer).map_err(&e)?,
            days,
            writer,
            epoch,
            pending: Pending::behind(head),
            tidier: Tidier::default(),
            in_transaction: false,
            stopped: None,
            bulk,
            files: Files {
                next_day: NextDay::default(),
                reserve: Reserve::default(),
                lock,
            },
        })
    }

    /// The day that is being written.
    pub fn day(&self) -> Day {
        newest(&self.days)
    }

    fn path(&self) -> PathBuf {
        file_of(&self.dir, self.day())
    }

    /// The error of a statement that failed. What passes leaves what was appended where it is; anything else ends
    /// writing for good.
    fn failed(&mut self, source: rusqlite::Error) -> LogError {
        let _ = self.writer.execute_batch("ROLLBACK");
        self.in_transaction = false;
        // Part of a bulk may be gone with its transaction.
        let kind = failure(&source);
        if kind != Failure::Final && !self.bulk {
            let soon = kind == Failure::Soon;
            return LogError::passing(self.path().display().to_string(), soon, source);
        }
        let _ = self
            .writer
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
        let refused = !self.pending.stage.is_empty();
        let noted = self.bulk
            || self
                .files
                .lock
                .note_refused(self.epoch, self.pending.durable.seq)
                .is_ok();
        self.forget_staged();
        let error = if noted || !refused {
            db_error(&self.path())(source)
        } else {
            LogError::Unsure {
                place: self.path().display().to_string(),
                source: source.into(),
            }
        };
        self.stopped = Some(error.to_string());
        error
    }

    fn forget_staged(&mut self) {
        self.pending = Pending::behind(self.pending.durable);
    }

    /// Writes what waits and what has been sealed in one transaction, and makes it durable.
    fn transact(&mut self, sealed: Option<&Sealed>) -> rusqlite::Result<()> {
        if !self.in_transaction {
            self.writer.execute_batch("BEGIN IMMEDIATE")?;
        }
        if let Some(sealed) = sealed {
            swap_in(&self.writer, sealed)?;
        }
        self.pending.stage.write(&self.writer)?;
        if self.pending.stage.has_keyframe() {
            self.lived.note(&self.writer)?;
        }
        self.writer.execute_batch("COMMIT")
    }

    /// Writes a part of a bulk into its transaction.
    fn write_bulk(&mut self) -> Result<(), LogError> {
        let begun = if self.in_transaction {
            Ok(())
        } else {
            self.writer.execute_batch("BEGIN IMMEDIATE")
        };
        let written = begun.and_then(|()| self.pending.stage.write(&self.writer));
        written.map_err(|source| self.failed(source))?;
        self.in_transaction = true;
        self.pending.stage.done(|_, _, _, _| {});
        Ok(())
    }

    fn check_goes(&self) -> Result<(), LogError> {
        match &self.stopped {
            Some(why) => Err(LogError::Stopped(why.clone())),
            None => Ok(()),
        }
    }

    /// Begins a new day in a file that is open: what follows is in it, and it begins with `keyframe`.
    fn begin_day(
        &mut self,
        day: Day,
        conn: Connection,
        state: &State,
        seen: bool,
    ) -> Result<(), LogError> {
        let path = file_of(&self.dir, day);
        let keyframe = Keyframe::of(state)?;
        let link = match schema::begin(&conn, self.epoch, &keyframe, &self.pending.head.link) {
            Ok(link) => link,
            Err(source) if failure(&source) != Failure::Final && !self.bulk => {
                let error = LogError::passing(path.display().to_string(), true, source);
                self.files.next_day.keep(day, conn, &error);
                return Err(error);
            }
            Err(source) => {
                let error = db_error(&path)(source);
                self.stopped = Some(error.to_string());
                return Err(error);
            }
        };
        self.sealer.begin_file();
        self.writer = conn;
        self.days.push(day);
        self.pending.head = Head {
            record_link: None,
            link,
            keyframe: keyframe.seq,
            ..self.pending.head
        };
        self.pending.durable = self.pending.head;
        self.lived.begin_day(seen);
        if !self.bulk {
            self.retain();
            self.tidier.begin(&self.dir, &self.days);
        }
        Ok(())
    }

    /// Takes away the oldest days where there are too many.
    fn retain(&mut self) {
        let today = self.day();
        self.lived.looked |= self.lived.is_believed();
        let witness = Told {
            today,
            lived: &self.lived,
            days: &self.reading,
        };
        let done = retain::retain(&self.dir, &mut self.days, &self.options, today, &witness);
        if let Err(error) = done {
            tracing::warn!(%error, "an old day's log cannot be taken away");
        }
    }
}

/// What the log says of its days.
struct Told<'a> {
    today: Day,
    lived: &'a Lived,
    days: &'a Days,
}

impl retain::Witness for Told<'_> {
    fn is_today_believed(&self) -> bool {
        self.lived.is_believed()
    }

    fn lived_s(&self, day: Day) -> i64 {
        if day == self.today {
            self.lived.seconds()
        } else {
            self.days.lived_s(day)
        }
    }

    fn begins_with_a_state(&self, day: Day) -> bool {
        self.days.begins_with_a_state(day)
    }
}

/// The last of some days; there is always one: opening makes it.
fn newest(days: &[Day]) -> Day {
    days.last().copied().unwrap_or(Day(0))
}

impl LogWriter for EmbeddedWriter {
    fn epoch(&self) -> u64 {
        self.epoch
    }

    fn last_seq(&self) -> u64 {
        self.pending.head.seq
    }

    fn append(&mut self, record: &LiveRecord) -> Result<(), LogError> {
        self.check_goes()?;
        debug_assert_eq!(
            record.seq,
            self.pending.head.seq + 1,
            "records follow one another"
        );
        let record: &Record = record;
        let moments = match &record.body {
            Body::Fixes(_) => Vec::new(),
            _ => self.moments.read(record),
        };
        self.pending.record(record, &moments)?;
        if self.bulk && self.pending.stage.len() >= BULK_RECORDS {
            self.write_bulk()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), LogError> {
        self.check_goes()?;
        let sealed = if self.bulk {
            None
        } else {
            self.sealer.sealed()
        };
        let anything = !self.pending.stage.is_empty() || sealed.is_some() || self.in_transaction;
        if anything && let Err(source) = self.transact(sealed.as_ref()) {
            return Err(self.failed(source));
        }
        self.in_transaction = false;
        self.pending.durable = self.pending.head;
        let sealer = &mut self.sealer;
        self.pending
            .done(|seq, known_at, weight| sealer.push(seq, known_at, weight));
        if let Some(sealed) = sealed {
            self.sealer.swapped_in(sealed.segment.last_seq);
        }
        if !self.bulk {
            self.sealer.begin(file_of(&self.dir, newest(&self.days)));
            if anything {
                self.tidier.begin_once(&self.dir, &self.days);
            }
        }
        Ok(())
    }

    fn read_from(&self, seq: u64, limit: usize) -> Result<Vec<Record>, LogError> {
        self.reading
            .read(seq, Timestamp(i64::MAX), limit)
            .map_err(|t| t.into_error(&self.dir))
    }

    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError> {
        self.check_goes()?;
        self.pending.keyframe(keyframe);
        Ok(())
    }

    fn roll_over(&mut self, now: Timestamp, state: &State) -> Result<bool, LogError> {
        self.check_goes()?;
        let follows = self.lived.tick(now);
        if !self.bulk && !self.lived.looked && self.lived.is_believed() {
            self.retain();
        }
        let calendar = state
            .rules()
            .map_or(&self.options.calendar, |r| &r.calendar);
        let (day, soon) = next_day::today_and_soon(now, calendar);
        let today = self.day();
        let soon = if day > today { day } else { soon };
        if soon > today && !self.bulk {
            let options = &self.options;
            let open = || {
                let conn = open_writer(&file_of(&self.dir, soon), options.day_bytes_max, false)?;
                conn.busy_timeout(LOCK_PATIENCE)
                    .map_err(db_error(&file_of(&self.dir, soon)))?;
                Ok(conn)
            };
            let (reserve, lock) = (&mut self.files.reserve, &self.files.lock);
            self.files
                .next_day
                .open(&self.dir, soon, || reserve.lend(lock, open));
        }
        if day <= today {
            return Ok(false);
        }
        self.commit()?;
        let conn = if self.bulk {
            schema::make_indexes(&self.writer).map_err(db_error(&self.path()))?;
            open_writer(&file_of(&self.dir, day), self.options.day_bytes_max, true)?
        } else if let Some(conn) = self.files.next_day.take(day) {
            conn
        } else {
            // What follows stays in the file that is open, until another can be.
            return Ok(false);
        };
        if let Err(error) = self.lived.note(&self.writer) {
            tracing::warn!(%error, "how long the day was lived is not noted; older days stay longer");
        }
        self.begin_day(day, conn, state, follows)?;
        tracing::info!(day = day.name(), "a new day's log");
        Ok(true)
    }

    fn trouble(&self) -> Option<String> {
        self.files.next_day.trouble()
    }

    fn take_back(&mut self) -> Result<(), LogError> {
        self.forget_staged();
        self.moments = self.reading.reader_at(self.pending.head.seq)?;
        Ok(())
    }

    fn try_again(&mut self) -> Result<(), LogError> {
        self.check_goes()?;
        // Committed, so that the disk has really taken it; then the room is free for what comes.
        let asked = self
            .writer
            .execute_batch(&format!(
                "BEGIN IMMEDIATE; INSERT OR REPLACE INTO links VALUES(-1, zeroblob({PROBE_BYTES})); COMMIT;
                 BEGIN IMMEDIATE; DELETE FROM links WHERE seq=-1; COMMIT;"
            ));
        asked.map_err(|source| self.failed(source))
    }

    fn take_links(&mut self) -> Vec<(u64, [u8; 32])> {
        self.pending.kept.drain(..).collect()
    }

    fn anchor(&self) -> Option<Anchor> {
        Some(Anchor {
            epoch: self.epoch,
            seq: self.pending.durable.seq,
            link: self.pending.durable.record_link?,
        })
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
