use crate::feeds::formats::{FormatError, compact, known_suffixes};
use crate::times::NoSuchZone;
use std::path::PathBuf;

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be opened.
    #[error("{}: cannot be opened: {source}", path.display())]
    Open {
        /// Path of the recording.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The file's name has no known ending.
    #[error(
        "{}: what format is this? Known are {} (each also with .gz)",
        path.display(),
        known_suffixes()
    )]
    UnknownFormat {
        /// Path of the recording.
        path: PathBuf,
    },
    /// The file is not in the format of its name's ending, or lacks what is needed.
    #[error("{}: {source}", path.display())]
    Format {
        /// Path of the recording.
        path: PathBuf,
        /// What is wrong and what to do.
        #[source]
        source: FormatError,
    },
    /// The column mapping cannot be understood.
    #[error(
        "--map {given:?}: {detail}; write \"field=column\" pairs with commas between, fields: {}",
        crate::feeds::formats::FIELDS.join(", ")
    )]
    Map {
        /// What was written after `--map`.
        given: String,
        /// What is wrong.
        detail: String,
    },
    /// The shares of kinds do not add up.
    #[error("--kinds {given:?}: {detail}; write for example \"taxi=55,bus=15,van=30\"")]
    Kinds {
        /// What was written after `--kinds`.
        given: String,
        /// What is wrong.
        detail: String,
    },
    /// An option that makes no sense.
    #[error("{0}")]
    Option(String),
    /// A time zone that does not exist.
    #[error(transparent)]
    Zone(#[from] NoSuchZone),
    /// Positions are metres of a plane where degrees are expected.
    #[error(
        "{}: its positions are no degrees but metres of the network's own plane (x {x}, y {y}); {advice}. Where the feed is \
         to turn metres into degrees itself, its section of the server's configuration must say so: crs = \"EPSG:…\" or a \
         PROJ string",
        path.display()
    )]
    Metres {
        /// Path of the recording.
        path: PathBuf,
        /// One of its positions.
        x: f64,
        /// One of its positions.
        y: f64,
        /// How whoever writes the format writes degrees.
        advice: &'static str,
    },
    /// The recording holds nothing that can be used.
    #[error("{}: not one usable position ({bad} bad rows: {reasons}); first: {first}", path.display())]
    Empty {
        /// Path of the recording.
        path: PathBuf,
        /// Rows that cannot be used.
        bad: u64,
        /// Why they cannot, with counts.
        reasons: String,
        /// The first of them.
        first: String,
    },
    /// Numbers that were read as seconds look like days of a spreadsheet.
    #[error(
        "{}: its times are numbers such as {first:.5} that lie a few thousandths apart: days of a spreadsheet? Then say \
         --time-format excel; where they are seconds, --time-format s",
        path.display()
    )]
    Spreadsheet {
        /// Path of the recording.
        path: PathBuf,
        /// The first of its times.
        first: f64,
    },
    /// Not in the order of its times, and too long to bring it in order.
    #[error(
        "{}: {fixes} positions that are not in the order of their times; {fixes_max} at most are brought in order in memory: \
         sort the file by time",
        path.display()
    )]
    Disorder {
        /// Path of the recording.
        path: PathBuf,
        /// How many positions it has.
        fixes: u64,
        /// How many may be brought in order.
        fixes_max: u64,
    },
    /// Nothing of it was taken by the server.
    #[error("{}: the server took not one of {sent} positions: {reasons}", path.display())]
    NothingTaken {
        /// Path of the recording.
        path: PathBuf,
        /// How many were sent.
        sent: u64,
        /// Why they were refused, with counts.
        reasons: String,
    },
    /// Too many bad rows to be this file's format.
    #[error(
        "{}: {bad} of {rows} rows are bad, more than {percent} % are not played: {reasons}; first: {first}",
        path.display()
    )]
    TooManyBad {
        /// Path of the recording.
        path: PathBuf,
        /// Rows that cannot be used, so far.
        bad: u64,
        /// Rows so far.
        rows: u64,
        /// What is allowed.
        percent: f64,
        /// Why they are bad, with counts.
        reasons: String,
        /// The first bad one.
        first: String,
    },
    /// A compact recording cannot be written.
    #[error(transparent)]
    Write(#[from] compact::WriteError),
}
