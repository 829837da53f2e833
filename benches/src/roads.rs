//! Arrival times and routes, on Nanjing's centre and on a made-up city of half a million crossings.

use crate::city::{Rng, frame};
use crate::report::{Report, contest, count, time};
use chengtu_engine::geo::{Metres, Position};
use chengtu_engine::roads::{
    ArrivalOptions, EdgeInput, NO_NAME, RoadClass, RoadGraph, RoadPoint, Search,
};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::path::Path;

const UNITS: usize = 1000;
const TARGETS: usize = 20;
const ROUNDS: usize = 9;

/// Measures a city of a regular grid and the pack that ships.
pub fn run(report: &mut Report) {
    report.table(
        "Roads: 1,000 units to one case",
        "Units and cases at random places of the road graph. The peer is a textbook Dijkstra with a binary heap from \
         the case to every node, one allocation a search. Soonest 20: the search ends when they are certain.",
        &["graph", "nodes", "edges", "all 1,000", "soonest 20", "Dijkstra one-to-all", "one route", "snap"],
    );
    let nanjing = Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing/roads.bin");
    match std::fs::read(&nanjing).map(|bytes| RoadGraph::decode(&bytes)) {
        Ok(Ok(graph)) => report.row(&measure("Nanjing centre", &graph)),
        Ok(Err(error)) => report.row(&[format!("Nanjing centre: {error}")]),
        Err(error) => report.row(&[format!("Nanjing centre: {} {error}", nanjing.display())]),
    }
    report.row(&measure("made-up", &made_up(707)));
}

/// Streets 120 m apart with gaps, one-ways and every tenth street fast.
pub fn made_up(side: usize) -> RoadGraph {
    let mut rng = Rng(500_000);
    let frame = frame();
    let place = |i: usize| Metres {
        east_m: (i % side) as f64 * 120.0,
        north_m: (i / side) as f64 * 120.0,
    };
    let half = side as f64 * 60.0;
    let nodes: Vec<Position> = (0..side * side)
        .map(place)
        .map(|m| {
            frame.position(Metres {
                east_m: m.east_m - half,
                north_m: m.north_m - half,
            })
        })
        .collect();
    let mut edges = Vec::new();
    for i in 0..side * side {
        let (col, row) = (i % side, i / side);
        for (to, line, inside) in [
            (i + 1, row, col + 1 < side),
            (i + side, col, row + 1 < side),
        ] {
            let fast = line % 10 == 0;
            if !inside || (!fast && rng.below(10) == 0) {
                continue;
            }
            edges.push(EdgeInput {
                from: i as u32,
                to: to as u32,
                length_m: 120.0 + rng.below(30) as f32,
                speed_mps: if fast {
                    16.0
                } else {
                    5.0 + rng.below(6) as f32
                },
                oneway: !fast && rng.below(5) == 0,
                class: if fast {
                    RoadClass::Primary
                } else {
                    RoadClass::Residential
                },
                name: NO_NAME,
                shape: vec![nodes[i], nodes[to]],
            });
        }
    }
    RoadGraph::build(nodes, edges, Vec::new()).expect("a regular grid is a valid graph")
}

fn places(graph: &RoadGraph, rng: &mut Rng, count: usize) -> Vec<RoadPoint> {
    let mut found = Vec::with_capacity(count);
    while found.len() < count {
        let edge = rng.below(graph.edge_count()) as u32;
        let along = rng.unit() as f32;
        if graph.in_main_component(edge) {
            found.extend(graph.point_along(edge, along));
        }
    }
    found
}

#[expect(
    clippy::too_many_lines,
    reason = "the contestants side by side in one table"
)]
fn measure(name: &str, graph: &RoadGraph) -> Vec<String> {
    let mut rng = Rng(7);
    let units = places(graph, &mut rng, UNITS);
    let targets = places(graph, &mut rng, TARGETS);
    let plain = Plain::new(graph);
    let all = ArrivalOptions::default();
    let few = ArrivalOptions {
        count_max: 20,
        ..all
    };
    let (mut search_all, mut search_few, mut search_route) =
        (Search::new(), Search::new(), Search::new());
    let mut checksum = 0usize;
    let mut turn = [0usize; 3];
    let [a, b, c] = &mut turn;
    let next = |turn: &mut usize| {
        *turn += 1;
        targets[*turn % TARGETS]
    };
    // One case a turn, many turns: the median is that of single searches.
    let rounds = ROUNDS * TARGETS;
    let times = contest(
        rounds,
        &mut [
            (
                "all",
                Box::new(|| {
                    let arrivals = graph.arrivals_to(next(a), &units, &all, &mut search_all);
                    assert!(
                        arrivals.iter().all(Option::is_some),
                        "all lie in the main component"
                    );
                    1
                }),
            ),
            (
                "few",
                Box::new(|| {
                    let arrivals = graph.arrivals_to(next(b), &units, &few, &mut search_few);
                    assert!(arrivals.iter().flatten().count() >= 20);
                    1
                }),
            ),
            (
                "plain",
                Box::new(|| {
                    checksum += plain.one_to_all(next(c)).len();
                    1
                }),
            ),
        ],
    );
    let mut at = 0;
    let more = contest(
        ROUNDS,
        &mut [
            (
                "route",
                Box::new(|| {
                    at += 1;
                    let to = targets[at % TARGETS];
                    units[..50]
                        .iter()
                        .filter(|u| graph.route(**u, to, &mut search_route).is_some())
                        .count()
                }),
            ),
            (
                "snap",
                Box::new(|| {
                    units
                        .iter()
                        .filter(|u| graph.snap(u.position, 100.0).is_some())
                        .count()
                }),
            ),
        ],
    );
    assert!(checksum > 0);
    let mut row = vec![
        name.to_owned(),
        count(graph.node_count()),
        count(graph.edge_count()),
    ];
    row.extend(times.iter().chain(&more).map(|t| time(*t)));
    row
}

/// Dijkstra as in a textbook.
pub struct Plain<'a> {
    graph: &'a RoadGraph,
    incoming: Vec<Vec<(u32, u32)>>,
}

impl<'a> Plain<'a> {
    pub fn new(graph: &'a RoadGraph) -> Self {
        let mut incoming = vec![Vec::new(); graph.node_count()];
        for node in 0..graph.node_count() as u32 {
            for arc in graph.outgoing(node) {
                incoming[arc.node as usize].push((node, arc.travel_ms));
            }
        }
        Self { graph, incoming }
    }

    pub fn one_to_all(&self, target: RoadPoint) -> Vec<u32> {
        let mut best = vec![u32::MAX; self.incoming.len()];
        let mut open = BinaryHeap::new();
        if let Some(edge) = self.graph.edge(target.edge) {
            best[edge.from as usize] = 0;
            open.push(Reverse((0, edge.from)));
        }
        while let Some(Reverse((ms, node))) = open.pop() {
            if ms > best[node as usize] {
                continue;
            }
            for (from, over_ms) in &self.incoming[node as usize] {
                let via = ms + over_ms;
                if via < best[*from as usize] {
                    best[*from as usize] = via;
                    open.push(Reverse((via, *from)));
                }
            }
        }
        best
    }
}
