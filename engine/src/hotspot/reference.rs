use super::saddlepoint;
use std::collections::BTreeMap;

/// Sums above this are judged by a saddlepoint approximation: the cost of exactness grows with its cube.
const EXACT_MAX: u32 = 32;
/// Expected draws of occupied cells above which the same is done.
const EXPECTED_MAX: f64 = 200.0;

/// What chance puts around a cell when the counts of all other cells are dealt anew among them: the distribution that
/// permutations sample, calculated.
///
/// Around a cell with `own` cases, `reach − 1` of the other `cells − 1` are drawn without replacement. How many of these
/// are occupied is hypergeometric; what so many occupied ones add up to follows from how often each count occurs.
///
/// Source: the conditional permutations of Anselin 1995, section 4 (`G_Local` with `permutations` of `PySAL`'s esda).
#[derive(Clone, Debug)]
pub struct Permutations<'a> {
    /// How many cells have each count of at least 1.
    histogram: &'a BTreeMap<u32, u32>,
    /// Cells in all.
    cells: u32,
    /// Sums from here on are one class.
    cap: u32,
    /// By the count of the cell in the middle.
    sums: BTreeMap<u32, Sums>,
}

/// Of the occupied cells without the one in the middle.
#[derive(Clone, Debug)]
struct Sums {
    counts: BTreeMap<u32, u32>,
    occupied: u32,
    /// Each count with how many cells have it, empty ones included.
    population: Vec<(f64, f64)>,
    /// `tails[drawn][sum]`: probability that so many occupied cells hold at least so many cases; once it is asked for.
    tails: Option<Vec<Vec<f64>>>,
}

impl<'a> Permutations<'a> {
    /// Of `cells` cells. `most`: the largest sum around a cell that will be asked for.
    pub fn new(histogram: &'a BTreeMap<u32, u32>, cells: u32, most: u32) -> Self {
        Self {
            histogram,
            cells,
            cap: most.min(EXACT_MAX),
            sums: BTreeMap::new(),
        }
    }

    /// Probability that a cell with `own` cases and its neighbours, `reach` cells in all, hold at least `near` by chance.
    pub fn tail(&mut self, own: u32, reach: u32, near: u32) -> f64 {
        let Some(others) = near.checked_sub(own).filter(|n| *n > 0) else {
            return 1.0;
        };
        let drawn = reach.saturating_sub(1).min(self.cells.saturating_sub(1));
        if drawn == 0 {
            return 0.0;
        }
        let (histogram, cells, cap) = (self.histogram, self.cells, self.cap);
        let sums = self
            .sums
            .entry(own)
            .or_insert_with(|| Sums::without(histogram, cells, own));
        let rest = cells - 1;
        let expected = f64::from(drawn) * f64::from(sums.occupied) / f64::from(rest);
        if others > cap || expected > EXPECTED_MAX {
            return saddlepoint::tail(&sums.population, f64::from(drawn), f64::from(others));
        }
        let (counts, occupied) = (&sums.counts, sums.occupied);
        let tails = sums
            .tails
            .get_or_insert_with(|| tails(counts, occupied, cap));
        let mut tail = 0.0;
        for (count, chance) in hypergeometric(rest, occupied, drawn) {
            // So many occupied cells hold one case each at least.
            let reached = count >= others;
            tail += chance
                * if reached {
                    1.0
                } else {
                    tails[count as usize][others as usize]
                };
        }
        tail.min(1.0)
    }
}

impl Sums {
    fn without(histogram: &BTreeMap<u32, u32>, cells: u32, own: u32) -> Self {
        let mut counts = histogram.clone();
        if let Some(n) = counts.get_mut(&own) {
            *n = n.saturating_sub(1);
        }
        counts.retain(|_, n| *n > 0);
        let occupied: u32 = counts.values().sum();
        let empty = cells.saturating_sub(1).saturating_sub(occupied);
        let all = counts.iter().map(|(count, n)| (*count, *n));
        let population = [(0, empty)].into_iter().chain(all);
        Self {
            occupied,
            population: population
                .map(|(count, n)| (f64::from(count), f64::from(n)))
                .collect(),
            tails: None,
            counts,
        }
    }
}

/// `[drawn][sum]`: the probability that `drawn` of the occupied cells hold at least `sum` cases, up to `cap` of each.
fn tails(counts: &BTreeMap<u32, u32>, occupied: u32, cap: u32) -> Vec<Vec<f64>> {
    let most = cap.min(occupied) as usize;
    let cap = cap as usize;
    // Ways to draw so many cells with that sum, as a share of all ways so far: cells are added count by count.
    let mut share = vec![vec![0.0; cap + 1]; most + 1];
    share[0][0] = 1.0;
    let mut seen = 0u32;
    for (count, n) in counts {
        let mut next = vec![vec![0.0; cap + 1]; most + 1];
        let together = seen + n;
        for (drawn, row) in next.iter_mut().enumerate().take(together as usize + 1) {
            for (new, chance) in hypergeometric(together, *n, drawn as u32) {
                let before = &share[drawn - new as usize];
                let added = (*count as usize).saturating_mul(new as usize);
                for (sum, ways) in before.iter().enumerate().filter(|(_, w)| **w > 0.0) {
                    row[(sum + added).min(cap)] += ways * chance;
                }
            }
        }
        share = next;
        seen = together;
    }
    for row in &mut share {
        for sum in (0..cap).rev() {
            row[sum] += row[sum + 1];
        }
    }
    share
}

