use super::components::main_edges;
use super::edge::{Adjacency, Arc, Edge, EdgeInput, NO_NAME};
use super::error::RoadGraphError;
use super::flat::{flat_distance_m, flat_point};
use super::segments::SegmentTree;
use super::surroundings::Surroundings;
use super::turns::Turns;
use super::water::Water;
use super::ways::Net;
use crate::geo::{LocalFrame, Position};

/// What snapping asks of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) in_main: bool,
    pub(super) oneway: bool,
    pub(super) level: i8,
}

/// A city's roads: nodes, edges with their shapes and names, and what is derived from them for searching.
///
/// Memory: about 160 bytes a node, 120 an edge and 35 a shape point.
#[derive(Debug)]
pub struct RoadGraph {
    pub(super) nodes: Vec<Position>,
    pub(super) edges: Vec<Edge>,
    pub(super) names: Vec<String>,
    pub(super) shape_starts: Vec<u32>,
    pub(super) shapes: Vec<Position>,
    pub(super) frame: LocalFrame,
    pub(super) flat: Vec<[f32; 2]>,
    pub(super) outgoing: Adjacency,
    pub(super) incoming: Adjacency,
    /// By edge.
    pub(super) standings: Vec<Standing>,
    pub(super) segments: SegmentTree,
    pub(super) surroundings: Surroundings,
    pub(super) net: Net,
    pub(super) water: Water,
    /// No edge covers more flat metres in a millisecond than this.
    pub(super) fastest_m_per_ms: f64,
}

const NODES_MAX: usize = 1 << 30;
const EDGES_MAX: usize = 1 << 30;
const SHAPE_POINTS_MAX: usize = 1 << 31;

impl RoadGraph {
    /// As [`build`](Self::build), with what is known beside nodes and edges.
    ///
    /// # Errors
    /// [`RoadGraphError`] naming what is wrong first.
    pub fn build_with(
        nodes: Vec<Position>,
        inputs: Vec<EdgeInput>,
        names: Vec<String>,
        surroundings: Surroundings,
    ) -> Result<Self, RoadGraphError> {
        Self::checked(nodes, inputs, names)?.with(surroundings)
    }

    /// The same roads with other surroundings.
    ///
    /// # Errors
    /// [`RoadGraphError`] naming what is wrong first.
    pub fn with(mut self, surroundings: Surroundings) -> Result<Self, RoadGraphError> {
        surroundings.check(&self.edges)?;
        let turns = Turns::new(&surroundings.turns, &self.edges, &self.outgoing);
        if let Some(turns) = &turns {
            let places = self.nodes.len() as u32..turns.place_count() as u32;
            self.flat.truncate(self.nodes.len());
            let more = places.map(|p| self.flat[turns.node_of(p) as usize]);
            let more: Vec<[f32; 2]> = more.collect();
            self.flat.extend(more);
        }
        self.net = Net::new(turns, &self.outgoing);
        self.water = Water::new(&self.frame, &surroundings.banks);
        self.surroundings = surroundings;
        let edges = self.edges.iter().zip(main_edges(&self));
        let standings = edges.map(|(edge, in_main)| Standing {
            in_main,
            oneway: edge.oneway,
            level: 0,
        });
        self.standings = standings.collect();
        for (edge, level) in &self.surroundings.levels {
            self.standings[*edge as usize].level = *level;
        }
        Ok(self)
    }

    /// What is known beside nodes and edges.
    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Checks the input and derives adjacency, the main component and the snapping tree.
    ///
    /// # Errors
    /// [`RoadGraphError`] naming the first node or edge that is wrong.
    ///
    /// Cost: n log n in nodes, edges and shape points.
    pub fn build(
        nodes: Vec<Position>,
        inputs: Vec<EdgeInput>,
        names: Vec<String>,
    ) -> Result<Self, RoadGraphError> {
        Self::build_with(nodes, inputs, names, Surroundings::default())
    }

