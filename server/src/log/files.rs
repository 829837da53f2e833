//! The files of a data directory: one SQLite database a day.

use super::schema::SCHEMA_VERSION;
use super::{Day, LogError};
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};

/// `CTLG`: tells our files from other databases.
pub(super) const APPLICATION_ID: i64 = 0x4354_4c47;

pub(super) fn file_of(dir: &Path, day: Day) -> PathBuf {
    dir.join(format!("log-{}.sqlite", day.name()))
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> LogError + '_ {
    move |source| LogError::Io {
        path: path.to_owned(),
        source,
    }
}

pub(super) fn db_error(path: &Path) -> impl Fn(rusqlite::Error) -> LogError + '_ {
    move |source| LogError::Database {
        path: path.to_owned(),
        source,
    }
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
        if let Ok(date) = date.parse::<jiff::civil::Date>() {
            let epoch = jiff::civil::date(1970, 1, 1);
            let days_since = date.since(epoch).map_or(0, |s| s.get_days());
            days.push(Day(days_since));
        }
    }
    days.sort_unstable();
    Ok(days)
}

/// A file that SQLite does not take for a database is not ours.
pub(super) fn foreign(path: &Path, source: rusqlite::Error) -> LogError {
    let path = path.to_owned();
    if source.sqlite_error_code() == Some(rusqlite::ErrorCode::NotADatabase) {
        LogError::Foreign { path }
    } else {
        LogError::Database { path, source }
    }
}

/// The format of a file that is ours; `None` for an empty one.
pub(super) fn version_of(conn: &Connection, path: &Path) -> Result<Option<i64>, LogError> {
    let e = db_error(path);
    let application_id: i64 = conn
        .query_row("PRAGMA application_id", [], |r| r.get(0))
        .map_err(|source| foreign(path, source))?;
    let tables: i64 = conn
        .query_row("SELECT count(*) FROM sqlite_schema", [], |r| r.get(0))
        .map_err(&e)?;
    let version: i64 = conn
        .query_row("PRAGMA user_version", [], |r| r.get(0))
        .map_err(&e)?;
    if tables > 0 && application_id != APPLICATION_ID {
        return Err(LogError::Foreign {
            path: path.to_owned(),
        });
    }
    if version > SCHEMA_VERSION {
        return Err(LogError::Newer {
            path: path.to_owned(),
            found: version,
            known: SCHEMA_VERSION,
        });
    }
    Ok((tables > 0).then_some(version))
}

/// Opens a day's file for writing; a new one gets its tables, one of an older format is brought up to this one.
///
/// `bulk`: what is made aside needs no second file beside it, and may be read later by those who must not write.
pub(super) fn open_writer(
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
    let conn = Connection::open(path).map_err(&e)?;
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
            super::schema::upgrade(&conn, path)?;
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

pub(super) fn meta(conn: &Connection, key: &str) -> rusqlite::Result<Option<i64>> {
    conn.query_row("SELECT value FROM meta WHERE key=?1", [key], |r| r.get(0))
        .optional()
}

/// Number of the last record that a file tells of; 0 without any.
pub(super) fn last_seq(conn: &Connection) -> rusqlite::Result<u64> {
    let max: Option<i64> = conn.query_row(
        "SELECT max(last) FROM (SELECT max(seq) AS last FROM records
         UNION ALL SELECT (SELECT last_seq FROM segments ORDER BY first_seq DESC LIMIT 1)
         UNION ALL SELECT max(seq) FROM keyframes)",
        [],
        |r| r.get(0),
    )?;
    Ok(max.unwrap_or(0) as u64)
}
