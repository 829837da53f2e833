use super::error::HotspotError;
use super::lattice::Lattice;
use std::collections::BTreeMap;

/// Reaches of a neighbourhood: how many there are.
pub const BANDS: usize = 3;

/// Getis–Ord Gi* of counts in the cells of a city: how far the count in a cell and its neighbours differs from what chance
/// would put there, for neighbourhoods of several reaches.
///
/// Weights are binary by distance band, the cell itself included, not row-standardised (`G_Local` of `PySAL`'s esda with
/// `transform="B", star=True`). Cells where there is no city are neither counted nor neighbours; one in which a case is
/// counted is city from then on. All sums are integers kept up to date with every case, so a z-score costs a few operations.
///
/// Source: Ord and Getis 1995, eq. 14. Cost of a case: the cells of its neighbourhoods.
#[derive(Clone, Debug)]
pub struct GetisOrd {
    bands: [Band; BANDS],
    is_city: Vec<bool>,
    city: u32,
    counts: Vec<u32>,
    /// How many cells have each count of at least 1.
    histogram: BTreeMap<u32, u32>,
    total: u64,
    total_of_squares: u64,
}

/// Sums over neighbourhoods of one reach.
#[derive(Clone, Debug)]
struct Band {
    stencils: [Vec<(i64, i64)>; 2],
    /// Count in each cell and its neighbours.
    near: Vec<u32>,
    /// Number of each cell's neighbours in the city, itself included.
    reach: Vec<u32>,
}

impl GetisOrd {
    /// No cases yet. `bands_m`: reaches of the neighbourhoods, metres; `is_city`: which cells of the lattice are city; all
    /// where it is empty.
    ///
    /// # Errors
    /// [`HotspotError::Neighbourhood`] unless each of `bands_m` is between 0 and 50 cells.
    pub fn new(
        lattice: &Lattice,
        bands_m: [f64; BANDS],
        mut is_city: Vec<bool>,
    ) -> Result<Self, HotspotError> {
        if is_city.is_empty() {
            is_city = vec![true; lattice.len()];
        }
        is_city.resize(lattice.len(), false);
        let band = |reach_m: f64| {
            let stencils = lattice.stencils(reach_m)?;
            let of = |cell: u32| {
                let reached = lattice.reached(cell, &stencils);
                reached.filter(|c| is_city[*c as usize]).count() as u32
            };
            Ok(Band {
                reach: (0..lattice.len() as u32).map(of).collect(),
                near: vec![0; lattice.len()],
                stencils,
            })
        };
        let [a, b, c] = bands_m;
        Ok(Self {
            bands: [band(a)?, band(b)?, band(c)?],
            city: is_city.iter().filter(|c| **c).count() as u32,
            counts: vec![0; lattice.len()],
            is_city,
            histogram: BTreeMap::new(),
            total: 0,
            total_of_squares: 0,
        })
    }

    /// The same cells without any case.
    pub(super) fn emptied(&self) -> Self {
        let mut empty = self.clone();
        for band in &mut empty.bands {
            band.near.fill(0);
        }
        empty.counts.fill(0);
        empty.histogram.clear();
        (empty.total, empty.total_of_squares) = (0, 0);
        empty
    }

