//! Time as exact integers. The engine is given the time; it never reads a clock.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
///
/// Times come from outside and may be anything. Differences and sums go through the methods, which stop at the ends of
/// the range and cannot overflow; `engine/tests/dependencies.rs` refuses arithmetic on the number itself.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The earliest time, about 290,000 years before 1970.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest time, about 290,000 years after 1970.
    pub const MAX: Self = Self(i64::MAX);

    /// Whole seconds since 1970 as a time.
    pub const fn from_seconds(s: i64) -> Self {
        Self(s.saturating_mul(1_000_000))
    }

    /// Whole seconds since 1970, rounded down.
    pub const fn whole_seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This time `s` seconds later (earlier when negative).
    #[must_use]
    pub const fn plus_seconds(self, s: i64) -> Self {
        self.plus_us(s.saturating_mul(1_000_000))
    }

    /// This time `us` microseconds later (earlier when negative).
    #[must_use]
    pub const fn plus_us(self, us: i64) -> Self {
        Self(self.0.saturating_add(us))
    }

    /// Microseconds from `earlier` to this time; negative where it lies before.
    pub const fn us_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// Microseconds since an earlier time, of any two times there are: the whole of time is longer than
    /// [`Self::us_since`] can say.
    pub fn wide_us_since(self, earlier: Self) -> i128 {
        i128::from(self.0) - i128::from(earlier.0)
    }

    /// Seconds from `earlier` to this time; negative where it lies before.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.us_since(earlier) as f64 / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_sum_or_difference_leaves_the_range() {
        for t in [Timestamp::MIN, Timestamp(0), Timestamp::MAX] {
            for by in [i64::MIN, -1, 0, 1, i64::MAX] {
                assert!(t.plus_seconds(by) >= Timestamp::MIN);
                assert!(t.plus_us(by) <= Timestamp::MAX);
            }
        }
        assert_eq!(Timestamp::MAX.plus_us(1), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.plus_seconds(-1), Timestamp::MIN);
        assert_eq!(Timestamp::MAX.us_since(Timestamp::MIN), i64::MAX);
        assert_eq!(Timestamp::MIN.us_since(Timestamp::MAX), i64::MIN);
        assert_eq!(Timestamp(-1).whole_seconds(), -1);
    }
}
