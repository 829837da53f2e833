use super::{MapCamera, MapWindow};
use bevy::math::DVec2;
use bevy::prelude::Resource;
use chengtu_engine::geo::{GeoBox, LonLat, mercator_from_lon_lat};

/// Shortest and longest flight, seconds, when the tokens say nothing else.
const FLY_S: [f64; 2] = [0.4, 1.4];
/// Curvature of the path: how far it zooms out on the way. van Wijk and Nuij 2003.
const RHO: f64 = 1.3;

/// A camera movement under way. Start one with [`Flight::fly_to`] or [`Flight::turn_to`]; any hand on the map ends it.
#[derive(Resource, Debug, Default)]
pub struct Flight {
    under_way: Option<Leg>,
    /// Shortest and longest flight in seconds (`motion.fly`); zero jumps.
    pub limits_s: Option<[f64; 2]>,
}

#[derive(Debug)]
struct Leg {
    from: MapCamera,
    to: MapCamera,
    path: Path,
    elapsed_s: f64,
    length_s: f64,
}

impl Flight {
    /// Flies to a place, `zoom`, `pitch_deg` and `bearing_deg` staying as they are where `None`; the place comes
    /// to lie in the middle of the free window between the panels.
    pub fn fly_to(
        &mut self,
        camera: &MapCamera,
        window: &MapWindow,
        place: LonLat,
        zoom: Option<f64>,
        pitch_deg: Option<f64>,
        bearing_deg: Option<f64>,
    ) {
        let mut to = camera.clone();
        to.zoom = zoom.unwrap_or(camera.zoom);
        to.pitch_deg = pitch_deg.unwrap_or(camera.pitch_deg);
        to.bearing_deg = bearing_deg.unwrap_or(camera.bearing_deg);
        to.limit();
        to.pin(mercator_from_lon_lat(place).into(), window.centre(camera));
        self.go(camera, to);
    }

    /// Flies until a rectangle fills the free window between the panels.
    pub fn fly_to_box(&mut self, camera: &MapCamera, window: &MapWindow, bounds: GeoBox) {
        let a = DVec2::from(mercator_from_lon_lat(bounds.min.lon_lat()));
        let b = DVec2::from(mercator_from_lon_lat(bounds.max.lon_lat()));
        let size = (b - a).abs().max(DVec2::splat(1e-9));
        let free = window.size(camera).as_dvec2().max(DVec2::splat(64.0)) * 0.86;
        let zoom = (free / (size * super::projection::TILE_PX))
            .min_element()
            .log2();
        let middle = chengtu_engine::geo::lon_lat_from_mercator(((a + b) / 2.0).into());
        self.fly_to(camera, window, middle, Some(zoom.min(17.0)), None, None);
    }

    /// Turns in place: north up, flat or tilted.
    pub fn turn_to(
        &mut self,
        camera: &MapCamera,
        window: &MapWindow,
        pitch_deg: f64,
        bearing_deg: f64,
    ) {
        let fixed = window.centre(camera);
        let mut to = camera.clone();
        let ground = camera.mercator_from_screen(fixed);
        to.pitch_deg = pitch_deg;
        to.bearing_deg = bearing_deg;
        to.limit();
        if let Some(ground) = ground {
            to.pin(ground, fixed);
        }
        self.go(camera, to);
    }

    /// Ends any flight where it is.
    pub fn stop(&mut self) {
        self.under_way = None;
    }

    /// True while flying.
    pub fn is_flying(&self) -> bool {
        self.under_way.is_some()
    }

    fn go(&mut self, from: &MapCamera, mut to: MapCamera) {
        to.limit();
        let path = Path::between(from, &to);
        let [min_s, max_s] = self.limits_s.unwrap_or(FLY_S);
        let turn = (shortest_turn_deg(from.bearing_deg, to.bearing_deg).abs() / 180.0)
            .max((to.pitch_deg - from.pitch_deg).abs() / 60.0);
        let length_s = min_s + (max_s - min_s) * (path.length / 4.0).max(turn).clamp(0.0, 1.0);
        self.under_way = Some(Leg {
            from: from.clone(),
            to,
            path,
            elapsed_s: 0.0,
            length_s,
        });
    }

    /// Moves `camera` along by `dt_s` seconds.
    pub fn advance(&mut self, camera: &mut MapCamera, dt_s: f64) {
        let Some(leg) = &mut self.under_way else {
            return;
        };
        leg.elapsed_s += dt_s;
        let done = leg.length_s <= 0.0 || leg.elapsed_s >= leg.length_s;
        let t = if done {
            1.0
        } else {
            ease_in_out(leg.elapsed_s / leg.length_s)
        };
        let (along, zoom) = leg.path.at(t);
        camera.centre = leg.from.centre.lerp(leg.to.centre, along);
        camera.zoom = zoom;
        camera.pitch_deg = leg.from.pitch_deg + (leg.to.pitch_deg - leg.from.pitch_deg) * t;
        let turn = shortest_turn_deg(leg.from.bearing_deg, leg.to.bearing_deg);
        camera.bearing_deg = leg.from.bearing_deg + turn * t;
        if done {
            (camera.centre, camera.zoom) = (leg.to.centre, leg.to.zoom);
            self.under_way = None;
        }
        camera.limit();
    }
}

fn shortest_turn_deg(from: f64, to: f64) -> f64 {
    (to - from + 180.0).rem_euclid(360.0) - 180.0
}

/// The smooth path of van Wijk and Nuij ("Smooth and efficient zooming and panning", 2003, eq. 9).
#[derive(Debug)]
struct Path {
    zoom: [f64; 2],
    /// Ground distance in widths of the view at the start.
    distance: f64,
    w1: f64,
    r0: f64,
    length: f64,
}

