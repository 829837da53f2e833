//! The file's tables, and how it is opened by the server and by the command line at the same time.

use super::AccountError;
use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// Format of the file; raised when an older program could not read it.
const SCHEMA_VERSION: i64 = 1;

/// How long one program waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);

const TABLES: &str = "
CREATE TABLE accounts(
  id TEXT PRIMARY KEY, name TEXT NOT NULL, folded TEXT NOT NULL UNIQUE, display TEXT NOT NULL, kind TEXT NOT NULL,
  roles TEXT NOT NULL, department TEXT NOT NULL, areas TEXT NOT NULL, speaks_for TEXT NOT NULL, crs TEXT NOT NULL,
  exceptions TEXT NOT NULL, disabled INTEGER NOT NULL, must_change INTEGER NOT NULL,
  created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL) STRICT;
CREATE TABLE passwords(
  account TEXT PRIMARY KEY REFERENCES accounts(id), phc TEXT NOT NULL, set_at INTEGER NOT NULL) STRICT;
CREATE TABLE secrets(
  n INTEGER PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id), hash BLOB NOT NULL UNIQUE,
  valid_from INTEGER NOT NULL, valid_until INTEGER) STRICT;
CREATE TABLE sessions(
  id TEXT PRIMARY KEY, account TEXT NOT NULL REFERENCES accounts(id), hash BLOB NOT NULL UNIQUE,
  created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL, age_s INTEGER NOT NULL,
  address TEXT NOT NULL, client TEXT NOT NULL) STRICT;
CREATE INDEX sessions_account ON sessions(account);
CREATE TABLE changes(n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, by TEXT NOT NULL, what TEXT NOT NULL) STRICT;
";

/// Makes an empty file that nobody else may read.
fn make(path: &Path) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Opens the file; makes it where it is not there.
pub(super) fn open(path: &Path) -> Result<Connection, AccountError> {
    make(path).map_err(|source| AccountError::Io {
        path: path.to_owned(),
        source,
    })?;
    let failed = |source| AccountError::Database {
        path: path.to_owned(),
        source,
    };
    let mut conn = Connection::open(path).map_err(failed)?;
    prepare(&conn).map_err(failed)?;
    let found = version(&conn).map_err(failed)?;
    if found > SCHEMA_VERSION {
        return Err(AccountError::Newer {
            path: path.to_owned(),
            found,
            known: SCHEMA_VERSION,
        });
    }
    if found < SCHEMA_VERSION {
        create(&mut conn).map_err(failed)?;
    }
    Ok(conn)
}

fn prepare(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(PATIENCE)?;
    conn.pragma_update(None, "journal_mode", "WAL")?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "foreign_keys", true)
}

fn version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.pragma_query_value(None, "user_version", |r| r.get(0))
}

/// Makes the tables, unless another program has done so meanwhile.
fn create(conn: &mut Connection) -> rusqlite::Result<()> {
    let t = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    if version(&t)? < SCHEMA_VERSION {
        t.execute_batch(TABLES)?;
        t.pragma_update(None, "user_version", SCHEMA_VERSION)?;
    }
    t.commit()
}
