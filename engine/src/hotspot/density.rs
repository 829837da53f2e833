use super::config::Kernel;
use super::error::{HotspotError, check_cells, check_length};
use crate::geo::Metres;

/// A kernel value of 1 as an integer. A 64-bit float keeps 53 bits, so values down to 2⁻³⁷ are held without any
/// rounding, and sums of 2³⁶ cases do not overflow.
const ONE: f64 = (1u128 << 90) as f64;
/// Bandwidths at which the Gaussian is cut off.
const GAUSSIAN_REACH: f64 = 7.0;
const M2_PER_KM2: f64 = 1e6;

/// Density of open cases on a regular grid.
///
/// - cases: positions in ground metres, each of weight 1
/// - values: shape `[rows, cols]`, row 0 = south, at the centres of the cells, in cases/km²
///
/// Sources: Silverman 1986, eq. 4.5 (quartic) and eq. 4.3 with the normal density (Gaussian). Cost: a case added or
/// removed touches the cells within its bandwidth, no other. Sums are integers: exact, in any order.
#[derive(Clone, Debug)]
pub struct DensityGrid {
    origin: Metres,
    cell_m: f64,
    rows: usize,
    cols: usize,
    kernel: Kernel,
    bandwidth_m: f64,
    sums: Vec<i128>,
    version: u64,
}