impl Path {
    fn between(from: &MapCamera, to: &MapCamera) -> Self {
        let width = f64::from(from.viewport.x.max(from.viewport.y)).max(1.0);
        let distance = (to.centre - from.centre).length() * from.world_px() / width;
        let w1 = (from.zoom - to.zoom).exp2();
        let zoom = [from.zoom, to.zoom];
        if distance < 1e-6 {
            let length = w1.ln().abs() / RHO;
            return Self {
                zoom,
                distance: 0.0,
                w1,
                r0: 0.0,
                length,
            };
        }
        let b = |w0: f64, w1: f64, sign: f64| {
            let d2 = RHO.powi(4) * distance * distance;
            (w1 * w1 - w0 * w0 + sign * d2)
                / (2.0 * if sign > 0.0 { w0 } else { w1 } * RHO * RHO * distance)
        };
        let r = |b: f64| ((b * b + 1.0).sqrt() - b).ln();
        let (b0, b1) = (b(1.0, w1, 1.0), b(1.0, w1, -1.0));
        let (r0, r1) = (r(b0), r(b1));
        Self {
            zoom,
            distance,
            w1,
            r0,
            length: (r1 - r0) / RHO,
        }
    }

    /// Share of the way on the ground, and zoom, at share `t` of the path.
    fn at(&self, t: f64) -> (f64, f64) {
        let s = self.length * t;
        if self.distance == 0.0 || !self.length.is_finite() {
            return (t, self.zoom[0] + (self.zoom[1] - self.zoom[0]) * t);
        }
        if t >= 1.0 {
            return (1.0, self.zoom[0] - self.w1.log2());
        }
        let r = self.r0 + RHO * s;
        let w = self.r0.cosh() / r.cosh();
        let u = (self.r0.cosh() * r.tanh() - self.r0.sinh()) / (RHO * RHO);
        ((u / self.distance).clamp(0.0, 1.0), self.zoom[0] - w.log2())
    }
}

/// Camera and reordering: `cubic-bezier(0.65, 0, 0.35, 1)`, `t` 0 … 1.
pub fn ease_in_out(t: f64) -> f64 {
    bezier(t, [0.65, 0.0, 0.35, 1.0])
}

/// Things that appear: `cubic-bezier(0.16, 1, 0.3, 1)`, `t` 0 … 1.
pub fn ease_out(t: f64) -> f64 {
    bezier(t, [0.16, 1.0, 0.3, 1.0])
}

/// A CSS timing curve: solves x(p) = `t` by bisection and answers y(p).
fn bezier(t: f64, [x1, y1, x2, y2]: [f64; 4]) -> f64 {
    let t = t.clamp(0.0, 1.0);
    let curve = |p: f64, a: f64, b: f64| {
        let q = 1.0 - p;
        3.0 * q * q * p * a + 3.0 * q * p * p * b + p * p * p
    };
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..40 {
        let p = f64::midpoint(low, high);
        if curve(p, x1, x2) < t {
            low = p;
        } else {
            high = p;
        }
    }
    curve(f64::midpoint(low, high), y1, y2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flight_ends_exactly_there_within_its_time() {
        let mut camera = MapCamera::default();
        let window = MapWindow::default();
        for (lon, lat, zoom) in [
            (118.80, 32.05, 16.0),
            (118.785, 32.044, 17.5),
            (118.7, 31.9, 12.0),
        ] {
            let mut flight = Flight::default();
            let place = LonLat::new(lon, lat);
            flight.fly_to(&camera, &window, place, Some(zoom), Some(45.0), Some(350.0));
            let mut time_s = 0.0;
            while flight.is_flying() {
                flight.advance(&mut camera, 1.0 / 60.0);
                time_s += 1.0 / 60.0;
                assert!(time_s < 1.5);
            }
            assert!(time_s > 0.39, "{time_s}");
            let at = camera.centre_lon_lat();
            assert!((at.lon_deg - lon).abs() < 1e-6 && (at.lat_deg - lat).abs() < 1e-6);
            assert!((camera.zoom - zoom).abs() < 1e-9 && (camera.bearing_deg - 350.0).abs() < 1e-6);
        }
    }

    #[test]
    fn no_step_of_a_flight_jumps() {
        let mut camera = MapCamera {
            zoom: 16.0,
            ..MapCamera::default()
        };
        let mut flight = Flight::default();
        flight.fly_to(
            &camera,
            &MapWindow::default(),
            LonLat::new(118.75, 32.0),
            Some(15.0),
            None,
            None,
        );
        let mut last = camera.clone();
        while flight.is_flying() {
            flight.advance(&mut camera, 1.0 / 120.0);
            assert!(
                (camera.zoom - last.zoom).abs() < 0.25,
                "{} {}",
                camera.zoom,
                last.zoom
            );
            last = camera.clone();
        }
    }

    #[test]
    fn turning_takes_the_short_way() {
        assert_eq!(shortest_turn_deg(350.0, 10.0), 20.0);
        assert_eq!(shortest_turn_deg(10.0, 350.0), -20.0);
    }

    #[test]
    fn curves_begin_at_nothing_and_end_at_all() {
        for ease in [ease_in_out, ease_out] {
            assert!(ease(0.0).abs() < 1e-6 && (ease(1.0) - 1.0).abs() < 1e-6);
        }
        assert!((ease_in_out(0.5) - 0.5).abs() < 1e-6 && ease_out(0.3) > 0.8);
    }
}
