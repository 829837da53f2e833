use super::config::LatticeKind;
use super::error::{HotspotError, check_cells, check_length};
use crate::geo::Metres;

/// A last column or row of which less than this part of a cell would be covered is left out: an extent made of whole
/// cells stays so, whatever rounding says. What lies in that sliver counts to the cell beside it.
const SLIVER: f64 = 0.02;
const SQRT_3: f64 = 1.732_050_807_568_877_2;

/// A regular covering of an extent with squares or hexagons, numbered row by row from the south-west.
#[derive(Clone, Debug)]
pub struct Lattice {
    kind: LatticeKind,
    size_m: f64,
    origin: Metres,
    rows: usize,
    cols: usize,
}

/// A corner of a cell in whole steps, so that corners of neighbours are equal exactly.
pub(super) type Corner = (i32, i32);

impl Lattice {
    /// The cells that cover width × height from the south-west corner `origin`.
    ///
    /// # Errors
    /// [`HotspotError::CellSize`] or [`HotspotError::TooManyCells`].
    pub fn new(
        kind: LatticeKind,
        size_m: f64,
        origin: Metres,
        width_m: f64,
        height_m: f64,
    ) -> Result<Self, HotspotError> {
        check_length(size_m, HotspotError::CellSize)?;
        let counts = match kind {
            LatticeKind::Square => {
                let count = |length_m: f64| libm::ceil(length_m / size_m - SLIVER).max(1.0);
                (count(width_m), count(height_m))
            }
            LatticeKind::Hexagon => (
                libm::ceil(width_m / size_m) + 1.0,
                libm::ceil(height_m / (size_m * SQRT_3 / 2.0)) + 1.0,
            ),
        };
        let (cols, rows) = check_cells(width_m, height_m, size_m, counts)?;
        Ok(Self {
            kind,
            size_m,
            origin,
            rows,
            cols,
        })
    }

    /// Number of cells.
    pub fn len(&self) -> usize {
        self.rows * self.cols
    }

    /// Never: there is at least one cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// Size of a cell as configured, metres.
    pub fn size_m(&self) -> f64 {
        self.size_m
    }

    fn cell(&self, row: i64, col: i64) -> Option<u32> {
        let inside = (0..self.rows as i64).contains(&row) && (0..self.cols as i64).contains(&col);
        inside.then(|| (row * self.cols as i64 + col) as u32)
    }

    fn row_col(&self, cell: u32) -> (i64, i64) {
        let (cell, cols) = (i64::from(cell), self.cols as i64);
        (cell / cols, cell % cols)
    }

    /// The cell a place lies in; `None` outside.
    pub fn cell_at(&self, p: Metres) -> Option<u32> {
        let (x, y) = (
            (p.east_m - self.origin.east_m) / self.size_m,
            (p.north_m - self.origin.north_m) / self.size_m,
        );
        if !(x.abs() < 1e9 && y.abs() < 1e9) {
            return None;
        }
        match self.kind {
            LatticeKind::Square => {
                let number = |v: f64, count: usize| {
                    let last = count as f64;
                    if (last..=last + SLIVER).contains(&v) {
                        count as i64 - 1
                    } else {
                        libm::floor(v) as i64
                    }
                };
                self.cell(number(y, self.rows), number(x, self.cols))
            }
            LatticeKind::Hexagon => {
                // In cube coordinates the three sum to 0; the one rounded most is set right by the others.
                let r = y * 2.0 / SQRT_3;
                let q = x - r / 2.0;
                let s = -q - r;
                let (mut rq, mut rr, rs) = (libm::round(q), libm::round(r), libm::round(s));
                let (dq, dr, ds) = ((rq - q).abs(), (rr - r).abs(), (rs - s).abs());
                if dq > dr && dq > ds {
                    rq = -rr - rs;
                } else if dr > ds {
                    rr = -rq - rs;
                }
                let (q, row) = (rq as i64, rr as i64);
                self.cell(row, q + row.div_euclid(2))
            }
        }
    }

