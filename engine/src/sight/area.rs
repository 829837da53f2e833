use super::Cells;
use crate::geo::{GeoBox, Position, TileId};
use std::collections::{BTreeMap, BTreeSet};

/// How much of a tile a reader's ground covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Nothing of it.
    None,
    /// A part.
    Part,
    /// All of it.
    Whole,
}

/// The ground of some prefixes of grid codes. A position that lies in no cell of the grid lies in no area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    zoom: u8,
    /// By cell.
    inside: Vec<bool>,
    /// Tiles of `zoom` that are covered; true: wholly.
    tiles: BTreeMap<TileId, bool>,
}

/// The smallest rectangle of positions that holds all of a tile.
fn around(tile: TileId) -> Option<GeoBox> {
    let (sw, ne) = tile.bounds();
    let (sw, ne) = (sw.position().ok()?, ne.position().ok()?);
    Some(GeoBox::new(
        Position::new(sw.lon_e7.saturating_sub(1), sw.lat_e7.saturating_sub(1)),
        Position::new(ne.lon_e7.saturating_add(1), ne.lat_e7.saturating_add(1)),
    ))
}

/// Square units of 1e-7 degree that two rectangles share.
fn shared(a: GeoBox, b: GeoBox) -> i64 {
    let length = |from: i32, to: i32| (i64::from(to) - i64::from(from)).max(0);
    let wide = length(
        a.min.lon_e7.max(b.min.lon_e7),
        a.max.lon_e7.min(b.max.lon_e7),
    );
    let high = length(
        a.min.lat_e7.max(b.min.lat_e7),
        a.max.lat_e7.min(b.max.lat_e7),
    );
    wide * high
}

/// Tiles of a cell beyond which it is not asked how much of each it covers.
const TILES_MAX: usize = 4_096;

impl Area {
    /// The ground of all cells whose code begins with one of the prefixes, with the tiles of a zoom that it covers.
    pub fn new(cells: &Cells, prefixes: &BTreeSet<String>, zoom: u8) -> Self {
        let is_in = |code: &str| prefixes.iter().any(|p| code.starts_with(p.as_str()));
        let inside: Vec<bool> = cells.all().iter().map(|c| is_in(&c.code)).collect();
        let mut covered: BTreeMap<TileId, i64> = BTreeMap::new();
        for (cell, _) in cells
            .all()
            .iter()
            .zip(&inside)
            .filter(|(_, inside)| **inside)
        {
            let touched = cell.bounds.tiles(zoom, TILES_MAX);
            let all = touched.len() < TILES_MAX;
            for tile in touched {
                let more = around(tile).map_or(0, |t| shared(t, cell.bounds));
                let sum = covered.entry(tile).or_default();
                *sum = sum.saturating_add(if all { more } else { 0 });
            }
        }
        // Cells that share ground count it twice: then no tile is known to be covered.
        let whole = |tile: TileId, sum: i64| {
            !cells.overlap() && around(tile).is_some_and(|t| sum >= shared(t, t))
        };
        let tiles = covered.into_iter().map(|(t, sum)| (t, whole(t, sum)));
        Self {
            zoom,
            inside,
            tiles: tiles.collect(),
        }
    }

    /// Whether a position lies in it; `cells` are those that it was made of.
    pub fn contains(&self, cells: &Cells, p: Position) -> bool {
        let cell = cells.at(p);
        cell.is_some_and(|n| self.inside.get(n as usize) == Some(&true))
    }

    /// How much of a tile it covers; a tile of another zoom than it was made for is never wholly covered.
    pub fn cover(&self, tile: TileId) -> Cover {
        if tile.z != self.zoom {
            return Cover::Part;
        }
        match self.tiles.get(&tile) {
            None => Cover::None,
            Some(false) => Cover::Part,
            Some(true) => Cover::Whole,
        }
    }

    /// True where no cell lies in it.
    pub fn is_empty(&self) -> bool {
        !self.inside.contains(&true)
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::tests::{CORNER, SIDE, grid};
    use super::*;
    use crate::chance::Chance;

    fn prefixes(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn a_tile_that_is_wholly_covered_holds_no_position_outside() {
        let cells = grid(60);
        // Columns 0 to 9 and 20 to 59: wider than two tiles.
        let area = Area::new(
            &cells,
            &prefixes(&[
                "23010200100",
                "23010200102",
                "23010200103",
                "23010200104",
                "23010200105",
            ]),
            14,
        );
        let mut chance = Chance::new(5);
        let (mut whole, mut part) = (0, 0);
        for _ in 0..20_000 {
            let at = |n: usize| n as i32 - SIDE;
            let side = (SIDE * 62) as usize;
            let (x, y) = (at(chance.below(side)), at(chance.below(side)));
            let p = Position::new(CORNER.lon_e7 + x, CORNER.lat_e7 + y);
            let inside = area.contains(&cells, p);
            let column = x.div_euclid(SIDE);
            let rows = (0..60).contains(&y.div_euclid(SIDE));
            let expected = rows && ((0..10).contains(&column) || (20..60).contains(&column));
            assert_eq!(inside, expected, "column {column}");
            match area.cover(TileId::containing(p, 14)) {
                Cover::Whole => {
                    whole += 1;
                    assert!(inside);
                }
                Cover::Part => part += 1,
                Cover::None => assert!(!inside),
            }
        }
        assert!(whole > 1_000 && part > 1_000, "{whole} {part}");
        let far = Position::new(CORNER.lon_e7 + 5_000_000, CORNER.lat_e7);
        assert_eq!(area.cover(TileId::containing(far, 14)), Cover::None);
    }

    #[test]
    fn an_area_that_nobody_knows_is_empty_and_one_of_no_prefix_too() {
        let cells = grid(3);
        assert!(Area::new(&cells, &prefixes(&["99"]), 14).is_empty());
        assert!(Area::new(&cells, &prefixes(&[]), 14).is_empty());
        let all = Area::new(&cells, &prefixes(&["2301"]), 14);
        assert!(!all.is_empty() && all.contains(&cells, CORNER));
        let elsewhere = TileId::containing(CORNER, 13);
        assert_eq!(all.cover(elsewhere), Cover::Part);
    }

    #[test]
    fn cells_that_share_ground_cover_no_tile_wholly() {
        let cells = grid(40);
        let twice = cells.all().iter().chain(&cells.all()[..1]).cloned();
        let twice = Cells::new(twice.collect());
        let covers = |cells: &Cells| {
            let area = Area::new(cells, &prefixes(&["23"]), 14);
            area.tiles.values().filter(|whole| **whole).count()
        };
        assert!(covers(&cells) > 0);
        assert_eq!(covers(&twice), 0);
    }
}
