//! The log: every record in order, durable before anybody sees it, with keyframes to start from.

mod chain;
pub mod cli;
mod compact;
mod embedded;
mod error;
mod files;
mod gaps;
mod history;
mod index;
mod keyframe;
mod reader;
mod recover;
mod retain;
mod rows;
mod schema;
mod seal;
mod tell;
mod verify;

pub use compact::{Compacted, compact};
pub use embedded::{Embedded, EmbeddedOptions};
pub use error::LogError;
pub use history::LogHistory;
pub use keyframe::Keyframe;
pub use recover::{Recovered, recover};
pub use schema::SCHEMA_VERSION;
pub use tell::{Teller, Told};
pub use verify::{Finding, Verified, verify};

use chengtu_engine::record::{LiveRecord, Record};
use chengtu_engine::time::Timestamp;

/// Where records go and come from. The engine cannot tell one log from another.
pub trait Log: Send {
    /// A random number given at the log's creation: another number is another history.
    fn epoch(&self) -> u64;

    /// Number of the last record written; 0 before the first.
    fn last_seq(&self) -> u64;

    /// Writes a record of the running city, not yet durable. By its type it can be no other world's:
    ///
    /// ```compile_fail,E0308
    /// use chengtu_engine::record::ForkRecord;
    /// use chengtu_server::log::Log;
    /// fn smuggle(log: &mut dyn Log, drilled: &ForkRecord) {
    ///     let _ = log.append(drilled);
    /// }
    /// ```
    ///
    /// # Errors
    /// Any error ends writing for good: what was appended since the last commit is gone.
    fn append(&mut self, record: &LiveRecord) -> Result<(), LogError>;

    /// Makes all that was appended durable. Nothing may be acknowledged or shown before this returns.
    ///
    /// # Errors
    /// Any error ends writing for good; it is never retried over pages that may be gone.
    fn commit(&mut self) -> Result<(), LogError>;

    /// Up to `limit` records from `seq` on, in order, each checked.
    ///
    /// # Errors
    /// [`LogError::Damaged`] for a record that is not what was written.
    fn read_from(&self, seq: u64, limit: usize) -> Result<Vec<Record>, LogError>;

    /// The newest readable keyframe that is not younger than `time`.
    ///
    /// # Errors
    /// When the log cannot be read at all.
    fn keyframe_before(&self, time: Timestamp) -> Result<Option<Keyframe>, LogError>;

    /// Keeps a keyframe; durable with the next commit.
    ///
    /// # Errors
    /// As [`Log::append`].
    fn put_keyframe(&mut self, keyframe: &Keyframe) -> Result<(), LogError>;

    /// Begins a new day: what follows stands in a file of its own that begins with `keyframe`.
    ///
    /// # Errors
    /// As [`Log::append`].
    fn begin_day(&mut self, day: Day, keyframe: &Keyframe) -> Result<(), LogError>;

    /// The day that is being written.
    fn day(&self) -> Day;
}

/// True where a directory holds files of a log; false where it does not exist.
///
/// # Errors
/// When it cannot be read.
pub fn holds_a_log(dir: &std::path::Path) -> Result<bool, LogError> {
    if !dir.exists() {
        return Ok(false);
    }
    Ok(!files::days_in(dir)?.is_empty())
}

/// A day of the log: days since 1970-01-01 in the city's own time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i32);

impl Day {
    /// The day of a moment, `offset_s` seconds east of UTC.
    pub fn of(time: Timestamp, offset_s: i32) -> Self {
        let s = time
            .0
            .div_euclid(1_000_000)
            .saturating_add(i64::from(offset_s));
        Self(s.div_euclid(86_400) as i32)
    }

    /// `2026-11-22`.
    pub fn name(self) -> String {
        // Civil from days, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let z = i64::from(self.0) + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let mp = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * mp + 2) / 5 + 1;
        let month = if mp < 10 { mp + 3 } else { mp - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        format!("{year:04}-{month:02}-{day:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_begin_at_the_citys_midnight() {
        let t = Timestamp::from_seconds(1_795_363_200); // 2026-11-22T16:00:00Z
        assert_eq!(Day::of(t, 0).name(), "2026-11-22");
        assert_eq!(Day::of(t, 8 * 3600).name(), "2026-11-23");
        assert_eq!(Day(0).name(), "1970-01-01");
        assert_eq!(Day(-1).name(), "1969-12-31");
    }
}
