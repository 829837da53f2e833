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
    #[error("{}: not one usable position ({bad} bad rows); first: {first}", path.display())]
    Empty {
        /// Path of the recording.
        path: PathBuf,
        /// Rows that cannot be used.
        bad: u64,
        /// The first of them.
        first: String,
    },
    /// Too many bad rows to be this file's format.
    #[error(
        "{}: {bad} of {rows} rows are bad, more than {percent} % are not played; first: {first}",
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
        /// The first bad one.
        first: String,
    },
    /// A compact recording cannot be written.
    #[error(transparent)]
    Write(#[from] compact::WriteError),
}
