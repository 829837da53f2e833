//! The file `lock` of a data directory: it keeps a second server out, and holds the one word that must be written when
//! nothing else can be.
//!
//! Where a sync has failed, nobody can say which pages reached the disk: records that were refused may be found there
//! at the next start. So their numbers are noted here, in a file that is open already and has its place on the disk,
//! and what follows them is taken out when the log is opened again.

use super::files::{db_error, io_error, place};
use crate::log::LogError;
use rusqlite::Connection;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Length of the file: what is noted fits, and its place on the disk is taken beforehand.
const LENGTH: usize = 128;
/// What a note begins with; the log's epoch and the last record that was kept follow.
const NOTE: &str = "refused-after ";

/// Holds a directory for this process alone.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes a directory, which is made where there is none.
    pub(super) fn take(dir: &Path) -> Result<Self, LogError> {
        std::fs::create_dir_all(dir).map_err(io_error(dir))?;
        let path = dir.join("lock");
        let file = File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .map_err(io_error(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { file, path }),
            Err(TryLockError::WouldBlock) => Err(LogError::InUse { place: place(dir) }),
            Err(TryLockError::Error(source)) => Err(io_error(&path)(source)),
        }
    }

    /// Another handle of the same file, to be held in reserve.
    pub(super) fn handle(&self) -> io::Result<File> {
        self.file.try_clone()
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(format!("{text:<LENGTH$}").as_bytes())?;
        self.file.sync_all()
    }

    /// Notes that what follows a record was refused.
    pub(super) fn note_refused(&mut self, epoch: u64, kept: u64) -> io::Result<()> {
        self.write(&format!("{NOTE}{epoch} {kept}"))
    }

    /// The last record that was kept before others were refused; `None` where nothing is noted of this log.
    fn kept(&mut self, epoch: u64) -> io::Result<Option<u64>> {
        let mut bytes = Vec::new();
        self.file.seek(SeekFrom::Start(0))?;
        (&self.file).take(LENGTH as u64).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut numbers = text
            .strip_prefix(NOTE)
            .unwrap_or_default()
            .split_ascii_whitespace();
        let mut number = || numbers.next()?.parse::<u64>().ok();
        Ok(number()
            .zip(number())
            .filter(|(of, _)| *of == epoch)
            .map(|(_, kept)| kept))
    }

    /// Takes out of the newest day's file what was refused, and makes the place for the next note.
    pub(super) fn take_out_refused(
        &mut self,
        conn: &Connection,
        path: &Path,
        epoch: u64,
    ) -> Result<(), LogError> {
        let kept = self.kept(epoch).map_err(io_error(&self.path))?;
        if let Some(kept) = kept {
            let out = take_out(conn, kept as i64).map_err(db_error(path))?;
            tracing::warn!(
                kept,
                records = out,
                "what was refused after a failed sync is taken out of the log"
            );
        }
        // Where the disk is full there is no place for a note either, and then no sync that could fail.
        if self.write("").is_err() {
            tracing::warn!("no place could be taken for a note about refused records");
        }
        Ok(())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Takes everything behind a record out of a file; gives how many records.
fn take_out(conn: &Connection, kept: i64) -> rusqlite::Result<usize> {
    conn.execute_batch("BEGIN IMMEDIATE")?;
    let done = (|| {
        let records = conn.execute("DELETE FROM records WHERE seq>?1", [kept])?;
        conn.execute("DELETE FROM moments WHERE seq>?1", [kept])?;
        conn.execute("DELETE FROM late WHERE seq>?1", [kept])?;
        conn.execute("DELETE FROM keyframes WHERE seq>?1 OR after>?1", [kept])?;
        conn.execute_batch("COMMIT")?;
        Ok(records)
    })();
    if done.is_err() {
        let _ = conn.execute_batch("ROLLBACK");
    }
    done
}
