use core::f64::consts::{PI, SQRT_2};

/// Steps of Newton's method at most; a few do where there is a solution.
const STEPS_MAX: usize = 60;
/// Below this many standard deviations the formula divides by nearly nothing, and the normal distribution is as good.
const NEAR_THE_MEAN: f64 = 0.05;

/// Counts that are dealt with one by one at most, and how many cells such a count may have.
const HEAVY_COUNTS: usize = 4;
const HEAVY_CELLS: f64 = 4.0;

/// Probability that `drawn` cells of a population, drawn without replacement, hold at least `sum` cases together.
///
/// - `population`: each count of a cell with how many cells have it, empty ones included; the largest counts last
///
/// A double saddlepoint approximation for a sum in whole steps: its error is a few per cent of the probability, however
/// small that is, where a normal distribution is wrong by powers of ten. A few cells with very many cases, which make
/// humps that nothing smooth follows, are drawn one way after the other.
///
/// Source: Skovgaard 1987, "Saddlepoint expansions for conditional distributions"; Robinson 1982 for draws from a finite
/// population. Cost: some steps over the different counts.
pub(super) fn tail(population: &[(f64, f64)], drawn: f64, sum: f64) -> f64 {
    with_heavy(population, drawn, sum, HEAVY_COUNTS)
}

fn with_heavy(population: &[(f64, f64)], drawn: f64, sum: f64, counts_left: usize) -> f64 {
    if let Some(((count, heavy), others)) = population.split_last()
        && counts_left > 0
        && *heavy <= HEAVY_CELLS
        && *count > spread(population, drawn)
    {
        let cells: f64 = others.iter().map(|(_, n)| n).sum();
        let ways = |j: f64| choose(*heavy, j) * share_drawn(cells + heavy, *heavy, drawn, j);
        let drawn_heavy = (0..=*heavy as u32).map(f64::from);
        let tail = drawn_heavy
            .filter(|j| *j <= drawn && drawn - j <= cells)
            .map(|j| ways(j) * with_heavy(others, drawn - j, sum - j * count, counts_left - 1));
        return tail.sum::<f64>().min(1.0);
    }
    smooth(population, drawn, sum)
}

/// Probability that of `marked` cells among `cells` certain `j` are drawn and the others are not.
fn share_drawn(cells: f64, marked: f64, drawn: f64, j: f64) -> f64 {
    let (mut share, mut left, mut free) = (1.0, drawn, cells);
    for i in 0..marked as u32 {
        let of = if f64::from(i) < j { left } else { free - left };
        share *= of.max(0.0) / free;
        left -= f64::from(f64::from(i) < j);
        free -= 1.0;
    }
    share
}

/// Ways to choose `k` of a few.
fn choose(n: f64, k: f64) -> f64 {
    (0..k as u32)
        .map(f64::from)
        .fold(1.0, |ways, i| ways * (n - i) / (i + 1.0))
}

/// Standard deviation of the sum of so many draws, about.
fn spread(population: &[(f64, f64)], drawn: f64) -> f64 {
    let cells: f64 = population.iter().map(|(_, n)| n).sum();
    let squares: f64 = population.iter().map(|(count, n)| count * count * n).sum();
    libm::sqrt(drawn * squares / cells)
}

fn smooth(population: &[(f64, f64)], drawn: f64, sum: f64) -> f64 {
    let cells: f64 = population.iter().map(|(_, n)| n).sum();
    let all: f64 = population.iter().map(|(count, n)| count * n).sum();
    let most = most(population, drawn);
    if drawn >= cells || sum > most || sum <= 0.0 {
        return f64::from(sum <= most);
    }
    let draws = Draws {
        population,
        share: drawn / cells,
        drawn,
        // There is no saddlepoint where no draw holds more.
        sum: sum.min(most - 0.5),
    };
    let Some((a, t)) = draws.saddlepoint() else {
        return 1.0;
    };
    let at = draws.sums(a, t);
    let even = draws.sums(0.0, 0.0);
    let r = libm::sqrt((-2.0 * at.level).max(0.0));
    if t <= 0.0 || r < NEAR_THE_MEAN {
        let spread = even.tt - even.at * even.at / even.aa;
        return normal_tail((sum - 0.5 - all * draws.share) / libm::sqrt(spread));
    }
    let determinant = at.aa * at.tt - at.at * at.at;
    let u = (1.0 - libm::exp(-t)) * libm::sqrt(determinant / even.aa);
    let density = libm::exp(at.level) / libm::sqrt(2.0 * PI);
    (normal_tail(r) + density * (1.0 / u - 1.0 / r)).clamp(0.0, 1.0)
}

/// What the fullest cells hold that can be drawn together.
fn most(population: &[(f64, f64)], drawn: f64) -> f64 {
    let (mut left, mut sum) = (drawn, 0.0);
    for (count, cells) in population.iter().rev() {
        sum += count * cells.min(left);
        left -= cells.min(left);
    }
    sum
}

/// Probability that a standard normal variable is above `z`.
fn normal_tail(z: f64) -> f64 {
    0.5 * libm::erfc(z / SQRT_2)
}

