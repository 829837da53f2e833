use super::cost::Cost;
use super::edge::Arc;
use super::flat::{between, flat_distance_m};
use super::graph::RoadGraph;
use super::point::{RoadPoint, held};
use super::search::{NO_ARC, OnEdge, Ramp, Search};
use crate::geo::{LocalFrame, Position, distance_m};
use serde::{Deserialize, Serialize};

/// A stretch of one edge that a route drives over.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    /// Index of the edge.
    pub edge: u32,
    /// Part of the edge where the stretch begins, 0 … 1.
    pub start: f32,
    /// Part of the edge where it ends; smaller than `start` when driven from its `to` node.
    pub end: f32,
    /// Travel time at free speed, seconds.
    pub seconds: f32,
    /// Length of the leg, metres.
    pub length_m: f32,
    /// Index of its first point in the polyline.
    pub first_point: u32,
}

/// A way along the roads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// The stretches, in order.
    pub legs: Vec<Leg>,
    /// Its course, first to last point.
    pub polyline: Vec<Position>,
    /// Distance from its beginning at each point of the polyline, metres.
    pub distances_m: Vec<f32>,
    /// Travel time at free speed, seconds.
    pub seconds: f32,
    /// Length of the whole way, metres.
    pub length_m: f32,
}

/// A place on a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoutePoint {
    /// The place, WGS 84.
    pub position: Position,
    /// Direction of travel there, degrees clockwise from north, 0 … 360.
    pub bearing_deg: f32,
    /// Index of the leg it lies on.
    pub leg: usize,
}

impl Route {
    /// The place after `distance_m` metres; held at the beginning and the end.
    pub fn position_at(&self, distance_m: f32) -> RoutePoint {
        let wanted = if distance_m.is_nan() {
            0.0
        } else {
            distance_m.clamp(0.0, self.length_m)
        };
        let last = self.polyline.len().saturating_sub(1);
        let next = self
            .distances_m
            .partition_point(|d| *d <= wanted)
            .clamp(1, last.max(1));
        let first = next - 1;
        let leg = self
            .legs
            .partition_point(|l| l.first_point as usize <= first)
            .saturating_sub(1);
        let (Some(a), Some(b)) = (self.polyline.get(first), self.polyline.get(next)) else {
            let position = self.polyline.first().copied().unwrap_or_default();
            return RoutePoint {
                position,
                bearing_deg: 0.0,
                leg,
            };
        };
        let (from_m, to_m) = (
            f64::from(self.distances_m[first]),
            f64::from(self.distances_m[next]),
        );
        let part = if to_m > from_m {
            (f64::from(wanted) - from_m) / (to_m - from_m)
        } else {
            1.0
        };
        RoutePoint {
            position: between(*a, *b, part),
            bearing_deg: bearing_deg(*a, *b),
            leg,
        }
    }

    /// The length driven after `seconds` at free speed, metres; held at the beginning and the end.
    pub fn distance_at(&self, seconds: f32) -> f32 {
        let (mut left, mut distance_m) = (seconds.max(0.0), 0.0);
        for leg in &self.legs {
            if left < leg.seconds {
                return distance_m + leg.length_m * (left / leg.seconds);
            }
            left -= leg.seconds;
            distance_m += leg.length_m;
        }
        self.length_m
    }
}

fn bearing_deg(a: Position, b: Position) -> f32 {
    let m = LocalFrame::new(a).metres(b);
    let degrees = libm::atan2(m.east_m, m.north_m) * 180.0 / core::f64::consts::PI;
    if degrees < 0.0 {
        (degrees + 360.0) as f32
    } else {
        degrees as f32
    }
}

