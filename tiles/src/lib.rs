//! Mapbox Vector Tiles 2.1: the importer writes them, the map reads them.
//!
//! Source: <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>.

mod error;
mod geometry;
mod read;
mod value;
mod wire;
mod write;

pub use error::TileError;
pub use geometry::{GeometryType, Point, Shape, doubled_area, polygons};
pub use read::{Feature, Layer, decode};
pub use value::Value;
pub use write::{LayerWriter, encode};

/// Units along a side of a tile that does not say otherwise.
pub const EXTENT: u32 = 4096;
