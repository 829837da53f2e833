//! The tables of a day's file, and how files of older formats come to have them.

use super::chain::{self, Link};
use super::days::Days;
use super::files::{APPLICATION_ID, db_error, meta};
use super::{index, rows};
use crate::log::{Keyframe, LogError};
use chengtu_engine::replay::MomentReader;
use rusqlite::{Connection, params};
use std::path::Path;

/// Format of the files; raised when an older program could not read them.
///
/// 1: records and keyframes. 2: segments, the chain, and the index of what happened. 3: keyframes in the chain.
pub const SCHEMA_VERSION: i64 = 3;

/// The tables that were there from the beginning.
const FIRST: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
CREATE TABLE records(
  seq INTEGER PRIMARY KEY, known_at INTEGER NOT NULL, kind INTEGER NOT NULL,
  head BLOB NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
CREATE TABLE keyframes(
  seq INTEGER PRIMARY KEY, known_at INTEGER NOT NULL, state BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;
";

/// What format 2 adds. Small columns come before large ones: lists of segments read no contents.
const SECOND: &str = "
ALTER TABLE records ADD COLUMN link BLOB;
CREATE TABLE links(seq INTEGER PRIMARY KEY, link BLOB NOT NULL) STRICT;
CREATE TABLE segments(
  first_seq INTEGER PRIMARY KEY, last_seq INTEGER NOT NULL,
  first_known_at INTEGER NOT NULL, last_known_at INTEGER NOT NULL,
  fixes INTEGER NOT NULL, crc INTEGER NOT NULL, link BLOB NOT NULL,
  heads BLOB NOT NULL, columns BLOB NOT NULL) STRICT;
CREATE TABLE moments(
  seq INTEGER NOT NULL, n INTEGER NOT NULL, time INTEGER NOT NULL, occurred_at INTEGER NOT NULL,
  kind INTEGER NOT NULL, thing INTEGER NOT NULL, other INTEGER, severity INTEGER, by TEXT NOT NULL,
  PRIMARY KEY(seq, n)) STRICT, WITHOUT ROWID;
CREATE TABLE late(
  seq INTEGER PRIMARY KEY, known_at INTEGER NOT NULL, occurred_at INTEGER NOT NULL, class INTEGER NOT NULL) STRICT;
";

/// What format 3 adds: the record that a keyframe was kept after, and the chain's link after it. Both are empty for
/// keyframes of older formats, which stand outside the chain.
const THIRD: &str = "
ALTER TABLE keyframes ADD COLUMN after INTEGER;
ALTER TABLE keyframes ADD COLUMN link BLOB;
";

/// How they are found.
const INDEXES: &str = "
CREATE INDEX IF NOT EXISTS keyframes_time ON keyframes(known_at, seq);
CREATE INDEX IF NOT EXISTS moments_time ON moments(time);
CREATE INDEX IF NOT EXISTS moments_thing ON moments(thing, time);
CREATE INDEX IF NOT EXISTS moments_other ON moments(other, time) WHERE other IS NOT NULL;
CREATE INDEX IF NOT EXISTS moments_mark ON moments(time, severity, thing) WHERE severity IS NOT NULL;
CREATE INDEX IF NOT EXISTS late_class ON late(class, known_at, occurred_at);
";

/// Makes the tables of an empty file, as one; what is written at once is indexed when it is whole ([`make_indexes`]).
pub(super) fn create(conn: &Connection, bulk: bool) -> rusqlite::Result<()> {
    let indexes = if bulk { "" } else { INDEXES };
    conn.execute_batch(&format!(
        "BEGIN; PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION}; {FIRST} {SECOND} {THIRD} {indexes} COMMIT;"
    ))
}

/// Makes what finds the rows quickly, where it is not there yet.
pub(super) fn make_indexes(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch(INDEXES)
}

/// Writes what a day's file begins with, durably and as a whole; gives the chain's link after its keyframe. `link`: that
/// at the end of the day before.
pub(super) fn begin(
    conn: &Connection,
    epoch: u64,
    keyframe: &Keyframe,
    link: &Link,
) -> rusqlite::Result<Link> {
    let after = chain::next_keyframe(link, keyframe, keyframe.seq);
    conn.execute_batch("BEGIN IMMEDIATE")?;
    match write_beginning(conn, epoch, keyframe, (link, &after)) {
        Ok(()) => Ok(after),
        Err(error) => {
            let _ = conn.execute_batch("ROLLBACK");
            Err(error)
        }
    }
}

fn write_beginning(
    conn: &Connection,
    epoch: u64,
    keyframe: &Keyframe,
    (link, after): (&Link, &Link),
) -> rusqlite::Result<()> {
    rows::insert_keyframe(conn, keyframe, keyframe.seq, after)?;
    conn.execute("INSERT INTO meta VALUES('epoch', ?1)", [epoch as i64])?;
    conn.execute(
        "INSERT INTO meta VALUES('after_seq', ?1)",
        [keyframe.seq as i64],
    )?;
    conn.execute(
        "INSERT INTO links VALUES(?1, ?2)",
        params![keyframe.seq as i64, link],
    )?;
    conn.execute_batch("COMMIT")
}

/// Gives a file of an older format what this one has: tables, index, chain; as a whole or not at all.
///
/// Damaged records stay as they are and are left out of the index; the chain goes on after them. Keyframes that are
/// there stay outside the chain: what they were before cannot be known any more.
pub(super) fn upgrade(conn: &Connection, path: &Path, version: i64) -> Result<(), LogError> {
    let e = db_error(path);
    let (second, filled) = if version < 2 {
        (format!("{SECOND} {INDEXES}"), true)
    } else {
        (String::new(), false)
    };
    conn.execute_batch(&format!("BEGIN IMMEDIATE; {second} {THIRD}"))
        .map_err(&e)?;
    let done = if filled { fill(conn, path) } else { Ok(()) };
    match done {
        Ok(()) => conn
            .execute_batch(&format!("PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"))
            .map_err(&e),
        Err(error) => {
            let _ = conn.execute_batch("ROLLBACK");
            Err(error)
        }
    }
}

fn fill(conn: &Connection, path: &Path) -> Result<(), LogError> {
    let e = db_error(path);
    let epoch = meta(conn, "epoch").map_err(&e)?.unwrap_or(0) as u64;
    let after_seq = meta(conn, "after_seq").map_err(&e)?.unwrap_or(0);
    let mut link = chain::start(epoch);
    conn.execute(
        "INSERT OR REPLACE INTO links VALUES(?1, ?2)",
        params![after_seq, link],
    )
    .map_err(&e)?;
    let begin = rows::keyframe_at(conn, after_seq as u64).map_err(&e)?;
    let mut reader = match begin.and_then(|k| k.state().ok()) {
        Some(state) => MomentReader::of(&state),
        None => Days::of(path.parent().unwrap_or(path)).reader_at(after_seq as u64)?,
    };
    let mut statement = conn
        .prepare("SELECT seq,known_at,kind,head,body,crc FROM records ORDER BY seq")
        .map_err(&e)?;
    let mut found = statement.query([]).map_err(&e)?;
    while let Some(row) = found.next().map_err(&e)? {
        let (seq, known_at, encoded) = rows::read_record(row).map_err(&e)?;
        let record = match chengtu_engine::archive::decode_record(seq, known_at, &encoded) {
            Ok(record) => record,
            Err(error) => {
                tracing::warn!(seq, path = %path.display(), %error, "a record is left out of the index");
                continue;
            }
        };
        link = chain::next(&link, &record)?;
        conn.prepare_cached("UPDATE records SET link=?1 WHERE seq=?2")
            .and_then(|mut s| s.execute(params![link, seq as i64]))
            .map_err(&e)?;
        let rows = index::IndexRows::of(&record, &reader.read(&record));
        index::insert(conn, &rows).map_err(&e)?;
    }
    Ok(())
}
