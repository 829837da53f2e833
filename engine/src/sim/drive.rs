use crate::geo::{Position, distance_m};
use crate::roads::{RoadGraph, Route, RoutePoint, Search};
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// How a vehicle gains and loses speed, metres a second squared.
const GAINS: f64 = 1.5;
const LOSES: f64 = 1.8;
/// Speed of a crew that goes on foot where no road leads.
const ON_FOOT_MPS: f64 = 1.4;
/// No slower than this while there is still a way to go.
const CREEP_MPS: f64 = 0.8;
/// How far from a road a vehicle may be and still set off by it, metres.
pub(super) const SNAP_M: f64 = 500.0;

/// A way with the speeds that it can be driven at; made once, driven along without any search.
#[derive(Debug, PartialEq, Serialize)]
struct Plan {
    route: Route,
    /// Highest speed at each point of the route from which all that follows can still be kept.
    limits_mps: Vec<f64>,
    /// Highest speed between each point and the next.
    between_mps: Vec<f64>,
}

/// A drive along a route: slower in bends and at its end, never faster than the road.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drive {
    #[serde(serialize_with = "inside")]
    plan: Arc<Plan>,
    done_m: f64,
    speed_mps: f64,
    /// The point of the route that lies ahead.
    next: usize,
}

fn inside<S: Serializer>(plan: &Arc<Plan>, to: S) -> Result<S::Ok, S::Error> {
    plan.serialize(to)
}

impl Drive {
    /// The quickest open way by road; on foot in a straight line where there is none. `factor`: speed against the
    /// road's.
    pub fn plan(
        graph: &RoadGraph,
        search: &mut Search,
        from: Position,
        to: Position,
        factor: f64,
    ) -> Self {
        let by_road = match (
            graph.snap_open(from, SNAP_M, search),
            graph.snap_open(to, SNAP_M, search),
        ) {
            (Some(a), Some(b)) => graph.route(a, b, search),
            _ => None,
        };
        match by_road {
            Some(route) => Self::along(graph, with_walk(route, to), factor),
            None => Self::on_foot(from, to),
        }
    }

    /// Along a route; what follows its last leg is on foot.
    fn along(graph: &RoadGraph, (route, driven): (Route, usize), factor: f64) -> Self {
        let points = route.polyline.len();
        let mut between_mps = vec![ON_FOOT_MPS; points];
        for (i, leg) in route.legs.iter().enumerate() {
            let from = leg.first_point as usize;
            let to = route
                .legs
                .get(i + 1)
                .map_or(driven, |next| next.first_point as usize);
            let speed = graph
                .edge(leg.edge)
                .map_or(ON_FOOT_MPS, |e| f64::from(e.speed_mps) * factor);
            for v in between_mps.iter_mut().take(to).skip(from) {
                *v = speed;
            }
        }
        Self::with_limits(route, between_mps)
    }

    fn on_foot(from: Position, to: Position) -> Self {
        let length_m = distance_m(from, to) as f32;
        let route = Route {
            legs: Vec::new(),
            polyline: vec![from, to],
            distances_m: vec![0.0, length_m],
            seconds: length_m / ON_FOOT_MPS as f32,
            length_m,
        };
        Self::with_limits(route, vec![ON_FOOT_MPS; 2])
    }

    fn with_limits(route: Route, between_mps: Vec<f64>) -> Self {
        let points = route.polyline.len();
        let mut limits_mps = vec![f64::INFINITY; points];
        let bearing_after = |i: usize| {
            let (a, b) = (route.distances_m[i], route.distances_m[i + 1]);
            f64::from(route.position_at(f32::midpoint(a, b)).bearing_deg)
        };
        let last = points.saturating_sub(1);
        let mut before = if last > 0 { bearing_after(0) } else { 0.0 };
        for (i, limit) in limits_mps.iter_mut().enumerate().take(last).skip(1) {
            let after = bearing_after(i);
            *limit = bend_mps(after - before);
            before = after;
        }
        if let Some(last) = limits_mps.last_mut() {
            *last = 0.0;
        }
        for i in (0..last).rev() {
            let length_m = f64::from(route.distances_m[i + 1] - route.distances_m[i]);
            let reachable = braking_mps(limits_mps[i + 1], length_m);
            limits_mps[i] = limits_mps[i].min(reachable);
        }
        Self {
            plan: Arc::new(Plan {
                route,
                limits_mps,
                between_mps,
            }),
            done_m: 0.0,
            speed_mps: 0.0,
            next: 1,
        }
    }

    /// Takes over the speed of the drive before.
    #[must_use]
    pub fn rolling(mut self, speed_mps: f64) -> Self {
        self.speed_mps = speed_mps;
        self
    }

    /// Drives on for `seconds`.
    pub fn go(&mut self, seconds: f64) {
        let mut left_s = seconds;
        while left_s > 0.0 && !self.is_there() {
            let step_s = left_s.min(0.25);
            left_s -= step_s;
            let allowed = self.allowed_mps();
            self.speed_mps = (self.speed_mps + GAINS * step_s)
                .min(allowed)
                .max(CREEP_MPS);
            self.done_m += self.speed_mps * step_s;
        }
    }

