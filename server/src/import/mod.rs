//! Importing: an OpenStreetMap extract becomes a city pack.

mod admin;
mod areas;
mod banks;
mod border;
mod buildings;
pub mod cases;
mod city;
mod depots;
mod districts;
mod drivable;
mod duties;
mod error;
mod extent;
mod extract;
mod features;
mod fill;
mod fleets;
mod format;
mod grid;
mod identity;
mod keep;
mod lines;
mod outline;
mod pipeline;
mod places;
mod progress;
mod report;
pub(crate) mod rings;
mod roads;
mod source;
mod staging;
mod tags;
#[cfg(test)]
mod tests;
mod tiles;
mod turns;
mod zone;

pub use error::ImportError;
pub use format::Format;
pub use pipeline::{OsmOptions, import_osm};
pub use progress::Progress;
pub use report::ImportReport;

use crate::out::OutArgs;
use crate::say;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// `import`: makes a city pack, or a log of old cases.
#[derive(Args, Clone, Debug)]
pub struct ImportArgs {
    #[command(subcommand)]
    from: From,
}

#[derive(Subcommand, Clone, Debug)]
enum From {
    /// A city pack from an OpenStreetMap extract (.osm.pbf, .osm or .osm.xml, either gzipped).
    Osm(OsmArgs),
    /// A city pack of nothing but borders, from a layer of areas (GeoJSON).
    Areas(Box<cases::BordersArgs>),
    /// Old cases from tables: a log that can be replayed.
    Cases(Box<cases::CasesArgs>),
}

/// `import osm FILE --out DIR`.
#[derive(Args, Clone, Debug)]
struct OsmArgs {
    /// Path of the OpenStreetMap extract.
    file: PathBuf,
    /// Folder of the city pack; with --replace an old pack there is replaced once the new one is whole.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// What to do with a pack that is there.
    #[command(flatten)]
    out_args: OutArgs,
    /// The city's name; found from the extract unless given.
    #[arg(long)]
    name: Option<String>,
    /// The city's name in English.
    #[arg(long)]
    name_en: Option<String>,
    /// IANA time zone, e.g. Asia/Shanghai; found by the borders of zones unless given.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// Only what touches this rectangle, in degrees.
    #[arg(long, value_name = "WEST,SOUTH,EAST,NORTH", allow_hyphen_values = true)]
    bounds: Option<String>,
    /// Table of case classes (立结案标准) instead of the shipped one.
    #[arg(long, value_name = "CSV")]
    case_classes: Option<PathBuf>,
}

impl ImportArgs {
    /// Imports, printing the report to standard output and, on a terminal, progress to standard error.
    ///
    /// # Errors
    /// [`ImportError`] or [`cases::CasesError`]; what was there before is then untouched.
    pub fn run(&self) -> anyhow::Result<()> {
        match &self.from {
            From::Osm(args) => Ok(args.run()?),
            From::Areas(args) => args.run(),
            From::Cases(args) => Ok(args.run()?),
        }
    }
}

impl OsmArgs {
    fn run(&self) -> Result<(), ImportError> {
        let args = self;
        let options = OsmOptions {
            name: args.name.clone(),
            name_en: args.name_en.clone(),
            time_zone: args.time_zone.clone(),
            bounds: args.bounds.clone(),
            case_classes: args.case_classes.clone(),
            new_only: !args.out_args.replace,
        };
        let progress = Progress::on_terminal();
        let result = import_osm(&args.file, &args.out, &options, &progress);
        progress.done();
        println!("{}", say::words(&result?));
        Ok(())
    }
}
