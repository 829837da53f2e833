//! Small graphs and a plain shortest-path search to check the real one against.

use super::cost::Cost;
use super::edge::{EdgeInput, NO_NAME, RoadClass};
use super::graph::RoadGraph;
use super::point::RoadPoint;
use super::search::{OnEdge, Search};
use super::surroundings::ends;
use crate::chance::{STEP, mixed};
use crate::geo::{LocalFrame, Metres, Position};
use std::collections::{BTreeMap, BTreeSet};

/// Random numbers from a seed.
pub(super) struct Rng(pub(super) u64);

impl Rng {
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    pub(super) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(super) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Nodes on a regular grid, numbered row by row from the south-west, and whatever edges a test puts there.
pub(super) struct GridBuilder {
    frame: LocalFrame,
    cols: usize,
    rows: usize,
    nodes: Vec<Position>,
    edges: Vec<EdgeInput>,
    names: Vec<String>,
}

impl GridBuilder {
    pub(super) fn new(cols: usize, rows: usize, spacing_m: f64) -> Self {
        let frame = LocalFrame::new(Position::new(1_187_900_000, 320_500_000));
        let place = |i: usize| Metres {
            east_m: (i % cols) as f64 * spacing_m,
            north_m: (i / cols) as f64 * spacing_m,
        };
        let nodes = (0..cols * rows).map(|i| frame.position(place(i))).collect();
        Self {
            frame,
            cols,
            rows,
            nodes,
            edges: Vec::new(),
            names: Vec::new(),
        }
    }

    pub(super) fn offset(&self, east_m: f64, north_m: f64) -> Position {
        self.frame.position(Metres { east_m, north_m })
    }

    pub(super) fn node_at(&mut self, east_m: f64, north_m: f64) -> u32 {
        self.nodes.push(self.offset(east_m, north_m));
        self.nodes.len() as u32 - 1
    }

    pub(super) fn name(&mut self, name: &str) -> u32 {
        self.names.push(name.to_owned());
        self.names.len() as u32 - 1
    }

    pub(super) fn edge(&mut self, from: u32, to: u32, speed_mps: f32, oneway: bool) {
        self.edge_by(from, to, &[], speed_mps, oneway);
    }

    pub(super) fn named_edge(&mut self, from: u32, to: u32, name: u32) {
        self.edge(from, to, 10.0, false);
        self.edges.last_mut().unwrap().name = name;
    }

    pub(super) fn edge_by(
        &mut self,
        from: u32,
        to: u32,
        inner: &[Position],
        speed_mps: f32,
        oneway: bool,
    ) {
        let ends = (self.nodes[from as usize], self.nodes[to as usize]);
        let shape: Vec<Position> = core::iter::once(ends.0)
            .chain(inner.iter().copied())
            .chain([ends.1])
            .collect();
        let metres: Vec<Metres> = shape.iter().map(|p| self.frame.metres(*p)).collect();
        let length_m = metres
            .windows(2)
            .map(|w| w[0].distance_m(w[1]))
            .sum::<f64>();
        self.edges.push(EdgeInput {
            from,
            to,
            length_m: libm::round(length_m) as f32,
            speed_mps,
            oneway,
            class: RoadClass::Residential,
            name: NO_NAME,
            shape,
        });
    }

    fn neighbours(&self) -> Vec<(u32, u32)> {
        let (cols, rows) = (self.cols, self.rows);
        let right = (0..cols * rows)
            .filter(|i| i % cols + 1 < cols)
            .map(|i| (i, i + 1));
        let up = (0..cols * (rows - 1)).map(|i| (i, i + cols));
        right.chain(up).map(|(a, b)| (a as u32, b as u32)).collect()
    }

    pub(super) fn connect_all(&mut self) {
        for (a, b) in self.neighbours() {
            self.edge(a, b, 10.0, false);
        }
    }

