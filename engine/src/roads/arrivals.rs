use super::cost::Cost;
use super::graph::RoadGraph;
use super::point::RoadPoint;
use super::search::{OnEdge, Search};

/// How soon a unit can be at a place by road.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// Travel time, seconds.
    pub seconds: f32,
    /// Length of the way, metres.
    pub length_m: f32,
}

/// What an arrival search takes into account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ArrivalOptions {
    /// Speed against the free speed of the roads: 1 = as they say, 0.6 = heavy traffic, 1.3 = blue light.
    pub speed_factor: f32,
    /// Only the so many soonest are wanted: the search ends when they are certain.
    pub count_max: usize,
    /// Units that would take longer are not found. Bounds the search in a very large city.
    pub seconds_max: f32,
}

impl Default for ArrivalOptions {
    fn default() -> Self {
        Self {
            speed_factor: 1.0,
            count_max: usize::MAX,
            seconds_max: f32::INFINITY,
        }
    }
}

impl ArrivalOptions {
    fn speed_factor(&self) -> f64 {
        let factor = f64::from(self.speed_factor);
        if factor.is_finite() && factor > 0.0 {
            factor
        } else {
            1.0
        }
    }

    fn travel_ms_max(&self) -> u32 {
        let free_ms = f64::from(self.seconds_max) * 1000.0 * self.speed_factor();
        if free_ms.is_nan() {
            u32::MAX
        } else {
            libm::round(free_ms.clamp(0.0, f64::from(u32::MAX))) as u32
        }
    }
}

