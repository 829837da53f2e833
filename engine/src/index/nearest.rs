use super::bounds::Bounds;
use super::lazy::LazyIndex;
use crate::geo::{GeoBox, Position, distance_m};
use core::cmp::Reverse;
use std::collections::BinaryHeap;

const RADIUS_M: f64 = 6_371_007.2;
const RAD_PER_E7: f64 = core::f64::consts::PI / 180.0 / 1e7;
const LON_MAX_E7: i64 = 1_800_000_000;

/// A place to measure from, with what the bounds below need of it.
struct Centre {
    position: Position,
    lat_cos: f64,
}

impl Centre {
    fn new(position: Position) -> Self {
        Self {
            position,
            lat_cos: libm::cos(f64::from(position.lat_e7) * RAD_PER_E7),
        }
    }

    /// Metres that everything in the box is at least away; cheap, and never more than the truth.
    ///
    /// From the haversine formula with each term at its least: cosines change no faster than their angle, and
    /// sin x ≥ x − x³/6.
    fn at_least_m(&self, b: &Bounds) -> f64 {
        let (lon, lat) = (
            i64::from(self.position.lon_e7),
            i64::from(self.position.lat_e7),
        );
        let (south, north) = (lat - i64::from(b.min[1]), i64::from(b.max[1]) - lat);
        let lat_gap = (-south).max(-north).max(0) as f64 * RAD_PER_E7;
        let lat_reach = south.abs().max(north.abs()) as f64 * RAD_PER_E7;
        let (west, east) = (i64::from(b.min[0]), i64::from(b.max[0]));
        let lon_gap = if west <= lon && lon <= east {
            0
        } else {
            let round = |d: i64| d.abs().min((2 * LON_MAX_E7 - d.abs()).abs());
            round(lon - west).min(round(lon - east))
        };
        let half_sin = |angle: f64| {
            let x = (angle / 2.0).clamp(0.0, core::f64::consts::FRAC_PI_2);
            x - x * x * x / 6.0
        };
        let (s_lat, s_lon) = (half_sin(lat_gap), half_sin(lon_gap as f64 * RAD_PER_E7));
        let cos_least = (self.lat_cos - lat_reach).max(0.0);
        let h = s_lat * s_lat + self.lat_cos * cos_least * s_lon * s_lon;
        (2.0 * RADIUS_M * libm::sqrt(h) * (1.0 - 1e-9) - 1e-3).max(0.0)
    }
}

/// The boxes that hold everything within `radius_m` of a place: one, or two where it reaches across ±180°.
fn boxes_around(p: Position, radius_m: f64) -> Vec<GeoBox> {
    let angle = (radius_m / RADIUS_M) * (1.0 + 1e-9) + 1e-9;
    let lat_reach = libm::ceil((angle / RAD_PER_E7).min(2e9)) as i64;
    let (south, north) = (
        i64::from(p.lat_e7) - lat_reach,
        i64::from(p.lat_e7) + lat_reach,
    );
    let (low, high) = (
        south.max(-900_000_000) as i32,
        north.min(900_000_000) as i32,
    );
    let strip = |west: i64, east: i64| {
        GeoBox::new(
            Position::new(west as i32, low),
            Position::new(east as i32, high),
        )
    };
    let over_pole = south <= -900_000_000 || north >= 900_000_000;
    let lat_cos = libm::cos(f64::from(p.lat_e7) * RAD_PER_E7);
    let sin = libm::sin(angle.min(core::f64::consts::FRAC_PI_2));
    if over_pole || sin >= lat_cos {
        return vec![strip(-LON_MAX_E7, LON_MAX_E7)];
    }
    let lon_reach = libm::ceil(libm::asin(sin / lat_cos) / RAD_PER_E7) as i64 + 1;
    let (west, east) = (
        i64::from(p.lon_e7) - lon_reach,
        i64::from(p.lon_e7) + lon_reach,
    );
    if west < -LON_MAX_E7 {
        vec![
            strip(-LON_MAX_E7, east),
            strip(west + 2 * LON_MAX_E7, LON_MAX_E7),
        ]
    } else if east > LON_MAX_E7 {
        vec![
            strip(west, LON_MAX_E7),
            strip(-LON_MAX_E7, east - 2 * LON_MAX_E7),
        ]
    } else {
        vec![strip(west, east)]
    }
}