    /// The middle of a cell.
    pub fn centre(&self, cell: u32) -> Metres {
        let (row, col) = self.row_col(cell);
        let (x, y) = self.steps(row, col);
        Metres {
            east_m: self.origin.east_m + x * self.size_m,
            north_m: self.origin.north_m + y * self.size_m,
        }
    }

    fn steps(&self, row: i64, col: i64) -> (f64, f64) {
        match self.kind {
            LatticeKind::Square => (col as f64 + 0.5, row as f64 + 0.5),
            LatticeKind::Hexagon => (
                col as f64 + row.rem_euclid(2) as f64 / 2.0,
                row as f64 * SQRT_3 / 2.0,
            ),
        }
    }

    /// Steps (rows, columns) to all cells whose centres are within `band_m`, the cell itself included, for even and
    /// for odd rows.
    pub(super) fn stencils(&self, band_m: f64) -> Result<[Vec<(i64, i64)>; 2], HotspotError> {
        let size_m = self.size_m;
        if !(band_m >= 0.0 && band_m <= 50.0 * size_m) {
            return Err(HotspotError::Neighbourhood { band_m, size_m });
        }
        // Cells exactly at the edge of the band belong to it, whatever rounding says.
        let reach = band_m / size_m * (1.0 + 1e-9);
        let far = libm::ceil(reach * 1.2) as i64 + 1;
        let stencil = |row: i64| {
            let (x0, y0) = self.steps(row, 0);
            let near = |(dr, dc): &(i64, i64)| {
                let (x, y) = self.steps(row + dr, *dc);
                (x - x0) * (x - x0) + (y - y0) * (y - y0) <= reach * reach
            };
            (-far..=far)
                .flat_map(|dr| (-far..=far).map(move |dc| (dr, dc)))
                .filter(near)
                .collect()
        };
        Ok([stencil(0), stencil(1)])
    }

