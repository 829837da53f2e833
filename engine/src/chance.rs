//! Random numbers from seeds.

use serde::{Deserialize, Serialize};

/// Random numbers from a seed: the same for the same seed, on every machine and in every version.
///
/// Source: SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chance(u64);

impl Chance {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for one purpose: what one part draws does not shift what another draws.
    pub fn of(seed: u64, purpose: &str) -> Self {
        let mut mixed = Self(seed ^ fingerprint(purpose));
        Self(mixed.bits())
    }

    /// A stream of its own for one purpose and a few numbers: the same whatever else has been drawn, so that two
    /// branches of one second draw the same for the same thing.
    pub fn of_numbers(seed: u64, purpose: &str, numbers: &[u64]) -> Self {
        let mut mixed = Self::of(seed, purpose);
        for n in numbers {
            mixed = Self(mixed.bits() ^ n);
        }
        Self(mixed.bits())
    }

    /// The next 64 bits, each 0 or 1 equally often.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// A number from 0 to below 1, in steps of 2⁻⁵³.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A whole number below `n`; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }

    /// A number from `low` to below `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with probability `p`.
    pub fn happens(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Normal with mean 0 and standard deviation 1 (sum of twelve: bounded by ±6, which is plenty here).
    pub fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    /// Waiting time until the next of events that come at `rate` a second; very long where the rate is 0.
    pub fn wait_s(&mut self, rate: f64) -> f64 {
        -libm::log(1.0 - self.unit()) / rate.max(1e-9)
    }

    /// Index of a weight, drawn in proportion to the weights; 0 if all are zero.
    pub fn weighted(&mut self, weights: &[f64]) -> usize {
        let sum: f64 = weights.iter().sum();
        let mut at = self.unit() * sum;
        for (i, w) in weights.iter().enumerate() {
            if at < *w {
                return i;
            }
            at -= w;
        }
        weights.iter().rposition(|w| *w > 0.0).unwrap_or(0)
    }
}

/// How far the state of a stream moves for each number: 2⁶⁴ over the golden ratio, made odd.
pub const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

/// A number in which every bit depends on every bit of `z`: the number of a stream whose state is `z`.
pub const fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A text as a number, the same in every version.
fn fingerprint(text: &str) -> u64 {
    let mut h: u64 = 0xcbf2_9ce4_8422_2325;
    for b in text.bytes() {
        h = (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    }
    h = (h ^ (h >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    h ^ (h >> 33)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_is_the_same_stream_and_numbers_are_spread_as_they_should() {
        assert_eq!(Chance::new(7).bits(), Chance::new(7).bits());
        assert_ne!(Chance::of(7, "a").bits(), Chance::of(7, "b").bits());
        assert_eq!(Chance::new(0).bits(), 0xe220_a839_7b1d_cdaf);
        let mut c = Chance::new(1);
        let n = 20_000;
        let mean = (0..n).map(|_| c.normal()).sum::<f64>() / f64::from(n);
        let wait = (0..n).map(|_| c.wait_s(0.5)).sum::<f64>() / f64::from(n);
        let third = (0..n).filter(|_| c.weighted(&[2.0, 0.0, 1.0]) == 2).count();
        assert!(
            mean.abs() < 0.05 && (wait - 2.0).abs() < 0.1,
            "{mean} {wait}"
        );
        assert!((third as f64 / f64::from(n) - 1.0 / 3.0).abs() < 0.02);
        assert!((0..1_000).all(|_| c.below(3) < 3) && c.below(0) == 0);
    }
}
