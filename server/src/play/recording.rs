use super::RecordingError;
use crate::feeds::formats::{
    Format, FormatError, FormatOptions, Found, RecordedFix, Rows, by_file_name,
};
use crate::lines::open;
use crate::times::TimeReader;
use std::path::{Path, PathBuf};

/// What a reader finds next in a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A position, in the recording's own time and reference system.
    Fix(RecordedFix),
    /// A row that cannot be used.
    Bad {
        /// Line of the file, from 1; the block's number for compact recordings.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The recording breaks off here; nothing follows.
    CutOff {
        /// Line of the file, from 1; the block's number for compact recordings.
        line: u64,
        /// How the break shows.
        why: String,
    },
}

/// A recording being read, in the order of the file.
pub type Items = Box<dyn Iterator<Item = Item> + Send>;

/// A recording that can be read again and again.
#[derive(Clone)]
pub struct Recording {
    path: PathBuf,
    format: &'static dyn Format,
    options: FormatOptions,
    times: TimeReader,
}

impl std::fmt::Debug for Recording {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recording")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

/// Rows of any format as positions of a recording.
struct Positions {
    rows: Box<dyn Rows>,
    times: TimeReader,
}

impl Iterator for Positions {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        Some(match self.rows.next()? {
            Found::Row { number, row } => match RecordedFix::of(&row, &self.times) {
                Ok(fix) => Item::Fix(fix),
                Err(why) => Item::Bad { line: number, why },
            },
            Found::Bad { number, why } => Item::Bad { line: number, why },
            Found::CutOff { number, why } => Item::CutOff { line: number, why },
        })
    }
}

impl Recording {
    /// A recording in the format of the file name's ending; `options` say how its columns are meant, `times` how its
    /// times are written.
    ///
    /// # Errors
    /// [`RecordingError::UnknownFormat`].
    pub fn new(
        path: &Path,
        options: FormatOptions,
        times: TimeReader,
    ) -> Result<Self, RecordingError> {
        let name = path.file_name().map(|n| n.to_string_lossy());
        let format = by_file_name(&name.unwrap_or_default());
        let format = format.ok_or_else(|| RecordingError::UnknownFormat {
            path: path.to_owned(),
        })?;
        Ok(Self {
            path: path.to_owned(),
            format,
            options,
            times,
        })
    }

    /// Path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn open(&self) -> Result<Box<dyn std::io::BufRead + Send>, RecordingError> {
        open(&self.path).map_err(|source| RecordingError::Open {
            path: self.path.clone(),
            source,
        })
    }

    fn broken(&self, source: FormatError) -> RecordingError {
        RecordingError::Format {
            path: self.path.clone(),
            source,
        }
    }

    /// Reads it from its beginning.
    ///
    /// # Errors
    /// [`RecordingError`] where the file, its header or its head cannot be read.
    pub fn items(&self) -> Result<Items, RecordingError> {
        let rows = self.format.rows(self.open()?, &self.options);
        let rows = rows.map_err(|e| self.broken(e))?;
        let times = self.times.clone();
        Ok(Box::new(Positions { rows, times }))
    }

    /// Where the recording comes from; `None` if it does not say so.
    ///
    /// # Errors
    /// As [`Recording::items`].
    pub fn provenance(&self) -> Result<Option<String>, RecordingError> {
        let said = self.format.provenance(self.open()?);
        said.map_err(|e| self.broken(e))
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
