use super::climb::Climb;
use super::cost::{Cost, NO_WAY, Packed, plus};
use super::graph::RoadGraph;
use super::point::RoadPoint;
use super::search::{OnEdge, Search};
use super::shortcuts::Shortcuts;

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
    /// Searches backwards from the target, once for all units. Exact: times are those of the shortest way by time, whole
    /// milliseconds at free speed, then divided by the speed factor; the length is that of the shortest of the quickest ways.
    /// With `count_max` those of the soonest are returned (more, where several are equal). The way from a unit's own position
    /// to the road ([`RoadPoint::distance_m`]) is not counted.
    ///
    /// Cost: the part of the graph that lies above the units in its order of heights. The first search after roads were
    /// closed or opened sums the graph up anew.
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
        let mut arriving = core::mem::take(&mut search.arriving);
        let possible = arriving.ask(self, search, &target, units);
        let wanted = options.count_max.min(possible);
        let mut limit_ms = options.travel_ms_max();
        if wanted > 0 {
            let all = wanted == possible;
            arriving.find(
                self,
                search,
                if all { usize::MAX } else { wanted },
                limit_ms,
            );
            if !all {
                limit_ms = limit_ms.min(nth_travel_ms(&arriving.best, wanted).unwrap_or(limit_ms));
            }
        }
        let factor = options.speed_factor();
        let arrival = |cost: &Packed| {
            let cost = Cost::unpacked(*cost).filter(|c| wanted > 0 && c.travel_ms <= limit_ms)?;
            Some(Arrival {
                seconds: (f64::from(cost.travel_ms) / 1000.0 / factor) as f32,
                length_m: (f64::from(cost.length_cm) / 100.0) as f32,
            })
        };
        let arrivals = arriving.best.iter().map(arrival).collect();
        search.arriving = arriving;
        arrivals
    }
}

/// Where the first round ends of a search for the soonest few, milliseconds. Each further one goes twice as far.
const FIRST_ROUND_MS: u32 = 60_000;

/// Memory for one search of arrivals.
#[derive(Clone, Debug, Default)]
pub(super) struct Arriving {
    climb: Climb,
    /// Ways off the roads of units: which unit, the height of the place where it ends, and its cost.
    exits: Vec<(u32, u32, Packed)>,
    /// By unit: its best way, so far as known.
    best: Vec<Packed>,
    /// Shortcuts for what is closed, and of which net and closed edges they are.
    closed: Option<((u64, u64), Shortcuts)>,
}

impl Arriving {
    /// Begins a search; returns how many units are on roads that are open.
    fn ask(
        &mut self,
        graph: &RoadGraph,
        search: &Search,
        target: &OnEdge,
        units: &[RoadPoint],
    ) -> usize {
        let heights = &graph.net.heights;
        let height = |place: u32| heights.of_place[place as usize];
        self.climb.begin(heights);
        self.exits.clear();
        self.best.clear();
        self.best.resize(units.len(), NO_WAY);
        for entry in target.entries(graph) {
            self.climb.lead(height(entry.place), entry.cost.packed());
        }
        let mut possible = 0;
        for (unit, point) in units.iter().enumerate() {
            let Some(at) = OnEdge::new(graph, search, *point) else {
                continue;
            };
            possible += 1;
            if let Some(cost) = at.direct(target) {
                self.best[unit] = cost.packed();
            }
            for exit in at.exits(graph) {
                let height = height(exit.place);
                self.climb.ask(height);
                self.exits.push((unit as u32, height, exit.cost.packed()));
            }
        }
        possible
    }

    /// Finds the best ways of all units that take up to `limit_ms`, or those of the soonest `wanted`.
    fn find(&mut self, graph: &RoadGraph, search: &Search, wanted: usize, limit_ms: u32) {
        let heights = &graph.net.heights;
        let closed = search.closed_mark();
        let shortcuts = if closed == 0 {
            &graph.net.shortcuts
        } else {
            let of = (graph.net.fingerprint, closed);
            let known = self.closed.take().filter(|(net, _)| *net == of);
            let new = || Shortcuts::new(heights, graph.ways_out(), |edge| search.is_closed(edge));
            let (_, shortcuts) = self.closed.insert(known.unwrap_or_else(|| (of, new())));
            &*shortcuts
        };
        self.climb.ascend(heights, shortcuts);
        let mut round_ms = if wanted == usize::MAX {
            limit_ms
        } else {
            limit_ms.min(FIRST_ROUND_MS)
        };
        loop {
            let all = self.climb.search_core(shortcuts, round_ms);
            self.climb.descend(heights, shortcuts);
            for (unit, height, cost) in &self.exits {
                let best = &mut self.best[*unit as usize];
                *best = (*best).min(plus(*cost, self.climb.cost(*height)));
            }
            if all
                || round_ms >= limit_ms
                || nth_travel_ms(&self.best, wanted).is_some_and(|ms| ms <= round_ms)
            {
                return;
            }
            round_ms = round_ms.saturating_mul(2).min(limit_ms);
        }
    }
}

/// The `count`-th smallest time known so far.
fn nth_travel_ms(best: &[Packed], count: usize) -> Option<u32> {
    let known = best.iter().filter_map(|c| Cost::unpacked(*c));
    let mut known: Vec<u32> = known.map(|c| c.travel_ms).collect();
    let index = count.checked_sub(1).filter(|i| *i < known.len())?;
    Some(*known.select_nth_unstable(index).1)
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
