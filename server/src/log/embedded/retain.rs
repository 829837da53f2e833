//! How long a log is kept: the oldest whole days go, never the present one.

use super::files::{file_of, io_error};
use super::{Day, EmbeddedOptions};
use crate::log::LogError;
use std::path::{Path, PathBuf};

/// A day's file and what SQLite keeps beside it.
fn files_of(dir: &Path, day: Day) -> [PathBuf; 3] {
    let path = file_of(dir, day);
    let beside = |end: &str| {
        let mut name = path.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    };
    [beside("-wal"), beside("-shm"), path.clone()]
}

fn bytes_of(dir: &Path, day: Day) -> u64 {
    files_of(dir, day)
        .iter()
        .filter_map(|p| std::fs::metadata(p).ok())
        .map(|m| m.len())
        .sum()
}

/// Takes away days beyond what is to be kept; `days` ascending, the last is the one being written.
pub(super) fn retain(
    dir: &Path,
    days: &mut Vec<Day>,
    options: &EmbeddedOptions,
    today: Day,
) -> Result<(), LogError> {
    let mut total: u64 = days.iter().map(|d| bytes_of(dir, *d)).sum();
    while days.len() > 1 {
        let oldest = days[0];
        let old = options.keep_days > 0
            && i64::from(today.0) - i64::from(oldest.0) >= i64::from(options.keep_days);
        let much = options.keep_bytes > 0 && total > options.keep_bytes;
        if !old && !much {
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

    fn days(kept: EmbeddedOptions) -> Vec<i32> {
        let dir = tempfile::tempdir().unwrap();
        let mut days: Vec<Day> = (10..15).map(Day).collect();
        for day in &days {
            std::fs::write(file_of(dir.path(), *day), [0; 1_000]).unwrap();
        }
        std::fs::write(dir.path().join("bookmarks.sqlite"), [0; 9_000]).unwrap();
        retain(dir.path(), &mut days, &kept, Day(14)).unwrap();
        let mut left = super::super::files::days_in(dir.path()).unwrap();
        left.sort_unstable();
        assert_eq!(left, days);
        assert!(dir.path().join("bookmarks.sqlite").exists());
        days.into_iter().map(|d| d.0).collect()
    }

    #[test]
    fn the_oldest_days_go_and_never_the_present_one() {
        let keep = |keep_days, keep_bytes| EmbeddedOptions {
            keep_days,
            keep_bytes,
            ..EmbeddedOptions::default()
        };
        assert_eq!(days(keep(0, 0)), [10, 11, 12, 13, 14]);
        assert_eq!(days(keep(2, 0)), [13, 14]);
        assert_eq!(days(keep(1, 0)), [14]);
        assert_eq!(days(keep(0, 3_500)), [12, 13, 14]);
        assert_eq!(days(keep(0, 1)), [14]);
        assert_eq!(days(keep(4, 2_000)), [13, 14]);
    }
}
