//! How long a log has really been written: the second witness of how old a day is.
//!
//! The date alone may be a clock's mistake. So each day's file notes for how long a server ran while it was written,
//! reckoned from tick to tick: what lies between two starts, and leaps of the clock, are not counted.

use super::files::meta;
use chengtu_engine::time::Timestamp;
use rusqlite::{Connection, params};

/// A tick that comes later than this after the one before it is a leap, microseconds.
const LEAP_US: i64 = 600_000_000;
/// So long a server must have run on a day that it did not see begin before that day is believed, seconds.
const BELIEVED_AFTER_S: i64 = 3_600;
/// A whole day, seconds.
const DAY_S: i64 = 86_400;
/// Under which name it is noted.
const KEY: &str = "lived_s";

/// How long the day that is being written has been lived.
#[derive(Debug, Default)]
pub(super) struct Lived {
    us: i64,
    last: Option<Timestamp>,
    /// The server has seen the day begin.
    begun: bool,
    /// What is old has been looked for since the day was believed.
    pub(super) looked: bool,
}

impl Lived {
    /// Of the file that is being written.
    pub(super) fn of(conn: &Connection) -> rusqlite::Result<Self> {
        let noted = meta(conn, KEY)?.unwrap_or(0);
        Ok(Self {
            us: noted.saturating_mul(1_000_000),
            ..Self::default()
        })
    }

    /// A tick; true where it follows upon the one before.
    pub(super) fn tick(&mut self, now: Timestamp) -> bool {
        let passed = self.last.map(|last| now.us_since(last));
        self.last = Some(now);
        let follows = passed.filter(|us| (0..=LEAP_US).contains(us));
        self.us = self.us.saturating_add(follows.unwrap_or(0));
        follows.is_some()
    }

    /// Another day begins; `seen`: time has passed into it and not leapt.
    pub(super) fn begin_day(&mut self, seen: bool) {
        self.us = 0;
        self.begun = seen;
        self.looked = false;
    }

    /// Whether the date of the day is believed.
    pub(super) fn is_believed(&self) -> bool {
        self.begun || self.seconds() >= BELIEVED_AFTER_S
    }

    /// Seconds so far.
    pub(super) fn seconds(&self) -> i64 {
        self.us / 1_000_000
    }

    /// Notes it in the day's file.
    pub(super) fn note(&self, conn: &Connection) -> rusqlite::Result<()> {
        conn.prepare_cached("INSERT OR REPLACE INTO meta VALUES(?1, ?2)")?
            .execute(params![KEY, self.seconds()])
            .map(|_| ())
    }
}

/// Seconds that a day that is over was lived. Files of older formats do not say: such a day counts as whole.
pub(super) fn lived_s(conn: &Connection, version: i64) -> rusqlite::Result<i64> {
    let noted = meta(conn, KEY)?;
    Ok(noted.unwrap_or(if version < 3 { DAY_S } else { 0 }))
}
