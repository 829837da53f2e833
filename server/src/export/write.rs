//! The whole way from a log to a file.

use super::area::Area;
use super::csv_table::CsvTable;
use super::gather::{Gathered, MoverName, Rows, Stretch, gather};
use super::moment::moment;
use super::parquet_table::ParquetTable;
use super::tables::{Cell, Table, fix_row, observation_row};
use super::tracks::Tracks;
use super::{ExportError, czml, geojson, gpx};
use crate::log::{EmbeddedStore, LogStore};
use crate::out::{FileSet, Folder, Place};
use chengtu_engine::command::Observation;
use chengtu_engine::model::{Fix, Sensor};
use chengtu_engine::replay::History;
use chengtu_engine::time::Timestamp;
use std::fmt;
use std::path::{Path, PathBuf};

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// One collection of features.
    Geojson,
    /// Tables; FILE is a folder, or one table with --table.
    Csv,
    /// Waypoints and tracks.
    Gpx,
    /// CZML: moving vehicles for Cesium.
    Czml,
    /// Tables; FILE is a folder, or one table with --table.
    Parquet,
}

impl Format {
    /// Of the files of tables; `None` for what is one file.
    fn extension(self) -> Option<&'static str> {
        match self {
            Self::Csv => Some("csv"),
            Self::Parquet => Some("parquet"),
            Self::Geojson | Self::Gpx | Self::Czml => None,
        }
    }

    /// The name of a table's file.
    fn file_of(self, table: Table) -> String {
        format!("{}.{}", table.name(), self.extension().unwrap_or_default())
    }
}

/// What to export.
#[derive(Clone, Debug)]
pub struct ExportOptions {
    /// Directory of the log.
    pub data: PathBuf,
    /// Stretch of time.
    pub stretch: Stretch,
    /// Part of the city.
    pub area: Area,
    /// How the file is laid out.
    pub format: Format,
    /// One table instead of all.
    pub table: Option<Table>,
    /// Names of duty officers as well.
    pub names: bool,
    /// File or folder to write; `-` is standard output.
    pub out: PathBuf,
    /// Replace what is there.
    pub replace: bool,
    /// Files that are read for it, which it must not replace.
    pub inputs: Vec<PathBuf>,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportReport {
    /// Cases in the stretch and the area.
    pub cases: usize,
    /// Positions that were written.
    pub fixes: u64,
    /// Readings that were written.
    pub observations: u64,
    /// Sensors in the area.
    pub sensors: usize,
    /// Alarms in the stretch and the area.
    pub alarms: usize,
    /// Sendings of units.
    pub dispatches: usize,
    /// What the log has lost of the stretch, in words.
    pub gaps: Vec<String>,
    /// Where the log begins later or ends earlier than asked, in words.
    pub shorter: Option<String>,
}

impl fmt::Display for ExportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for gap in &self.gaps {
            writeln!(f, "missing     {gap}")?;
        }
        if let Some(shorter) = &self.shorter {
            writeln!(f, "note        {shorter}")?;
        }
        write!(
            f,
            "exported    {} cases, {} positions, {} sensors with {} readings, {} alarms, {} dispatches",
            self.cases, self.fixes, self.sensors, self.observations, self.alarms, self.dispatches
        )
    }
}

/// A log, and what of a stretch it holds.
pub struct Opened {
    /// The log.
    pub history: Box<dyn History>,
    /// The stretch, from the log's first moment on.
    pub stretch: Stretch,
    /// The same, no longer than the log: what a clock shows of it.
    pub shown: Stretch,
    /// Where the log begins later or ends earlier than asked, in words.
    pub shorter: Option<String>,
}

/// Opens a log and holds a stretch against what it covers.
///
/// # Errors
/// [`ExportError`] in words: no log, the wrong order, outside.
pub fn open(data: &Path, stretch: Stretch) -> Result<Opened, ExportError> {
    if stretch.from >= stretch.to {
        return Err(ExportError::Order {
            from: moment(stretch.from),
            to: moment(stretch.to),
        });
    }
    let no_log = || ExportError::NoLog {
        path: data.to_owned(),
    };
    let store = EmbeddedStore::at(data);
    if !store.is_there()? {
        return Err(no_log());
    }
    let history = store.history()?;
    let (first, last) = history.span()?.ok_or_else(no_log)?;
    if stretch.to < first || stretch.from > last {
        return Err(ExportError::Outside {
            from: moment(stretch.from),
            to: moment(stretch.to),
            first: moment(first),
            last: moment(last),
        });
    }
    let shorter = (stretch.from < first || stretch.to > last)
        .then(|| format!("the log holds {} to {} only", moment(first), moment(last)));
    let from = stretch.from.max(first);
    // Where the clock was put back, the last record is not the latest.
    let to = if last > from {
        stretch.to.min(last)
    } else {
        stretch.to
    };
    Ok(Opened {
        history,
        stretch: Stretch {
            from,
            to: stretch.to,
        },
        shown: Stretch { from, to },
        shorter,
    })
}

/// Where an export goes.
enum Target {
    /// One file.
    One(Place),
    /// All tables.
    All(FileSet),
}