    /// The cells a stencil reaches from a cell.
    pub(super) fn reached<'a>(
        &'a self,
        cell: u32,
        stencils: &'a [Vec<(i64, i64)>; 2],
    ) -> impl Iterator<Item = u32> + 'a {
        let (row, col) = self.row_col(cell);
        stencils[row.rem_euclid(2) as usize]
            .iter()
            .filter_map(move |(dr, dc)| self.cell(row + dr, col + dc))
    }

    /// Steps to the cells within so many rings of a cell, itself included. One ring are the cells that touch it: eight
    /// around a square, six around a hexagon.
    pub(super) fn stencils_within(&self, rings: u32) -> [Vec<(i64, i64)>; 2] {
        let corner = match self.kind {
            LatticeKind::Square => 0.5,
            LatticeKind::Hexagon => 0.1,
        };
        let band = if rings == 0 {
            0.0
        } else {
            f64::from(rings) + corner
        };
        self.stencils(band * self.size_m).unwrap_or_default()
    }

    /// The corners of a cell, counter-clockwise.
    pub(super) fn corners(&self, cell: u32) -> Vec<Corner> {
        let (row, col) = self.row_col(cell);
        let (row, col) = (row as i32, col as i32);
        match self.kind {
            LatticeKind::Square => vec![
                (col, row),
                (col + 1, row),
                (col + 1, row + 1),
                (col, row + 1),
            ],
            LatticeKind::Hexagon => {
                let (x, y) = (2 * col + (row & 1), 3 * row);
                vec![
                    (x, y + 2),
                    (x - 1, y + 1),
                    (x - 1, y - 1),
                    (x, y - 2),
                    (x + 1, y - 1),
                    (x + 1, y + 1),
                ]
            }
        }
    }

    /// A corner of a cell, metres from the origin of the lattice.
    pub(super) fn corner(&self, (x, y): Corner) -> Metres {
        let (dx, dy) = match self.kind {
            LatticeKind::Square => (self.size_m, self.size_m),
            LatticeKind::Hexagon => (self.size_m / 2.0, self.size_m / SQRT_3 / 2.0),
        };
        Metres {
            east_m: self.origin.east_m + f64::from(x) * dx,
            north_m: self.origin.north_m + f64::from(y) * dy,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lattice(kind: LatticeKind) -> Lattice {
        Lattice::new(
            kind,
            100.0,
            Metres {
                east_m: -700.0,
                north_m: 300.0,
            },
            1250.0,
            990.0,
        )
        .unwrap()
    }

    #[test]
    fn a_place_belongs_to_the_cell_with_the_nearest_centre() {
        for kind in [LatticeKind::Square, LatticeKind::Hexagon] {
            let l = lattice(kind);
            for i in 0..5000u32 {
                let p = Metres {
                    east_m: -700.0 + f64::from(i * 7919 % 12497) / 10.0,
                    north_m: 300.0 + f64::from(i * 104_729 % 9899) / 10.0,
                };
                let cell = l.cell_at(p).unwrap();
                let nearest = (0..l.len() as u32)
                    .map(|c| l.centre(c).distance_m(p))
                    .fold(f64::INFINITY, f64::min);
                assert!(
                    l.centre(cell).distance_m(p) <= nearest + 1e-9,
                    "{kind:?} {p:?}"
                );
            }
            assert_eq!(
                l.cell_at(Metres {
                    east_m: -2000.0,
                    north_m: 500.0
                }),
                None
            );
            assert_eq!(
                l.cell_at(Metres {
                    east_m: f64::NAN,
                    north_m: 500.0
                }),
                None
            );
        }
    }

    #[test]
    fn an_extent_of_whole_cells_stays_so() {
        for width_m in [1199.5, 1200.0, 1200.5] {
            let l =
                Lattice::new(LatticeKind::Square, 100.0, Metres::default(), width_m, 99.9).unwrap();
            assert_eq!(l.shape(), [1, 12]);
            assert_eq!(
                l.cell_at(Metres {
                    east_m: width_m,
                    north_m: 99.9
                }),
                Some(11)
            );
        }
        let l = Lattice::new(LatticeKind::Square, 100.0, Metres::default(), 1210.0, 100.0).unwrap();
        assert_eq!(l.shape(), [1, 13]);
    }

    #[test]
    fn neighbours_are_those_within_the_band() {
        for kind in [LatticeKind::Square, LatticeKind::Hexagon] {
            let l = lattice(kind);
            for band_m in [0.0, 100.0, 141.5, 200.0, 333.0] {
                let stencils = l.stencils(band_m).unwrap();
                for cell in 0..l.len() as u32 {
                    let mut found: Vec<u32> = l.reached(cell, &stencils).collect();
                    found.sort_unstable();
                    let near = |c: &u32| l.centre(*c).distance_m(l.centre(cell)) <= band_m + 1e-6;
                    let expected: Vec<u32> = (0..l.len() as u32).filter(near).collect();
                    assert_eq!(found, expected, "{kind:?} {band_m} {cell}");
                }
            }
            assert!(l.stencils(f64::NAN).is_err() && l.stencils(5001.0).is_err());
        }
        assert_eq!(lattice(LatticeKind::Square).stencils_within(1)[0].len(), 9);
        assert_eq!(lattice(LatticeKind::Hexagon).stencils_within(1)[1].len(), 7);
    }

    #[test]
    fn corners_stand_around_the_centre() {
        for (kind, radius_m) in [
            (LatticeKind::Square, 70.710_678),
            (LatticeKind::Hexagon, 57.735_027),
        ] {
            let l = lattice(kind);
            for cell in 0..l.len() as u32 {
                for corner in l.corners(cell) {
                    assert!((l.corner(corner).distance_m(l.centre(cell)) - radius_m).abs() < 1e-5);
                }
            }
        }
    }
}
