use chengtu_engine::model::MoverKind;
use std::path::PathBuf;

/// One position of a recording, in the recording's own time and the feed's own reference system.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedFix {
    /// Microseconds on the recording's clock: since 1970 or since its own beginning.
    pub time_us: i64,
    /// The recording's name for the vehicle.
    pub key: String,
    /// Longitude or easting.
    pub lon: f64,
    /// Latitude or northing.
    pub lat: f64,
    /// Degrees clockwise from north.
    pub bearing_deg: Option<f32>,
    /// Metres a second.
    pub speed_mps: Option<f32>,
    /// Metres.
    pub accuracy_m: Option<f32>,
    /// What moves, where the recording says.
    pub kind: Option<MoverKind>,
}

/// What a reader finds next in a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    /// A position.
    Fix(RecordedFix),
    /// A row that cannot be used.
    Bad {
        /// Line of the file, from 1; the block's number for compact recordings.
        line: u64,
        /// What is wrong with it.
        why: String,
    },
    /// The recording breaks off here; nothing follows.
    CutOff {
        /// Line of the file, from 1; the block's number for compact recordings.
        line: u64,
        /// How one can tell.
        why: String,
    },
}

/// A recording being read, in the order of the file.
pub type Items = Box<dyn Iterator<Item = Item> + Send>;

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The file cannot be opened.
    #[error("{}: cannot be opened: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// The name tells no format.
    #[error(
        "{}: what format is this? Known are .fcd.xml, .csv, .ndjson (each also with .gz) and .ctr",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A table lacks a column.
    #[error(
        "{}: no column {wanted:?} for {field}; the header has: {present}. Name the right ones with --map \"{field}=COLUMN,…\"",
        path.display()
    )]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// What is looked for.
        field: &'static str,
        /// The name that it was looked for by.
        wanted: String,
        /// The columns there are.
        present: String,
    },
    /// The column mapping cannot be understood.
    #[error(
        "--map {given:?}: {detail}; write \"field=column\" pairs with commas between, fields: {}",
        super::table::FIELDS.join(", ")
    )]
    Map {
        /// As given.
        given: String,
        /// What is wrong.
        detail: String,
    },
    /// A compact recording of another program or version.
    #[error("{}: {detail}", path.display())]
    Compact {
        /// The file.
        path: PathBuf,
        /// What is wrong and what to do.
        detail: String,
    },
    /// The shares of kinds do not add up.
    #[error("--kinds {given:?}: {detail}; write for example \"taxi=55,bus=15,van=30\"")]
    Kinds {
        /// As given.
        given: String,
        /// What is wrong.
        detail: String,
    },
    /// A time zone or format that does not exist.
    #[error("{0}")]
    Time(String),
    /// Nothing usable.
    #[error("{}: not one usable position ({bad} bad rows); first: {first}", path.display())]
    Empty {
        /// The file.
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
        /// The file.
        path: PathBuf,
        /// Bad rows.
        bad: u64,
        /// Rows so far.
        rows: u64,
        /// What is allowed.
        percent: f64,
        /// The first bad one.
        first: String,
    },
    /// A compact recording cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A place that a compact recording cannot hold.
    #[error(
        "vehicle {key} at {lon}, {lat}: a compact recording holds degrees of WGS 84; play the original instead"
    )]
    NotDegrees {
        /// Whose.
        key: String,
        /// Longitude as given.
        lon: f64,
        /// Latitude as given.
        lat: f64,
    },
}
