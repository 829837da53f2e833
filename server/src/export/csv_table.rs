//! A table as CSV: UTF-8 with a header, times as RFC 3339 UTC.

use super::ExportError;
use super::tables::{Cell, Table};
use super::written::{Written, moment};
use std::fs::File;
use std::path::Path;

/// A CSV file being written.
pub struct CsvTable {
    writer: csv::Writer<File>,
    file: Written,
    line: Vec<String>,
}

impl CsvTable {
    /// Begins a file at `path` with the header of `table`; it takes its name only at [`Self::finish`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(path: &Path, table: Table) -> Result<Self, ExportError> {
        let (file, out) = Written::begin(path)?;
        let mut writer = csv::Writer::from_writer(out);
        let header = table.columns().iter().map(|(name, _)| *name);
        writer
            .write_record(header)
            .map_err(|e| file.failed(std::io::Error::other(e)))?;
        Ok(Self {
            writer,
            file,
            line: Vec::new(),
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        self.line.clear();
        self.line.extend(cells.iter().map(|c| match c {
            Cell::None => String::new(),
            Cell::Text(t) => t.clone(),
            Cell::Int(i) => i.to_string(),
            Cell::Real(r) => r.to_string(),
            Cell::Time(t) => moment(*t),
            Cell::Bool(b) => b.to_string(),
        }));
        self.writer
            .write_record(&self.line)
            .map_err(|e| self.file.failed(std::io::Error::other(e)))
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<(), ExportError> {
        let Self { writer, file, .. } = self;
        let out = writer
            .into_inner()
            .map_err(|e| file.failed(std::io::Error::other(e.to_string())))?;
        file.finish(out)
    }
}
