use super::arrivals::Arriving;
use super::cost::Cost;
use super::edge::Arc;
use super::graph::RoadGraph;
use super::heap::Heap;
use super::point::{RoadPoint, held};
use crate::chance::{STEP, mixed};

pub(super) const NO_ARC: u32 = u32::MAX;

/// What a search knows of one place of the net. Valid only where `round` is the search's own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Reached {
    round: u32,
    pub(super) travel_ms: u32,
    pub(super) length_cm: u32,
    /// The edge and side it was reached by, or [`NO_ARC`] at a starting node.
    pub(super) by: u32,
}

/// Memory for searches on a road graph, kept between them so that none allocates. It may serve any number of
/// graphs, one after the other.
///
/// It also holds which edges are closed: a closed edge is not driven over. Size: 24 bytes a node, and where edges are
/// closed some 70 more.
#[derive(Clone, Debug, Default)]
pub struct Search {
    reached: Vec<Reached>,
    round: u32,
    pub(super) heap: Heap,
    closed: Vec<bool>,
    closed_count: usize,
    /// Made from which edges are closed; 0 for none.
    closed_mark: u64,
    pub(super) arriving: Arriving,
}

impl Search {
    /// Memory for searches, nothing closed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Closes or opens an edge for searches with this memory. A closed edge is not driven over in either direction;
    /// no way starts or ends on it either.
    pub fn set_closed(&mut self, edge: u32, closed: bool) {
        let i = edge as usize;
        if i >= self.closed.len() {
            if !closed {
                return;
            }
            self.closed.resize(i + 1, false);
        }
        if self.closed[i] != closed {
            self.closed[i] = closed;
            self.closed_mark ^= mixed(u64::from(edge) + STEP);
            self.closed_count = if closed {
                self.closed_count + 1
            } else {
                self.closed_count - 1
            };
        }
    }

    /// True where the edge is closed for searches with this memory.
    pub fn is_closed(&self, edge: u32) -> bool {
        self.closed_count > 0 && self.closed.get(edge as usize) == Some(&true)
    }

    /// A number that tells sets of closed edges apart; 0 for none closed.
    pub(super) fn closed_mark(&self) -> u64 {
        if self.closed_count == 0 {
            0
        } else {
            self.closed_mark.max(1)
        }
    }

    pub(super) fn begin(&mut self, graph: &RoadGraph) {
        if self.reached.len() < graph.place_count() {
            self.reached.resize(graph.place_count(), Reached::default());
        }
        self.heap.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.reached.fill(Reached::default());
            self.round = 1;
        }
    }

    /// What is known of a node, if this search reached it.
    pub(super) fn reached(&self, node: u32) -> Option<&Reached> {
        self.reached
            .get(node as usize)
            .filter(|r| r.round == self.round)
    }

    /// Notes a way to a node unless a way at least as short is known; true when noted.
    pub(super) fn improve(&mut self, node: u32, travel_ms: u32, length_cm: u32, by: u32) -> bool {
        let round = self.round;
        let known = &mut self.reached[node as usize];
        if known.round == round && known.travel_ms <= travel_ms {
            return false;
        }
        *known = Reached {
            round,
            travel_ms,
            length_cm,
            by,
        };
        true
    }

    pub(super) fn allows(&self, arc: Arc) -> bool {
        !self.is_closed(arc.edge())
    }
}

/// A point on an edge with what it costs to reach it from the edge's ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct OnEdge {
    pub(super) edge: u32,
    pub(super) two_way: bool,
    /// From the `from` node to the point.
    pub(super) before: Cost,
    /// From the point to the `to` node.
    pub(super) after: Cost,
}

/// A way on or off an edge: the place of the net where it ends or begins, its cost, and whether it is driven back: from
/// the edge's `to` node to its `from` node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ramp {
    pub(super) place: u32,
    pub(super) cost: Cost,
    pub(super) back: bool,
}

impl OnEdge {
    /// `None` when the graph has no such edge or the search has it closed.
    pub(super) fn new(graph: &RoadGraph, search: &Search, point: RoadPoint) -> Option<Self> {
        let edge = graph.edge(point.edge)?;
        if search.is_closed(point.edge) {
            return None;
        }
        let along = f64::from(held(point.along));
        let part = |whole: u32| libm::round(f64::from(whole) * along) as u32;
        let before = Cost {
            travel_ms: part(edge.travel_ms),
            length_cm: part(edge.length_cm),
        };
        let after = Cost {
            travel_ms: edge.travel_ms - before.travel_ms,
            length_cm: edge.length_cm - before.length_cm,
        };
        Some(Self {
            edge: point.edge,
            two_way: !edge.oneway,
            before,
            after,
        })
    }

    /// The way to another point without leaving the edge, if both are on the same edge and its direction allows it.
    pub(super) fn direct(&self, to: &Self) -> Option<Cost> {
        if self.edge != to.edge {
            return None;
        }
        let (ahead, behind) = (to.before, self.before);
        let less = |a: Cost, b: Cost| Cost {
            travel_ms: a.travel_ms.saturating_sub(b.travel_ms),
            length_cm: a.length_cm.saturating_sub(b.length_cm),
        };
        if ahead >= behind {
            Some(less(ahead, behind))
        } else if self.two_way {
            Some(less(behind, ahead))
        } else {
            None
        }
    }

    /// The directed edges that the point lies on, each with what is driven before it and after it.
    pub(super) fn sides(&self) -> impl Iterator<Item = (u32, Cost, Cost)> {
        let ahead = (self.edge << 1, self.before, self.after);
        let back = (self.edge << 1 | 1, self.after, self.before);
        core::iter::once(ahead).chain(self.two_way.then_some(back))
    }

    /// The places that a way from here reaches first.
    pub(super) fn exits(&self, graph: &RoadGraph) -> impl Iterator<Item = Ramp> {
        self.sides().map(|(arc, _, cost)| Ramp {
            place: graph.head(arc),
            cost,
            back: arc & 1 == 1,
        })
    }

    /// The places from which a way leads here at last.
    pub(super) fn entries(&self, graph: &RoadGraph) -> impl Iterator<Item = Ramp> {
        self.sides().flat_map(|(arc, cost, _)| {
            graph.tails(arc).map(move |place| Ramp {
                place,
                cost,
                back: arc & 1 == 1,
            })
        })
    }
}