    fn allowed_mps(&mut self) -> f64 {
        let distances_m = &self.plan.route.distances_m;
        let last = distances_m.len().max(2) - 1;
        while self.next < last && f64::from(distances_m[self.next]) <= self.done_m {
            self.next += 1;
        }
        let to_next_m = (f64::from(distances_m[self.next]) - self.done_m).max(0.0);
        let braking = braking_mps(self.plan.limits_mps[self.next], to_next_m);
        braking.min(self.plan.between_mps[self.next - 1])
    }

    /// True at the end of the route.
    pub fn is_there(&self) -> bool {
        let route = &self.plan.route;
        self.done_m + 0.5 >= f64::from(route.length_m) || route.polyline.len() < 2
    }

    /// The point of the way that the drive has come to.
    pub fn point(&self) -> RoutePoint {
        self.plan.route.position_at(self.done_m as f32)
    }

    /// The edge that it is on; `None` on foot.
    pub fn edge(&self) -> Option<u32> {
        let at = self.point().leg;
        self.plan.route.legs.get(at).map(|l| l.edge)
    }

    /// Speed now, metres a second.
    pub fn speed_mps(&self) -> f64 {
        if self.is_there() { 0.0 } else { self.speed_mps }
    }

    /// Length of the whole route, metres.
    pub fn length_m(&self) -> f64 {
        f64::from(self.plan.route.length_m)
    }

    /// Metres driven so far.
    pub fn done_m(&self) -> f64 {
        self.done_m
    }

    /// True where what is left of the way leads over a road that the search has closed.
    pub fn is_blocked(&self, search: &Search) -> bool {
        let at = self.point().leg;
        let legs = self.plan.route.legs.get(at..).unwrap_or_default();
        legs.iter().any(|l| search.is_closed(l.edge))
    }
}

/// From this distance on a place beside the road is walked to, metres.
const WALK_M: f64 = 20.0;

/// The route, with a walk to a place off its end, and the index of the point that its driven part ends before.
fn with_walk(mut route: Route, to: Position) -> (Route, usize) {
    let driven = route.polyline.len();
    let Some(end) = route.polyline.last().copied() else {
        return (route, driven);
    };
    let walk_m = distance_m(end, to);
    if walk_m < WALK_M {
        return (route, driven);
    }
    route.polyline.push(to);
    route.length_m += walk_m as f32;
    route.seconds += (walk_m / ON_FOOT_MPS) as f32;
    route.distances_m.push(route.length_m);
    (route, driven - 1)
}

/// Speed from which a vehicle can brake to `end_mps` within a length.
fn braking_mps(end_mps: f64, length_m: f64) -> f64 {
    (end_mps * end_mps + 2.0 * LOSES * length_m).sqrt()
}

/// How fast a bend can be taken.
fn bend_mps(turn_deg: f64) -> f64 {
    let turn = (turn_deg + 540.0).rem_euclid(360.0) - 180.0;
    match turn.abs() {
        t if t < 20.0 => f64::INFINITY,
        t if t < 45.0 => 9.0,
        t if t < 100.0 => 5.0,
        _ => 2.5,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::grid_city;
    use super::*;

    #[test]
    fn a_drive_keeps_to_the_road_its_speed_and_its_bends_and_stops_at_the_end() {
        let graph = grid_city();
        let mut search = Search::new();
        let (from, to) = (graph.node(0).unwrap(), graph.node(24).unwrap());
        let mut drive = Drive::plan(&graph, &mut search, from, to, 1.0);
        assert!(drive.length_m() > 700.0);
        let (mut seconds, mut before) = (0, drive.point().position);
        let mut fastest: f64 = 0.0;
        while !drive.is_there() {
            drive.go(1.0);
            seconds += 1;
            let at = drive.point().position;
            let moved = distance_m(before, at);
            assert!(moved <= 10.5, "{moved} m in a second on a road of 10 m/s");
            assert!(graph.snap(at, 2.0).is_some(), "off the road");
            fastest = fastest.max(drive.speed_mps());
            before = at;
            assert!(seconds < 400);
        }
        assert!(fastest > 9.0 && drive.speed_mps() == 0.0);
        assert!(distance_m(before, to) < 3.0);
        // Free flow would be 80 s: bends and the start from rest cost something, but not everything.
        assert!((80..160).contains(&seconds), "{seconds}");
    }

    #[test]
    fn where_no_road_leads_one_goes_on_foot() {
        let graph = grid_city();
        let from = graph.node(0).unwrap();
        let to = Position::new(from.lon_e7 - 200_000, from.lat_e7 - 200_000);
        let mut drive = Drive::on_foot(from, to);
        drive.go(10.0);
        let walked = distance_m(from, drive.point().position);
        assert!((10.0..15.0).contains(&walked), "{walked}");
        drive.go(10_000.0);
        assert!(drive.is_there());
    }
}
