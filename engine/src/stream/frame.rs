use super::{EntityChange, TileFrame};
use crate::time::Timestamp;

/// What has changed since the frame before.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    /// The record that it brings one to.
    pub seq: u64,
    /// `seq` of what this session was sent before; a gap means that something was missed.
    pub prev_seq: u64,
    /// When it was made.
    pub time: Timestamp,
    /// Entities.
    pub changes: Vec<EntityChange>,
    /// Movers.
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
