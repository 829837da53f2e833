use crate::i18n::LocalTime;
use chengtu_engine::chance::{Chance, STEP};
use chengtu_engine::time::Timestamp;
use clap::ValueEnum;
use std::path::PathBuf;

/// Most frames in one run: an hour and more at 25 a second.
const FRAMES_MAX: i64 = 100_000;

/// In which order moments are gone to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Order {
    /// As time runs.
    #[default]
    Forward,
    /// From the last to the first.
    Backward,
    /// From anywhere to anywhere.
    Shuffled,
}

impl Order {
    /// Indices of so many moments, each once.
    pub fn of(self, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..count).collect();
        match self {
            Self::Forward => {}
            Self::Backward => all.reverse(),
            Self::Shuffled => {
                // Fisher and Yates: always the same disorder.
                let mut chance = Chance::new(STEP);
                for i in (1..count).rev() {
                    all.swap(i, (chance.bits() % (i as u64 + 1)) as usize);
                }
            }
        }
        all
    }
}

/// Which frames, and where they go.
#[derive(Clone, Debug, PartialEq)]
pub struct FramesPlan {
    /// First moment that is drawn.
    pub from: LocalTime,
    /// Last moment; drawn where the steps meet it.
    pub to: LocalTime,
    /// From frame to frame, microseconds.
    pub step_us: i64,
    /// Folder of the PNGs.
    pub dir: PathBuf,
    /// File for a video of the frames; `None` for no video.
    pub video: Option<PathBuf>,
    /// Its frames a second.
    pub fps: u32,
    /// In which order the moments are gone to.
    pub order: Order,
}

impl FramesPlan {
    /// Every moment from the first to the last.
    ///
    /// # Errors
    /// Words where the stretch is empty or too long.
    pub fn moments(&self, from: Timestamp, to: Timestamp) -> Result<Vec<Timestamp>, String> {
        if to < from {
            return Err(format!(
                "--to {} lies before --from {}",
                self.to.0, self.from.0
            ));
        }
        let count = (to.0 - from.0) / self.step_us + 1;
        if count > FRAMES_MAX {
            return Err(format!(
                "{count} frames are too many for one run (at most {FRAMES_MAX}); take a longer --step"
            ));
        }
        Ok((0..count)
            .map(|i| Timestamp(from.0 + i * self.step_us))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_visits_every_moment_once() {
        for order in [Order::Forward, Order::Backward, Order::Shuffled] {
            let mut visited = order.of(50);
            if order != Order::Forward {
                assert_ne!(visited, (0..50).collect::<Vec<_>>());
            }
            visited.sort_unstable();
            assert_eq!(visited, (0..50).collect::<Vec<_>>());
        }
    }
}