impl RoadGraph {
    /// The quickest way from one place on the road to another; `None` when there is none.
    ///
    /// Cost: an A* search; the bound is the air line at the speed of the fastest edge, so the way is exact.
    pub fn route(&self, from: RoadPoint, to: RoadPoint, search: &mut Search) -> Option<Route> {
        let start = OnEdge::new(self, search, from)?;
        let goal = OnEdge::new(self, search, to)?;
        let entries: Vec<Ramp> = goal.entries(self).collect();
        let mut best = start.direct(&goal).map(|cost| (cost, None));
        search.begin(self);
        let left_ms = |place: u32| {
            let at = self.flat[place as usize];
            let bound = |entry: &Ramp| {
                let air_m = flat_distance_m(at, self.flat[entry.place as usize]);
                let air_ms = air_m / self.fastest_m_per_ms.max(1e-9) * (1.0 - 1e-9);
                (air_ms.min(4e9) as u32).saturating_add(entry.cost.travel_ms)
            };
            entries.iter().map(bound).min().unwrap_or(0)
        };
        for Ramp { place, cost, .. } in start.exits(self) {
            if search.improve(place, cost.travel_ms, cost.length_cm, NO_ARC) {
                let key = cost.travel_ms.saturating_add(left_ms(place));
                search.heap.push(u64::from(key) << 32 | u64::from(place));
            }
        }
        while let Some(next) = search.heap.pop() {
            let (key, place) = ((next >> 32) as u32, next as u32);
            if best.is_some_and(|(cost, _)| key >= cost.travel_ms) {
                break;
            }
            let Some(at) = search.reached(place).copied() else {
                continue;
            };
            if at.travel_ms.saturating_add(left_ms(place)) != key {
                continue;
            }
            for last in entries.iter().filter(|entry| entry.place == place) {
                let here = Cost {
                    travel_ms: at.travel_ms,
                    length_cm: at.length_cm,
                };
                let Some(whole) = here.checked_add(last.cost) else {
                    continue;
                };
                if best.is_none_or(|(known, _)| whole < known) {
                    best = Some((whole, Some(*last)));
                }
            }
            for arc in self.ways_out().of(place) {
                if !search.allows(*arc) {
                    continue;
                }
                let Some(to_ms) = at.travel_ms.checked_add(arc.travel_ms) else {
                    continue;
                };
                let to_cm = at.length_cm.saturating_add(arc.length_cm);
                if search.improve(arc.node, to_ms, to_cm, arc.edge_and_side()) {
                    let key = to_ms.saturating_add(left_ms(arc.node));
                    search.heap.push(u64::from(key) << 32 | u64::from(arc.node));
                }
            }
        }
        let (cost, last) = best?;
        let stretches = self.stretches((&start, from), (&goal, to), last, search);
        Some(self.route_over(&stretches, cost))
    }

    /// The edges driven over with the parts where each is entered and left; `last`: by which way the goal was come to,
    /// `None` where its edge was not left.
    fn stretches(
        &self,
        (start, from): (&OnEdge, RoadPoint),
        (goal, to): (&OnEdge, RoadPoint),
        last: Option<Ramp>,
        search: &Search,
    ) -> Vec<(u32, f32, f32)> {
        let (from_along, to_along) = (held(from.along), held(to.along));
        let Some(last) = last else {
            return vec![(start.edge, from_along, to_along)];
        };
        let end = |back: bool| if back { 1.0 } else { 0.0 };
        let mut back = vec![(goal.edge, end(last.back), to_along)];
        let mut place = last.place;
        while let Some(at) = search.reached(place).filter(|r| r.by != NO_ARC) {
            let reversed = at.by & 1 == 1;
            back.push((at.by >> 1, end(reversed), end(!reversed)));
            let before = self.tails(at.by).find(|tail| {
                let leads = |a: &&Arc| a.edge_and_side() == at.by && a.node == place;
                let arc = self.ways_out().of(*tail).iter().find(leads);
                let known = search.reached(*tail).map(|r| r.travel_ms);
                arc.is_some_and(|a| known.is_some_and(|ms| ms + a.travel_ms <= at.travel_ms))
            });
            let Some(before) = before else { break };
            place = before;
        }
        let left = start.exits(self).filter(|exit| exit.place == place);
        let left = left.min_by_key(|exit| exit.cost);
        back.push((
            start.edge,
            from_along,
            end(!left.is_some_and(|exit| exit.back)),
        ));
        back.reverse();
        back.retain(|(_, start, end)| start != end);
        if back.is_empty() {
            back.push((goal.edge, to_along, to_along));
        }
        back
    }