    pub(super) fn build(self) -> RoadGraph {
        RoadGraph::build(self.nodes, self.edges, self.names).unwrap()
    }
}

/// A grid of streets with gaps, one-ways both ways, bends, differing speeds, loops and a name here and there.
pub(super) fn random_grid(rng: &mut Rng, cols: usize, rows: usize) -> RoadGraph {
    random_streets(rng, cols, rows).build()
}

/// A grid as of [`random_grid`], with diagonals, second streets between the same crossings, long streets of many short
/// pieces, streets without length, dead ends and a part apart from all others.
pub(super) fn random_town(rng: &mut Rng, side: usize) -> RoadGraph {
    let mut grid = random_streets(rng, side, side);
    let nodes = (side * side) as u64;
    let mut streets = Vec::new();
    for _ in 0..nodes / 2 {
        let a = rng.below(nodes - side as u64 - 1) as u32;
        let to = [a + 1, a + side as u32, a + side as u32 + 1];
        streets.push((a, to[rng.below(3) as usize]));
    }
    for (a, b) in streets {
        grid.edge(a, b, 4.0 + rng.below(12) as f32, rng.below(3) == 0);
    }
    for _ in 0..side {
        let mut last = rng.below(nodes) as u32;
        let oneway = rng.below(3) == 0;
        for _ in 0..rng.below(9) {
            let m = grid.frame.metres(grid.nodes[last as usize]);
            let step_m = 40.0 * rng.below(2) as f64;
            let next = grid.node_at(m.east_m + step_m, m.north_m + step_m);
            grid.edge(last, next, 8.0, oneway);
            last = next;
        }
        if rng.below(2) == 0 {
            grid.edge(last, rng.below(nodes) as u32, 12.0, oneway);
        }
    }
    let apart = [grid.node_at(-900.0, 0.0), grid.node_at(-900.0, 90.0)];
    grid.edge(apart[0], apart[1], 9.0, false);
    grid.node_at(-950.0, 0.0);
    grid.build()
}

fn random_streets(rng: &mut Rng, cols: usize, rows: usize) -> GridBuilder {
    let mut grid = GridBuilder::new(cols, rows, 120.0);
    let names: Vec<u32> = ["中山路", "汉中路", "珠江路"]
        .iter()
        .map(|n| grid.name(n))
        .collect();
    for (a, b) in grid.neighbours() {
        let kind = rng.below(100);
        if kind < 12 {
            continue;
        }
        let (a, b) = if kind.is_multiple_of(2) {
            (a, b)
        } else {
            (b, a)
        };
        let bend = (kind < 40).then(|| {
            let m = grid.frame.metres(grid.nodes[a as usize]);
            grid.offset(
                m.east_m + rng.unit() * 100.0,
                m.north_m + rng.unit() * 100.0,
            )
        });
        let speed_mps = 3.0 + rng.below(15) as f32;
        grid.edge_by(a, b, bend.as_slice(), speed_mps, rng.below(10) < 4);
        if kind > 60 {
            grid.edges.last_mut().unwrap().name = names[rng.below(3) as usize];
        }
    }
    for _ in 0..2 {
        let node = rng.below((cols * rows) as u64) as u32;
        let m = grid.frame.metres(grid.nodes[node as usize]);
        let bend = [
            grid.offset(m.east_m + 30.0, m.north_m + 10.0),
            grid.offset(m.east_m + 30.0, m.north_m - 10.0),
        ];
        grid.edge_by(node, node, &bend, 5.0, rng.below(2) == 0);
    }
    grid
}

/// Places anywhere on the roads, every fifth at an end of an edge and every seventh on one edge with the last.
pub(super) fn random_points(rng: &mut Rng, graph: &RoadGraph, count: usize) -> Vec<RoadPoint> {
    let mut edge = 0;
    let mut point = |i: usize| {
        if i % 7 != 6 {
            edge = rng.below(graph.edge_count() as u64) as u32;
        }
        let along = if i % 5 == 4 {
            rng.below(2) as f32
        } else {
            rng.unit() as f32
        };
        graph.point_along(edge, along).unwrap()
    };
    (0..count).map(&mut point).collect()
}

/// Milliseconds from one place to another: Dijkstra 1959 over all ways, each known by the directed edges driven last, so that
/// every forbidden turn is seen.
pub(super) fn plain_travel_ms(graph: &RoadGraph, from: RoadPoint, to: RoadPoint) -> Option<u32> {
    let search = Search::new();
    let (start, goal) = (
        OnEdge::new(graph, &search, from)?,
        OnEdge::new(graph, &search, to)?,
    );
    let forbidden = &graph.surroundings().turns;
    let sides = |at: &OnEdge| {
        let ahead = (at.edge << 1, at.before.travel_ms, at.after.travel_ms);
        let back = (at.edge << 1 | 1, at.after.travel_ms, at.before.travel_ms);
        core::iter::once(ahead).chain(at.two_way.then_some(back))
    };
    let mut best = start.direct(&goal).map_or(u32::MAX, |cost| cost.travel_ms);
    let mut known: BTreeMap<Vec<u32>, u32> = BTreeMap::new();
    let mut open: BTreeSet<(u32, Vec<u32>)> =
        sides(&start).map(|(arc, _, ms)| (ms, vec![arc])).collect();
    while let Some((ms, driven)) = open.pop_first() {
        if known.get(&driven).is_some_and(|m| *m <= ms) {
            continue;
        }
        known.insert(driven.clone(), ms);
        let at = ends(&graph.edges, driven[driven.len() - 1]).1;
        let after = |arc: u32| {
            let mut way = driven.clone();
            way.push(arc);
            let may = !forbidden.iter().any(|f| way.ends_with(f));
            may.then(|| way[way.len().saturating_sub(2)..].to_vec())
        };
        for (arc, before_ms, _) in sides(&goal) {
            if ends(&graph.edges, arc).0 == at && after(arc).is_some() {
                best = best.min(ms + before_ms);
            }
        }
        for arc in graph.outgoing.of(at) {
            let next = after(arc.edge_and_side()).map(|way| (ms + arc.travel_ms, way));
            open.extend(next);
        }
    }
    (best < u32::MAX).then_some(best)
}

/// The costs from many places to one, none where there is no way: Dijkstra 1959 backwards over ways as long as forbidden
/// ones less an edge, by time and then by length, keeping clear of what is closed.
pub(super) fn plain_costs(
    graph: &RoadGraph,
    search: &Search,
    to: RoadPoint,
    from: &[RoadPoint],
) -> Vec<Option<Cost>> {
    let Some(goal) = OnEdge::new(graph, search, to) else {
        return vec![None; from.len()];
    };
    let forbidden = &graph.surroundings().turns;
    let kept = forbidden.iter().map(Vec::len).max().unwrap_or(2) - 1;
    let mut best = vec![None; from.len()];
    let mut on: BTreeMap<u32, Vec<(usize, Cost)>> = BTreeMap::new();
    for (i, start) in from.iter().enumerate() {
        if let Some(start) = OnEdge::new(graph, search, *start) {
            best[i] = start.direct(&goal);
            for (arc, _, after) in start.sides() {
                on.entry(arc).or_default().push((i, after));
            }
        }
    }
    let mut known: BTreeSet<Vec<u32>> = BTreeSet::new();
    let mut open: BTreeSet<(Cost, Vec<u32>)> = goal
        .sides()
        .map(|(arc, before, _)| (before, vec![arc]))
        .collect();
    while let Some((cost, way)) = open.pop_first() {
        if !known.insert(way.clone()) {
            continue;
        }
        for arc in graph.incoming.of(ends(&graph.edges, way[0]).0) {
            let side = arc.edge_and_side();
            let mut longer = vec![side];
            longer.extend_from_slice(&way);
            if search.is_closed(arc.edge()) || forbidden.iter().any(|f| longer.starts_with(f)) {
                continue;
            }
            for (i, after) in on.get(&side).into_iter().flatten() {
                let whole = cost.checked_add(*after);
                best[*i] = best[*i].into_iter().chain(whole).min();
            }
            longer.truncate(kept);
            let over = Cost {
                travel_ms: arc.travel_ms,
                length_cm: arc.length_cm,
            };
            open.extend(cost.checked_add(over).map(|cost| (cost, longer)));
        }
    }
    best
}

/// Forbids so many turns at random, every fourth over three edges.
pub(super) fn random_turns(rng: &mut Rng, graph: &RoadGraph, count: usize) -> Vec<Vec<u32>> {
    let mut turns = Vec::new();
    while turns.len() < count {
        let mut way: Vec<u32> = Vec::new();
        let mut node = rng.below(graph.node_count() as u64) as u32;
        for _ in 0..if turns.len() % 4 == 3 { 3 } else { 2 } {
            let arcs = graph.outgoing.of(node);
            if let Some(arc) = arcs.get(rng.below(arcs.len().max(1) as u64) as usize) {
                way.push(arc.edge_and_side());
                node = arc.node;
            }
        }
        if way.len() >= 2 {
            turns.push(way);
        }
    }
    turns
}
