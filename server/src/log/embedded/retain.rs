//! How long a log is kept: the oldest whole days go, never the present one.
//!
//! A clock that is wrong must not empty an archive. So a day is old only where two witnesses say so: the date, and the
//! log itself, which must have been written for as long since.

use super::files::{beside, file_of, io_error};
use super::{Day, EmbeddedOptions};
use crate::log::LogError;
use std::path::{Path, PathBuf};

/// A day's file and what SQLite keeps beside it.
fn files_of(dir: &Path, day: Day) -> [PathBuf; 3] {
    let path = file_of(dir, day);
    [beside(&path, "-wal"), beside(&path, "-shm"), path]
}

fn bytes_of(dir: &Path, day: Day) -> u64 {
    files_of(dir, day)
        .iter()
        .filter_map(|p| std::fs::metadata(p).ok())
        .map(|m| m.len())
        .sum()
}

/// Of a day that is to be kept so much must have been lived since, in hundredths: a server is restarted now and then.
const LIVED_PERCENT: i64 = 90;

/// What the log itself says of its days.
pub(super) trait Witness {
    /// The date of the present day is no leap of the clock.
    fn is_today_believed(&self) -> bool;

    /// Seconds that a server ran on a day.
    fn lived_s(&self, day: Day) -> i64;

    /// Whether a day's file begins with a state that can be read, so that the log can be folded without the days before.
    fn begins_with_a_state(&self, day: Day) -> bool;
}

/// Whether the days behind the oldest were really lived through, as far as is needed to take that one away.
fn is_lived(days: &[Day], keep_days: u32, witness: &dyn Witness) -> bool {
    let needed = (i64::from(keep_days) - 1) * 86_400 / 100 * LIVED_PERCENT;
    let lived: i64 = days[1..].iter().map(|d| witness.lived_s(*d)).sum();
    witness.is_today_believed() && lived >= needed
}

/// Takes away days beyond what is to be kept; `days` ascending, the last is the one being written.
pub(super) fn retain(
    dir: &Path,
    days: &mut Vec<Day>,
    options: &EmbeddedOptions,
    today: Day,
    witness: &dyn Witness,
) -> Result<(), LogError> {
    let mut total: u64 = days.iter().map(|d| bytes_of(dir, *d)).sum();
    while days.len() > 1 {
        let oldest = days[0];
        let old = options.keep_days > 0
            && i64::from(today.0) - i64::from(oldest.0) >= i64::from(options.keep_days)
            && is_lived(days, options.keep_days, witness);
        let much = options.keep_bytes > 0 && total > options.keep_bytes;
        if !old && !much {
            break;
        }
        if !witness.begins_with_a_state(days[1]) {
            tracing::warn!(
                day = oldest.name(),
                next = days[1].name(),
                "an old day's log stays: the next day's does not begin with a state that can be read"
            );
            break;
        }
        let bytes = bytes_of(dir, oldest);
        let why = if old { "age" } else { "size" };
        for path in files_of(dir, oldest) {
            if path.exists() {
                std::fs::remove_file(&path).map_err(io_error(&path))?;
            }
        }
        tracing::info!(
            day = oldest.name(),
            bytes,
            why,
            "an old day's log is taken away"
        );
        total = total.saturating_sub(bytes);
        days.remove(0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Says of all days the same, but that one does not begin with a state.
    struct Says {
        believed: bool,
        lived_s: i64,
        unreadable: Day,
    }

    impl Witness for Says {
        fn is_today_believed(&self) -> bool {
            self.believed
        }

        fn lived_s(&self, _: Day) -> i64 {
            self.lived_s
        }

        fn begins_with_a_state(&self, day: Day) -> bool {
            day != self.unreadable
        }
    }

    const WHOLE: Says = Says {
        believed: true,
        lived_s: 86_000,
        unreadable: Day(0),
    };

    fn keep(keep_days: u32, keep_bytes: u64) -> EmbeddedOptions {
        EmbeddedOptions {
            keep_days,
            keep_bytes,
            ..EmbeddedOptions::default()
        }
    }

    fn left(there: &[i32], kept: &EmbeddedOptions, witness: &Says) -> Vec<i32> {
        let dir = tempfile::tempdir().unwrap();
        let mut days: Vec<Day> = there.iter().copied().map(Day).collect();
        let today = days[days.len() - 1];
        for day in &days {
            std::fs::write(file_of(dir.path(), *day), [0; 1_000]).unwrap();
        }
        std::fs::write(dir.path().join("bookmarks.sqlite"), [0; 9_000]).unwrap();
        retain(dir.path(), &mut days, kept, today, witness).unwrap();
        let mut left = super::super::files::days_in(dir.path()).unwrap();
        left.sort_unstable();
        assert_eq!(left, days);
        assert!(dir.path().join("bookmarks.sqlite").exists());
        days.into_iter().map(|d| d.0).collect()
    }

    #[test]
    fn the_oldest_days_go_and_never_the_present_one() {
        let days = |kept| left(&[10, 11, 12, 13, 14], &kept, &WHOLE);
        assert_eq!(days(keep(0, 0)), [10, 11, 12, 13, 14]);
        assert_eq!(days(keep(2, 0)), [13, 14]);
        assert_eq!(days(keep(1, 0)), [14]);
        assert_eq!(days(keep(0, 3_500)), [12, 13, 14]);
        assert_eq!(days(keep(0, 1)), [14]);
        assert_eq!(days(keep(4, 2_000)), [13, 14]);
    }

    #[test]
    fn a_date_that_leaps_takes_no_day_away_before_the_log_has_lived_as_long() {
        let leapt = Says {
            believed: false,
            ..WHOLE
        };
        // A year forward: one file of that day, which is not believed.
        for days in [1, 3] {
            assert_eq!(left(&[10, 11, 377], &keep(days, 0), &leapt), [10, 11, 377]);
        }
        // Days of an hour each are no days.
        let short = Says {
            lived_s: 3_600,
            ..WHOLE
        };
        let there: Vec<i32> = (10..20).collect();
        assert_eq!(left(&there, &keep(2, 0), &short), there);
        // Size is no matter of the date.
        assert_eq!(left(&[10, 11, 377], &keep(0, 1_000), &leapt), [377]);
    }

    #[test]
    fn a_day_stays_where_the_next_does_not_begin_with_a_state_that_can_be_read() {
        let torn = Says {
            unreadable: Day(12),
            ..WHOLE
        };
        assert_eq!(left(&[10, 11, 12, 13], &keep(1, 0), &torn), [11, 12, 13]);
    }
}