    /// What nodes and edges alone say.
    fn checked(
        nodes: Vec<Position>,
        inputs: Vec<EdgeInput>,
        names: Vec<String>,
    ) -> Result<Self, RoadGraphError> {
        check_count("nodes", nodes.len(), NODES_MAX)?;
        check_count("edges", inputs.len(), EDGES_MAX)?;
        let shape_points = inputs.iter().map(|e| e.shape.len()).sum();
        check_count("shape points", shape_points, SHAPE_POINTS_MAX)?;
        for (node, p) in nodes.iter().enumerate() {
            if !p.is_on_earth() {
                return Err(RoadGraphError::NodeOffEarth {
                    node,
                    lon_e7: p.lon_e7,
                    lat_e7: p.lat_e7,
                });
            }
        }
        let mut edges = Vec::with_capacity(inputs.len());
        let mut shape_starts = Vec::with_capacity(inputs.len() + 1);
        let mut shapes = Vec::with_capacity(shape_points);
        for (index, input) in inputs.iter().enumerate() {
            edges.push(checked_edge(index, input, &nodes, names.len())?);
            shape_starts.push(shapes.len() as u32);
            shapes.extend_from_slice(&input.shape);
        }
        shape_starts.push(shapes.len() as u32);
        Ok(Self::derive(nodes, edges, names, shape_starts, shapes))
    }

    fn derive(
        nodes: Vec<Position>,
        edges: Vec<Edge>,
        names: Vec<String>,
        shape_starts: Vec<u32>,
        shapes: Vec<Position>,
    ) -> Self {
        let frame = LocalFrame::new(middle(&nodes));
        let flat: Vec<[f32; 2]> = nodes.iter().map(|p| flat_point(frame.metres(*p))).collect();
        let (mut outgoing, mut incoming) = (Vec::new(), Vec::new());
        let mut fastest_m_per_ms = 0.0f64;
        for (i, e) in edges.iter().enumerate() {
            let i = i as u32;
            outgoing.push((e.from, Arc::new(e.to, e, i, false)));
            incoming.push((e.to, Arc::new(e.from, e, i, false)));
            if !e.oneway {
                outgoing.push((e.to, Arc::new(e.from, e, i, true)));
                incoming.push((e.from, Arc::new(e.to, e, i, true)));
            }
            let air_m = flat_distance_m(flat[e.from as usize], flat[e.to as usize]);
            fastest_m_per_ms = fastest_m_per_ms.max(air_m / f64::from(e.travel_ms));
        }
        let outgoing = Adjacency::new(nodes.len(), outgoing);
        let incoming = Adjacency::new(nodes.len(), incoming);
        let segments = SegmentTree::new(&frame, &shape_starts, &shapes);
        Self {
            nodes,
            edges,
            names,
            shape_starts,
            shapes,
            frame,
            flat,
            outgoing,
            incoming,
            standings: Vec::new(),
            segments,
            surroundings: Surroundings::default(),
            net: Net::default(),
            water: Water::default(),
            fastest_m_per_ms,
        }
    }

    /// Number of nodes.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Number of edges.
    pub fn edge_count(&self) -> usize {
        self.edges.len()
    }

    /// Where a node lies, if there is such a node.
    pub fn node(&self, node: u32) -> Option<Position> {
        self.nodes.get(node as usize).copied()
    }

    /// An edge, if there is such an edge.
    pub fn edge(&self, edge: u32) -> Option<&Edge> {
        self.edges.get(edge as usize)
    }

    /// The course of an edge, both ends included; empty when there is no such edge.
    pub fn shape(&self, edge: u32) -> &[Position] {
        let i = edge as usize;
        match (self.shape_starts.get(i), self.shape_starts.get(i + 1)) {
            (Some(start), Some(end)) => &self.shapes[*start as usize..*end as usize],
            _ => &[],
        }
    }

    /// Places along all edges, at most `step_m` apart: where there is a road.
    pub fn places(&self, step_m: f64) -> Vec<Position> {
        let mut places = Vec::new();
        for edge in 0..self.edges.len() as u32 {
            let shape = self.shape(edge);
            places.extend(shape.first());
            for (a, b) in shape.iter().zip(shape.iter().skip(1)) {
                let steps =
                    (crate::geo::distance_m(*a, *b) / step_m.max(1.0)).clamp(1.0, 1e4) as i64;
                let between = |a: i32, b: i32, k: i64| {
                    (i64::from(a) + (i64::from(b) - i64::from(a)) * k / steps) as i32
                };
                places.extend((1..=steps).map(|k| {
                    Position::new(
                        between(a.lon_e7, b.lon_e7, k),
                        between(a.lat_e7, b.lat_e7, k),
                    )
                }));
            }
        }
        places
    }

