//! Arrivals in nets with everything in them that a city has, while roads are closed and opened.

use super::super::cost::Cost;
use super::super::oracle::{Rng, plain_costs, random_points, random_town, random_turns};
use super::super::{Arrival, ArrivalOptions, RoadGraph, RoadPoint, Search, Surroundings};

fn arrival(cost: Option<Cost>) -> Option<Arrival> {
    cost.map(|c| Arrival {
        seconds: (f64::from(c.travel_ms) / 1000.0) as f32,
        length_m: (f64::from(c.length_cm) / 100.0) as f32,
    })
}

fn town(rng: &mut Rng, side: usize) -> RoadGraph {
    let free = random_town(rng, side);
    let turns = random_turns(rng, &free, side * 4);
    let levels = (0..free.edge_count() as u32).step_by(9);
    let known = Surroundings {
        turns,
        levels: levels.map(|edge| (edge, 1)).collect(),
        ..Surroundings::default()
    };
    free.with(known).unwrap()
}

fn assert_equal(
    graph: &RoadGraph,
    target: RoadPoint,
    units: &[RoadPoint],
    search: &mut Search,
    said: &str,
) -> usize {
    let options = ArrivalOptions::default();
    let found = graph.arrivals_to(target, units, &options, search);
    let expected = plain_costs(graph, search, target, units);
    for ((unit, found), expected) in units.iter().zip(&found).zip(expected) {
        assert_eq!(*found, arrival(expected), "{said} {unit:?} {target:?}");
    }
    found.iter().flatten().count()
}

#[test]
fn arrivals_equal_a_dijkstra_while_roads_are_closed_and_opened() {
    let (mut reached, mut without, mut cores) = (0, 0, 0);
    for seed in 0..12 {
        let mut rng = Rng(seed + 7_000);
        // One memory serves two towns, whose edges have the same numbers.
        let towns = [town(&mut rng, 18), town(&mut rng, 24)];
        let mut search = Search::new();
        for round in 0..8 {
            for graph in &towns {
                let edges = graph.edge_count() as u64;
                let target = random_points(&mut rng, graph, 1)[0];
                let units = random_points(&mut rng, graph, 30);
                let said = format!("seed {seed} round {round}");
                let found = assert_equal(graph, target, &units, &mut search, &said);
                reached += found;
                without += units.len() - found;
                for _ in 0..[0, 1, 1, 40, 3][round % 5] {
                    search.set_closed(rng.below(edges) as u32, rng.below(4) > 0);
                }
                if round == 6 {
                    (0..edges as u32).for_each(|edge| search.set_closed(edge, false));
                }
            }
        }
        let core = |g: &RoadGraph| g.place_count() as u32 - g.net.heights.core;
        cores += usize::from(towns.iter().all(|g| core(g) > 20));
    }
    assert!(reached > 4_000 && without > 500, "{reached} {without}");
    assert!(cores > 8, "most towns have a core: {cores}");
}

#[test]
fn what_was_closed_for_one_net_is_not_known_for_another() {
    let mut rng = Rng(31);
    let (slow, quick) = (town(&mut Rng(5), 8), town(&mut Rng(6), 8));
    let mut search = Search::new();
    search.set_closed(3, true);
    for _ in 0..20 {
        for graph in [&slow, &quick] {
            let target = random_points(&mut rng, graph, 1)[0];
            let units = random_points(&mut rng, graph, 10);
            assert_equal(graph, target, &units, &mut search, "by turns");
        }
    }
}

#[test]
fn the_soonest_few_are_those_of_the_whole_ranking_where_there_is_a_core() {
    let mut search = Search::new();
    for seed in 0..6 {
        let mut rng = Rng(seed + 80);
        let graph = town(&mut rng, 40);
        let target = random_points(&mut rng, &graph, 1)[0];
        let units = random_points(&mut rng, &graph, 200);
        let all = graph.arrivals_to(target, &units, &ArrivalOptions::default(), &mut search);
        let mut times: Vec<f32> = all.iter().flatten().map(|a| a.seconds).collect();
        times.sort_by(f32::total_cmp);
        for count_max in [1, 7, times.len()] {
            let few = ArrivalOptions {
                count_max,
                ..ArrivalOptions::default()
            };
            let last = times.get(count_max - 1).copied().unwrap_or(0.0);
            let soonest = graph.arrivals_to(target, &units, &few, &mut search);
            let near = ArrivalOptions {
                seconds_max: last,
                ..ArrivalOptions::default()
            };
            let bounded = graph.arrivals_to(target, &units, &near, &mut search);
            for ((a, b), c) in all.iter().zip(&soonest).zip(&bounded) {
                let wanted = a.filter(|a| a.seconds <= last);
                assert_eq!((*b, *c), (wanted, wanted), "seed {seed} {count_max}");
            }
        }
    }
}
