use super::{Item, RecordingError};
use crate::feeds::formats::{RecordedFix, Told};
use crate::reasons::Reasons;
use std::path::Path;

/// Bad rows: all are counted, the first is kept, too many are an error.
#[derive(Clone, Debug, Default)]
pub struct BadRows {
    /// Rows that could not be used.
    pub count: u64,
    /// Rows so far, bad ones included.
    pub rows: u64,
    /// The first bad ones, each with its line.
    pub first: Vec<String>,
    /// Why they could not be used.
    pub reasons: Reasons,
    /// Where and how the recording breaks off, if it does.
    pub cut_off: Option<String>,
    /// What is told of rows that were used.
    pub told: Told,
}

/// How many bad rows are reported in words.
const TOLD_MAX: usize = 5;
/// Rows that are read before their share of bad ones is judged.
const JUDGED_AFTER: u64 = 200;

impl BadRows {
    /// Counts an item; gives back its line and its fix.
    ///
    /// # Errors
    /// [`RecordingError::TooManyBad`] once more than `percent_max` of the rows are bad.
    pub fn take(
        &mut self,
        item: Item,
        path: &Path,
        percent_max: f64,
    ) -> Result<Option<(u64, RecordedFix)>, RecordingError> {
        self.rows += 1;
        match item {
            Item::Fix { line, fix } => return Ok(Some((line, fix))),
            Item::Bad { line, why } => self.count_bad(line, &why, 1),
            Item::CutOff { line, why } => {
                self.cut_off = Some(format!("breaks off at line {line}: {why}"));
            }
        }
        let share = self.count as f64 * 100.0 / self.rows as f64;
        if self.rows >= JUDGED_AFTER && share > percent_max {
            return Err(RecordingError::TooManyBad {
                path: path.to_owned(),
                bad: self.count,
                rows: self.rows,
                percent: percent_max,
                reasons: self.reasons.to_string(),
                first: self.first.first().cloned().unwrap_or_default(),
            });
        }
        Ok(None)
    }

    /// Counts a vehicle's position that was read already and cannot be used.
    pub fn count_elsewhere(&mut self, key: &str, why: &str) {
        self.count += 1;
        self.reasons.add(why);
        if self.first.len() < TOLD_MAX {
            self.first.push(format!("vehicle {key}: {why}"));
        }
    }

    /// Why nothing of a recording can be used.
    pub fn nothing(&self, path: &Path) -> RecordingError {
        let first = self.first.first().or(self.cut_off.as_ref()).cloned();
        RecordingError::Empty {
            path: path.to_owned(),
            bad: self.count,
            reasons: self.reasons.to_string(),
            first: first.unwrap_or_else(|| "it has no rows".to_owned()),
        }
    }

    /// Counts rows that were read already and cannot be used, of which the first is at `line`.
    pub fn count_bad(&mut self, line: u64, why: &str, rows: u64) {
        self.count += rows;
        self.reasons.add_many(why, rows);
        if rows > 0 && self.first.len() < TOLD_MAX {
            self.first.push(format!("line {line}: {why}"));
        }
    }
}
