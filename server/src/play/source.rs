use super::compact::CompactItems;
use super::lines::open;
use super::ndjson::NdjsonItems;
use super::row::{Item, Items, RecordingError};
use super::sumo::SumoItems;
use super::table::{TableItems, TableOptions};
use std::path::{Path, PathBuf};

/// A recording that can be read again and again.
#[derive(Clone, Debug)]
pub struct Recording {
    path: PathBuf,
    format: Format,
    table: TableOptions,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Sumo,
    Csv,
    Ndjson,
    Compact,
}

impl Recording {
    /// A recording in the format that the file's name tells; `table` says how its columns and times are meant.
    ///
    /// # Errors
    /// [`RecordingError::UnknownFormat`].
    pub fn new(path: &Path, table: TableOptions) -> Result<Self, RecordingError> {
        let name = path.file_name().map(|n| n.to_string_lossy().to_lowercase());
        let name = name.unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let ends = |suffixes: &[&str]| suffixes.iter().any(|s| name.ends_with(s));
        let format = if ends(&[".xml"]) {
            Format::Sumo
        } else if ends(&[".csv", ".tsv"]) {
            Format::Csv
        } else if ends(&[".ndjson", ".jsonl"]) {
            Format::Ndjson
        } else if ends(&[".ctr"]) {
            Format::Compact
        } else {
            return Err(RecordingError::UnknownFormat {
                path: path.to_owned(),
            });
        };
        Ok(Self {
            path: path.to_owned(),
            format,
            table,
        })
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Reads it from its beginning.
    ///
    /// # Errors
    /// [`RecordingError`] where the file, its header or its head cannot be read.
    pub fn items(&self) -> Result<Items, RecordingError> {
        let input = open(&self.path).map_err(|source| RecordingError::Open {
            path: self.path.clone(),
            source,
        })?;
        Ok(match self.format {
            Format::Sumo => Box::new(SumoItems::new(input)),
            Format::Csv => Box::new(TableItems::new(&self.path, input, self.table.clone())?),
            Format::Ndjson => Box::new(NdjsonItems::new(input, self.table.times.clone())),
            Format::Compact => Box::new(CompactItems::new(&self.path, input)?),
        })
    }

    /// Where it comes from, where it says so.
    ///
    /// # Errors
    /// As [`Recording::items`].
    pub fn provenance(&self) -> Result<Option<String>, RecordingError> {
        if self.format != Format::Compact {
            return Ok(None);
        }
        let input = open(&self.path).map_err(|source| RecordingError::Open {
            path: self.path.clone(),
            source,
        })?;
        let items = CompactItems::new(&self.path, input)?;
        Ok(Some(items.head().provenance.clone()).filter(|p| !p.is_empty()))
    }

    /// Earliest and latest time of its fixes, microseconds of its own clock; `None` without any.
    ///
    /// Cost: one reading.
    ///
    /// # Errors
    /// As [`Recording::items`].
    pub fn span_us(&self) -> Result<Option<(i64, i64)>, RecordingError> {
        let mut span: Option<(i64, i64)> = None;
        for item in self.items()? {
            if let Item::Fix(fix) = item {
                let (a, b) = span.unwrap_or((fix.time_us, fix.time_us));
                span = Some((a.min(fix.time_us), b.max(fix.time_us)));
            }
        }
        Ok(span)
    }
}

/// Bad rows: all are counted, the first is kept, too many are an error.
#[derive(Clone, Debug, Default)]
pub struct BadRows {
    /// How many.
    pub count: u64,
    /// Rows so far, bad ones included.
    pub rows: u64,
    /// The first bad ones, each with its line.
    pub first: Vec<String>,
    /// Where and how the recording breaks off, if it does.
    pub cut_off: Option<String>,
}

/// How many bad rows are told in words.
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
    ) -> Result<Option<super::row::RecordedFix>, RecordingError> {
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