/// How many of `drawn` cells are among the `marked` of `cells`: each possible number with its probability, ascending.
fn hypergeometric(cells: u32, marked: u32, drawn: u32) -> impl Iterator<Item = (u32, f64)> {
    let first = drawn.saturating_sub(cells - marked);
    let last = drawn.min(marked);
    let log_choose = |n: u32, k: u32| {
        let log = |n: u32| libm::lgamma(f64::from(n) + 1.0);
        log(n) - log(k) - log(n - k)
    };
    let start = log_choose(marked, first) + log_choose(cells - marked, drawn - first)
        - log_choose(cells, drawn);
    let mut chance = libm::exp(start);
    (first..=last).map(move |k| {
        let here = chance;
        let (n, m, d, k_f) = (
            f64::from(cells),
            f64::from(marked),
            f64::from(drawn),
            f64::from(k),
        );
        chance *= (m - k_f) * (d - k_f) / ((k_f + 1.0) * (n - m - d + k_f + 1.0));
        (k, here)
    })
}

/// Probability of at least `count` successes among `trials` of probability `p` each.
pub fn binomial_tail(trials: u64, p: f64, count: u32) -> f64 {
    if count == 0 || p >= 1.0 {
        return 1.0;
    }
    if u64::from(count) > trials || p <= 0.0 {
        return 0.0;
    }
    let (n, k) = (trials as f64, f64::from(count));
    let log_first = libm::lgamma(n + 1.0) - libm::lgamma(k + 1.0) - libm::lgamma(n - k + 1.0)
        + k * libm::log(p)
        + (n - k) * libm::log1p(-p);
    let mut term = libm::exp(log_first);
    let (mut sum, mut k) = (0.0, k);
    // Above the mean the terms fall; below it the tail is near 1 and exactness is of no use to anybody.
    while k <= n {
        sum += term;
        term *= (n - k) / (k + 1.0) * p / (1.0 - p);
        k += 1.0;
        if term < sum * 1e-17 && k > n * p {
            break;
        }
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Chance;

    /// Every way to draw, one by one.
    fn drawn_one_by_one(counts: &[u32], own: usize, reach: usize, near: u32) -> f64 {
        let others: Vec<u32> = (0..counts.len())
            .filter(|i| *i != own)
            .map(|i| counts[i])
            .collect();
        let (mut all, mut reached) = (0u64, 0u64);
        for set in 0u32..1 << others.len() {
            if set.count_ones() as usize != reach - 1 {
                continue;
            }
            let sum: u32 = others
                .iter()
                .enumerate()
                .filter(|(i, _)| set >> i & 1 == 1)
                .map(|(_, c)| c)
                .sum();
            all += 1;
            reached += u64::from(sum + counts[own] >= near);
        }
        reached as f64 / all as f64
    }

    #[test]
    fn the_tail_counts_every_way_to_deal_the_counts() {
        let mut chance = Chance::new(8);
        for _ in 0..40 {
            let counts: Vec<u32> = (0..12)
                .map(|_| [0, 0, 0, 1, 1, 2, 5][chance.below(7)])
                .collect();
            let mut histogram = BTreeMap::new();
            counts
                .iter()
                .filter(|c| **c > 0)
                .for_each(|c| *histogram.entry(*c).or_insert(0) += 1);
            let total: u32 = counts.iter().sum();
            let mut permutations = Permutations::new(&histogram, 12, total.max(1));
            for (own, own_count) in counts.iter().enumerate() {
                for reach in 1..=12 {
                    for near in *own_count..=total {
                        let found = permutations.tail(*own_count, reach, near);
                        let expected = if reach == 1 && near > *own_count {
                            0.0
                        } else {
                            drawn_one_by_one(&counts, own, reach as usize, near)
                        };
                        assert!(
                            (found - expected).abs() < 1e-12,
                            "{counts:?} {own} {reach} {near}: {found} {expected}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn rare_sums_keep_their_digits() {
        // 40 single cases in 10,000 cells: 8 of them within 13 cells, by the binomial of 12 draws about 495 · 0.004⁸.
        let histogram = BTreeMap::from([(1, 40)]);
        let p = Permutations::new(&histogram, 10_000, 8).tail(0, 13, 8);
        assert!(p > 1e-18 && p < 5e-17, "{p}");
    }

    #[test]
    fn beyond_what_is_calculated_the_approximation_goes_on() {
        for histogram in [
            BTreeMap::from([(1, 60), (2, 20), (5, 4)]),
            BTreeMap::from([(1, 300), (2, 120), (3, 30), (40, 1)]),
        ] {
            let mut reference = Permutations::new(&histogram, 2_000, 64);
            reference.cap = 64;
            for (reach, near) in [
                (49, 10),
                (49, 20),
                (197, 40),
                (197, 55),
                (197, 64),
                (13, 12),
            ] {
                let exact = reference.tail(0, reach, near);
                let sums = &reference.sums[&0];
                let found =
                    saddlepoint::tail(&sums.population, f64::from(reach - 1), f64::from(near));
                let off = (found / exact - 1.0).abs();
                assert!(
                    off < 0.1 || exact > 0.2,
                    "{histogram:?} {reach} {near}: {found:e} {exact:e}"
                );
            }
        }
    }

    #[test]
    fn the_binomial_tail_is_the_sum_of_its_terms() {
        // R: pbinom(k − 1, n, p, lower.tail = FALSE).
        for (n, p, k, expected) in [
            (10u64, 0.5, 8, 0.0546875),
            (594, 1.0 / 1200.0, 4, 0.001_643_8),
            (3, 0.1, 4, 0.0),
            (7, 0.2, 0, 1.0),
        ] {
            let found = binomial_tail(n, p, k);
            assert!(
                (found - expected).abs() < expected.max(1e-9) * 0.02,
                "{n} {p} {k}: {found}"
            );
        }
    }
}
