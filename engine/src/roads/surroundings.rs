use super::edge::Edge;
use super::error::RoadGraphError;
use super::water::Bank;
use serde::{Deserialize, Serialize};

/// What a road graph knows beside nodes and edges: where one may not turn, what lies above or below, and water.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Surroundings {
    /// Sequences of two to [`TURN_ARCS_MAX`] directed edges that may not be driven one after the other. A directed edge
    /// is twice its edge's number, and one more where it is driven from its `to` node to its `from` node.
    pub turns: Vec<Vec<u32>>,
    /// Edges off the ground, ascending, each with its level: above 0 bridges, below 0 tunnels.
    pub levels: Vec<(u32, i8)>,
    /// Where water begins.
    pub banks: Vec<Bank>,
}

/// A longer forbidden way is none that a sign says.
pub const TURN_ARCS_MAX: usize = 8;

impl Surroundings {
    /// True where nothing is known.
    pub fn is_empty(&self) -> bool {
        self.turns.is_empty() && self.levels.is_empty() && self.banks.is_empty()
    }

    pub(super) fn check(&self, edges: &[Edge]) -> Result<(), RoadGraphError> {
        for (turn, arcs) in self.turns.iter().enumerate() {
            if !is_way(arcs, edges) {
                return Err(RoadGraphError::Turn { turn });
            }
        }
        let ascending = self.levels.is_sorted_by(|a, b| a.0 < b.0);
        for (edge, level) in &self.levels {
            if *edge as usize >= edges.len() || *level == 0 || !ascending {
                return Err(RoadGraphError::Level {
                    edge: *edge,
                    level: *level,
                });
            }
        }
        for (bank, Bank { line, .. }) in self.banks.iter().enumerate() {
            if line.len() < 2 || !line.iter().all(|p| p.is_on_earth()) {
                return Err(RoadGraphError::Bank {
                    bank,
                    points: line.len(),
                });
            }
        }
        Ok(())
    }
}

/// The node that a directed edge leaves and the one that it comes to.
pub(super) fn ends(edges: &[Edge], arc: u32) -> (u32, u32) {
    let e = &edges[(arc >> 1) as usize];
    if arc & 1 == 0 {
        (e.from, e.to)
    } else {
        (e.to, e.from)
    }
}

/// True where directed edges follow each other and may be driven so.
fn is_way(arcs: &[u32], edges: &[Edge]) -> bool {
    let known = |arc: &u32| {
        edges
            .get((arc >> 1) as usize)
            .is_some_and(|e| arc & 1 == 0 || !e.oneway)
    };
    (2..=TURN_ARCS_MAX).contains(&arcs.len())
        && arcs.iter().all(known)
        && arcs
            .windows(2)
            .all(|w| ends(edges, w[0]).1 == ends(edges, w[1]).0)
}
