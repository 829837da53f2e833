use chengtu_engine::geo::{Position, distance_m};
use chengtu_engine::roads::{RoadGraph, RoadPoint, Route, RoutePoint, Search};

/// How a vehicle gains and loses speed, metres a second squared.
const GAINS: f64 = 1.5;
const LOSES: f64 = 1.8;
/// Speed of a crew that goes on foot where no road leads.
const ON_FOOT_MPS: f64 = 1.4;
/// No slower than this while there is still a way to go.
const CREEP_MPS: f64 = 0.8;

/// A drive along a route: slower in bends and at its end, never faster than the road.
#[derive(Clone, Debug)]
pub struct Drive {
    route: Route,
    /// Highest speed at each point of the route from which all that follows can still be kept.
    limits_mps: Vec<f64>,
    /// Highest speed between each point and the next.
    between_mps: Vec<f64>,
    done_m: f64,
    speed_mps: f64,
}

impl Drive {
    /// The quickest way by road; on foot in a straight line where there is none. `factor`: speed against the
    /// road's.
    pub fn plan(
        graph: &RoadGraph,
        search: &mut Search,
        from: Position,
        to: Position,
        factor: f64,
    ) -> Self {
        let snapped = |p: Position| graph.snap(p, 500.0);
        let by_road = match (snapped(from), snapped(to)) {
            (Some(a), Some(b)) => graph.route(a, b, search),
            _ => None,
        };
        match by_road {
            Some(route) => Self::along(graph, route, factor),
            None => Self::on_foot(from, to),
        }
    }

    /// Along a route.
    fn along(graph: &RoadGraph, route: Route, factor: f64) -> Self {
        let points = route.polyline.len();
        let mut between_mps = vec![ON_FOOT_MPS; points];
        for (i, leg) in route.legs.iter().enumerate() {
            let from = leg.first_point as usize;
            let to = route
                .legs
                .get(i + 1)
                .map_or(points, |next| next.first_point as usize);
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
        for (i, limit) in limits_mps.iter_mut().enumerate().take(last).skip(1) {
            *limit = bend_mps(bearing_after(i) - bearing_after(i - 1));
        }
        if let Some(last) = limits_mps.last_mut() {
            *last = 0.0;
        }
        for i in (0..points.saturating_sub(1)).rev() {
            let length_m = f64::from(route.distances_m[i + 1] - route.distances_m[i]);
            let reachable = (limits_mps[i + 1].powi(2) + 2.0 * LOSES * length_m).sqrt();
            limits_mps[i] = limits_mps[i].min(reachable);
        }
        Self {
            route,
            limits_mps,
            between_mps,
            done_m: 0.0,
            speed_mps: 0.0,
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

    fn allowed_mps(&self) -> f64 {
        let done = self.done_m as f32;
        let points = self.route.distances_m.len();
        let next = self.route.distances_m.partition_point(|d| *d <= done);
        let next = next.clamp(1, points.max(2) - 1);
        let to_next_m = (f64::from(self.route.distances_m[next]) - self.done_m).max(0.0);
        let braking = (self.limits_mps[next].powi(2) + 2.0 * LOSES * to_next_m).sqrt();
        braking.min(self.between_mps[next - 1])
    }

    /// True at the end of the route.
    pub fn is_there(&self) -> bool {
        self.done_m + 0.5 >= f64::from(self.route.length_m) || self.route.polyline.len() < 2
    }

    /// Where the drive stands.
    pub fn point(&self) -> RoutePoint {
        self.route.position_at(self.done_m as f32)
    }

    /// Speed now, metres a second.
    pub fn speed_mps(&self) -> f64 {
        if self.is_there() { 0.0 } else { self.speed_mps }
    }

    /// Length of the whole route, metres.
    pub fn length_m(&self) -> f64 {
        f64::from(self.route.length_m)
    }
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

/// Places on the road near a point, to patrol by.
#[derive(Clone, Debug)]
pub struct Beat {
    stops: Vec<RoadPoint>,
}

impl Beat {
    /// Every stretch of road of the main component with its middle within `radius_m` of `home`; all where none is.
    pub fn around(graph: &RoadGraph, home: Position, radius_m: f64) -> Self {
        let middles = || {
            (0..graph.edge_count() as u32)
                .filter(|e| graph.in_main_component(*e))
                .filter_map(|e| graph.point_along(e, 0.5))
        };
        let near = |p: &RoadPoint| distance_m(p.position, home) <= radius_m;
        let mut stops: Vec<RoadPoint> = middles().filter(near).collect();
        if stops.is_empty() {
            stops = middles().collect();
        }
        Self { stops }
    }

    /// Somewhere on it.
    pub fn somewhere(&self, chance: &mut crate::demo::Chance) -> Option<RoadPoint> {
        self.stops.get(chance.below(self.stops.len())).copied()
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
        // Free flow would be 80 s: bends and the standing start cost something, but not everything.
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