impl RoadGraph {
    /// How soon each of `units` can be at `target`, in the order of `units`; `None` for one that cannot, or that the
    /// options leave out.
    ///
    /// Searches backwards from the target, once for all units, and stops as soon as every wanted answer is certain.
    /// Exact: times are those of the shortest way by time, whole milliseconds at free speed, then divided by the
    /// speed factor. With `count_max` those of the soonest are returned (more, where several are equal). The way
    /// from a unit's own position to the road ([`RoadPoint::distance_m`]) is not counted.
    ///
    /// Cost: one search of the part of the graph that is nearer than the farthest wanted unit.
    pub fn arrivals_to(
        &self,
        target: RoadPoint,
        units: &[RoadPoint],
        options: &ArrivalOptions,
        search: &mut Search,
    ) -> Vec<Option<Arrival>> {
        let Some(target) = OnEdge::new(self, search, target) else {
            return vec![None; units.len()];
        };
        search.begin(self);
        let mut waiting = core::mem::take(&mut search.arriving);
        waiting.begin(self.place_count(), units.len());
        let (mut found, mut possible) = (0, 0);
        for (unit, point) in units.iter().enumerate() {
            let Some(at) = OnEdge::new(self, search, *point) else {
                continue;
            };
            possible += 1;
            if let Some(cost) = at.direct(&target) {
                found += usize::from(waiting.offer(unit as u32, cost));
            }
            for exit in at.exits(self) {
                waiting.add(exit.place, unit as u32, exit.cost);
            }
        }
        for entry in target.entries(self) {
            search.start(entry.place, entry.cost);
        }
        let wanted = options.count_max.min(possible);
        if wanted == 0 {
            search.arriving = waiting;
            return vec![None; units.len()];
        }
        let mut limit_ms = options.travel_ms_max();
        let mut certain = false;
        loop {
            if !certain && found >= wanted {
                certain = true;
                limit_ms = limit_ms.min(waiting.nth_travel_ms(wanted).unwrap_or(limit_ms));
            }
            let Some((node, at)) = search.settle_backward(self, |place| waiting.anyone_at(place))
            else {
                break;
            };
            if at.travel_ms > limit_ms {
                break;
            }
            let to_target = Cost {
                travel_ms: at.travel_ms,
                length_cm: at.length_cm,
            };
            found += waiting.node_settled(node, to_target);
        }
        if wanted < possible {
            limit_ms = limit_ms.min(waiting.nth_travel_ms(wanted).unwrap_or(limit_ms));
        } else {
            limit_ms = options.travel_ms_max();
        }
        let factor = options.speed_factor();
        let arrival = |cost: &Option<Cost>| {
            let cost = cost.filter(|c| c.travel_ms <= limit_ms)?;
            Some(Arrival {
                seconds: (f64::from(cost.travel_ms) / 1000.0 / factor) as f32,
                length_m: (f64::from(cost.length_cm) / 100.0) as f32,
            })
        };
        let arrivals = waiting.best.iter().map(arrival).collect();
        search.arriving = waiting;
        arrivals
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{GridBuilder, Rng, plain_travel_ms, random_grid, random_points};
    use super::*;

    #[test]
    fn equal_to_a_plain_dijkstra_on_random_pairs() {
        let mut search = Search::new();
        let mut pairs = 0;
        for seed in 0..25 {
            let mut rng = Rng(seed + 100);
            let graph = random_grid(&mut rng, 7, 6);
            let target = random_points(&mut rng, &graph, 1)[0];
            let units = random_points(&mut rng, &graph, 40);
            let found = graph.arrivals_to(target, &units, &ArrivalOptions::default(), &mut search);
            for (unit, arrival) in units.iter().zip(&found) {
                let expected = plain_travel_ms(&graph, *unit, target);
                let seconds = expected.map(|ms| (f64::from(ms) / 1000.0) as f32);
                assert_eq!(
                    arrival.map(|a| a.seconds),
                    seconds,
                    "seed {seed} {unit:?} {target:?}"
                );
                pairs += 1;
            }
        }
        assert_eq!(pairs, 1000);
    }

    #[test]
    fn the_soonest_few_are_those_of_the_whole_ranking() {
        let mut search = Search::new();
        for seed in 0..30 {
            let mut rng = Rng(seed + 900);
            let graph = random_grid(&mut rng, 9, 9);
            let target = random_points(&mut rng, &graph, 1)[0];
            let units = random_points(&mut rng, &graph, 60);
            let all = graph.arrivals_to(target, &units, &ArrivalOptions::default(), &mut search);
            let mut times: Vec<f32> = all.iter().flatten().map(|a| a.seconds).collect();
            times.sort_by(f32::total_cmp);
            let few = ArrivalOptions {
                count_max: 5,
                ..ArrivalOptions::default()
            };
            let soonest = graph.arrivals_to(target, &units, &few, &mut search);
            for (a, b) in all.iter().zip(&soonest) {
                let wanted = a.is_some_and(|a| a.seconds <= times[4.min(times.len() - 1)]);
                assert_eq!(*b, a.filter(|_| wanted), "seed {seed}");
            }
            let near = ArrivalOptions {
                seconds_max: times[times.len() / 2],
                ..ArrivalOptions::default()
            };
            let bounded = graph.arrivals_to(target, &units, &near, &mut search);
            for (a, b) in all.iter().zip(&bounded) {
                assert_eq!(*b, a.filter(|a| a.seconds <= near.seconds_max));
            }
        }
    }

    /// A square of four streets that may be driven round one way only.
    fn ring() -> RoadGraph {
        let mut grid = GridBuilder::new(2, 2, 100.0);
        for (a, b) in [(0, 1), (1, 3), (3, 2), (2, 0)] {
            grid.edge(a, b, 10.0, true);
        }
        grid.build()
    }

    fn seconds(graph: &RoadGraph, from: (u32, f32), to: (u32, f32)) -> Option<f32> {
        let at = |(edge, along)| graph.point_along(edge, along).unwrap();
        let options = ArrivalOptions::default();
        graph.arrivals_to(at(to), &[at(from)], &options, &mut Search::new())[0].map(|a| a.seconds)
    }

    #[test]
    fn on_one_edge_ahead_is_near_and_behind_is_once_round() {
        let graph = ring();
        assert_eq!(seconds(&graph, (0, 0.25), (0, 0.75)), Some(5.0));
        assert_eq!(seconds(&graph, (0, 0.75), (0, 0.25)), Some(35.0));
        assert_eq!(seconds(&graph, (0, 0.5), (0, 0.5)), Some(0.0));
        let mut grid = GridBuilder::new(2, 1, 100.0);
        grid.edge(0, 1, 10.0, false);
        let street = grid.build();
        assert_eq!(seconds(&street, (0, 0.75), (0, 0.25)), Some(5.0));
    }

    #[test]
    fn a_long_way_along_the_edge_loses_to_a_short_way_round() {
        let mut grid = GridBuilder::new(2, 1, 100.0);
        grid.edge(0, 1, 1.0, false);
        grid.edge(0, 1, 20.0, false);
        let graph = grid.build();
        // 80 m at 1 m/s along the edge, or 10 m back, 100 m at 20 m/s, 10 m on.
        assert_eq!(seconds(&graph, (0, 0.1), (0, 0.9)), Some(25.0));
    }

    #[test]
    fn no_way_and_closed_edges_give_nothing() {
        let mut grid = GridBuilder::new(3, 1, 100.0);
        grid.edge(0, 1, 10.0, true);
        grid.edge(1, 2, 10.0, false);
        let graph = grid.build();
        assert_eq!(seconds(&graph, (1, 0.5), (0, 0.5)), None);
        assert_eq!(seconds(&graph, (0, 0.5), (1, 0.5)), Some(10.0));

        let graph = ring();
        let (a, b) = (
            graph.point_along(0, 0.5).unwrap(),
            graph.point_along(2, 0.5).unwrap(),
        );
        let mut search = Search::new();
        let options = ArrivalOptions::default();
        search.set_closed(1, true);
        assert_eq!(graph.arrivals_to(b, &[a], &options, &mut search), [None]);
        search.set_closed(1, false);
        assert!(graph.arrivals_to(b, &[a], &options, &mut search)[0].is_some());
        search.set_closed(0, true);
        assert_eq!(
            graph.arrivals_to(b, &[a, b], &options, &mut search)[0],
            None
        );
        let nowhere = RoadPoint { edge: 99, ..a };
        assert_eq!(
            graph.arrivals_to(nowhere, &[a], &options, &mut search),
            [None]
        );
        assert_eq!(
            graph.arrivals_to(b, &[nowhere], &options, &mut search),
            [None]
        );
    }

    #[test]
    fn a_speed_factor_divides_the_time_and_leaves_the_length() {
        let graph = ring();
        let (a, b) = (
            graph.point_along(0, 0.5).unwrap(),
            graph.point_along(1, 0.5).unwrap(),
        );
        let options = ArrivalOptions {
            speed_factor: 2.0,
            ..ArrivalOptions::default()
        };
        let arrival = graph.arrivals_to(b, &[a], &options, &mut Search::new())[0].unwrap();
        assert_eq!((arrival.seconds, arrival.length_m), (5.0, 100.0));
    }
}
