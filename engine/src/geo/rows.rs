//! The rows of tiles of one zoom: a mover is mostly still in the row that it was in, and that is known without a logarithm.

use super::{Position, TileId, lon_lat_from_mercator};

/// Units of 1e-7 degree beside an edge where rounding may decide otherwise than Mercator's formula; there the formula
/// itself is asked.
const UNSURE_E7: i32 = 4;

/// Edges of the rows of one zoom, in 1e-7 degree.
#[derive(Clone, Debug)]
pub struct TileRows {
    z: u8,
    /// Northern edge of each row, from the north; the last is the southern edge of the last row.
    edges_e7: Vec<i32>,
}

impl TileRows {
    /// The rows of zoom `z`, at most 16: four bytes a row.
    pub fn new(z: u8) -> Self {
        let z = z.min(16);
        let n = f64::from(1u32 << z);
        let edge = |row: u32| {
            let lat = lon_lat_from_mercator([0.5, f64::from(row) / n]).lat_deg;
            libm::round(lat * 1e7) as i32
        };
        Self {
            z,
            edges_e7: (0..=1u32 << z).map(edge).collect(),
        }
    }

    /// The same as [`TileId::containing`] of this zoom, sooner where `before` is a tile of the same row.
    #[inline]
    pub fn containing(&self, p: Position, before: TileId) -> TileId {
        if before.z == self.z && self.surely_in_row(p.lat_e7, before.y) {
            TileId {
                z: self.z,
                x: TileId::column(p.lon_lat().lon_deg, self.z),
                y: before.y,
            }
        } else {
            TileId::containing(p, self.z)
        }
    }

    fn surely_in_row(&self, lat_e7: i32, row: u32) -> bool {
        let row = row as usize;
        let (Some(north), Some(south)) = (self.edges_e7.get(row), self.edges_e7.get(row + 1))
        else {
            return false;
        };
        lat_e7 < north - UNSURE_E7 && lat_e7 > south + UNSURE_E7
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    #[test]
    fn a_tile_is_the_same_whatever_it_was_before() {
        let rows = TileRows::new(14);
        let mut chance = Chance::new(3);
        for i in 0..40_000 {
            let row = chance.below(1 << 14);
            // Every other position is within 1 m of an edge of a row.
            let lat_e7 = if i % 2 == 0 {
                rows.edges_e7[row] + chance.below(20) as i32 - 10
            } else {
                chance.below(1_800_000_000) as i32 - 900_000_000
            };
            let p = Position::new(
                (chance.below(3_600_000_001) as i64 - 1_800_000_000) as i32,
                lat_e7,
            );
            let tile = TileId::containing(p, 14);
            for y in tile.y.saturating_sub(1)..=tile.y + 1 {
                let before = TileId { z: 14, x: 7, y };
                assert_eq!(rows.containing(p, before), tile, "{p:?} from row {y}");
            }
            let nowhere = TileId {
                z: u8::MAX,
                x: 0,
                y: 0,
            };
            assert_eq!(rows.containing(p, nowhere), tile);
        }
    }
}
