use crate::geo::{GeoBox, Position};
use std::collections::BTreeMap;

/// A cell of the unit grid (单元网格).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// 15 digits: 6 district, 3 street, 3 community, 3 serial.
    pub code: String,
    /// The rectangle that it covers.
    pub bounds: GeoBox,
}

/// The unit grid of a city: which cell a position lies in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    all: Vec<Cell>,
    /// Cells by the squares of [`SQUARE_E7`] that they touch.
    squares: BTreeMap<(i32, i32), Vec<u32>>,
    /// Cells that touch too many squares: looked at one by one.
    large: Vec<u32>,
    /// Two of them share ground.
    overlap: bool,
}

/// Side of a square of the look-up, 1e-7 degree: some 400 m.
const SQUARE_E7: i32 = 40_000;
/// A cell that touches more squares is large.
const SQUARES_MAX: i64 = 256;
/// Side of the mesh that stands for cells where there are none, 1e-7 degree: some 200 m.
const MESH_E7: i32 = 20_000;

fn square(p: Position) -> (i32, i32) {
    (
        p.lon_e7.div_euclid(SQUARE_E7),
        p.lat_e7.div_euclid(SQUARE_E7),
    )
}

impl Cells {
    /// Of the cells of a pack.
    pub fn new(cells: Vec<Cell>) -> Self {
        let mut made = Self::default();
        for (n, cell) in (0u32..).zip(&cells) {
            let (west, south) = square(cell.bounds.min);
            let (east, north) = square(cell.bounds.max);
            let across = i64::from(east) - i64::from(west) + 1;
            let up = i64::from(north) - i64::from(south) + 1;
            if across * up > SQUARES_MAX {
                made.large.push(n);
                continue;
            }
            for x in west..=east {
                for y in south..=north {
                    made.squares.entry((x, y)).or_default().push(n);
                }
            }
        }
        made.all = cells;
        made.overlap = made.find_overlap();
        made
    }

    /// The cells, in the order of the pack.
    pub fn all(&self) -> &[Cell] {
        &self.all
    }

    /// True where two cells share ground.
    pub fn overlap(&self) -> bool {
        self.overlap
    }

    fn find_overlap(&self) -> bool {
        let share = |a: u32, b: u32| {
            let (a, b) = (self.bounds(a), self.bounds(b));
            a.min.lon_e7 < b.max.lon_e7
                && b.min.lon_e7 < a.max.lon_e7
                && a.min.lat_e7 < b.max.lat_e7
                && b.min.lat_e7 < a.max.lat_e7
        };
        let near = self.squares.values().any(|here| {
            let mut pairs = here.iter().enumerate();
            pairs.any(|(i, a)| here[i + 1..].iter().any(|b| share(*a, *b)))
        });
        let all = 0..self.all.len() as u32;
        near || self
            .large
            .iter()
            .any(|l| all.clone().any(|n| n != *l && share(*l, n)))
    }

    fn bounds(&self, n: u32) -> GeoBox {
        self.all[n as usize].bounds
    }

    /// The number of the cell that a position lies in; of an edge that two share it is the one to the north or east.
    pub fn at(&self, p: Position) -> Option<u32> {
        let near = self.squares.get(&square(p)).map_or(&[][..], Vec::as_slice);
        let here = near.iter().chain(&self.large).copied();
        let here = here.filter(|n| self.bounds(*n).contains(p));
        here.min_by_key(|n| {
            let b = self.bounds(*n);
            let on_far_edge = p.lon_e7 == b.max.lon_e7 || p.lat_e7 == b.max.lat_e7;
            (on_far_edge, *n)
        })
    }

