use crate::geo::{Metres, Position};

/// East and north of the middle of the graph, metres.
pub(super) fn flat_point(m: Metres) -> [f32; 2] {
    [m.east_m as f32, m.north_m as f32]
}

pub(super) fn flat_distance_m(a: [f32; 2], b: [f32; 2]) -> f64 {
    let (dx, dy) = (
        f64::from(a[0]) - f64::from(b[0]),
        f64::from(a[1]) - f64::from(b[1]),
    );
    libm::sqrt(dx * dx + dy * dy)
}

/// The place a part 0 … 1 of the way from `a` to `b`.
pub(super) fn between(a: Position, b: Position, part: f64) -> Position {
    let mix = |a: i32, b: i32| {
        let (a, b) = (f64::from(a), f64::from(b));
        libm::round(a + (b - a) * part) as i32
    };
    Position::new(mix(a.lon_e7, b.lon_e7), mix(a.lat_e7, b.lat_e7))
}