    /// The directions in which a node may be left; empty when there is no such node.
    pub fn outgoing(&self, node: u32) -> &[Arc] {
        if (node as usize) < self.nodes.len() {
            self.outgoing.of(node)
        } else {
            &[]
        }
    }

    /// True when the edge joins two nodes of the largest strongly connected component: a way leads from
    /// anywhere on it to anywhere else on it and back.
    pub fn in_main_component(&self, edge: u32) -> bool {
        let standing = self.standings.get(edge as usize);
        standing.is_some_and(|s| s.in_main)
    }

    /// The level of an edge: 0 on the ground, above it bridges, below it tunnels.
    pub fn level(&self, edge: u32) -> i8 {
        let standing = self.standings.get(edge as usize);
        standing.map_or(0, |s| s.level)
    }

    /// The name of an edge, if it has one.
    pub fn edge_name(&self, edge: u32) -> Option<&str> {
        self.edge(edge).and_then(|e| self.name(e.name))
    }

    /// All road names, in the order given.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    pub(super) fn name(&self, name: u32) -> Option<&str> {
        self.names.get(name as usize).map(String::as_str)
    }
}

fn check_count(what: &'static str, count: usize, limit: usize) -> Result<(), RoadGraphError> {
    if count < limit {
        Ok(())
    } else {
        Err(RoadGraphError::TooLarge { what, count, limit })
    }
}

fn checked_edge(
    index: usize,
    input: &EdgeInput,
    nodes: &[Position],
    names: usize,
) -> Result<Edge, RoadGraphError> {
    let end = |node: u32| {
        let missing = RoadGraphError::NoSuchNode {
            edge: index,
            node,
            nodes: nodes.len(),
        };
        nodes.get(node as usize).copied().ok_or(missing)
    };
    let (first, last) = (end(input.from)?, end(input.to)?);
    if input.name != NO_NAME && input.name as usize >= names {
        return Err(RoadGraphError::NoSuchName {
            edge: index,
            name: input.name,
            names,
        });
    }
    let (length_m, speed_mps) = (input.length_m, input.speed_mps);
    if !(0.0..=1e6).contains(&length_m) {
        return Err(RoadGraphError::Length {
            edge: index,
            length_m,
        });
    }
    if !(0.1..=100.0).contains(&speed_mps) {
        return Err(RoadGraphError::Speed {
            edge: index,
            speed_mps,
        });
    }
    let shape = &input.shape;
    let runs = shape.len() >= 2 && shape.first() == Some(&first) && shape.last() == Some(&last);
    if !runs || !shape.iter().all(|p| p.is_on_earth()) {
        return Err(RoadGraphError::Shape {
            edge: index,
            points: shape.len(),
        });
    }
    let travel_ms = libm::round(f64::from(length_m) / f64::from(speed_mps) * 1000.0).max(1.0);
    Ok(Edge {
        from: input.from,
        to: input.to,
        travel_ms: travel_ms as u32,
        length_cm: libm::round(f64::from(length_m) * 100.0) as u32,
        length_m,
        speed_mps,
        name: input.name,
        oneway: input.oneway,
        class: input.class,
    })
}

fn middle(nodes: &[Position]) -> Position {
    let mid = |values: &mut dyn Iterator<Item = i32>| {
        let (mut low, mut high) = (i64::MAX, i64::MIN);
        for v in values {
            (low, high) = (low.min(i64::from(v)), high.max(i64::from(v)));
        }
        if low > high {
            0
        } else {
            (low + (high - low) / 2) as i32
        }
    };
    Position::new(
        mid(&mut nodes.iter().map(|p| p.lon_e7)),
        mid(&mut nodes.iter().map(|p| p.lat_e7)),
    )
}
