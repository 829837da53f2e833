//! A seeded source of numbers and places.

use crate::city::SOUTH_WEST;
use chengtu_engine::geo::Position;

/// SplitMix64: small, seeded, the same everywhere.
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.next() % n.max(1)
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

pub fn place(rng: &mut Rng) -> Position {
    Position::new(
        SOUTH_WEST.lon_e7 + rng.below(500_000) as i32,
        SOUTH_WEST.lat_e7 + rng.below(400_000) as i32,
    )
}
