//! A city full of vehicles, made from a seed.

use chengtu_engine::chance::{STEP, mixed};
use chengtu_engine::geo::{LocalFrame, Metres, Position};

/// Random numbers from a seed.
pub struct Rng(pub u64);

impl Rng {
    /// Any 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mixed(self.0)
    }

    /// 0 … 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// 0 … limit − 1.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Half the side of the city.
pub const HALF_M: f64 = 30_000.0;

/// Nanjing's centre as the origin of ground metres.
pub fn frame() -> LocalFrame {
    LocalFrame::new(Position::new(1_187_900_000, 320_500_000))
}

/// Vehicles that drive straight on and turn now and then.
pub struct Traffic {
    frame: LocalFrame,
    rng: Rng,
    at: Vec<Metres>,
    heading: Vec<(f64, f64)>,
}

impl Traffic {
    /// 70 % of the vehicles in 200 clusters of 1 km, the others anywhere in 60 × 60 km.
    pub fn new(count: usize) -> Self {
        let mut rng = Rng(2026);
        let anywhere = |rng: &mut Rng| Metres {
            east_m: (rng.unit() * 2.0 - 1.0) * HALF_M,
            north_m: (rng.unit() * 2.0 - 1.0) * HALF_M,
        };
        let centres: Vec<Metres> = (0..200).map(|_| anywhere(&mut rng)).collect();
        let mut at = Vec::with_capacity(count);
        for _ in 0..count {
            let lone = anywhere(&mut rng);
            let clustered = rng.below(10) < 7;
            let centre = centres[rng.below(200)];
            // The sum of four even chances is close to a bell.
            let bell =
                |rng: &mut Rng| (rng.unit() + rng.unit() + rng.unit() + rng.unit() - 2.0) * 1700.0;
            let (dx, dy) = (bell(&mut rng), bell(&mut rng));
            at.push(if clustered {
                Metres {
                    east_m: centre.east_m + dx,
                    north_m: centre.north_m + dy,
                }
            } else {
                lone
            });
        }
        let heading = (0..count).map(|_| turn(&mut rng)).collect();
        Self {
            frame: frame(),
            rng,
            at,
            heading,
        }
    }

    /// Where all are.
    pub fn positions(&self) -> Vec<Position> {
        self.at.iter().map(|m| self.frame.position(*m)).collect()
    }

    /// Every vehicle drives 15 m.
    pub fn all_move(&mut self) {
        for i in 0..self.at.len() {
            self.step(i);
        }
    }

    /// `count` vehicles picked at random drive 15 m each: who, and where to.
    pub fn moves(&mut self, count: usize) -> Vec<(u32, Position)> {
        let step = |_| {
            let i = self.rng.below(self.at.len());
            self.step(i);
            (i as u32, self.frame.position(self.at[i]))
        };
        (0..count).map(step).collect()
    }

    fn step(&mut self, i: usize) {
        if self.rng.below(10) == 0 {
            self.heading[i] = turn(&mut self.rng);
        }
        let (dx, dy) = self.heading[i];
        self.at[i].east_m += dx * 15.0;
        self.at[i].north_m += dy * 15.0;
    }
}

fn turn(rng: &mut Rng) -> (f64, f64) {
    let (dx, dy) = (rng.unit() - 0.5, rng.unit() - 0.5);
    let length = (dx * dx + dy * dy).sqrt().max(1e-6);
    (dx / length, dy / length)
}
