use super::format::Format;
use crate::out::OutError;
use crate::pack::{ClassTableError, PackError};
use std::io;
use std::path::PathBuf;

/// Why an extract could not be turned into a city pack. The pack that was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened or read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// Path of the extract.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// Some other kind of file.
    #[error("{}: {found}; expected an OpenStreetMap extract (.osm.pbf, .osm or .osm.xml, either gzipped)", path.display())]
    Foreign {
        /// Path of what was given instead.
        path: PathBuf,
        /// What it looks like.
        found: String,
    },
    /// The file ends too early.
    #[error("{}: the {format} ends in the middle ({detail}): the file is truncated; download it again", path.display())]
    Truncated {
        /// Path of the extract.
        path: PathBuf,
        /// What it was read as.
        format: Format,
        /// Where it ended.
        detail: String,
    },
    /// The file breaks the rules of its format.
    #[error("{}: not valid {format} at {place}: {detail}", path.display())]
    Corrupt {
        /// Path of the extract.
        path: PathBuf,
        /// What it was read as.
        format: Format,
        /// Line, byte or block.
        place: String,
        /// What is wrong there.
        detail: String,
    },
    /// A node off the Earth.
    #[error(
        "{}: node {id} lies at longitude {lon_deg}, latitude {lat_deg}, outside the world (−180…180, −90…90); \
         is the file projected or are its coordinates swapped?", path.display()
    )]
    OutsideWorld {
        /// Path of the extract.
        path: PathBuf,
        /// OpenStreetMap's id of the node.
        id: i64,
        /// Its longitude in degrees, as given.
        lon_deg: f64,
        /// Its latitude in degrees, as given.
        lat_deg: f64,
    },
    /// Nothing in the extract.
    #[error("{}: the extract is empty: no node, way or relation in it", path.display())]
    Empty {
        /// Path of the extract.
        path: PathBuf,
    },
    /// The server that made the file broke off.
    #[error(
        "{}: the server that made it says: {remark} — what it holds is a part; ask for a smaller area, or again later",
        path.display()
    )]
    Remark {
        /// Path of the extract.
        path: PathBuf,
        /// The server's words.
        remark: String,
    },
    /// Nothing to draw.
    #[error("{}: no tile of the map would hold anything: what the file says it covers is not where its streets are; give --bounds", path.display())]
    EmptyMap {
        /// Path of the extract.
        path: PathBuf,
    },
    /// Nothing to drive on.
    #[error(
        "{}: no road that a vehicle may use ({ways} ways read, {missing_nodes} references to missing nodes); \
         a city needs streets: take an extract that holds ways tagged highway=* with their nodes", path.display()
    )]
    NoRoads {
        /// Path of the extract.
        path: PathBuf,
        /// Ways that the extract holds.
        ways: u64,
        /// References to nodes that the extract lacks.
        missing_nodes: u64,
    },
    /// The pack is not written where it was to be.
    #[error(transparent)]
    Out(#[from] OutError),
    /// `--bounds` that hold nothing.
    #[error("--bounds {given}: {detail}")]
    Bounds {
        /// What was written after `--bounds`.
        given: String,
        /// What is wrong.
        detail: String,
    },
    /// `--time-zone` that does not exist.
    #[error(
        "--time-zone {given}: no such IANA time zone; give one like Asia/Shanghai or Europe/Madrid"
    )]
    TimeZone {
        /// What was written after `--time-zone`.
        given: String,
    },
    /// The table of case classes.
    #[error(transparent)]
    CaseClasses(#[from] ClassTableError),
    /// The road graph refused what was built for it.
    #[error("road graph: {0}")]
    Roads(#[from] chengtu_engine::roads::RoadGraphError),
    /// The tile archive.
    #[error("base map: {0}")]
    Tiles(#[from] pmtiles::PmtError),
    /// The pack cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// File or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// The output folder holds something else.
    #[error("{}: exists and is no city pack (no city.toml in it); give another --out or empty it", path.display())]
    NotAPack {
        /// Path of the folder that a pack would go into.
        path: PathBuf,
    },
    /// The pack just written does not open.
    #[error("the new pack does not open and was thrown away: {0}")]
    Pack(#[from] Box<PackError>),
}
