use super::incident::export_incident_once;
use super::write::export_once;
use super::{Area, ExportError, ExportOptions, Format, IncidentOptions, Stretch, Table};
use crate::clock::{Clock, SystemClock};
use crate::log::EmbeddedStore;
use crate::log::cli::machine_user;
use crate::out::OutArgs;
use crate::pack::Pack;
use crate::times::TimeReader;
use chengtu_engine::audit::{Audit, AuditAct};
use chengtu_engine::time::Timestamp;
use std::path::PathBuf;

/// `export --data DIR --city DIR --from T --to T --format F FILE`.
///
/// Reporters' names are not in the log. Duty officers' names are written only with --names.
#[derive(clap::Args, Clone, Debug)]
pub struct ExportArgs {
    /// Where the log is kept; a server may be running on it.
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// City pack; times without a zone are of its zone.
    #[arg(long, value_name = "DIR")]
    city: PathBuf,
    /// Beginning: 2026-11-22T02:13:07, local time; or with Z or an offset.
    #[arg(long, value_name = "TIME")]
    from: String,
    /// Last moment of the stretch: RFC 3339, or the city's own time.
    #[arg(long, value_name = "TIME")]
    to: String,
    /// Only there: a rectangle in degrees, or a GeoJSON file of polygons.
    #[arg(
        long,
        value_name = "WEST,SOUTH,EAST,NORTH|FILE",
        allow_hyphen_values = true
    )]
    area: Option<String>,
    /// What to write.
    #[arg(long, value_enum)]
    format: Written,
    /// One table only (csv, parquet).
    #[arg(long, value_enum)]
    table: Option<Table>,
    /// With the names of duty officers.
    #[arg(long)]
    names: bool,
    /// Name of the incident.
    #[arg(long, value_name = "WORDS", default_value = "")]
    title: String,
    /// What to do with a file that is there.
    #[command(flatten)]
    out: OutArgs,
    /// File to write, - for standard output; a folder for the tables of csv and parquet.
    file: PathBuf,
}

/// Formats as the command line names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Written {
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
    /// One file that `chengtu open` replays without a server.
    Incident,
}

impl ExportArgs {
    /// Exports and prints what was written.
    ///
    /// # Errors
    /// [`ExportError`].
    pub fn run(&self) -> Result<(), ExportError> {
        if self.table.is_some() && !matches!(self.format, Written::Csv | Written::Parquet) {
            return Err(ExportError::Asked(
                "--table: only csv and parquet are made of tables".into(),
            ));
        }
        let pack = Pack::open(&self.city).map_err(Box::new)?;
        let times = TimeReader::of_moments(&pack.city.time_zone)
            .map_err(|e| ExportError::Asked(e.to_string()))?;
        let time = |name: &str, text: &str| {
            times
                .read(text)
                .map(Timestamp)
                .map_err(|e| ExportError::Asked(format!("--{name}: {e}")))
        };
        let stretch = Stretch {
            from: time("from", &self.from)?,
            to: time("to", &self.to)?,
        };
        let area = match &self.area {
            Some(text) => Area::parse(text)?,
            None => Area::All,
        };
        // What is read for an export must not be what is replaced by it.
        let inputs: Vec<PathBuf> = self.area.iter().map(PathBuf::from).collect();
        let format = match self.format {
            Written::Geojson => Format::Geojson,
            Written::Csv => Format::Csv,
            Written::Gpx => Format::Gpx,
            Written::Czml => Format::Czml,
            Written::Parquet => Format::Parquet,
            Written::Incident => {
                let options = IncidentOptions {
                    data: self.data.clone(),
                    city: self.city.clone(),
                    stretch,
                    area,
                    title: self.title.clone(),
                    out: self.file.clone(),
                    replace: self.out.replace,
                    inputs,
                };
                let report = export_incident_once(&options, || self.write_down(stretch))?;
                self.out.say(&self.file, &report);
                return Ok(());
            }
        };
        let options = ExportOptions {
            data: self.data.clone(),
            stretch,
            area,
            format,
            table: self.table,
            names: self.names,
            out: self.file.clone(),
            replace: self.out.replace,
            inputs,
        };
        let report = export_once(&options, || self.write_down(stretch))?;
        self.out.say(&self.file, &report);
        Ok(())
    }

    /// Says in the city's log that this is taken out of it, before it is.
    fn write_down(&self, stretch: Stretch) -> Result<(), ExportError> {
        let names = if self.names { ", with names" } else { "" };
        let area = if self.area.is_some() {
            ", of an area"
        } else {
            ""
        };
        let audit = Audit {
            who: machine_user(),
            from: String::new(),
            at: SystemClock.now(),
            act: AuditAct::Exported {
                what: format!("{:?} to {}{names}{area}", self.format, self.file.display()),
                from: stretch.from,
                to: stretch.to,
                rows: 0,
            },
        };
        let store = EmbeddedStore::at(&self.data);
        // Where there is no log there is nothing to take out of it, which the export says.
        if store.is_there().unwrap_or(false) {
            store
                .write_down(&audit)
                .map_err(ExportError::NotWrittenDown)?;
        }
        Ok(())
    }
}
