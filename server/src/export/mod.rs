//! Exports: a stretch of the log for other programs.
//!
//! Personal data: the log holds no names of reporters. It holds names of duty officers; they are written only on
//! request, otherwise `duty officer` is written instead.

mod area;
mod args;
mod csv_table;
mod czml;
mod error;
mod gather;
mod geojson;
mod gpx;
mod incident;
mod moment;
mod parquet_table;
mod tables;
mod tracks;
mod write;

pub use area::Area;
pub use args::ExportArgs;
pub use error::ExportError;
pub use gather::{Gathered, Stretch, state_at};
pub use incident::{IncidentOptions, IncidentReport, export_incident};
pub use tables::Table;
pub use write::{ExportOptions, ExportReport, Format, export};
