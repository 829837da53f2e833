//! Making a log small that no server is using: everything is sealed, and what is free is given back.

use super::files::{days_in, db_error, file_of, open_writer};
use super::lock::Lock;
use super::{Day, seal};
use crate::log::LogError;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What became of a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compacted {
    /// The day whose file was compacted, in the city's time zone.
    pub day: Day,
    /// Size of its file before, bytes.
    pub before: u64,
    /// Size of its file afterwards, bytes.
    pub after: u64,
    /// Segments made by this run.
    pub segments: u64,
    /// Positions in all its segments.
    pub fixes: u64,
}

/// See [`super::EmbeddedStore::compact`].
pub(super) fn compact(dir: &Path, mut done: impl FnMut(&Compacted)) -> Result<(), LogError> {
    let _lock = Lock::take(dir)?;
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |m| m.len());
    for day in days_in(dir)? {
        let path = file_of(dir, day);
        let e = db_error(&path);
        let before = size(&path);
        let segments = seal::seal_day(dir, day, &AtomicBool::new(false))?;
        let conn = open_writer(&path, u64::MAX, false)?;
        conn.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
            .map_err(&e)?;
        let fixes: i64 = conn
            .query_row("SELECT coalesce(sum(fixes),0) FROM segments", [], |r| {
                r.get(0)
            })
            .map_err(&e)?;
        drop(conn);
        done(&Compacted {
            day,
            before,
            after: size(&path),
            segments,
            fixes: fixes as u64,
        });
    }
    Ok(())
}
