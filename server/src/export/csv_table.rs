//! A table as CSV: UTF-8 with a header, times as RFC 3339 UTC; a text that a spreadsheet would calculate has an apostrophe
//! in front.

use super::ExportError;
use super::moment::moment;
use super::tables::{Cell, Table};
use crate::out::{Place, Written};
use crate::plain;
use std::fs::File;

/// A CSV file being written.
pub struct CsvTable {
    writer: csv::Writer<File>,
    file: Written,
    line: Vec<String>,
}

impl CsvTable {
    /// Begins a file with the header of `table`; it takes its name only at [`Self::finish`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(place: &Place, table: Table) -> Result<Self, ExportError> {
        let (file, out) = Written::begin(place)?;
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
            Cell::Text(t) => plain::cell(t).into_owned(),
            Cell::Int(i) => i.to_string(),
            Cell::Real(r) => r.to_string(),
            Cell::Time(t) => moment(*t),
            Cell::Bool(b) => b.to_string(),
        }));
        self.writer
            .write_record(&self.line)
            .map_err(|e| self.file.failed(std::io::Error::other(e)))?;
        Ok(())
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
        Ok(file.finish(out)?)
    }
}
