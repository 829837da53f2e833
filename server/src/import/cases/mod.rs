//! History from elsewhere: tables of old cases become a log that can be replayed.
//!
//! The log is written as if it had been kept then: a case is known when it was opened. What the tables do not say is
//! not invented but follows a stated rule: a case without a closing time ends after a stated time, a case of which only
//! the area is known is placed somewhere inside it.

pub(crate) mod areas;
mod args;
mod borders;
mod classes;
mod columns;
mod error;
mod history;
mod pack;
mod plan;
mod report;
mod rows;
mod store;
mod times;
mod unusable;

pub use areas::{AreaNames, Spread};
pub use args::CasesArgs;
pub use borders::BordersArgs;
pub use columns::{Field, Mapping};
pub use error::CasesError;
pub use plan::import_cases;
pub use report::{CasesReport, Ends, Inputs};
pub use times::{ClockCounts, Repeated, Skipped};

use crate::crs::Crs;
use crate::times::TimeFormat;
use chengtu_engine::time::Timestamp;
use std::path::PathBuf;

/// Language of a city's names and texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English, and whatever else is written in an alphabet.
    En,
}

impl Language {
    /// As `city.toml` has it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }
}

/// What to import, and how it is meant.
#[derive(Clone, Debug)]
pub struct CasesOptions {
    /// Tables to read, in order.
    pub files: Vec<PathBuf>,
    /// What is in which column.
    pub mapping: Mapping,
    /// Character between columns, one byte.
    pub delimiter: u8,
    /// Encoding of the tables; told by their bytes unless given.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// Directory of the log that the cases go into.
    pub data: PathBuf,
    /// City pack that is there.
    pub city: Option<PathBuf>,
    /// City pack to make.
    pub make_city: Option<PathBuf>,
    /// Name of the city that is made.
    pub name: Option<String>,
    /// Its name in English.
    pub name_en: Option<String>,
    /// Its language; that of its areas' names unless given.
    pub language: Option<Language>,
    /// Whom its borders are from.
    pub attribution: Option<String>,
    /// Zone of local times.
    pub time_zone: String,
    /// How times are written.
    pub time_format: TimeFormat,
    /// Local times that were twice.
    pub repeated: Repeated,
    /// Local times that never were.
    pub skipped: Skipped,
    /// Reference system of coordinates.
    pub crs: Crs,
    /// Layer of areas and its properties.
    pub layer: Option<(PathBuf, AreaNames)>,
    /// What an area is called, and in English.
    pub area_called: (String, String),
    /// Where in its area a case is put.
    pub spread: Spread,
    /// What the data's classes mean.
    pub classes: Option<PathBuf>,
    /// A case without a closing time ends so long after its opening, seconds.
    pub ends_after_s: i64,
    /// Where unusable rows are written.
    pub errors: Option<PathBuf>,
    /// Name of the feed that the cases are said to come from.
    pub source: String,
    /// What is after this has not happened yet.
    pub now: Timestamp,
}
