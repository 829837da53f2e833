//! Sealing beside the writer: one closed stretch at a time while a day is written, whole days when they are over.

use super::seal::{self, Sealed, Unsealed};
use super::{Day, rows};
use crate::priority;
use chengtu_engine::time::Timestamp;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError};
use std::thread::JoinHandle;

/// Stretches that may wait to be sealed before writing waits for them.
const BACKLOG: u64 = 8;

/// Seals closed stretches of the day that is being written, on another thread.
#[derive(Debug)]
pub(super) struct Sealer {
    unsealed: Unsealed,
    /// Time of the newest record, microseconds.
    now_us: i64,
    /// The stretch that is being sealed: its last record, and where the segment comes from.
    sealing: Option<(u64, Receiver<Option<Sealed>>)>,
}

impl Sealer {
    /// For the records of a file that are not sealed yet.
    pub(super) fn of(conn: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            unsealed: Unsealed::of(conn)?,
            now_us: i64::MIN,
            sealing: None,
        })
    }

    /// A record of so many positions and events is durable.
    pub(super) fn push(&mut self, seq: u64, known_at: Timestamp, weight: u64) {
        self.now_us = self.now_us.max(known_at.0);
        self.unsealed.add(seq, known_at.0, weight);
    }

    /// Another file is written from now on.
    pub(super) fn begin_file(&mut self) {
        self.sealing = None;
        self.unsealed = Unsealed::default();
    }

    /// What has been sealed and is to be swapped in, if anything.
    pub(super) fn sealed(&mut self) -> Option<Sealed> {
        let (last, ready) = self.sealing.take()?;
        let sealed = if self.unsealed.backlog(self.now_us) > BACKLOG {
            // A writer that is faster than sealing waits here: a copy of an old log, not a city.
            ready.recv().map_err(|_| TryRecvError::Disconnected)
        } else {
            ready.try_recv()
        };
        match sealed {
            Err(TryRecvError::Empty) => {
                self.sealing = Some((last, ready));
                None
            }
            Ok(Some(sealed)) => Some(sealed),
            // It cannot be read: it stays as it is and is a gap for those who read it.
            Ok(None) | Err(TryRecvError::Disconnected) => {
                self.unsealed.drop_to(last);
                None
            }
        }
    }

    /// The segment is in the file now.
    pub(super) fn swapped_in(&mut self, last_seq: u64) {
        self.unsealed.drop_to(last_seq);
    }

    /// Starts sealing the next stretch of a file, if one is due and none is being sealed.
    pub(super) fn begin(&mut self, path: PathBuf) {
        if self.sealing.is_some() {
            return;
        }
        let Some((first, last)) = self.unsealed.due(self.now_us) else {
            return;
        };
        let (send, ready) = std::sync::mpsc::channel();
        let work = move || {
            priority::behind_the_running_city();
            let sealed = seal::seal(&path, first, last).unwrap_or_else(|error| {
                tracing::warn!(%error, first, last, "records cannot be sealed and stay as they are");
                None
            });
            let _ = send.send(sealed);
        };
        let thread = std::thread::Builder::new().name("seal".to_owned());
        if thread.spawn(work).is_ok() {
            self.sealing = Some((last, ready));
        }
    }
}

impl Drop for Sealer {
    fn drop(&mut self) {
        if let Some((_, ready)) = self.sealing.take() {
            let _ = ready.recv();
        }
    }
}

/// Puts a sealed stretch in place of its rows.
pub(super) fn swap_in(conn: &Connection, sealed: &Sealed) -> rusqlite::Result<()> {
    rows::insert_segment(conn, &sealed.segment, &sealed.link)
}

/// Seals what is left of days that are over, on a thread of its own.
#[derive(Debug, Default)]
pub(super) struct Tidier {
    thread: Option<JoinHandle<()>>,
    /// True once it has begun for the first time.
    begun: bool,
    ending: Arc<AtomicBool>,
}

impl Tidier {
    /// Begins, if it has never begun: opening a log only to look at it changes nothing.
    pub(super) fn begin_once(&mut self, dir: &Path, days: &[Day]) {
        if !core::mem::replace(&mut self.begun, true) {
            self.begin(dir, days);
        }
    }

    /// Begins with all days but the last, which is being written; not while it is at work.
    pub(super) fn begin(&mut self, dir: &Path, days: &[Day]) {
        if self.thread.as_ref().is_some_and(|t| !t.is_finished()) {
            return;
        }
        let Some((_, over)) = days.split_last() else {
            return;
        };
        let (dir, over, ending) = (dir.to_owned(), over.to_vec(), self.ending.clone());
        let work = move || {
            priority::behind_the_running_city();
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
        self.thread = thread.spawn(work).ok();
    }
}

impl Drop for Tidier {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
