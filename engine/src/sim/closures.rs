use crate::geo::Position;
use crate::roads::{Closings, RoadGraph, Search};
use crate::time::Timestamp;
use serde::Serialize;

/// How far from a place its road may be, metres.
pub const ROAD_M: f64 = 150.0;
/// How far apart the two carriageways of one road may be, metres.
const CARRIAGEWAYS_M: f64 = 45.0;

/// Roads that are closed, and until when.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Closures {
    until: Closings,
}

impl Closures {
    /// Closes edges; true where that changed anything.
    pub fn close(&mut self, edges: &[u32], until: Option<Timestamp>, search: &mut Search) -> bool {
        let mut changed = false;
        for edge in edges {
            changed |= self.until.insert(*edge, until).is_none();
            search.set_closed(*edge, true);
        }
        changed
    }

    /// Opens edges; true if any of them was closed.
    pub fn open(&mut self, edges: &[u32], search: &mut Search) -> bool {
        let mut changed = false;
        for edge in edges {
            changed |= self.until.remove(edge).is_some();
            search.set_closed(*edge, false);
        }
        changed
    }

    /// Opens what was closed until now.
    pub fn expire(&mut self, now: Timestamp, search: &mut Search) -> bool {
        let over = |until: &Option<Timestamp>| until.is_some_and(|u| u <= now);
        let due: Vec<u32> = self
            .until
            .iter()
            .filter(|(_, until)| over(until))
            .map(|(edge, _)| *edge)
            .collect();
        self.open(&due, search)
    }

    /// Edges that are closed now, and until when.
    pub fn until(&self) -> &Closings {
        &self.until
    }
}

/// The road nearest to a place: its edge and, where that is one carriageway of two, the other beside it. Empty where no
/// road is in reach.
pub(crate) fn road_at(roads: &RoadGraph, place: Position) -> Vec<u32> {
    let Some(at) = roads.snap(place, ROAD_M) else {
        return Vec::new();
    };
    let mut edges = vec![at.edge];
    let Some(edge) = roads.edge(at.edge).copied().filter(|e| e.oneway) else {
        return edges;
    };
    let heading = |e: u32| {
        let shape = roads.shape(e);
        let (a, b) = (shape.first()?, shape.last()?);
        Some((
            f64::from(b.lon_e7) - f64::from(a.lon_e7),
            f64::from(b.lat_e7) - f64::from(a.lat_e7),
        ))
    };
    let against = |other: u32| match (heading(at.edge), heading(other)) {
        (Some(a), Some(b)) => a.0 * b.0 + a.1 * b.1 < 0.0,
        _ => false,
    };
    let beside = roads.edges_within(at.position, CARRIAGEWAYS_M);
    edges.extend(beside.into_iter().filter(|other| {
        *other != at.edge
            && roads
                .edge(*other)
                .is_some_and(|o| o.oneway && o.class == edge.class && o.name == edge.name)
            && against(*other)
    }));
    edges.sort_unstable();
    edges
}