    /// Counts a case in a cell of the lattice.
    pub fn add(&mut self, lattice: &Lattice, cell: u32) {
        let Some(count) = self.counts.get_mut(cell as usize) else {
            return;
        };
        self.total_of_squares += 2 * u64::from(*count) + 1;
        self.total += 1;
        *count += 1;
        let now = *count;
        fewer(&mut self.histogram, now - 1);
        *self.histogram.entry(now).or_insert(0) += 1;
        let new = !core::mem::replace(&mut self.is_city[cell as usize], true);
        self.city += u32::from(new);
        for band in &mut self.bands {
            for near in lattice.reached(cell, &band.stencils) {
                band.near[near as usize] += 1;
                band.reach[near as usize] += u32::from(new);
            }
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
        let now = *count;
        fewer(&mut self.histogram, now + 1);
        if now > 0 {
            *self.histogram.entry(now).or_insert(0) += 1;
        }
        for band in &mut self.bands {
            for near in lattice.reached(cell, &band.stencils) {
                band.near[near as usize] -= 1;
            }
        }
    }

    /// Cases in a cell.
    pub fn count(&self, cell: u32) -> u32 {
        self.counts.get(cell as usize).copied().unwrap_or(0)
    }

    /// Cases in all cells.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Cells that are city.
    pub fn cells(&self) -> u32 {
        self.city
    }

    /// True for a cell that is city.
    pub fn is_city(&self, cell: u32) -> bool {
        self.is_city.get(cell as usize).copied().unwrap_or(false)
    }

    /// How many cells have each count of at least 1.
    pub fn histogram(&self) -> &BTreeMap<u32, u32> {
        &self.histogram
    }

    /// How many cells of the city are within a reach of a cell of the lattice, itself included, and how many cases they
    /// hold.
    pub fn around(&self, band: usize, cell: u32) -> (u32, u32) {
        let band = &self.bands[band];
        (band.reach[cell as usize], band.near[cell as usize])
    }

    /// Counts around all cells of the lattice, by number.
    pub(super) fn near(&self, band: usize) -> &[u32] {
        &self.bands[band].near
    }

    /// The cells within a reach of a cell, itself included, those that are no city left out.
    pub(super) fn window<'a>(
        &'a self,
        lattice: &'a Lattice,
        band: usize,
        cell: u32,
    ) -> impl Iterator<Item = u32> + 'a {
        let reached = lattice.reached(cell, &self.bands[band].stencils);
        reached.filter(|c| self.is_city[*c as usize])
    }

    /// The z-score of a cell; 0 where every cell holds as many cases as every other.
    pub fn z_score(&self, band: usize, cell: u32) -> f64 {
        let n = f64::from(self.city);
        let mean = self.total as f64 / n;
        // n Σx² − (Σx)² in integers: no cancellation, and exactly 0 when all are equal.
        let spread_n2 = u128::from(self.total_of_squares) * u128::from(self.city)
            - u128::from(self.total).pow(2);
        let (reach, near) = self.around(band, cell);
        let w = f64::from(reach);
        let unit = libm::sqrt(((n * w - w * w) / (n - 1.0).max(1.0)).max(0.0));
        let scale = libm::sqrt(spread_n2 as f64) / n * unit;
        if scale > 0.0 {
            (f64::from(near) - mean * w) / scale
        } else {
            0.0
        }
    }
}

fn fewer(histogram: &mut BTreeMap<u32, u32>, count: u32) {
    if let Some(cells) = histogram.get_mut(&count) {
        *cells -= 1;
        if *cells == 0 {
            histogram.remove(&count);
        }
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
            let mut gi = GetisOrd::new(&l, [200.0, 300.0, 450.0], Vec::new()).unwrap();
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
            for (band, reach_m) in [200.0, 300.0, 450.0].into_iter().enumerate() {
                for cell in 0..l.len() as u32 {
                    let z = gi.z_score(band, cell);
                    let expected = plain(&l, &counts, reach_m, cell);
                    assert!(
                        (z - expected).abs() < 1e-9,
                        "{kind:?} {reach_m} {cell}: {z} {expected}"
                    );
                }
            }
            let mut histogram = BTreeMap::new();
            for c in counts.iter().filter(|c| **c > 0) {
                *histogram.entry(*c).or_insert(0) += 1;
            }
            assert_eq!(gi.histogram, histogram);
        }
    }

    #[test]
    fn an_even_city_has_no_hot_cell() {
        let l = lattice(LatticeKind::Square);
        let mut gi = GetisOrd::new(&l, [200.0, 300.0, 450.0], Vec::new()).unwrap();
        let even = |gi: &GetisOrd| (0..l.len() as u32).all(|c| gi.z_score(1, c) == 0.0);
        assert!(even(&gi));
        for cell in 0..l.len() as u32 {
            gi.add(&l, cell);
        }
        assert!(even(&gi));
        gi.add(&l, 99_999);
        gi.remove(&l, 99_999);
        assert_eq!(gi.total, l.len() as u64);
    }

    #[test]
    fn where_there_is_no_city_nothing_is_counted_until_a_case_is_there() {
        let l = lattice(LatticeKind::Square);
        let river: Vec<bool> = (0..l.len()).map(|cell| cell % 9 != 4).collect();
        let mut gi = GetisOrd::new(&l, [100.0, 200.0, 300.0], river).unwrap();
        assert_eq!((gi.cells(), gi.around(0, 4)), (56, (2, 0)));
        gi.add(&l, 4);
        assert_eq!((gi.cells(), gi.around(0, 4)), (57, (3, 1)));
        gi.remove(&l, 4);
        assert_eq!((gi.cells(), gi.around(0, 4)), (57, (3, 0)));
        assert!(gi.is_city(4) && !gi.is_city(13) && gi.histogram().is_empty());
    }
}
