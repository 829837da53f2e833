use super::{EntityChange, TileFrame};
use crate::time::Timestamp;

/// Changes since the frame before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// Last record included in the frame.
    pub seq: u64,
    /// Last record included in what this session was sent before; another number means that a frame was missed.
    pub prev_seq: u64,
    /// Time of the world when it was made.
    pub time: Timestamp,
    /// Changed cases, units, sensors and alarms, each whole.
    pub changes: Vec<EntityChange>,
    /// Movers that changed, a frame for each tile.
    pub tiles: Vec<TileFrame>,
}

/// Why a snapshot was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SnapshotReason {
    /// A new subscription.
    Subscribed,
    /// The client asked.
    Asked,
    /// The client could not keep up; positions in between were dropped, nothing else.
    Lagged,
    /// The place to resume from is no longer kept.
    TooOld,
    /// The world's clock has jumped, or runs backwards.
    Jumped,
}

/// Counts of movers in the 16 × 16 cells of a tile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CoarseTile {
    /// Zoom, column, row.
    pub tile: (u8, u32, u32),
    /// Cell (row from the north × 16 + column) and its count.
    pub counts: Vec<(u8, u32)>,
}
