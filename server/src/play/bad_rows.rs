use super::{Item, RecordingError};
use crate::feeds::formats::RecordedFix;
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
    /// Where and how the recording breaks off, if it does.
    pub cut_off: Option<String>,
}

/// How many bad rows are reported in words.
const TOLD_MAX: usize = 5;
/// Rows that are read before their share of bad ones is judged.
const JUDGED_AFTER: u64 = 200;

impl BadRows {
    /// Counts an item; gives back its fix.
    ///
    /// # Errors
    /// [`RecordingError::TooManyBad`] once more than `percent_max` of the rows are bad.
    pub fn take(
        &mut self,
        item: Item,
        path: &Path,
        percent_max: f64,
    ) -> Result<Option<RecordedFix>, RecordingError> {
        self.rows += 1;
        match item {
            Item::Fix(fix) => return Ok(Some(fix)),
            Item::Bad { line, why } => {
                self.count += 1;
                if self.first.len() < TOLD_MAX {
                    self.first.push(format!("line {line}: {why}"));
                }
            }
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
                first: self.first.first().cloned().unwrap_or_default(),
            });
        }
        Ok(None)
    }
}
