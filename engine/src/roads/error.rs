/// Why a road graph could not be built or read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RoadGraphError {
    /// More nodes, edges or shape points than 32-bit numbers can address.
    #[error(
        "road graph too large: {count} {what}, the limit is {limit}; cut the extract into smaller packs"
    )]
    TooLarge {
        /// What there are too many of.
        what: &'static str,
        /// How many were given.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
    /// A node that is not a place on Earth.
    #[error(
        "road node {node}: longitude {lon_e7}, latitude {lat_e7} (1e-7 degree) is not on Earth"
    )]
    NodeOffEarth {
        /// Index of the node.
        node: usize,
        /// Longitude as given.
        lon_e7: i32,
        /// Latitude as given.
        lat_e7: i32,
    },
    /// An edge that begins or ends at a node which does not exist.
    #[error("road edge {edge}: node {node} does not exist, there are {nodes}")]
    NoSuchNode {
        /// Index of the edge.
        edge: usize,
        /// The missing node.
        node: u32,
        /// Number of nodes.
        nodes: usize,
    },
    /// An edge with a name that does not exist.
    #[error("road edge {edge}: name {name} does not exist, there are {names}")]
    NoSuchName {
        /// Index of the edge.
        edge: usize,
        /// The missing name.
        name: u32,
        /// Number of names.
        names: usize,
    },
    /// A length that is negative, not finite or over 1,000 km.
    #[error("road edge {edge}: length {length_m} m is not between 0 and 1,000,000")]
    Length {
        /// Index of the edge.
        edge: usize,
        /// Length as given.
        length_m: f32,
    },
    /// A speed that is not finite or outside 0.1 … 100 m/s.
    #[error("road edge {edge}: speed {speed_mps} m/s is not between 0.1 and 100")]
    Speed {
        /// Index of the edge.
        edge: usize,
        /// Speed as given.
        speed_mps: f32,
    },
    /// A shape of fewer than two points, off the Earth, or not running from node to node.
    #[error(
        "road edge {edge}: its shape of {points} points must run on Earth from its first node to its last"
    )]
    Shape {
        /// Index of the edge.
        edge: usize,
        /// Number of points of the shape.
        points: usize,
    },
    /// A forbidden turn over edges that do not follow each other.
    #[error("forbidden turn {turn}: its edges do not follow each other, two to eight of them")]
    Turn {
        /// Index of the turn.
        turn: usize,
    },
    /// A level of an edge that does not exist, or on the ground, or out of order.
    #[error("level {level} of road edge {edge}: edges off the ground are listed once, ascending")]
    Level {
        /// Index of the edge.
        edge: u32,
        /// Its level.
        level: i8,
    },
    /// A bank of fewer than two points, or off the Earth.
    #[error("bank {bank}: its {points} points must be two or more, on Earth")]
    Bank {
        /// Index of the bank.
        bank: usize,
        /// Number of points.
        points: usize,
    },
    /// Bytes that do not begin as a road file of this version does.
    #[error(
        "not a road file of this version: it begins with {found:02x?}; make the pack anew with `import osm`"
    )]
    Magic {
        /// The first bytes, at most eight.
        found: Vec<u8>,
    },
    /// A road file cut short or damaged.
    #[error("road file damaged: {0}; make the pack anew with `import osm`")]
    Damaged(#[from] postcard::Error),
    /// A road file with something after its end.
    #[error("road file damaged: {0} bytes after its end; make the pack anew with `import osm`")]
    TrailingBytes(usize),
}
