//! A table as Parquet: zstd, times as microseconds UTC, every column may be empty.

use super::ExportError;
use super::tables::{Cell, Kind, Table};
use crate::out::{Place, Written};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::Type;
use std::fs::File;
use std::sync::Arc;

/// Rows of a row group.
const GROUP_ROWS: usize = 131_072;

/// One column of the row group that is being filled.
enum Column {
    Text(Vec<ByteArray>, Vec<i16>),
    Int(Vec<i64>, Vec<i16>),
    Real(Vec<f64>, Vec<i16>),
    Bool(Vec<bool>, Vec<i16>),
}

/// A Parquet file being written.
pub struct ParquetTable {
    writer: SerializedFileWriter<File>,
    file: Written,
    columns: Vec<Column>,
    kinds: Vec<Kind>,
    rows: usize,
}

fn other(e: ParquetError) -> std::io::Error {
    std::io::Error::other(e)
}

fn schema(table: Table) -> Result<Type, ParquetError> {
    let mut fields = Vec::new();
    for (name, kind) in table.columns() {
        let (physical, logical) = match kind {
            Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::Int => (Physical::INT64, None),
            Kind::Real => (Physical::DOUBLE, None),
            Kind::Bool => (Physical::BOOLEAN, None),
            Kind::Time => (
                Physical::INT64,
                Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            ),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical);
        fields.push(Arc::new(field.build()?));
    }
    Type::group_type_builder(table.name())
        .with_fields(fields)
        .build()
}

fn empty(kind: Kind) -> Column {
    match kind {
        Kind::Text => Column::Text(Vec::new(), Vec::new()),
        Kind::Int | Kind::Time => Column::Int(Vec::new(), Vec::new()),
        Kind::Real => Column::Real(Vec::new(), Vec::new()),
        Kind::Bool => Column::Bool(Vec::new(), Vec::new()),
    }
}

impl ParquetTable {
    /// Begins a file with the columns of `table`; it takes its name only at [`Self::finish`].
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(place: &Place, table: Table) -> Result<Self, ExportError> {
        let (file, out) = Written::begin(place)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_created_by("chengtu".to_owned())
            .build();
        let made = schema(table)
            .and_then(|s| SerializedFileWriter::new(out, Arc::new(s), Arc::new(properties)));
        let writer = made.map_err(|e| file.failed(other(e)))?;
        let kinds: Vec<Kind> = table.columns().iter().map(|(_, k)| *k).collect();
        Ok(Self {
            writer,
            file,
            columns: kinds.iter().map(|k| empty(*k)).collect(),
            kinds,
            rows: 0,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
        self.rows += 1;
        if self.rows == GROUP_ROWS {
            self.group()?;
        }
        Ok(())
    }

    fn group(&mut self) -> Result<(), ExportError> {
        if self.rows == 0 {
            return Ok(());
        }
        self.rows = 0;
        let fresh = self.kinds.iter().map(|k| empty(*k)).collect();
        let columns = std::mem::replace(&mut self.columns, fresh);
        let mut write = || {
            let mut group = self.writer.next_row_group()?;
            for column in &columns {
                column.write(&mut group)?;
            }
            group.close().map(|_| ())
        };
        Ok(write().map_err(|e| self.file.failed(other(e)))?)
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(), ExportError> {
        self.group()?;
        let Self { writer, file, .. } = self;
        let out = writer.into_inner().map_err(|e| file.failed(other(e)))?;
        Ok(file.finish(out)?)
    }
}

impl Column {
    fn push(&mut self, cell: &Cell) {
        match (self, cell) {
            (Self::Text(values, levels), Cell::Text(t)) => {
                values.push(ByteArray::from(t.as_str()));
                levels.push(1);
            }
            (Self::Int(values, levels), Cell::Int(i)) => {
                values.push(*i);
                levels.push(1);
            }
            (Self::Int(values, levels), Cell::Time(t)) => {
                values.push(t.0);
                levels.push(1);
            }
            (Self::Real(values, levels), Cell::Real(r)) => {
                values.push(*r);
                levels.push(1);
            }
            (Self::Bool(values, levels), Cell::Bool(b)) => {
                values.push(*b);
                levels.push(1);
            }
            (
                Self::Text(_, levels)
                | Self::Int(_, levels)
                | Self::Real(_, levels)
                | Self::Bool(_, levels),
                _,
            ) => levels.push(0),
        }
    }

    fn write(&self, group: &mut SerializedRowGroupWriter<'_, File>) -> Result<(), ParquetError> {
        fn typed<T: DataType>(
            group: &mut SerializedRowGroupWriter<'_, File>,
            values: &[T::T],
            levels: &[i16],
        ) -> Result<(), ParquetError> {
            let mut column = group
                .next_column()?
                .ok_or_else(|| ParquetError::General("a column too many".into()))?;
            column
                .typed::<T>()
                .write_batch(values, Some(levels), None)?;
            column.close()
        }
        match self {
            Self::Text(v, l) => typed::<ByteArrayType>(group, v, l),
            Self::Int(v, l) => typed::<Int64Type>(group, v, l),
            Self::Real(v, l) => typed::<DoubleType>(group, v, l),
            Self::Bool(v, l) => typed::<BoolType>(group, v, l),
        }
    }
}
