//! From one city to many screens: what changed by tile on the server, the mirror on the client.

mod mirror;
mod tiles;

pub use mirror::{Mirror, MirrorChanges, MirrorError, MoverView};
pub use tiles::{RATE_CLASSES, TileStream, stream_tile};
