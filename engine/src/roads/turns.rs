use super::edge::{Adjacency, Arc, Edge};
use super::surroundings::ends;
use std::collections::{BTreeMap, BTreeSet};

/// The net that is searched where some turns are forbidden.
///
/// A node that is come to by the beginning of a forbidden way is another place than the same node come to otherwise: it
/// has a number of its own beyond those of the nodes, and lacks the arcs that would end the forbidden way. Every other
/// node is as it was, so that a search costs what it did.
///
/// Source: Aho and Corasick 1975, with directed edges for letters.
#[derive(Debug)]
pub(super) struct Turns {
    pub(super) outgoing: Adjacency,
    /// By number of a place less the number of nodes: the node it is.
    nodes: Vec<u32>,
    /// Places of a node, where it has more than one: all but itself.
    others: BTreeMap<u32, Vec<u32>>,
    /// Where directed edges lead that are the first of a forbidden way.
    heads: BTreeMap<u32, u32>,
    node_count: u32,
}

/// Forbidden ways, and the beginnings of such ways with the place that each leads to.
struct Automaton<'a> {
    forbidden: BTreeSet<&'a [u32]>,
    beginnings: BTreeMap<&'a [u32], u32>,
    edges: &'a [Edge],
}

impl Automaton<'_> {
    /// The place where one is after driving `driven` and then `arc`; `None` where that is forbidden.
    fn after(&self, driven: &[u32], arc: u32) -> Option<u32> {
        let mut way = driven.to_vec();
        way.push(arc);
        let latest = |n: usize| &way[n..];
        if (0..way.len()).any(|n| self.forbidden.contains(latest(n))) {
            return None;
        }
        let place = (0..way.len()).find_map(|n| self.beginnings.get(latest(n)));
        Some(place.copied().unwrap_or_else(|| ends(self.edges, arc).1))
    }
}

impl Turns {
    /// `None` where nothing is forbidden. Every way must be one that could be driven.
    pub(super) fn new(
        forbidden: &[Vec<u32>],
        edges: &[Edge],
        outgoing: &Adjacency,
    ) -> Option<Self> {
        if forbidden.is_empty() {
            return None;
        }
        let node_count = outgoing.nodes() as u32;
        let begun = forbidden
            .iter()
            .flat_map(|way| (1..way.len()).map(|n| &way[..n]));
        let begun: BTreeSet<&[u32]> = begun.collect();
        let automaton = Automaton {
            forbidden: forbidden.iter().map(Vec::as_slice).collect(),
            beginnings: begun.iter().copied().zip(node_count..).collect(),
            edges,
        };
        let none: &[u32] = &[];
        let nodes: Vec<u32> = begun
            .iter()
            .map(|way| ends(edges, way[way.len() - 1]).1)
            .collect();
        let at_nodes = (0..node_count).map(|n| (n, n, none));
        let elsewhere = begun.iter().zip(&nodes).zip(node_count..);
        let elsewhere = elsewhere.map(|((way, node), place)| (place, *node, *way));
        let mut out = Vec::new();
        for (place, node, driven) in at_nodes.chain(elsewhere) {
            for arc in outgoing.of(node) {
                let side = arc.edge_and_side();
                let Some(next) = automaton.after(driven, side) else {
                    continue;
                };
                let edge = &edges[arc.edge() as usize];
                out.push((place, Arc::new(next, edge, arc.edge(), arc.reversed())));
            }
        }
        let mut others: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (node, place) in nodes.iter().zip(node_count..) {
            others.entry(*node).or_default().push(place);
        }
        let heads = automaton
            .beginnings
            .iter()
            .filter(|(way, _)| way.len() == 1);
        let heads = heads.map(|(way, place)| (way[0], *place)).collect();
        let places = node_count as usize + nodes.len();
        Some(Self {
            outgoing: Adjacency::new(places, out),
            nodes,
            others,
            heads,
            node_count,
        })
    }

    /// Number of places: nodes, and nodes come to in a way that forbids some of what follows.
    pub(super) fn place_count(&self) -> usize {
        self.node_count as usize + self.nodes.len()
    }

    /// The node that a place is.
    pub(super) fn node_of(&self, place: u32) -> u32 {
        match place.checked_sub(self.node_count) {
            Some(other) => self.nodes[other as usize],
            None => place,
        }
    }

    /// Places of a node beside the node itself.
    pub(super) fn others(&self, node: u32) -> &[u32] {
        self.others.get(&node).map_or(&[], Vec::as_slice)
    }

    /// Where a directed edge leads whose own beginning was not driven.
    pub(super) fn head(&self, arc: u32) -> Option<u32> {
        self.heads.get(&arc).copied()
    }
}
