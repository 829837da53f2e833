use crate::geo::Position;
use serde::{Deserialize, Serialize};

/// A place on the road: an edge and how far along it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RoadPoint {
    /// Index of the edge.
    pub edge: u32,
    /// Part of the edge's length from its `from` node, 0 … 1.
    pub along: f32,
    /// How far from the road the snapped position lay, metres.
    pub distance_m: f32,
    /// The place itself.
    pub position: Position,
}

/// A part of an edge as a number from 0 to 1, whatever was given.
pub(super) fn held(along: f32) -> f32 {
    if along.is_nan() {
        0.0
    } else {
        along.clamp(0.0, 1.0)
    }
}
