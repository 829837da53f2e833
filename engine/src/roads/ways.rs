use super::contraction::Heights;
use super::edge::Adjacency;
use super::graph::RoadGraph;
use super::shortcuts::{Shortcuts, fingerprint};
use super::surroundings::ends;
use super::turns::Turns;

/// What searches know beside the arcs of nodes.
#[derive(Debug, Default)]
pub(super) struct Net {
    /// `None` where every turn may be made.
    pub(super) turns: Option<Turns>,
    pub(super) heights: Heights,
    /// With nothing closed.
    pub(super) shortcuts: Shortcuts,
    /// Tells nets apart.
    pub(super) fingerprint: u64,
}

impl Net {
    pub(super) fn new(turns: Option<Turns>, outgoing: &Adjacency) -> Self {
        let ways_out = turns.as_ref().map_or(outgoing, |t| &t.outgoing);
        let heights = Heights::new(ways_out);
        Self {
            shortcuts: Shortcuts::new(&heights, ways_out, |_| false),
            fingerprint: fingerprint(ways_out),
            heights,
            turns,
        }
    }
}

/// The net as searches see it: places are nodes, or nodes come to in a way that forbids some of what follows.
impl RoadGraph {
    pub(super) fn place_count(&self) -> usize {
        let turns = self.net.turns.as_ref();
        turns.map_or(self.nodes.len(), Turns::place_count)
    }

    /// The arcs out of all places.
    pub(super) fn ways_out(&self) -> &Adjacency {
        self.net
            .turns
            .as_ref()
            .map_or(&self.outgoing, |t| &t.outgoing)
    }

    /// The place that whoever stands on a directed edge comes to at its end.
    pub(super) fn head(&self, arc: u32) -> u32 {
        let turned = self.net.turns.as_ref().and_then(|t| t.head(arc));
        turned.unwrap_or_else(|| ends(&self.edges, arc).1)
    }

    /// The places from which a directed edge may be driven.
    pub(super) fn tails(&self, arc: u32) -> impl Iterator<Item = u32> {
        let node = ends(&self.edges, arc).0;
        let others = self.net.turns.as_ref().map_or(&[][..], |t| t.others(node));
        let may = move |place: &u32| {
            let arcs = self.ways_out().of(*place);
            arcs.iter().any(|a| a.edge_and_side() == arc)
        };
        core::iter::once(node).chain(others.iter().copied().filter(may))
    }
}