    fn route_over(&self, stretches: &[(u32, f32, f32)], cost: Cost) -> Route {
        let mut route = Route {
            legs: Vec::with_capacity(stretches.len()),
            polyline: Vec::new(),
            distances_m: Vec::new(),
            seconds: (f64::from(cost.travel_ms) / 1000.0) as f32,
            length_m: (f64::from(cost.length_cm) / 100.0) as f32,
        };
        let mut begun_m = 0.0;
        for (edge, start, end) in stretches.iter().copied() {
            let e = &self.edges[edge as usize];
            let part = f64::from((end - start).abs());
            let length_m = f64::from(e.length_cm) / 100.0 * part;
            let course = self.shape_between(edge, start, end);
            let mut along_m = vec![0.0; course.len()];
            for i in 1..course.len() {
                along_m[i] = along_m[i - 1] + distance_m(course[i - 1], course[i]);
            }
            let whole_m = along_m.last().copied().unwrap_or(0.0);
            let first_point = route.polyline.len().saturating_sub(1) as u32;
            for (point, along_m) in course.into_iter().zip(along_m) {
                let scaled_m = if whole_m > 0.0 {
                    along_m / whole_m * length_m
                } else {
                    0.0
                };
                if route.polyline.last() != Some(&point) {
                    route.polyline.push(point);
                    let distance_m = ((begun_m + scaled_m) as f32).min(route.length_m);
                    route.distances_m.push(distance_m);
                }
            }
            begun_m += length_m;
            let seconds = (f64::from(e.travel_ms) / 1000.0 * part) as f32;
            route.legs.push(Leg {
                edge,
                start,
                end,
                seconds,
                length_m: length_m as f32,
                first_point,
            });
        }
        if route.polyline.len() > 1
            && let Some(last) = route.distances_m.last_mut()
        {
            *last = route.length_m;
        }
        route
    }
}

#[cfg(test)]
mod tests {
    use super::super::oracle::{GridBuilder, Rng, plain_travel_ms, random_grid, random_points};
    use super::*;

    #[test]
    fn routes_are_as_quick_as_a_plain_dijkstra_says_and_hang_together() {
        let mut search = Search::new();
        for seed in 0..40 {
            let mut rng = Rng(seed + 40);
            let graph = random_grid(&mut rng, 8, 8);
            let points = random_points(&mut rng, &graph, 50);
            for pair in points.chunks(2) {
                let (from, to) = (pair[0], pair[1]);
                let route = graph.route(from, to, &mut search);
                let expected = plain_travel_ms(&graph, from, to);
                assert_eq!(route.is_some(), expected.is_some(), "seed {seed}");
                let (Some(route), Some(expected)) = (route, expected) else {
                    continue;
                };
                assert_eq!(
                    route.seconds,
                    (f64::from(expected) / 1000.0) as f32,
                    "seed {seed}"
                );
                check_whole(&graph, &route, from, to);
            }
        }
    }

    fn check_whole(graph: &RoadGraph, route: &Route, from: RoadPoint, to: RoadPoint) {
        let close = |a: Position, b: Position| distance_m(a, b) < 0.05;
        assert!(
            close(route.polyline[0], from.position)
                && close(*route.polyline.last().unwrap(), to.position)
        );
        let legs_s: f32 = route.legs.iter().map(|l| l.seconds).sum();
        assert!((legs_s - route.seconds).abs() < 0.01 + 0.001 * route.legs.len() as f32);
        for w in route.legs.windows(2) {
            let end = graph.point_along(w[0].edge, w[0].end).unwrap().position;
            let start = graph.point_along(w[1].edge, w[1].start).unwrap().position;
            assert!(close(end, start));
        }
        for leg in &route.legs {
            assert!(
                leg.end > leg.start
                    || !graph.edges[leg.edge as usize].oneway
                    || route.legs.len() == 1
            );
        }
        assert!(route.distances_m.is_sorted());
        assert_eq!(route.position_at(0.0).position, route.polyline[0]);
        assert_eq!(
            route.position_at(f32::INFINITY).position,
            *route.polyline.last().unwrap()
        );
    }

    #[test]
    fn driving_along_turns_with_the_road() {
        let mut grid = GridBuilder::new(2, 2, 100.0);
        grid.edge(0, 1, 10.0, false);
        grid.edge(1, 3, 20.0, false);
        let graph = grid.build();
        let from = graph.point_along(0, 0.5).unwrap();
        let to = graph.point_along(1, 0.5).unwrap();
        let route = graph.route(from, to, &mut Search::new()).unwrap();
        assert_eq!((route.seconds, route.length_m), (7.5, 100.0));
        assert_eq!(route.legs.len(), 2);
        let at = route.position_at(25.0);
        assert!((at.bearing_deg - 90.0).abs() < 0.1 && at.leg == 0, "{at:?}");
        let at = route.position_at(75.0);
        assert!(
            (at.bearing_deg.min(360.0 - at.bearing_deg)) < 0.1 && at.leg == 1,
            "{at:?}"
        );
        assert_eq!(route.distance_at(5.0), 50.0);
        assert_eq!(route.distance_at(6.25), 75.0);
        assert_eq!(route.distance_at(99.0), 100.0);
        let stay = graph.route(from, from, &mut Search::new()).unwrap();
        assert_eq!(
            (stay.seconds, stay.position_at(5.0).position),
            (0.0, from.position)
        );
    }
}
