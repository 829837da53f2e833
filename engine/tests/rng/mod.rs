//! Random numbers and places from a seed.

use crate::city::SOUTH_WEST;
use chengtu_engine::chance::{STEP, mixed};
use chengtu_engine::geo::Position;

pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
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
