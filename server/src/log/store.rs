//! What the server needs of a log, whatever keeps it.

use super::{Anchor, Aside, Keyframe, LogError};
use chengtu_engine::record::{LiveRecord, Record};
use chengtu_engine::replay::History;
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;

/// A city's log and what is kept beside it. Made once, where the server is put together, and handed down.
pub trait LogStore: Send + Sync {
    /// Opens the log for its one writer. `now`: what is written in this moment begins a log that is empty.
    ///
    /// # Errors
    /// Not writable, in use by another server, of a newer version, damaged.
    fn writer(&self, now: Timestamp) -> Result<Box<dyn LogWriter>, LogError>;

    /// The past, to be read by one thread beside the writer; any number of them may be open.
    ///
    /// # Errors
    /// When the log cannot be looked into.
    fn history(&self) -> Result<Box<dyn History>, LogError>;

    /// The states that folding may begin at.
    ///
    /// # Errors
    /// When the log cannot be looked into.
    fn keyframes(&self) -> Result<Box<dyn Keyframes>, LogError>;

    /// What is no part of the city: bookmarks, views, drills.
    fn aside(&self) -> &dyn Aside;
}

/// Writes a log. The engine does not know which it is.
pub trait LogWriter: Send {
    /// A random number given at the log's creation: another number is another history.
    fn epoch(&self) -> u64;

    /// Number of the last record written; 0 before the first.
    fn last_seq(&self) -> u64;

    /// Lets a log that is kept in parts begin a new part; called before the records of a tick, with the state after the
    /// last record. True if it did, and kept a keyframe of that state.
    ///
    /// # Errors
    /// As [`LogWriter::append`].
    fn roll_over(&mut self, now: Timestamp, state: &State) -> Result<bool, LogError>;

    /// Writes a record of the running city, not yet durable. By its type it can be no other world's:
    ///
    /// ```compile_fail,E0308
    /// use chengtu_engine::record::ForkRecord;
    /// use chengtu_server::log::LogWriter;
    /// fn smuggle(log: &mut dyn LogWriter, drilled: &ForkRecord) {
    ///     let _ = log.append(drilled);
    /// }
    /// ```
    ///
    /// # Errors
    /// Any error but [`LogError::Passing`] ends writing for good: what was appended since the last commit is gone.
    fn append(&mut self, record: &LiveRecord) -> Result<(), LogError>;

    /// Keeps a keyframe; durable with the next commit.
    ///
    /// # Errors
    /// As [`LogWriter::append`].
    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError>;

    /// Makes all that was appended durable. Nothing may be acknowledged or shown before this returns.
    ///
    /// # Errors
    /// After [`LogError::Passing`] nothing has been written and all that was appended still waits: the commit may be tried
    /// again, or what waits be forgotten by [`LogWriter::take_back`]. Any other error ends writing for good; a sync that
    /// failed is never tried again over pages that may be gone.
    fn commit(&mut self) -> Result<(), LogError>;

    /// Forgets what was appended since the last commit that worked.
    ///
    /// # Errors
    /// When what is durable cannot be read.
    fn take_back(&mut self) -> Result<(), LogError> {
        Ok(())
    }

    /// After an error that passes, with nothing waiting: whether the log can be written again.
    ///
    /// # Errors
    /// [`LogError::Passing`] where not yet; any other where never.
    fn try_again(&mut self) -> Result<(), LogError> {
        Ok(())
    }

    /// What does not go as it should while writing goes on, in words; `None` where nothing.
    fn trouble(&self) -> Option<String> {
        None
    }

    /// The head of what is durable, to be kept elsewhere; `None` where there is none to give.
    fn anchor(&self) -> Option<Anchor> {
        None
    }

    /// Numbers of the records that have become durable since this was asked last, each with the chain's link at it; of very
    /// many the last. None where the log has no chain.
    fn take_links(&mut self) -> Vec<(u64, [u8; 32])> {
        Vec::new()
    }

    /// Up to `limit` records from `seq` on, in order, each checked.
    ///
    /// # Errors
    /// [`LogError::Damaged`] for a record that is not what was written, [`LogError::Newer`] for one of a newer program,
    /// [`LogError::Gap`] where one is missing.
    fn read_from(&self, seq: u64, limit: usize) -> Result<Vec<Record>, LogError>;
}

/// The states that folding may begin at, so that it need not start from the first record.
pub trait Keyframes: Send {
    /// The newest keyframe that was known at or before `until`, at a record before `before_seq`. Damaged ones are
    /// skipped; whether the state can be read is checked when it is decoded.
    ///
    /// # Errors
    /// When the log cannot be looked into.
    fn newest(&self, until: Timestamp, before_seq: u64) -> Result<Option<Keyframe>, LogError>;
}
