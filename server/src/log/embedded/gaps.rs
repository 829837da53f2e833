//! What a log has lost: holes in its numbers, damage where somebody has read, files that cannot be read.

use super::days::{Days, Trouble};
use super::rows;
use chengtu_engine::replay::Gap;
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Gaps by the first record that is lost.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    by_first: BTreeMap<u64, Gap>,
}

impl Gaps {
    /// The holes that show in the numbers alone; nothing is unpacked.
    pub(super) fn of(days: &Days) -> Self {
        let mut gaps = Self::default();
        let list = days.list().unwrap_or_default();
        // What older days held is not missing where it has been taken away.
        let mut next = list
            .iter()
            .find_map(|d| days.after_seq(*d).ok())
            .map_or(1, |after| after.saturating_add(1));
        let mut from = Timestamp(i64::MIN);
        for (i, day) in list.iter().copied().enumerate() {
            let name = days.path(day).display().to_string();
            let file = match days.open(day).and_then(|f| days.after_seq(day).map(|_| f)) {
                Ok(file) => file,
                Err(error) => {
                    let after = list.get(i + 1).and_then(|d| days.after_seq(*d).ok());
                    let last = after.unwrap_or(next);
                    gaps.insert(days, next, last, from, format!("{error}"));
                    gaps.reach_to(next, written_at(&days.path(day)));
                    next = last.saturating_add(1);
                    continue;
                }
            };
            if from == Timestamp(i64::MIN)
                && let Ok(Some(first)) = days.stretch_from(&file, 0)
            {
                from = first.2;
            }
            loop {
                let stretch = match rows::next_hole(&file, next) {
                    Ok(Some(hole)) => hole,
                    Ok(None) => break,
                    Err(error) => {
                        gaps.insert(days, next, next, from, format!("{name}: {error}"));
                        break;
                    }
                };
                let (before, after) = (stretch.0, stretch.1);
                from = stretch.2.unwrap_or(from);
                let (first, last) = (before.saturating_add(1), after.saturating_sub(1));
                let words = lost(first, last, &name, "missing");
                gaps.insert(days, first, last, from, words);
                next = after;
            }
            if let Ok(last) = super::files::last_seq(&file) {
                next = next.max(last.saturating_add(1));
            }
            // What is missing before the next day's first record begins where this day ends.
            let end = super::days::has_segments(&file).and_then(|s| rows::last_time(&file, s));
            if let Ok(Some(end)) = end {
                from = from.max(end);
            }
            if let Some((has, wants)) = cut_short(&days.path(day)) {
                let words = format!("{name}: the file is cut: {has} of {wants} bytes are there");
                gaps.insert(days, next, next, from, words);
                gaps.reach_to(next, written_at(&days.path(day)));
            }
        }
        gaps
    }

    /// What somebody came upon while reading after `after_seq`.
    pub(super) fn add(&mut self, days: &Days, after_seq: u64, trouble: &Trouble) {
        let from = days
            .read(after_seq, Timestamp(i64::MAX), 1)
            .ok()
            .and_then(|r| r.first().map(|r| r.known_at));
        match trouble {
            Trouble::Missing { expected, next } => {
                // The end of what has been written so far is no gap.
                if let Some(next) = next {
                    let last = next.0.saturating_sub(1);
                    let words = lost(*expected, last, "", "missing");
                    self.insert(days, *expected, last, from.unwrap_or(next.2), words);
                }
            }
            Trouble::Damaged {
                path,
                stretch,
                what,
            } => {
                let words = lost(stretch.0, stretch.1, &path.display().to_string(), what);
                self.insert(days, stretch.0, stretch.1, from.unwrap_or(stretch.2), words);
            }
            Trouble::Newer {
                path,
                stretch,
                what,
            } => {
                let words = lost(
                    stretch.0,
                    stretch.1,
                    &path.display().to_string(),
                    &what.to_string(),
                );
                self.insert(days, stretch.0, stretch.1, from.unwrap_or(stretch.2), words);
            }
            Trouble::File { path, seq, what } => {
                let words = format!("{}: from record {seq} on: {what}", path.display());
                let end = written_at(path);
                let begin = from.or(end).unwrap_or(Timestamp(i64::MIN));
                self.insert(days, *seq, *seq, begin, words);
                self.reach_to(*seq, end);
            }
        }
    }

    /// Up to the keyframe from which folding goes on, or to the end where there is none.
    fn insert(&mut self, days: &Days, first: u64, last: u64, from: Timestamp, words: String) {
        let mut to = from;
        for day in days.list().unwrap_or_default() {
            let Ok(file) = days.open(day) else { continue };
            if let Ok(Some(k)) = rows::keyframe_from_seq(&file, last) {
                to = k.known_at.max(from);
                break;
            }
            let end = super::days::has_segments(&file).and_then(|s| rows::last_time(&file, s));
            if let Ok(Some(end)) = end {
                to = to.max(end);
            }
        }
        self.by_first
            .entry(first)
            .or_insert(Gap { from, to, words });
    }

    /// A gap that nothing readable follows ends when its file was last written.
    fn reach_to(&mut self, first: u64, end: Option<Timestamp>) {
        if let (Some(gap), Some(end)) = (self.by_first.get_mut(&first), end)
            && gap.to <= gap.from
        {
            gap.to = end.max(gap.from);
        }
    }

    pub(super) fn list(&self) -> Vec<Gap> {
        self.by_first.values().cloned().collect()
    }
}

/// Bytes that a closed day's file has and should have, where it is shorter than its own header says (SQLite's file
/// format, 1.3: page size at 16, number of pages at 28, good where the counters at 24 and 92 agree).
fn cut_short(path: &std::path::Path) -> Option<(u64, u64)> {
    let mut wal = path.as_os_str().to_owned();
    wal.push("-wal");
    // While a file is written its pages need not all be in place yet.
    if std::fs::metadata(wal).is_ok_and(|m| m.len() > 0) {
        return None;
    }
    let has = std::fs::metadata(path).ok()?.len();
    let mut head = [0u8; 100];
    let mut file = std::fs::File::open(path).ok()?;
    std::io::Read::read_exact(&mut file, &mut head).ok()?;
    let at = |i: usize| u32::from_be_bytes([head[i], head[i + 1], head[i + 2], head[i + 3]]);
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        n => u64::from(n),
    };
    let wants = page * u64::from(at(28));
    (at(24) == at(92) && has < wants).then_some((has, wants))
}

/// When a file was last written.
fn written_at(path: &std::path::Path) -> Option<Timestamp> {
    let written = std::fs::metadata(path).ok()?.modified().ok()?;
    let since = written.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp(since.as_micros() as i64))
}

fn lost(first: u64, last: u64, name: &str, what: &str) -> String {
    let at = if name.is_empty() {
        String::new()
    } else {
        format!("{name}: ")
    };
    if first == last {
        format!("{at}record {first}: {what}")
    } else {
        format!("{at}records {first} to {last}: {what}")
    }
}
