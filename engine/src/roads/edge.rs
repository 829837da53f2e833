use crate::geo::Position;
use serde::{Deserialize, Serialize};

/// [`EdgeInput::name`] of a road without a name.
pub const NO_NAME: u32 = u32::MAX;

/// What kind of road it is, from the widest to the narrowest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[repr(u8)]
pub enum RoadClass {
    /// Motorways and trunk roads.
    Trunk = 0,
    /// Primary roads, OpenStreetMap's `primary`.
    Primary = 1,
    /// Secondary roads, OpenStreetMap's `secondary`.
    Secondary = 2,
    /// Tertiary roads, OpenStreetMap's `tertiary`.
    Tertiary = 3,
    /// Residential and unclassified roads.
    Residential = 4,
    /// Living streets, where people walk on the road.
    Living = 5,
    /// Service ways: yards, parking, alleys.
    Service = 6,
}

/// One piece of road between two nodes, as given to [`super::RoadGraph::build`].
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeInput {
    /// Node it begins at.
    pub from: u32,
    /// Node it ends at.
    pub to: u32,
    /// Length along the road, metres.
    pub length_m: f32,
    /// Free travel speed, metres a second.
    pub speed_mps: f32,
    /// True when it may only be driven from `from` to `to`.
    pub oneway: bool,
    /// Kind of road.
    pub class: RoadClass,
    /// Index into the names, or [`NO_NAME`].
    pub name: u32,
    /// Its course, both ends included: the first point is `from`'s, the last `to`'s.
    pub shape: Vec<Position>,
}

/// One piece of road between two nodes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Edge {
    /// Node it begins at.
    pub from: u32,
    /// Node it ends at.
    pub to: u32,
    /// Time from end to end, milliseconds, at least 1.
    pub travel_ms: u32,
    /// Length along the road, centimetres, rounded.
    pub length_cm: u32,
    /// Length as given, metres.
    pub length_m: f32,
    /// Speed as given, metres a second.
    pub speed_mps: f32,
    /// Index into the names, or [`NO_NAME`].
    pub name: u32,
    /// True when it may only be driven from `from` to `to`.
    pub oneway: bool,
    /// Kind of road.
    pub class: RoadClass,
}

/// One allowed direction of an edge, seen from one of its nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arc {
    /// The node at the other end: where it leads (outgoing) or comes from (incoming).
    pub node: u32,
    /// Time over it, milliseconds.
    pub travel_ms: u32,
    /// Length of the edge, centimetres.
    pub length_cm: u32,
    edge_and_side: u32,
}

impl Arc {
    pub(super) fn new(node: u32, edge: &Edge, index: u32, reversed: bool) -> Self {
        Self {
            node,
            travel_ms: edge.travel_ms,
            length_cm: edge.length_cm,
            edge_and_side: index << 1 | u32::from(reversed),
        }
    }

    /// Index of the edge.
    pub fn edge(self) -> u32 {
        self.edge_and_side >> 1
    }

    pub(super) fn edge_and_side(self) -> u32 {
        self.edge_and_side
    }

    /// True when the edge is driven from its `to` node to its `from` node.
    pub fn reversed(self) -> bool {
        self.edge_and_side & 1 == 1
    }
}

/// Arcs of all nodes one after the other, and where each node's begin.
#[derive(Debug, Default)]
pub(super) struct Adjacency {
    starts: Vec<u32>,
    arcs: Vec<Arc>,
}

impl Adjacency {
    pub(super) fn new(nodes: usize, mut arcs: Vec<(u32, Arc)>) -> Self {
        arcs.sort_by_key(|(node, arc)| (*node, arc.edge_and_side));
        let mut starts = vec![0u32; nodes + 1];
        for (node, _) in &arcs {
            starts[*node as usize + 1] += 1;
        }
        for i in 0..nodes {
            starts[i + 1] += starts[i];
        }
        Self {
            starts,
            arcs: arcs.into_iter().map(|(_, arc)| arc).collect(),
        }
    }

    pub(super) fn nodes(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    pub(super) fn of(&self, node: u32) -> &[Arc] {
        let i = node as usize;
        &self.arcs[self.starts[i] as usize..self.starts[i + 1] as usize]
    }
}
