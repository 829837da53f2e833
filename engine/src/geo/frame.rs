use super::{METRES_PER_DEGREE, Position};
use serde::{Deserialize, Serialize};

/// Ground metres east and north of a [`LocalFrame`]'s origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metres {
    /// Metres to the east.
    pub east_m: f64,
    /// Metres to the north.
    pub north_m: f64,
}

impl Metres {
    /// Straight distance to another point of the same frame, in metres.
    pub fn distance_m(self, other: Self) -> f64 {
        let (dx, dy) = (self.east_m - other.east_m, self.north_m - other.north_m);
        libm::sqrt(dx * dx + dy * dy)
    }
}

/// A flat frame of ground metres about an origin (equirectangular, scaled at the origin's latitude).
///
/// Within 50 km of the origin its distances differ from the great circle by less than 0.5 %.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocalFrame {
    /// Where east and north are zero.
    pub origin: Position,
    metres_per_lon_e7: f64,
    metres_per_lat_e7: f64,
}

impl LocalFrame {
    /// The frame about `origin`.
    pub fn new(origin: Position) -> Self {
        let rad = origin.lon_lat().lat_deg * core::f64::consts::PI / 180.0;
        let metres_per_lat_e7 = METRES_PER_DEGREE / 1e7;
        Self {
            origin,
            metres_per_lon_e7: metres_per_lat_e7 * libm::cos(rad).max(1e-6),
            metres_per_lat_e7,
        }
    }

    /// Ground metres of a position.
    pub fn metres(&self, p: Position) -> Metres {
        Metres {
            east_m: (i64::from(p.lon_e7) - i64::from(self.origin.lon_e7)) as f64
                * self.metres_per_lon_e7,
            north_m: (i64::from(p.lat_e7) - i64::from(self.origin.lat_e7)) as f64
                * self.metres_per_lat_e7,
        }
    }

    /// The position of a point in ground metres, held within the world.
    pub fn position(&self, m: Metres) -> Position {
        let lon = f64::from(self.origin.lon_e7) + m.east_m / self.metres_per_lon_e7;
        let lat = f64::from(self.origin.lat_e7) + m.north_m / self.metres_per_lat_e7;
        Position::new(
            libm::round(lon.clamp(-1.8e9, 1.8e9)) as i32,
            libm::round(lat.clamp(-9e8, 9e8)) as i32,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::distance_m;

    #[test]
    fn metres_and_back_agree_with_the_great_circle() {
        let frame = LocalFrame::new(Position::new(1_187_900_000, 320_500_000));
        let p = Position::new(1_188_100_000, 320_400_000);
        let m = frame.metres(p);
        assert_eq!(frame.position(m), p);
        let flat = m.distance_m(Metres::default());
        let round = distance_m(frame.origin, p);
        assert!((flat / round - 1.0).abs() < 1e-3, "{flat} {round}");
    }
}
