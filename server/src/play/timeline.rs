//! A recording as it is played: in the order of its times, whatever the order of its rows, and without what lies years away.

use super::recording::Items;
use super::{BadRows, Item, Recording, RecordingError};
use crate::feeds::formats::RecordedFix;
use crate::times::{LIKELY_DAYS, TimeFormat};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A recording has a gap of at most so many days; what lies beyond one is of another recording, or has a clock that was
/// never set.
const GAP_DAYS_MAX: i64 = 30;
/// Rows that come so late are sent as they come, microseconds: a second's rows in any order.
const LATE_US_MAX: i64 = 1_000_000;
/// A recording that is not in the order of its times is brought in order in memory, about 120 bytes a position; a longer one
/// is refused ([`RecordingError::Disorder`]).
pub const SORTED_FIXES_MAX: u64 = 20_000_000;
/// Different days that are told apart; times beyond are of no recording.
const DAYS_MAX: usize = 100_000;
/// So many times tell whether numbers are days of a spreadsheet.
const LOOKED_AT: usize = 2_000;
/// Numbers that are seconds lie farther apart: a hundredth of one, and of a day a quarter of an hour.
const STEP_OF_DAYS_MAX: f64 = 0.01;

/// What is known of one day of a recording.
#[derive(Clone, Copy, Debug)]
struct Day {
    fixes: u64,
    line: u64,
    first_us: i64,
    last_us: i64,
}

/// What a whole reading of a recording has found, and how it is played.
#[derive(Clone, Debug)]
pub struct Timeline {
    recording: Recording,
    /// Rows that cannot be used.
    pub bad: BadRows,
    /// Earliest and latest time of what is played, microseconds of the recording's own clock; `None` where nothing is.
    pub span: Option<(i64, i64)>,
    /// All of it, where the file is in another order than its times.
    sorted: Option<Arc<[RecordedFix]>>,
}

const DAY_US: i64 = 86_400_000_000;

impl Timeline {
    /// Reads a recording once, and once more where it must be brought in order.
    ///
    /// # Errors
    /// [`RecordingError`]: what cannot be read, too many bad rows, nothing that can be used, numbers that look like days of a
    /// spreadsheet, or too much to bring in order.
    pub fn of(recording: &Recording, bad_percent_max: f64) -> Result<Self, RecordingError> {
        let mut bad = BadRows::default();
        let mut days: BTreeMap<i64, Day> = BTreeMap::new();
        let mut looked_at = Vec::new();
        let (mut latest, mut late) = (i64::MIN, false);
        let mut items = recording.items()?;
        for item in items.by_ref() {
            let taken = bad.take(item, recording.path(), bad_percent_max)?;
            let Some((line, fix)) = taken else { continue };
            let us = fix.time_us;
            if looked_at.len() < LOOKED_AT {
                looked_at.push(us);
            }
            late |= us.saturating_add(LATE_US_MAX) < latest;
            latest = latest.max(us);
            let room = days.len() < DAYS_MAX;
            match days.entry(us.div_euclid(DAY_US)) {
                std::collections::btree_map::Entry::Vacant(_) if !room => {
                    bad.count_bad(line, "its time is one of too many days", 1);
                }
                entry => {
                    let day = entry.or_insert(Day {
                        fixes: 0,
                        line,
                        first_us: us,
                        last_us: us,
                    });
                    day.fixes += 1;
                    day.first_us = day.first_us.min(us);
                    day.last_us = day.last_us.max(us);
                }
            }
        }
        bad.told = items.into_told();
        let auto = matches!(recording.time_format(), TimeFormat::Auto);
        if auto && let Some(first) = like_days_of_spreadsheet(&mut looked_at) {
            return Err(RecordingError::Spreadsheet {
                path: recording.path().to_owned(),
                first,
            });
        }
        let span = longest_part(&days, &mut bad);
        let mut timeline = Self {
            recording: recording.clone(),
            bad,
            span,
            sorted: None,
        };
        if late {
            timeline.sorted = Some(timeline.in_order()?);
        }
        Ok(timeline)
    }

    /// The recording.
    pub fn recording(&self) -> &Recording {
        &self.recording
    }

    /// What is played, in the order in which it is.
    ///
    /// # Errors
    /// As [`Recording::items`].
    pub fn fixes(&self) -> Result<Box<dyn Iterator<Item = RecordedFix> + Send>, RecordingError> {
        if let Some(sorted) = &self.sorted {
            let sorted = Arc::clone(sorted);
            let all = 0..sorted.len();
            return Ok(Box::new(all.map(move |i| sorted[i].clone())));
        }
        Ok(Box::new(self.played(self.recording.items()?)))
    }

    fn played(&self, items: Items) -> impl Iterator<Item = RecordedFix> + Send + use<> {
        let span = self.span;
        items.filter_map(move |item| match item {
            Item::Fix { fix, .. } => {
                let (from, to) = span?;
                (from..=to).contains(&fix.time_us).then_some(fix)
            }
            Item::Bad { .. } | Item::CutOff { .. } => None,
        })
    }

    fn in_order(&self) -> Result<Arc<[RecordedFix]>, RecordingError> {
        let count = self.bad.rows - self.bad.count.min(self.bad.rows);
        if count > SORTED_FIXES_MAX {
            return Err(RecordingError::Disorder {
                path: self.recording.path().to_owned(),
                fixes: count,
                fixes_max: SORTED_FIXES_MAX,
            });
        }
        let mut all: Vec<RecordedFix> = self.played(self.recording.items()?).collect();
        all.sort_by_key(|f| f.time_us);
        Ok(all.into())
    }
}

