//! The road graph of the pack that ships: every answer of the real searches beside a plain one.

use chengtu_engine::chance::Chance;
use chengtu_engine::roads::{ArrivalOptions, RoadGraph, RoadPoint, Search};

fn nanjing() -> RoadGraph {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../data/nanjing/roads.bin");
    RoadGraph::decode(&std::fs::read(path).unwrap()).unwrap()
}

/// Dijkstra 1959 with a plain scan for the next node: milliseconds from a place to one other.
fn plain_ms(graph: &RoadGraph, from: RoadPoint, to: RoadPoint) -> Option<u32> {
    let ends = |p: RoadPoint| {
        let edge = graph.edge(p.edge).unwrap();
        let before = (f64::from(edge.travel_ms) * f64::from(p.along)).round() as u32;
        (edge, before, edge.travel_ms - before)
    };
    let ((start, start_before, start_after), (goal, goal_before, goal_after)) =
        (ends(from), ends(to));
    let mut best = vec![u32::MAX; graph.node_count()];
    let mut done = vec![false; graph.node_count()];
    best[start.to as usize] = start_after;
    if !start.oneway {
        best[start.from as usize] = best[start.from as usize].min(start_before);
    }
    while let Some(node) = (0..best.len())
        .filter(|n| !done[*n] && best[*n] < u32::MAX)
        .min_by_key(|n| best[*n])
    {
        done[node] = true;
        for arc in graph.outgoing(node as u32) {
            let via = best[node] + arc.travel_ms;
            best[arc.node as usize] = best[arc.node as usize].min(via);
        }
    }
    let at = |node: u32, more: u32| {
        Some(best[node as usize])
            .filter(|ms| *ms < u32::MAX)
            .map(|ms| ms + more)
    };
    let mut ways = vec![at(goal.from, goal_before)];
    if !goal.oneway {
        ways.push(at(goal.to, goal_after));
    }
    if from.edge == to.edge && (goal_before >= start_before || !goal.oneway) {
        ways.push(Some(goal_before.abs_diff(start_before)));
    }
    ways.into_iter().flatten().min()
}

#[test]
fn arrival_times_and_routes_equal_a_plain_dijkstra_on_1000_pairs() {
    let graph = nanjing();
    let mut rng = Chance::new(2026);
    let mut place = || {
        let edge = (rng.unit() * graph.edge_count() as f64) as u32;
        graph.point_along(edge, rng.unit() as f32).unwrap()
    };
    let mut search = Search::new();
    let mut reached = 0;
    for _ in 0..20 {
        let target = place();
        let units: Vec<RoadPoint> = (0..50).map(|_| place()).collect();
        let arrivals = graph.arrivals_to(target, &units, &ArrivalOptions::default(), &mut search);
        for (unit, arrival) in units.iter().zip(arrivals) {
            let expected =
                plain_ms(&graph, *unit, target).map(|ms| (f64::from(ms) / 1000.0) as f32);
            assert_eq!(arrival.map(|a| a.seconds), expected, "{unit:?} {target:?}");
            let route = graph.route(*unit, target, &mut search);
            assert_eq!(route.map(|r| r.seconds), expected, "{unit:?} {target:?}");
            reached += usize::from(expected.is_some());
        }
    }
    assert!(reached > 900, "{reached} of 1000 places can be reached");
}

#[test]
fn nearly_all_roads_hang_together_and_many_places_have_a_crossing() {
    let graph = nanjing();
    let edges = graph.edge_count() as u32;
    let main = (0..edges).filter(|e| graph.in_main_component(*e)).count();
    assert!(main * 100 >= edges as usize * 90, "{main} of {edges}");
    let named: Vec<u32> = (0..edges)
        .filter(|e| graph.edge_name(*e).is_some())
        .collect();
    let crossing = |e: &&u32| {
        graph
            .describe(graph.point_along(**e, 0.5).unwrap())
            .crossing
            .is_some()
    };
    let told = named.iter().filter(crossing).count();
    assert!(told * 2 > named.len(), "{told} of {}", named.len());
}