impl DensityGrid {
    /// An empty grid from its south-west corner, covering at least width × height.
    ///
    /// # Errors
    /// [`HotspotError::Bandwidth`] and [`HotspotError::CellSize`] unless both are lengths,
    /// [`HotspotError::TooManyCells`] for a grid beyond all measure.
    pub fn new(
        origin: Metres,
        width_m: f64,
        height_m: f64,
        cell_m: f64,
        kernel: Kernel,
        bandwidth_m: f64,
    ) -> Result<Self, HotspotError> {
        check_length(bandwidth_m, HotspotError::Bandwidth)?;
        check_length(cell_m, HotspotError::CellSize)?;
        let counts = (
            libm::ceil(width_m / cell_m).max(1.0),
            libm::ceil(height_m / cell_m).max(1.0),
        );
        let (cols, rows) = check_cells(width_m, height_m, cell_m, counts)?;
        let sums = vec![0; rows * cols];
        Ok(Self {
            origin,
            cell_m,
            rows,
            cols,
            kernel,
            bandwidth_m,
            sums,
            version: 0,
        })
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.rows, self.cols]
    }

    /// Side of a cell, metres.
    pub fn cell_m(&self) -> f64 {
        self.cell_m
    }

    /// South-west corner of the grid.
    pub fn origin(&self) -> Metres {
        self.origin
    }

    /// North-east corner of the grid.
    pub fn corner(&self) -> Metres {
        Metres {
            east_m: self.origin.east_m + self.cols as f64 * self.cell_m,
            north_m: self.origin.north_m + self.rows as f64 * self.cell_m,
        }
    }

    /// Counts changes; with another number than before the surface must be drawn again.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Adds a case.
    pub fn add(&mut self, case: Metres) {
        self.spread(case, 1);
    }

    /// Takes a case away that was added at exactly this place.
    pub fn remove(&mut self, case: Metres) {
        self.spread(case, -1);
    }

    /// Density at the centre of a cell, cases/km²; 0 outside the grid.
    pub fn at(&self, row: usize, col: usize) -> f64 {
        if row >= self.rows || col >= self.cols {
            return 0.0;
        }
        self.sums[row * self.cols + col] as f64 / ONE * self.peak_of_one()
    }

    /// All densities, row by row from the south, cases/km².
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        let scale = self.peak_of_one();
        self.sums.iter().map(move |sum| *sum as f64 / ONE * scale)
    }

    /// The highest density, cases/km².
    pub fn peak(&self) -> f64 {
        self.sums
            .iter()
            .max()
            .map_or(0.0, |sum| *sum as f64 / ONE * self.peak_of_one())
    }

    /// What one case adds at its own place, cases/km².
    pub fn peak_of_one(&self) -> f64 {
        let h2 = self.bandwidth_m * self.bandwidth_m;
        let pi = core::f64::consts::PI;
        match self.kernel {
            Kernel::Quartic => M2_PER_KM2 * 3.0 / (pi * h2),
            Kernel::Gaussian => M2_PER_KM2 / (2.0 * pi * h2),
        }
    }

    fn spread(&mut self, case: Metres, sign: i128) {
        if !(case.east_m.is_finite() && case.north_m.is_finite()) {
            return;
        }
        self.version += 1;
        let reach_m = match self.kernel {
            Kernel::Quartic => self.bandwidth_m,
            Kernel::Gaussian => self.bandwidth_m * GAUSSIAN_REACH,
        };
        let (east_m, north_m) = (
            case.east_m - self.origin.east_m,
            case.north_m - self.origin.north_m,
        );
        let cols = self.offsets(east_m, reach_m, self.cols);
        let rows = self.offsets(north_m, reach_m, self.rows);
        let h2 = self.bandwidth_m * self.bandwidth_m;
        let across: Vec<f64> = cols
            .1
            .iter()
            .map(|dx| libm::exp(-dx * dx / (2.0 * h2)))
            .collect();
        for (row, dy) in rows.1.iter().enumerate() {
            let first = (rows.0 + row) * self.cols + cols.0;
            let line = &mut self.sums[first..first + cols.1.len()];
            match self.kernel {
                Kernel::Quartic => {
                    for (sum, dx) in line.iter_mut().zip(&cols.1) {
                        let rest = (1.0 - (dx * dx + dy * dy) / h2).max(0.0);
                        *sum += sign * (rest * rest * ONE) as i128;
                    }
                }
                Kernel::Gaussian => {
                    let down = libm::exp(-dy * dy / (2.0 * h2));
                    for (sum, across) in line.iter_mut().zip(&across) {
                        *sum += sign * (across * down * ONE) as i128;
                    }
                }
            }
        }
    }

    /// The first cell along one axis whose centre is within reach, and how far each of those in reach is away.
    fn offsets(&self, at_m: f64, reach_m: f64, count: usize) -> (usize, Vec<f64>) {
        let centre = |i: usize| (i as f64 + 0.5) * self.cell_m - at_m;
        let first = libm::floor((at_m - reach_m) / self.cell_m).clamp(0.0, count as f64) as usize;
        let end = libm::ceil((at_m + reach_m) / self.cell_m).clamp(0.0, count as f64) as usize;
        (first, (first..end).map(centre).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(kernel: Kernel) -> DensityGrid {
        let origin = Metres {
            east_m: -500.0,
            north_m: -400.0,
        };
        DensityGrid::new(origin, 1000.0, 800.0, 20.0, kernel, 150.0).unwrap()
    }

    fn cases() -> Vec<Metres> {
        let place = |i: i32| Metres {
            east_m: f64::from(i * 7919 % 1301 - 650),
            north_m: f64::from(i * 104_729 % 1103 - 550) + 0.37,
        };
        (0..200).map(place).collect()
    }

    /// The definition, cell by cell and case by case.
    fn plain(g: &DensityGrid, cases: &[Metres], row: usize, col: usize) -> f64 {
        let h = g.bandwidth_m;
        let centre = Metres {
            east_m: g.origin.east_m + (col as f64 + 0.5) * g.cell_m,
            north_m: g.origin.north_m + (row as f64 + 0.5) * g.cell_m,
        };
        let one = |c: &Metres| {
            let u = centre.distance_m(*c) / h;
            let pi = core::f64::consts::PI;
            match g.kernel {
                Kernel::Quartic if u < 1.0 => 3.0 / pi * (1.0 - u * u) * (1.0 - u * u),
                Kernel::Quartic => 0.0,
                Kernel::Gaussian => libm::exp(-u * u / 2.0) / (2.0 * pi),
            }
        };
        cases.iter().map(one).sum::<f64>() / (h * h) * 1e6
    }

    #[test]
    fn the_surface_is_the_definition_summed_up() {
        for kernel in [Kernel::Quartic, Kernel::Gaussian] {
            let mut g = grid(kernel);
            for c in cases() {
                g.add(c);
            }
            for row in 0..g.rows {
                for col in 0..g.cols {
                    let expected = plain(&g, &cases(), row, col);
                    let found = g.at(row, col);
                    assert!(
                        (found - expected).abs() <= 1e-9 * g.peak(),
                        "{kernel:?} {row} {col}: {found} {expected}"
                    );
                }
            }
            assert_eq!(g.values().nth(7 * g.cols + 3), Some(g.at(7, 3)));
            assert_eq!(g.at(g.rows, 0), 0.0);
        }
    }

    #[test]
    fn nothing_is_left_of_what_is_taken_away_in_any_order() {
        for kernel in [Kernel::Quartic, Kernel::Gaussian] {
            let (mut g, mut other) = (grid(kernel), grid(kernel));
            for c in cases() {
                g.add(c);
            }
            for c in cases().into_iter().rev() {
                other.add(c);
            }
            assert_eq!(g.sums, other.sums);
            cases().into_iter().skip(10).for_each(|c| g.remove(c));
            other = grid(kernel);
            cases().into_iter().take(10).for_each(|c| other.add(c));
            assert_eq!(g.sums, other.sums);
            cases().into_iter().take(10).for_each(|c| g.remove(c));
            assert!(g.sums.iter().all(|s| *s == 0));
        }
    }

    #[test]
    fn a_whole_case_lies_under_the_surface() {
        for kernel in [Kernel::Quartic, Kernel::Gaussian] {
            let origin = Metres {
                east_m: -2000.0,
                north_m: -2000.0,
            };
            let mut g = DensityGrid::new(origin, 4000.0, 4000.0, 10.0, kernel, 200.0).unwrap();
            g.add(Metres {
                east_m: 3.3,
                north_m: -4.4,
            });
            let cases: f64 = g.values().sum::<f64>() * 100.0 / 1e6;
            assert!((cases - 1.0).abs() < 1e-3, "{kernel:?} {cases}");
        }
    }

    #[test]
    fn impossible_sizes_are_refused_with_their_value() {
        let new = |cell_m, bandwidth_m| {
            DensityGrid::new(
                Metres::default(),
                1e5,
                1e5,
                cell_m,
                Kernel::Quartic,
                bandwidth_m,
            )
            .unwrap_err()
        };
        assert_eq!(new(10.0, -3.0), HotspotError::Bandwidth(-3.0));
        assert!(matches!(new(10.0, f64::NAN), HotspotError::Bandwidth(_)));
        assert_eq!(new(0.0, 100.0), HotspotError::CellSize(0.0));
        assert!(new(1.0, 100.0).to_string().contains("larger cells"));
    }
}