/// Of the parts of a recording that lie farther than [`GAP_DAYS_MAX`] from each other the one that most positions are of,
/// with its first and its last time; the others are counted as bad.
fn longest_part(days: &BTreeMap<i64, Day>, bad: &mut BadRows) -> Option<(i64, i64)> {
    let mut parts: Vec<(Day, i64)> = Vec::new();
    for (number, day) in days {
        match parts.last_mut() {
            Some((part, last)) if number - *last <= GAP_DAYS_MAX => {
                part.fixes += day.fixes;
                part.last_us = day.last_us;
                *last = *number;
            }
            _ => parts.push((*day, *number)),
        }
    }
    let most = parts
        .iter()
        .map(|(part, _)| *part)
        .max_by_key(|p| p.fixes)?;
    for (part, _) in parts.iter().filter(|(p, _)| p.first_us != most.first_us) {
        let away = if part.first_us < most.first_us {
            most.first_us.saturating_sub(part.last_us)
        } else {
            part.first_us.saturating_sub(most.last_us)
        };
        let time = jiff::Timestamp::from_microsecond(part.first_us);
        let time = time.map_or_else(|_| part.first_us.to_string(), |t| t.to_string());
        let why = format!(
            "its time \"{time}\" lies {} days from the others",
            away / DAY_US
        );
        bad.count_bad(part.line, &why, part.fixes);
    }
    Some((most.first_us, most.last_us))
}

/// The first of times that were read as seconds and look like days of a spreadsheet: of this century, and a few thousandths
/// apart.
fn like_days_of_spreadsheet(times_us: &mut Vec<i64>) -> Option<f64> {
    let first = *times_us.first()? as f64 / 1e6;
    let days = |us: &i64| LIKELY_DAYS.contains(&(*us as f64 / 1e6));
    if !times_us.iter().all(days) {
        return None;
    }
    times_us.sort_unstable();
    times_us.dedup();
    let mut steps: Vec<i64> = times_us.windows(2).map(|w| w[1] - w[0]).collect();
    steps.sort_unstable();
    let middle = *steps.get(steps.len() / 2)? as f64 / 1e6;
    (middle < STEP_OF_DAYS_MAX).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::TableArgs;
    use super::*;

    fn timeline(text: &str) -> Result<Timeline, RecordingError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        std::fs::write(&path, text).unwrap();
        let timeline = Timeline::of(&TableArgs::default().recording(&path).unwrap(), 20.0);
        // Read again while it is there.
        timeline.map(|t| {
            let all: Vec<RecordedFix> = t.fixes().unwrap().collect();
            Timeline {
                sorted: Some(all.into()),
                ..t
            }
        })
    }

    fn keys(timeline: &Timeline) -> String {
        timeline.fixes().unwrap().map(|f| f.key).collect()
    }

    #[test]
    fn vehicles_that_stand_one_after_the_other_in_a_file_drive_together() {
        let row = |key: &str, s: u32| format!("{key},118.78,32.04,2026-03-01 08:00:{s:02}\n");
        let of = |key: &str| (0..6).map(|s| row(key, s)).collect::<String>();
        let t = timeline(&format!("key,lon,lat,time\n{}{}", of("a"), of("b"))).unwrap();
        assert_eq!(keys(&t), "abababababab");
        let (from, to) = t.span.unwrap();
        assert_eq!((to - from, t.bad.count), (5_000_000, 0));
    }

    #[test]
    fn a_row_of_1980_makes_nobody_wait() {
        let text = "key,lon,lat,time\nx,118.78,32.04,1980-01-06 00:00:03\na,118.78,32.04,2026-03-01 08:00:00\n\
                    b,118.78,32.04,2026-03-01 08:00:01\ny,118.78,32.04,2106-02-07 06:28:15\n";
        let t = timeline(text).unwrap();
        assert_eq!((keys(&t).as_str(), t.bad.count), ("ab", 2));
        assert!(t.bad.first[0].contains("1980-01-06"), "{:?}", t.bad.first);
        assert_eq!(t.bad.reasons.by_count().len(), 1);
    }

    #[test]
    fn numbers_that_look_like_days_of_a_spreadsheet_are_not_taken_for_seconds() {
        let table = |step: f64| {
            let row = |i: u32| format!("a,118.78,32.04,{}\n", 46_082.333 + f64::from(i) * step);
            let rows: String = (0..20).map(row).collect();
            timeline(&format!("key,lon,lat,time\n{rows}"))
        };
        let error = table(1.0 / 86_400.0).unwrap_err().to_string();
        assert!(
            error.contains("excel") && error.contains("46082.333"),
            "{error}"
        );
        assert!(table(0.1).is_ok() && table(1.0).is_ok());
    }

    #[test]
    fn the_second_of_two_hours_of_one_name_lies_behind_the_first() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.csv");
        let rows = ["02:58:00", "02:59:00", "02:00:00", "02:01:00"];
        let rows = rows
            .map(|t| format!("a,13.4,52.5,2021-10-31 {t}\n"))
            .concat();
        std::fs::write(&path, format!("key,lon,lat,time\n{rows}")).unwrap();
        let args = TableArgs {
            time_zone: "Europe/Berlin".to_owned(),
            ..TableArgs::default()
        };
        let t = Timeline::of(&args.recording(&path).unwrap(), 20.0).unwrap();
        let (from, to) = t.span.unwrap();
        assert_eq!(to - from, 180_000_000);
        assert_eq!(t.bad.told.lines().count(), 1);
    }
}
