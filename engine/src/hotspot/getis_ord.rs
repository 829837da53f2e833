use super::error::HotspotError;
use super::lattice::Lattice;

/// Getis–Ord Gi* of counts in cells: how far the count in a cell and its neighbours differs from what chance would put
/// there.
///
/// Weights are binary by distance band, the cell itself included, not row-standardised (`G_Local` of PySAL's esda
/// with `transform="B", star=True`). Sums over neighbourhoods and over all cells are integers kept up to date with
/// every case, so a z-score costs a few operations.
///
/// Source: Ord and Getis 1995, eq. 14. Cost of a case: the cells of its neighbourhood.
#[derive(Clone, Debug)]
pub struct GetisOrd {
    stencils: [Vec<(i64, i64)>; 2],
    counts: Vec<u32>,
    /// Count in each cell and its neighbours.
    near: Vec<u32>,
    /// Number of each cell's neighbours, itself included, and the spread of their sum for a spread of 1.
    weights: Vec<(u32, f64)>,
    total: u64,
    total_of_squares: u64,
}

impl GetisOrd {
    /// No cases yet.
    ///
    /// # Errors
    /// [`HotspotError::Neighbourhood`] unless `band_m` is between 0 and 50 cells.
    pub fn new(lattice: &Lattice, band_m: f64) -> Result<Self, HotspotError> {
        let stencils = lattice.stencils(band_m)?;
        let n = lattice.len() as f64;
        let weight = |cell: u32| {
            let w = lattice.reached(cell, &stencils).count() as u32;
            let wf = f64::from(w);
            (
                w,
                libm::sqrt(((n * wf - wf * wf) / (n - 1.0).max(1.0)).max(0.0)),
            )
        };
        let weights = (0..lattice.len() as u32).map(weight).collect();
        let empty = vec![0; lattice.len()];
        let near = empty.clone();
        Ok(Self {
            stencils,
            counts: empty,
            near,
            weights,
            total: 0,
            total_of_squares: 0,
        })
    }

    /// Counts a case in a cell of the lattice.
    pub fn add(&mut self, lattice: &Lattice, cell: u32) {
        let Some(count) = self.counts.get_mut(cell as usize) else {
            return;
        };
        self.total_of_squares += 2 * u64::from(*count) + 1;
        self.total += 1;
        *count += 1;
        for near in lattice.reached(cell, &self.stencils) {
            self.near[near as usize] += 1;
        }
    }

    /// Takes a case away that was counted in this cell.
    pub fn remove(&mut self, lattice: &Lattice, cell: u32) {
        let Some(count) = self.counts.get_mut(cell as usize).filter(|c| **c > 0) else {
            return;
        };
        *count -= 1;
        self.total_of_squares -= 2 * u64::from(*count) + 1;
        self.total -= 1;
        for near in lattice.reached(cell, &self.stencils) {
            self.near[near as usize] -= 1;
        }
    }

    /// Cases in a cell.
    pub fn count(&self, cell: u32) -> u32 {
        self.counts.get(cell as usize).copied().unwrap_or(0)
    }

    /// The z-scores of all cells; all 0 where every cell holds as many cases as every other.
    pub fn z_scores(&self) -> impl Iterator<Item = f64> + '_ {
        let n = self.counts.len() as f64;
        let mean = self.total as f64 / n;
        // n Σx² − (Σx)² in integers: no cancellation, and exactly 0 when all are equal.
        let spread_n2 = u128::from(self.total_of_squares) * self.counts.len() as u128
            - u128::from(self.total).pow(2);
        let spread = libm::sqrt(spread_n2 as f64) / n;
        self.near
            .iter()
            .zip(&self.weights)
            .map(move |(near, (w, unit))| {
                let scale = spread * unit;
                if scale > 0.0 {
                    (f64::from(*near) - mean * f64::from(*w)) / scale
                } else {
                    0.0
                }
            })
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::LatticeKind;
    use super::*;
    use crate::geo::Metres;

    fn lattice(kind: LatticeKind) -> Lattice {
        Lattice::new(kind, 100.0, Metres::default(), 900.0, 700.0).unwrap()
    }

    /// The formula with its sums written out.
    fn plain(l: &Lattice, counts: &[u32], band_m: f64, cell: u32) -> f64 {
        let n = counts.len() as f64;
        let mean = counts.iter().map(|c| f64::from(*c)).sum::<f64>() / n;
        let squares = counts
            .iter()
            .map(|c| f64::from(*c) * f64::from(*c))
            .sum::<f64>();
        let s = libm::sqrt(squares / n - mean * mean);
        let near = |c: &u32| l.centre(*c).distance_m(l.centre(cell)) <= band_m + 1e-6;
        let near: Vec<u32> = (0..counts.len() as u32).filter(near).collect();
        let w = near.len() as f64;
        let sum = near
            .iter()
            .map(|c| f64::from(counts[*c as usize]))
            .sum::<f64>();
        (sum - mean * w) / (s * libm::sqrt((n * w - w * w) / (n - 1.0)))
    }

    #[test]
    fn z_scores_are_the_formula_and_follow_the_stream() {
        for kind in [LatticeKind::Square, LatticeKind::Hexagon] {
            let l = lattice(kind);
            let mut gi = GetisOrd::new(&l, 200.0).unwrap();
            let cells: Vec<u32> = (0..300u32).map(|i| i * i * 31 % l.len() as u32).collect();
            for c in &cells {
                gi.add(&l, *c);
            }
            for c in &cells[..120] {
                gi.remove(&l, *c);
            }
            let mut counts = vec![0u32; l.len()];
            for c in &cells[120..] {
                counts[*c as usize] += 1;
            }
            assert_eq!(gi.counts, counts);
            for (cell, z) in gi.z_scores().enumerate() {
                let expected = plain(&l, &counts, 200.0, cell as u32);
                assert!(
                    (z - expected).abs() < 1e-9,
                    "{kind:?} {cell}: {z} {expected}"
                );
            }
        }
    }

    #[test]
    fn an_even_city_has_no_hot_cell() {
        let l = lattice(LatticeKind::Square);
        let mut gi = GetisOrd::new(&l, 200.0).unwrap();
        assert!(gi.z_scores().all(|z| z == 0.0));
        for cell in 0..l.len() as u32 {
            gi.add(&l, cell);
        }
        assert!(gi.z_scores().all(|z| z == 0.0));
        gi.add(&l, 99_999);
        gi.remove(&l, 99_999);
        assert_eq!(gi.total, l.len() as u64);
    }
}