/// By how many standard deviations a normal variable is above its mean at least, with probability `p`: the inverse of its
/// upper tail, 0 … 38.
pub(super) fn deviate(p: f64) -> f64 {
    let (mut low, mut high) = (0.0, 38.0);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if normal_tail(middle) > p {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// Every cell of the population is drawn with probability `share`, given that `drawn` are and that they hold `sum`.
struct Draws<'a> {
    population: &'a [(f64, f64)],
    share: f64,
    drawn: f64,
    sum: f64,
}

/// The cumulant function less what is given, its slopes and its curvatures.
struct Sums {
    level: f64,
    a: f64,
    t: f64,
    aa: f64,
    at: f64,
    tt: f64,
}

impl Draws<'_> {
    fn sums(&self, a: f64, t: f64) -> Sums {
        let mut s = Sums {
            level: -a * self.drawn - t * self.sum,
            a: -self.drawn,
            t: -self.sum,
            aa: 0.0,
            at: 0.0,
            tt: 0.0,
        };
        for (count, cells) in self.population {
            let tilted = self.share * libm::exp((a + t * count).min(700.0));
            let whole = 1.0 - self.share + tilted;
            let p = tilted / whole;
            let spread = cells * p * (1.0 - p);
            s.level += cells * libm::log(whole);
            s.a += cells * p;
            s.t += cells * p * count;
            s.aa += spread;
            s.at += spread * count;
            s.tt += spread * count * count;
        }
        s
    }

    /// Where both slopes vanish, by Newton's method with shortened steps; none where it lies at no finite place.
    fn saddlepoint(&self) -> Option<(f64, f64)> {
        let (mut a, mut t) = (0.0, 0.0);
        let mut here = self.sums(a, t);
        for _ in 0..STEPS_MAX {
            if here.a.abs() < 1e-9 * self.drawn && here.t.abs() < 1e-9 * self.sum {
                return Some((a, t));
            }
            let determinant = here.aa * here.tt - here.at * here.at;
            if determinant.is_nan() || determinant <= 0.0 {
                return None;
            }
            let step_a = (here.at * here.t - here.tt * here.a) / determinant;
            let step_t = (here.at * here.a - here.aa * here.t) / determinant;
            let mut part = 1.0;
            loop {
                let next = self.sums(a + part * step_a, t + part * step_t);
                // Near the solution the level no longer falls by more than rounding.
                if next.level <= here.level + 1e-12 * here.level.abs().max(1.0) {
                    (a, t) = (a + part * step_a, t + part * step_t);
                    here = next;
                    break;
                }
                part /= 2.0;
                if part < 1e-9 {
                    return None;
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_deviate_is_the_inverse_of_the_tail() {
        // R: qnorm(p, lower.tail = FALSE).
        for (p, z) in [
            (0.5, 0.0),
            (0.05, 1.644_853_6),
            (1e-3, 3.090_232_3),
            (1e-12, 7.034_483_8),
            (1e-300, 37.047_096),
        ] {
            assert!((deviate(p) - z).abs() < 1e-6, "{p}: {}", deviate(p));
        }
        assert!(deviate(0.0) <= 38.0 && deviate(1.0) == 0.0);
    }

    #[test]
    fn a_heavy_cell_is_drawn_or_not() {
        // 40 in one cell of a thousand: 12 draws have it in 12 of 1,000 cases, and no more than 12 without it.
        let population = [(0.0, 599.0), (1.0, 400.0), (40.0, 1.0)];
        for (sum, expected) in [(40.0, 0.012), (13.0, 0.012), (49.0, 6.886e-05)] {
            let found = tail(&population, 12.0, sum);
            let ratio: f64 = found / expected;
            assert!((0.8..1.3).contains(&ratio), "{sum}: {found:e}");
        }
        // Two of three: 3 · (12 · 11 · 988) / (1000 · 999 · 998).
        let population = [(0.0, 997.0), (40.0, 3.0)];
        let found = tail(&population, 12.0, 80.0);
        assert!((found / 3.94e-4 - 1.0).abs() < 0.01, "{found:e}");
    }

    #[test]
    fn one_each_is_hypergeometric() {
        // By fractions: Σ C(300, i) C(700, 120 − i) / C(1000, 120).
        let population = [(0.0, 700.0), (1.0, 300.0)];
        for (sum, expected, error) in [
            (40.0, 0.227_252, 0.02),
            (50.0, 0.002_514_12, 0.02),
            (70.0, 4.909_5e-12, 0.02),
            (118.0, 2.794_6e-67, 0.1),
        ] {
            let found = tail(&population, 120.0, sum);
            let off: f64 = (found / expected - 1.0).abs();
            assert!(off < error, "{sum}: {found:e}");
        }
        // Where nothing more can be drawn it errs, and on the side of chance.
        let last = tail(&population, 120.0, 120.0);
        assert!((2.6e-72..1e-70).contains(&last), "{last:e}");
        assert_eq!(tail(&population, 1000.0, 300.0), 1.0);
        assert_eq!(tail(&population, 1000.0, 301.0), 0.0);
        assert_eq!(tail(&population, 120.0, 121.0), 0.0);
    }
}
