//! The files of a data directory: one SQLite database a day.

use super::Day;
use super::schema::SCHEMA_VERSION;
use crate::log::LogError;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};

/// `CTLG`: what sets our files apart from other databases.
pub(super) const APPLICATION_ID: i64 = 0x4354_4c47;

pub(super) fn file_of(dir: &Path, day: Day) -> PathBuf {
    dir.join(format!("log-{}.sqlite", day.name()))
}

/// A file that SQLite keeps beside a day's: `-wal`, `-shm`.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    PathBuf::from(name)
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> LogError + '_ {
    move |source| LogError::Io {
        place: place(path),
        source,
    }
}

pub(super) fn db_error(path: &Path) -> impl Fn(rusqlite::Error) -> LogError + '_ {
    move |source| LogError::Storage {
        place: place(path),
        source: source.into(),
    }
}

/// A path as errors name it.
pub(super) fn place(path: &Path) -> String {
    path.display().to_string()
}

/// Days that have a file, ascending.
pub(super) fn days_in(dir: &Path) -> Result<Vec<Day>, LogError> {
    let mut days = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(io_error(dir))? {
        let name = entry.map_err(io_error(dir))?.file_name();
        let Some(date) = name
            .to_str()
            .and_then(|n| n.strip_prefix("log-")?.strip_suffix(".sqlite"))
        else {
            continue;
        };
        days.extend(Day::named(date));
    }
    days.sort_unstable();
    Ok(days)
}

/// A file that SQLite does not take for a database is not a log of this program.
fn refused(path: &Path, source: rusqlite::Error) -> LogError {
    if source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) {
        let place = place(path);
        LogError::Foreign { place }
    } else {
        db_error(path)(source)
    }
}

/// What a file says of itself.
struct FileHead {
    application_id: i64,
    tables: i64,
    version: i64,
}

impl FileHead {
    fn read(conn: &Connection) -> rusqlite::Result<Self> {
        let number = |sql: &str| conn.query_row(sql, [], |r| r.get(0));
        Ok(Self {
            application_id: number("PRAGMA application_id")?,
            tables: number("SELECT count(*) FROM sqlite_schema")?,
            version: number("PRAGMA user_version")?,
        })
    }

    /// The format of a log file of this program; `None` for an empty file.
    fn version(&self, path: &Path) -> Result<Option<i64>, LogError> {
        let place = place(path);
        if self.tables > 0 && self.application_id != APPLICATION_ID {
            return Err(LogError::Foreign { place });
        }
        if self.version > SCHEMA_VERSION {
            return Err(LogError::Newer {
                place,
                found: self.version,
                known: SCHEMA_VERSION,
            });
        }
        Ok((self.tables > 0).then_some(self.version))
    }
}

/// The format of a log file of this program; `None` for an empty file.
fn version_of(conn: &Connection, path: &Path) -> Result<Option<i64>, LogError> {
    FileHead::read(conn)
        .map_err(|source| refused(path, source))?
        .version(path)
}

/// Opens a day's file for writing; a new one gets its tables, one of an older format is brought up to this one.
///
/// `bulk`: what is made aside needs no second file beside it, and may be read later by those who must not write.
pub(super) fn open_writer(
    path: &Path,
    day_bytes_max: u64,
    bulk: bool,
) -> Result<Connection, LogError> {
    let conn = Connection::open(path).map_err(db_error(path))?;
    made_ready(conn, path, day_bytes_max, bulk)
}

/// Opens a day's file for writing that is there; one that was taken away meanwhile is not made again.
pub(super) fn open_writer_of_there(path: &Path) -> Result<Connection, LogError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(db_error(path))?;
    made_ready(conn, path, u64::MAX, false)
}

fn made_ready(
    conn: Connection,
    path: &Path,
    day_bytes_max: u64,
    bulk: bool,
) -> Result<Connection, LogError> {
    let (journal, synchronous) = if bulk {
        ("MEMORY", "OFF")
    } else {
        ("WAL", "FULL")
    };
    let e = db_error(path);
    let version = version_of(&conn, path)?;
    conn.execute_batch(&format!(
        "PRAGMA journal_mode={journal}; PRAGMA synchronous={synchronous}; PRAGMA wal_autocheckpoint=2000; PRAGMA cache_size=-2048;
         PRAGMA max_page_count={};",
        (day_bytes_max / 4096).clamp(16, 4_294_967_294)
    ))
    .map_err(&e)?;
    conn.busy_timeout(std::time::Duration::from_secs(5))
        .map_err(&e)?;
    conn.set_prepared_statement_cache_capacity(32);
    match version {
        None => super::schema::create(&conn, bulk).map_err(&e)?,
        Some(version) if version < SCHEMA_VERSION => {
            tracing::info!(path = %path.display(), version, "a log of an older format is brought up to date");
            super::schema::upgrade(&conn, path, version)?;
        }
        Some(_) => {}
    }
    Ok(conn)
}

/// Opens a day's file to read it, also while a server writes it.
pub(super) fn open_reader(path: &Path) -> Result<Connection, LogError> {
    let conn = Connection::open_with_flags(
        path,
        // Each connection is used by one thread at a time; that is what Rust sees to.
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(db_error(path))?;
    conn.busy_timeout(std::time::Duration::from_secs(5))
        .map_err(db_error(path))?;
    Ok(conn)
}

/// As [`open_reader`], also where the file's end is missing.
pub(super) fn open_reader_of_damaged(path: &Path) -> Result<Connection, LogError> {
    let conn = open_reader(path)?;
    conn.set_prepared_statement_cache_capacity(32);
    let head = match FileHead::read(&conn) {
        Err(source) if source.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseCorrupt) => {
            // SQLite refuses a file that is shorter than it says; with this it reads what is there.
            conn.execute_batch("PRAGMA writable_schema=ON")
                .map_err(db_error(path))?;
            FileHead::read(&conn)
        }
        other => other,
    };
    head.map_err(|source| refused(path, source))?
        .version(path)?;
    Ok(conn)
}

pub(super) fn meta(conn: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    conn.query_row("SELECT value FROM meta WHERE key=?1", [key], |r| r.get(0))
        .optional()
}

/// Number of the last record that a file knows of, its own or that before its first; 0 without any. Keyframes are not
/// asked: one that is damaged must not make a record.
pub(super) fn last_seq(conn: &Connection) -> rusqlite::Result<u64> {
    let max: Option<i64> = conn.query_row(
        "SELECT max(last) FROM (SELECT max(seq) AS last FROM records
         UNION ALL SELECT (SELECT last_seq FROM segments ORDER BY first_seq DESC LIMIT 1)
         UNION ALL SELECT value FROM meta WHERE key='after_seq')",
        [],
        |r| r.get(0),
    )?;
    Ok(max.unwrap_or(0) as u64)
}
