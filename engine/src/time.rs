//! Time as exact integers. The engine is told the time; it never asks.

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Whole seconds since 1970 as a time.
    pub const fn from_seconds(s: i64) -> Self {
        Self(s.saturating_mul(1_000_000))
    }

    /// This time `s` seconds later (earlier when negative), held at the ends of what can be told.
    #[must_use]
    pub const fn plus_seconds(self, s: i64) -> Self {
        Self(self.0.saturating_add(s.saturating_mul(1_000_000)))
    }

    /// Seconds from `earlier` to this time; negative where it lies before.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0) as f64 / 1e6
    }
}
