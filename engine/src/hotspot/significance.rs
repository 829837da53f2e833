use super::false_discovery::{adjusted, two_sided_p};
use super::getis_ord::GetisOrd;

/// A cell whose count chance would not put there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Significant {
    pub cell: u32,
    pub z: f64,
    pub p: f64,
    pub q: f64,
}

/// Cells that are significant at a rate of false discoveries, of `cells` in all, in the order of their numbers.
///
/// Cost: linear in the cells, and n log n in those that may be significant.
pub(super) fn significant(counts: &GetisOrd, cells: usize, rate: f64) -> Vec<Significant> {
    let mut candidates: Vec<(u32, f64, f64)> = Vec::new();
    for (cell, z) in counts.z_scores().enumerate() {
        // Below one spread no level under 0.3 is reached: spares the error function for most cells.
        if z.abs() > 1.0 || rate > 0.3 {
            let p = two_sided_p(z);
            if p <= rate {
                candidates.push((cell as u32, z, p));
            }
        }
    }
    let p: Vec<f64> = candidates.iter().map(|(_, _, p)| *p).collect();
    let q = adjusted(&p, cells);
    let all = candidates.into_iter().zip(q);
    let found = all.map(|((cell, z, p), q)| Significant { cell, z, p, q });
    found.filter(|s| s.q <= rate).collect()
}
