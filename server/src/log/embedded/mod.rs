//! The log in a directory: one SQLite database a day, and what is kept beside them.

mod aside;
mod beside;
mod chain;
mod compact;
mod day;
mod days;
mod drill_folder;
mod failure;
mod files;
mod folding;
mod gaps;
mod history;
mod index;
mod lived;
mod lock;
mod next_day;
mod reserve;
mod retain;
mod rows;
mod schema;
mod seal;
mod sealer;
mod stage;
mod verify;
mod verify_anchors;
mod verify_chain;
mod writer;

pub use compact::Compacted;
pub use day::Day;
pub use drill_folder::{DrillFolder, LOG_FILE, REPORT_FILE};
pub use history::LogHistory;
pub use schema::SCHEMA_VERSION;
pub use verify::{Finding, Verified};
pub use writer::EmbeddedWriter;

use super::{Anchor, Aside, AsideError, Keyframes, LogError, LogStore, LogWriter, Published};
use aside::DirectoryAside;
use chengtu_engine::audit::Audit;
use chengtu_engine::city::Calendar;
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;
use days::Days;
use std::path::{Path, PathBuf};

/// How a log is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedOptions {
    /// Most bytes of one day's file; beyond, writing ends as with a full disk.
    pub day_bytes_max: u64,
    /// Days that are kept, the present one included; 0 keeps all.
    pub keep_days: u32,
    /// Bytes of all days that are kept, the present one in any case; 0 keeps all.
    pub keep_bytes: u64,
    /// When days begin, until the log itself holds the city's rules.
    pub calendar: Calendar,
}

impl Default for EmbeddedOptions {
    fn default() -> Self {
        Self {
            day_bytes_max: u64::MAX,
            keep_days: 0,
            keep_bytes: 0,
            calendar: Calendar::default(),
        }
    }
}

/// A log in a directory. Nothing is opened or made before it is asked for.
#[derive(Clone, Debug)]
pub struct EmbeddedStore {
    dir: PathBuf,
    options: EmbeddedOptions,
    aside: DirectoryAside,
}

impl EmbeddedStore {
    /// The log of a directory, kept as `options` say.
    pub fn new(dir: &Path, options: EmbeddedOptions) -> Self {
        Self {
            dir: dir.to_owned(),
            options,
            aside: DirectoryAside::of(dir),
        }
    }

    /// The log of a directory, for those who look at what is there.
    pub fn at(dir: &Path) -> Self {
        Self::new(dir, EmbeddedOptions::default())
    }

    /// True where there is a log; false where there is none, or no directory.
    ///
    /// # Errors
    /// When the directory cannot be read.
    pub fn is_there(&self) -> Result<bool, LogError> {
        Ok(self.dir.exists() && !files::days_in(&self.dir)?.is_empty())
    }

    /// The past, with what only this store can say of it.
    ///
    /// # Errors
    /// When the directory cannot be looked into.
    pub fn log_history(&self) -> Result<LogHistory, LogError> {
        LogHistory::open(&self.dir)
    }

    /// A writer for a log that is made at once, aside, and is nothing until it is whole: nothing is durable before
    /// [`EmbeddedWriter::finish_bulk`]. `first`: a moment of its first day.
    ///
    /// # Errors
    /// As [`LogStore::writer`].
    pub fn bulk_writer(&self, first: Timestamp) -> Result<EmbeddedWriter, LogError> {
        EmbeddedWriter::open_bulk(&self.dir, self.options.clone(), first, &State::new())
    }

    /// As [`Self::bulk_writer`], of a log whose first records are not there: it begins with a state.
    ///
    /// # Errors
    /// As [`LogStore::writer`].
    pub(super) fn bulk_writer_after(
        &self,
        first: Timestamp,
        state: &State,
    ) -> Result<EmbeddedWriter, LogError> {
        EmbeddedWriter::open_bulk(&self.dir, self.options.clone(), first, state)
    }

    /// Keeps servers out of the directory for as long as what this gives is held.
    ///
    /// # Errors
    /// [`LogError::InUse`] where one is in it.
    pub(super) fn lock(&self) -> Result<impl Drop + use<>, LogError> {
        lock::Lock::take(&self.dir)
    }

    /// Holds the log against its checksums, its order and its chain, and its keyframes against what its records fold to; a
    /// server may be writing it.
    ///
    /// Cost: everything is unpacked and folded, some million positions a second.
    ///
    /// # Errors
    /// Only when the directory itself cannot be looked into; damage is a finding.
    pub fn verify(&self) -> Result<Verified, LogError> {
        self.verify_against(&[])
    }

    /// As [`Self::verify`], and against heads that were published: a log that was rewritten, however consistently, or cut
    /// at its end does not hold them.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_against(&self, anchors: &[Anchor]) -> Result<Verified, LogError> {
        self.verify_published(&anchors.into())
    }

    /// As [`Self::verify_against`], and where the log is not the one whose trail was kept, which record is the first that
    /// is another.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_published(&self, published: &Published) -> Result<Verified, LogError> {
        verify::verify(&self.dir, published)
    }

    /// Writes down what a command does beside a server, before it does it; whoever serves this log takes it in, exactly once.
    ///
    /// # Errors
    /// When the directory cannot be written: then it must not be done.
    pub fn write_down(&self, audit: &Audit) -> Result<(), AsideError> {
        beside::write_down(&self.dir, audit)
    }

    /// Tells the server that writes this log that the machine's clock, which shows `now`, is right.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn confirm_clock(&self, now: Timestamp) -> Result<(), LogError> {
        aside::confirm_clock(&self.dir, now).map_err(files::io_error(&self.dir))
    }

    /// Seals every record of every day and gives free space back; older formats are brought up to date. `done` gets each
    /// day when it is done.
    ///
    /// # Errors
    /// [`LogError`]: in use by a server, not writable, or malformed. Damaged records stay as they are.
    pub fn compact(&self, done: impl FnMut(&Compacted)) -> Result<(), LogError> {
        compact::compact(&self.dir, done)
    }
}

impl LogStore for EmbeddedStore {
    fn writer(&self, now: Timestamp) -> Result<Box<dyn LogWriter>, LogError> {
        let writer = EmbeddedWriter::open(&self.dir, self.options.clone(), now)?;
        Ok(Box::new(writer))
    }

    fn history(&self) -> Result<Box<dyn History>, LogError> {
        Ok(Box::new(self.log_history()?))
    }

    fn keyframes(&self) -> Result<Box<dyn Keyframes>, LogError> {
        let days = Days::of(&self.dir);
        days.list()?;
        Ok(Box::new(days))
    }

    fn aside(&self) -> &dyn Aside {
        &self.aside
    }
}
