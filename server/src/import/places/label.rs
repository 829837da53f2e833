//! Where a label is placed.

use crate::import::buildings::middle;
use crate::import::rings::{self, Polygon};
use chengtu_engine::geo::{Position, distance_m};

/// The point half-way along a line of known length.
pub fn halfway(line: &[Position], length_m: f64) -> Position {
    let mut left = length_m / 2.0;
    for w in line.windows(2) {
        let step = distance_m(w[0], w[1]);
        if left <= step && step > 0.0 {
            let t = left / step;
            let between = |a: i32, b: i32| {
                libm::round(f64::from(a) + (f64::from(b) - f64::from(a)) * t) as i32
            };
            return Position::new(
                between(w[0].lon_e7, w[1].lon_e7),
                between(w[0].lat_e7, w[1].lat_e7),
            );
        }
        left -= step;
    }
    line.last().copied().unwrap_or_default()
}

/// A point inside a polygon for its label: the centre of mass, or, where that lies outside, the middle of the widest
/// stretch at its latitude.
pub fn label_point(polygon: &Polygon) -> Position {
    let ring = &polygon.outer;
    let area = rings::doubled_area(ring);
    let o = ring[0];
    let (mut x, mut y) = (0_i128, 0_i128);
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        let from = |p: &Position| {
            (
                i128::from(p.lon_e7) - i128::from(o.lon_e7),
                i128::from(p.lat_e7) - i128::from(o.lat_e7),
            )
        };
        let ((ax, ay), (bx, by)) = (from(a), from(&b));
        let cross = ax * by - bx * ay;
        x += (ax + bx) * cross;
        y += (ay + by) * cross;
    }
    if area == 0 {
        return middle(ring);
    }
    let centre = Position::new(
        o.lon_e7 + (x / (3 * area)) as i32,
        o.lat_e7 + (y / (3 * area)) as i32,
    );
    let inside =
        |p| rings::contains(ring, p) && !polygon.holes.iter().any(|h| rings::contains(h, p));
    if inside(centre) {
        centre
    } else {
        widest_at(polygon, centre.lat_e7).unwrap_or(centre)
    }
}

fn widest_at(polygon: &Polygon, lat_e7: i32) -> Option<Position> {
    let mut crossings: Vec<i32> = Vec::new();
    for ring in std::iter::once(&polygon.outer).chain(&polygon.holes) {
        for (i, a) in ring.iter().enumerate() {
            let b = ring[(i + 1) % ring.len()];
            if (a.lat_e7 > lat_e7) != (b.lat_e7 > lat_e7) {
                let [x, y, bx, by, lat] =
                    [a.lon_e7, a.lat_e7, b.lon_e7, b.lat_e7, lat_e7].map(f64::from);
                crossings.push(libm::round(x + (bx - x) * (lat - y) / (by - y)) as i32);
            }
        }
    }
    crossings.sort_unstable();
    let widest = crossings
        .chunks_exact(2)
        .max_by_key(|c| i64::from(c[1]) - i64::from(c[0]))?;
    Some(Position::new(i32::midpoint(widest[0], widest[1]), lat_e7))
}
