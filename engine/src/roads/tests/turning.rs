//! Turns that may not be made.

use super::super::oracle::{
    GridBuilder, Rng, plain_travel_ms, random_grid, random_points, random_turns,
};
use super::super::{ArrivalOptions, RoadGraph, Route, Search, Surroundings};

fn forbidding(graph: RoadGraph, turns: Vec<Vec<u32>>) -> RoadGraph {
    graph
        .with(Surroundings {
            turns,
            ..Surroundings::default()
        })
        .unwrap()
}

fn driven(route: &Route) -> Vec<u32> {
    let side = |l: &super::super::Leg| l.edge << 1 | u32::from(l.end < l.start);
    route.legs.iter().map(side).collect()
}

#[test]
fn arrivals_and_routes_equal_a_dijkstra_that_keeps_the_same_turns() {
    let (mut search, mut later, mut pairs) = (Search::new(), 0, 0);
    for seed in 0..25 {
        let mut rng = Rng(seed + 4_000);
        let free = random_grid(&mut rng, 7, 6);
        let turns = random_turns(&mut rng, &free, 30);
        let target = random_points(&mut rng, &free, 1)[0];
        let units = random_points(&mut rng, &free, 40);
        let before: Vec<_> = units
            .iter()
            .map(|u| plain_travel_ms(&free, *u, target))
            .collect();
        let graph = forbidding(free, turns);
        let found = graph.arrivals_to(target, &units, &ArrivalOptions::default(), &mut search);
        for ((unit, arrival), before) in units.iter().zip(&found).zip(before) {
            let expected = plain_travel_ms(&graph, *unit, target);
            let seconds = expected.map(|ms| (f64::from(ms) / 1000.0) as f32);
            assert_eq!(
                arrival.map(|a| a.seconds),
                seconds,
                "seed {seed} {unit:?} {target:?}"
            );
            let route = graph.route(*unit, target, &mut search);
            assert_eq!(
                route.as_ref().map(|r| r.seconds),
                seconds,
                "seed {seed} {unit:?}"
            );
            if let Some(route) = route {
                let way = driven(&route);
                let broken = |turn: &Vec<u32>| way.windows(turn.len()).any(|w| w == &turn[..]);
                assert!(
                    !graph.surroundings().turns.iter().any(broken),
                    "seed {seed}"
                );
            }
            later += usize::from(expected != before);
            pairs += 1;
        }
    }
    assert_eq!(pairs, 1000);
    assert!(later > 100, "the turns matter: {later}");
}

/// A cross of streets of 100 m, 10 s each, in a block: 0–1–2 from west to east, 1–4 north, 2–5 and 5–4 around.
fn corner() -> RoadGraph {
    let mut grid = GridBuilder::new(3, 2, 100.0);
    for (a, b) in [(0, 1), (1, 2), (1, 4), (2, 5), (5, 4)] {
        grid.edge(a, b, 10.0, false);
    }
    grid.build()
}

fn seconds(graph: &RoadGraph) -> f32 {
    let ends = (
        graph.point_along(0, 0.0).unwrap(),
        graph.point_along(2, 1.0).unwrap(),
    );
    graph
        .route(ends.0, ends.1, &mut Search::new())
        .unwrap()
        .seconds
}

#[test]
fn who_may_not_turn_drives_around_the_block() {
    assert_eq!(seconds(&corner()), 20.0);
    // From street 0 one may not turn into street 2, the other way one may.
    let graph = forbidding(corner(), vec![vec![0, 4]]);
    assert_eq!(seconds(&graph), 40.0);
    let (a, b) = (
        graph.point_along(2, 1.0).unwrap(),
        graph.point_along(0, 0.0).unwrap(),
    );
    assert_eq!(graph.route(a, b, &mut Search::new()).unwrap().seconds, 20.0);
    // Whoever stands beyond the corner is not held to it.
    let beyond = graph.point_along(1, 0.0).unwrap();
    let there = graph.point_along(2, 1.0).unwrap();
    let found = graph.arrivals_to(
        there,
        &[beyond],
        &ArrivalOptions::default(),
        &mut Search::new(),
    );
    assert_eq!(found[0].unwrap().seconds, 10.0);
}

#[test]
fn a_way_over_three_streets_is_forbidden_as_a_whole() {
    // Around the block, but not: street 1, then 3, then 4.
    let graph = forbidding(corner(), vec![vec![0, 4], vec![2, 6, 8]]);
    let ends = (
        graph.point_along(0, 0.0).unwrap(),
        graph.point_along(2, 1.0).unwrap(),
    );
    // One turns at the end of a street and comes back.
    let route = graph.route(ends.0, ends.1, &mut Search::new()).unwrap();
    assert_eq!(driven(&route), [0, 2, 3, 4]);
    let from_three = graph.point_along(3, 0.0).unwrap();
    let found = graph.arrivals_to(
        ends.1,
        &[from_three],
        &ArrivalOptions::default(),
        &mut Search::new(),
    );
    assert_eq!(found[0].unwrap().seconds, 20.0);
}

#[test]
fn what_is_shown_of_roads_does_not_change_with_turns() {
    let mut rng = Rng(77);
    let free = random_grid(&mut rng, 6, 6);
    let turns = random_turns(&mut rng, &free, 20);
    let places: Vec<_> = random_points(&mut rng, &free, 60);
    let told: Vec<_> = places
        .iter()
        .map(|p| format!("{:?}", free.describe(*p)))
        .collect();
    let counts = (free.node_count(), free.edge_count());
    let arcs: Vec<usize> = (0..free.node_count() as u32)
        .map(|n| free.outgoing(n).len())
        .collect();
    let graph = forbidding(free, turns);
    assert_eq!((graph.node_count(), graph.edge_count()), counts);
    assert_eq!(
        places
            .iter()
            .map(|p| format!("{:?}", graph.describe(*p)))
            .collect::<Vec<_>>(),
        told
    );
    assert!((0..graph.node_count() as u32).all(|n| graph.outgoing(n).len() == arcs[n as usize]));
}

#[test]
fn a_street_that_one_may_only_leave_is_no_part_of_the_net() {
    // Into street 2 leads nothing but a turn that is forbidden from both sides: nobody is put there.
    let mut grid = GridBuilder::new(3, 2, 100.0);
    for (a, b) in [(0, 1), (1, 2), (1, 4)] {
        grid.edge(a, b, 10.0, false);
    }
    let graph = grid.build();
    assert!(graph.in_main_component(2));
    let graph = forbidding(graph, vec![vec![0, 4], vec![3, 4]]);
    assert!(
        !graph.in_main_component(2) && graph.in_main_component(0) && graph.in_main_component(1)
    );
}
