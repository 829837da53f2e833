use crate::geo::{GeoBox, METRES_PER_DEGREE, Position};

/// A rectangle in 1e-7 degree, edges included; empty where a minimum is above its maximum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) min: [i32; 2],
    pub(super) max: [i32; 2],
}

impl Bounds {
    pub(super) const EMPTY: Self = Self {
        min: [i32::MAX; 2],
        max: [i32::MIN; 2],
    };

    pub(super) fn of(p: Position) -> Self {
        Self {
            min: [p.lon_e7, p.lat_e7],
            max: [p.lon_e7, p.lat_e7],
        }
    }

    pub(super) fn from_box(b: &GeoBox) -> Self {
        Self {
            min: [b.min.lon_e7, b.min.lat_e7],
            max: [b.max.lon_e7, b.max.lat_e7],
        }
    }

    pub(super) fn contains(&self, p: Position) -> bool {
        self.min[0] <= p.lon_e7
            && p.lon_e7 <= self.max[0]
            && self.min[1] <= p.lat_e7
            && p.lat_e7 <= self.max[1]
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self {
            min: [self.min[0].min(other.min[0]), self.min[1].min(other.min[1])],
            max: [self.max[0].max(other.max[0]), self.max[1].max(other.max[1])],
        }
    }

    pub(super) fn padded(&self, pad: Pad) -> Self {
        Self {
            min: [
                self.min[0].saturating_sub(pad.lon),
                self.min[1].saturating_sub(pad.lat),
            ],
            max: [
                self.max[0].saturating_add(pad.lon),
                self.max[1].saturating_add(pad.lat),
            ],
        }
    }

    /// Twice the middle, so that no half is lost.
    pub(super) fn middle_2(&self) -> [i64; 2] {
        [0, 1].map(|i| i64::from(self.min[i]) + i64::from(self.max[i]))
    }

    /// Half the way round it in pads: how large it is where it lies, in a unit common to both directions.
    pub(super) fn size(&self, pad: Pad) -> f64 {
        let side = |i: usize| (i64::from(self.max[i]) - i64::from(self.min[i])) as f64;
        side(0) / f64::from(pad.lon) + side(1) / f64::from(pad.lat)
    }

    /// How far inside `p` lies, in pads.
    pub(super) fn margin(&self, p: Position, pad: Pad) -> f64 {
        let inside = |i: usize, v: i32| {
            let v = i64::from(v);
            (v - i64::from(self.min[i])).min(i64::from(self.max[i]) - v) as f64
        };
        (inside(0, p.lon_e7) / f64::from(pad.lon)).min(inside(1, p.lat_e7) / f64::from(pad.lat))
    }
}

/// A distance on the ground as 1e-7 degree in each direction, at one latitude.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pad {
    pub(super) lon: i32,
    pub(super) lat: i32,
}

impl Pad {
    pub(super) fn new(pad_m: f64, lat_e7: i32) -> Self {
        let lat = (pad_m / METRES_PER_DEGREE * 1e7).clamp(1.0, 1e8);
        let cos = libm::cos(f64::from(lat_e7) / 1e7 * core::f64::consts::PI / 180.0).max(0.01);
        Self {
            lon: (lat / cos).min(1e9) as i32,
            lat: lat as i32,
        }
    }
}