impl Target {
    /// Looked at before anything is read; nothing is written yet.
    fn of(options: &ExportOptions) -> Result<Self, ExportError> {
        let is_set = options.table.is_none() && options.format.extension().is_some();
        if !is_set {
            let place = Place::file(&options.out, options.replace)?;
            let inputs = options.inputs.iter().map(PathBuf::as_path);
            return Ok(Self::One(place.apart_from(inputs)?));
        }
        let names = Table::ALL.map(|t| options.format.file_of(t));
        let folder = Folder::of(&options.out, &names, options.replace)?;
        Ok(Self::All(FileSet::begin(&folder)?))
    }

    fn table(&self, table: Table, format: Format) -> Result<TableFile, ExportError> {
        match self {
            Self::One(place) => TableFile::begin(place, table, format),
            Self::All(set) => {
                let place = Place::File {
                    path: set.path(&format.file_of(table)),
                    replace: false,
                };
                TableFile::begin(&place, table, format)
            }
        }
    }
}

/// Writes a stretch of a log.
///
/// # Errors
/// [`ExportError`]; what was at the place of the file is there still then.
pub fn export(options: &ExportOptions) -> Result<ExportReport, ExportError> {
    export_once(options, || Ok(()))
}

/// As [`export`]; `may` is asked when it is known that the file may be written and the log be read, and before anything is
/// taken out of it.
pub(super) fn export_once(
    options: &ExportOptions,
    may: impl FnOnce() -> Result<(), ExportError>,
) -> Result<ExportReport, ExportError> {
    let target = Target::of(options)?;
    let opened = open(&options.data, options.stretch)?;
    may()?;
    let (history, stretch) = (&*opened.history, opened.stretch);
    let gathered = match target {
        Target::One(place) if options.table.is_none() => {
            let mut tracks = Tracks::default();
            let g = gather(history, stretch, &options.area, &mut tracks)?;
            tracks.sort();
            match options.format {
                Format::Gpx => gpx::write(&place, &g, &tracks)?,
                Format::Czml => czml::write(&place, &g, &tracks, opened.shown)?,
                _ => geojson::write(&place, &g, &tracks, options.names)?,
            }
            g
        }
        target => {
            let g = tables(history, stretch, options, &target)?;
            if let Target::All(set) = target {
                set.finish()?;
            }
            g
        }
    };
    Ok(ExportReport {
        cases: gathered.cases.len(),
        fixes: gathered.fixes,
        observations: gathered.observations,
        sensors: gathered.sensors.len(),
        alarms: gathered.alarms.len(),
        dispatches: gathered.dispatches.len(),
        gaps: gathered.gaps.iter().map(gap_words).collect(),
        shorter: opened.shorter,
    })
}

/// What a log has lost, in words.
pub fn gap_words(gap: &chengtu_engine::replay::Gap) -> String {
    format!("{} to {}: {}", moment(gap.from), moment(gap.to), gap.words)
}

/// One table being written, in either format.
enum TableFile {
    Csv(Box<CsvTable>),
    Parquet(Box<ParquetTable>),
}

impl TableFile {
    fn begin(place: &Place, table: Table, format: Format) -> Result<Self, ExportError> {
        Ok(match format {
            Format::Parquet => Self::Parquet(Box::new(ParquetTable::begin(place, table)?)),
            _ => Self::Csv(Box::new(CsvTable::begin(place, table)?)),
        })
    }

    fn row(&mut self, cells: &[Cell]) -> Result<(), ExportError> {
        match self {
            Self::Csv(t) => t.row(cells),
            Self::Parquet(t) => t.row(cells),
        }
    }

    fn finish(self) -> Result<(), ExportError> {
        match self {
            Self::Csv(t) => t.finish(),
            Self::Parquet(t) => t.finish(),
        }
    }
}

/// Writes positions and readings as they come.
#[derive(Default)]
struct Streams {
    fixes: Option<TableFile>,
    observations: Option<TableFile>,
}

impl Rows for Streams {
    fn fix(
        &mut self,
        mover: &MoverName,
        fix: &Fix,
        known_at: Timestamp,
    ) -> Result<(), ExportError> {
        match &mut self.fixes {
            Some(t) => t.row(&fix_row(mover, fix, known_at)),
            None => Ok(()),
        }
    }

    fn observation(
        &mut self,
        sensor: &Sensor,
        observation: &Observation,
        known_at: Timestamp,
    ) -> Result<(), ExportError> {
        match &mut self.observations {
            Some(t) => t.row(&observation_row(sensor, observation, known_at)),
            None => Ok(()),
        }
    }
}

fn tables(
    history: &dyn History,
    stretch: Stretch,
    options: &ExportOptions,
    target: &Target,
) -> Result<Gathered, ExportError> {
    let wanted: Vec<Table> = match options.table {
        Some(t) => vec![t],
        None => Table::ALL.to_vec(),
    };
    let begin = |t: Table| target.table(t, options.format);
    let stream = |t: Table| wanted.contains(&t).then(|| begin(t)).transpose();
    let mut streams = Streams {
        fixes: stream(Table::Fixes)?,
        observations: stream(Table::Observations)?,
    };
    let g = gather(history, stretch, &options.area, &mut streams)?;
    for table in [streams.fixes, streams.observations].into_iter().flatten() {
        table.finish()?;
    }
    for t in wanted {
        if matches!(t, Table::Fixes | Table::Observations) {
            continue;
        }
        let mut file = begin(t)?;
        t.rows(&g, options.names, |row| file.row(&row))?;
        file.finish()?;
    }
    Ok(g)
}
