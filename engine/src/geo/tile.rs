use super::{LonLat, Position};
use serde::{Deserialize, Serialize};

/// A Web Mercator tile, XYZ scheme, north-west origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TileId {
    /// Zoom, 0 … 24.
    pub z: u8,
    /// Column from the west.
    pub x: u32,
    /// Row from the north.
    pub y: u32,
}

/// Web Mercator in units of the whole world: x 0 … 1 from west to east, y 0 … 1 from north to south.
/// For tiles and drawing only: its lengths are stretched by 1 / cos(latitude).
#[inline]
pub fn mercator_from_lon_lat(p: LonLat) -> [f64; 2] {
    let lat = p.lat_deg.clamp(-85.051_128_779_806_6, 85.051_128_779_806_6);
    let s = libm::sin(lat * core::f64::consts::PI / 180.0);
    let y = 0.5 - libm::log((1.0 + s) / (1.0 - s)) / (4.0 * core::f64::consts::PI);
    [mercator_x(p.lon_deg), y]
}

#[inline]
fn mercator_x(lon_deg: f64) -> f64 {
    lon_deg / 360.0 + 0.5
}

/// Degrees of a Web Mercator point in units of the whole world.
pub fn lon_lat_from_mercator([x, y]: [f64; 2]) -> LonLat {
    let n = core::f64::consts::PI * (1.0 - 2.0 * y);
    let lat = libm::atan(libm::sinh(n)) * 180.0 / core::f64::consts::PI;
    LonLat::new((x - 0.5) * 360.0, lat)
}

impl TileId {
    /// The tile of zoom `z` (at most 24) that holds a position.
    #[inline]
    pub fn containing(p: Position, z: u8) -> Self {
        let z = z.min(24);
        let p = p.lon_lat();
        let [_, y] = mercator_from_lon_lat(p);
        Self {
            z,
            x: Self::column(p.lon_deg, z),
            y: Self::cell(y, z),
        }
    }

    /// The column of zoom `z` (at most 24) that holds a longitude in degrees.
    #[inline]
    pub(super) fn column(lon_deg: f64, z: u8) -> u32 {
        Self::cell(mercator_x(lon_deg), z)
    }

    /// Which of the zoom's cells holds a coordinate of 0 … 1; the nearest for one outside.
    #[inline]
    fn cell(at: f64, z: u8) -> u32 {
        let last = (1u32 << z) - 1;
        ((at * f64::from(1u32 << z)).max(0.0) as u32).min(last)
    }

    /// Its north-west corner, in units of the whole world.
    pub fn north_west_mercator(self) -> [f64; 2] {
        let n = f64::from(1u32 << self.z.min(24));
        [f64::from(self.x) / n, f64::from(self.y) / n]
    }

    /// The south-west and north-east corners.
    pub fn bounds(self) -> (LonLat, LonLat) {
        let n = f64::from(1u32 << self.z.min(24));
        let [x, y] = self.north_west_mercator();
        let nw = lon_lat_from_mercator([x, y]);
        let se = lon_lat_from_mercator([x + 1.0 / n, y + 1.0 / n]);
        (
            LonLat::new(nw.lon_deg, se.lat_deg),
            LonLat::new(se.lon_deg, nw.lat_deg),
        )
    }

    /// The tile of a lower zoom that covers this one; itself when `z` is not lower.
    #[must_use]
    pub fn parent(self, z: u8) -> Self {
        if z >= self.z {
            return self;
        }
        let d = self.z - z;
        Self {
            z,
            x: self.x >> d,
            y: self.y >> d,
        }
    }
}

/// A rectangle of positions, edges included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeoBox {
    /// South-west corner; both coordinates ≤ those of `max`.
    pub min: Position,
    /// North-east corner; it lies inside.
    pub max: Position,
}

impl GeoBox {
    /// All positions there are.
    pub const EARTH: Self = Self {
        min: Position {
            lon_e7: -1_800_000_000,
            lat_e7: -900_000_000,
        },
        max: Position {
            lon_e7: 1_800_000_000,
            lat_e7: 900_000_000,
        },
    };

    /// The rectangle between two corners, in any order.
    pub fn new(a: Position, b: Position) -> Self {
        Self {
            min: Position::new(a.lon_e7.min(b.lon_e7), a.lat_e7.min(b.lat_e7)),
            max: Position::new(a.lon_e7.max(b.lon_e7), a.lat_e7.max(b.lat_e7)),
        }
    }

    /// True where `p` lies inside or on the edge.
    pub fn contains(&self, p: Position) -> bool {
        (self.min.lon_e7..=self.max.lon_e7).contains(&p.lon_e7)
            && (self.min.lat_e7..=self.max.lat_e7).contains(&p.lat_e7)
    }

    /// Tiles of zoom `z` that touch the rectangle, row by row, at most `limit` of them.
    pub fn tiles(&self, z: u8, limit: usize) -> Vec<TileId> {
        let nw = TileId::containing(Position::new(self.min.lon_e7, self.max.lat_e7), z);
        let se = TileId::containing(Position::new(self.max.lon_e7, self.min.lat_e7), z);
        let z = nw.z;
        (nw.y..=se.y)
            .flat_map(|y| (nw.x..=se.x).map(move |x| TileId { z, x, y }))
            .take(limit)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_lies_in_the_bounds_of_its_tile() {
        let p = Position::new(1_187_900_000, 320_500_000);
        for z in 0..=20 {
            let (sw, ne) = TileId::containing(p, z).bounds();
            let at = p.lon_lat();
            assert!(sw.lon_deg <= at.lon_deg && at.lon_deg < ne.lon_deg);
            assert!(sw.lat_deg <= at.lat_deg && at.lat_deg < ne.lat_deg);
        }
    }

    #[test]
    fn mercator_and_back() {
        let p = LonLat::new(118.79, 32.05);
        let q = lon_lat_from_mercator(mercator_from_lon_lat(p));
        assert!((p.lon_deg - q.lon_deg).abs() < 1e-10 && (p.lat_deg - q.lat_deg).abs() < 1e-10);
    }

    #[test]
    fn a_box_is_covered_by_its_tiles() {
        let b = GeoBox::new(
            Position::new(1_187_700_000, 320_300_000),
            Position::new(1_188_100_000, 320_600_000),
        );
        let tiles = b.tiles(14, 1000);
        for p in [b.min, b.max, Position::new(1_187_912_345, 320_456_789)] {
            assert!(tiles.contains(&TileId::containing(p, 14)));
        }
    }
}