    /// What stands for a position where the position itself is not shown: the middle of its cell, and of a mesh of some
    /// 200 m where there is no grid.
    pub fn cell_point(&self, p: Position) -> Position {
        if let Some(n) = self.at(p) {
            let b = self.bounds(n);
            return Position::new(
                b.min.lon_e7.midpoint(b.max.lon_e7),
                b.min.lat_e7.midpoint(b.max.lat_e7),
            );
        }
        let middle = |e7: i32| e7.div_euclid(MESH_E7) * MESH_E7 + MESH_E7 / 2;
        let most = GeoBox::EARTH.max;
        Position::new(
            middle(p.lon_e7).min(most.lon_e7),
            middle(p.lat_e7).min(most.lat_e7),
        )
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::chance::Chance;

    pub const CORNER: Position = Position::new(1_265_000_000, 457_000_000);
    pub const SIDE: i32 = 13_000;

    /// `n` × `n` cells; the code's third community digit counts the columns.
    pub fn grid(n: i32) -> Cells {
        let mut cells = Vec::new();
        for y in 0..n {
            for x in 0..n {
                let at = |dx: i32, dy: i32| {
                    let (lon, lat) = ((x + dx) * SIDE, (y + dy) * SIDE);
                    Position::new(CORNER.lon_e7 + lon, CORNER.lat_e7 + lat)
                };
                cells.push(Cell {
                    code: format!("230102001{x:03}{y:03}"),
                    bounds: GeoBox::new(at(0, 0), at(1, 1)),
                });
            }
        }
        Cells::new(cells)
    }

    #[test]
    fn every_position_of_the_grid_has_one_cell_and_its_middle_says_no_more() {
        let cells = grid(9);
        assert!(!cells.overlap());
        let mut chance = Chance::new(11);
        for _ in 0..2_000 {
            let (x, y) = (chance.below(9), chance.below(9));
            let (dx, dy) = (chance.below(SIDE as usize), chance.below(SIDE as usize));
            let p = Position::new(
                CORNER.lon_e7 + x as i32 * SIDE + dx as i32,
                CORNER.lat_e7 + y as i32 * SIDE + dy as i32,
            );
            let at = cells.at(p).unwrap();
            assert_eq!(
                cells.all()[at as usize].code,
                format!("230102001{x:03}{y:03}")
            );
            let shown = cells.cell_point(p);
            let first = cells.all()[at as usize].bounds.min;
            assert_eq!(
                shown,
                cells.cell_point(first),
                "the same for all of the cell"
            );
        }
    }

    #[test]
    fn where_there_is_no_grid_a_mesh_hides_the_point() {
        let cells = Cells::default();
        for p in [
            CORNER,
            Position::new(-1, -1),
            GeoBox::EARTH.max,
            GeoBox::EARTH.min,
        ] {
            let shown = cells.cell_point(p);
            assert!((i64::from(shown.lon_e7) - i64::from(p.lon_e7)).abs() <= 20_000);
            assert_eq!(shown, cells.cell_point(shown));
        }
    }

    #[test]
    fn cells_of_any_size_are_found_and_ground_of_two_is_noticed() {
        let cell = |code: &str, (w, s, e, n): (i32, i32, i32, i32)| Cell {
            code: code.to_owned(),
            bounds: GeoBox::new(Position::new(w, s), Position::new(e, n)),
        };
        let country = cell("1", (0, 0, 400_000_000, 300_000_000));
        let beside = cell("2", (-10, 0, 0, 300_000_000));
        let cells = Cells::new(vec![country.clone(), beside]);
        assert!(!cells.overlap());
        assert_eq!(cells.at(Position::new(200_000_000, 7)), Some(0));
        assert_eq!(cells.at(Position::new(-5, 7)), Some(1));
        assert_eq!(
            cells.at(Position::new(0, 7)),
            Some(0),
            "the edge is the eastern one's"
        );
        assert_eq!(cells.at(Position::new(-11, 7)), None);
        let within = cell("3", (5, 5, 9, 9));
        assert!(Cells::new(vec![country, within.clone()]).overlap());
        assert!(Cells::new(vec![within.clone(), within]).overlap());
    }
}