impl<K: Copy + Ord> LazyIndex<K> {
    /// All movers within `radius_m` metres (great circle), nearest first, equals by key, with their distance.
    /// Nothing for a radius that is negative or not a number.
    pub fn within(&self, centre: Position, radius_m: f64) -> Vec<(K, f64)> {
        let mut found = Vec::new();
        if radius_m.is_nan() || radius_m < 0.0 {
            return found;
        }
        for b in boxes_around(centre, radius_m) {
            self.visit_box(&b, |key, position| {
                let away_m = distance_m(centre, position);
                if away_m <= radius_m {
                    found.push((key, away_m));
                }
            });
        }
        found.sort_unstable_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        found
    }

    /// The nearest of those movers within `radius_m` metres that `wanted` accepts, of equals the least key. `wanted` is
    /// asked only of movers nearer than any that was accepted so far.
    ///
    /// Cost: the movers of the territories within the radius, a comparison each.
    pub fn nearest_within(
        &self,
        centre: Position,
        radius_m: f64,
        wanted: impl Fn(K) -> bool,
    ) -> Option<(K, f64)> {
        let from = Centre::new(centre);
        let mut best: Option<(f64, K)> = None;
        if radius_m.is_nan() || radius_m < 0.0 {
            return None;
        }
        for b in boxes_around(centre, radius_m) {
            self.visit_box(&b, |key, position| {
                let most = best.map_or(radius_m, |(away_m, _)| away_m);
                if from.at_least_m(&Bounds::of(position)) > most {
                    return;
                }
                let away_m = distance_m(centre, position);
                let nearer = away_m <= radius_m && best.is_none_or(|b| (away_m, key) < b);
                if nearer && wanted(key) {
                    best = Some((away_m, key));
                }
            });
        }
        best.map(|(away_m, key)| (key, away_m))
    }

    /// The `count` nearest movers (great circle), nearest first, equals by key, with their distance.
    pub fn nearest(&self, centre: Position, count: usize) -> Vec<(K, f64)> {
        self.nearest_where(centre, count, |_| true)
    }

    /// The `count` nearest of those movers that `wanted` accepts.
    ///
    /// Source: Hjaltason and Samet 1999 (best first). Cost: log n, and the territories nearer than the last found.
    pub fn nearest_where(
        &self,
        centre: Position,
        count: usize,
        wanted: impl Fn(K) -> bool,
    ) -> Vec<(K, f64)> {
        // Bits of a non-negative number are ordered as the number is.
        let mut open: BinaryHeap<Reverse<(u64, u32, u32)>> = BinaryHeap::new();
        let mut best: BinaryHeap<(u64, K)> = BinaryHeap::new();
        if count == 0 {
            return Vec::new();
        }
        let from = Centre::new(centre);
        open.push(Reverse((
            0,
            self.tree.branch(self.tree.root).height,
            self.tree.root,
        )));
        while let Some(Reverse((at_least, height, node))) = open.pop() {
            let full = best.len() >= count;
            if full && best.peek().is_some_and(|(worst, _)| at_least > *worst) {
                break;
            }
            if height > 0 {
                for (child, bounds) in self.tree.branch(node).entries() {
                    open.push(Reverse((
                        from.at_least_m(&bounds).to_bits(),
                        height - 1,
                        child,
                    )));
                }
                continue;
            }
            for entry in self.tree.leaves[node as usize].members() {
                let at_least = from.at_least_m(&Bounds::of(entry.position)).to_bits();
                let full = best.len() >= count;
                if full && best.peek().is_some_and(|(worst, _)| at_least > *worst)
                    || !wanted(entry.key)
                {
                    continue;
                }
                best.push((distance_m(centre, entry.position).to_bits(), entry.key));
                if best.len() > count {
                    best.pop();
                }
            }
        }
        best.into_sorted_vec()
            .into_iter()
            .map(|(bits, key)| (key, f64::from_bits(bits)))
            .collect()
    }
}
