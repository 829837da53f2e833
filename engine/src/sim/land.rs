//! Where things of a simulated city may stand.

use crate::geo::{GeoBox, Position};

/// The ground that a simulated city has: cases, sensors and people are put there and nowhere else.
pub trait Land: core::fmt::Debug + Send + Sync {
    /// True where something may stand at `p`.
    fn holds(&self, p: Position) -> bool;
}

impl Land for GeoBox {
    fn holds(&self, p: Position) -> bool {
        self.contains(p)
    }
}
