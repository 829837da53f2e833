//! Those who begin to look at a large city: told in portions, of which one takes a small part of a tick.

use chengtu_engine::state::State;
use chengtu_engine::stream::PortionSize;
use std::time::Duration;

/// A portion is to take about so long.
const PORTION: Duration = Duration::from_millis(12);
/// Things of the first portion.
const THINGS: usize = 1_000;
/// The fewest things of a portion, however long it takes.
const THINGS_MIN: usize = 100;
/// The most cases, units, sensors and alarms of a large city that are told in one tick to those who begin to look; the rest
/// follows in the next ones.
const THINGS_MAX: usize = 20_000;
/// So many things take about the time of a tile of movers.
const TILE_THINGS: usize = 25;
/// A city of no more things and movers is told at once.
const LARGE_THINGS: usize = 2_000;
const LARGE_MOVERS: usize = 20_000;

/// How much is told in a tick to those who begin: as much as has been quick enough.
#[derive(Debug)]
pub(super) struct Pace {
    things: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self { things: THINGS }
    }
}

impl Pace {
    /// The next portion's size.
    pub fn size(&self) -> PortionSize {
        PortionSize {
            things: self.things,
            tiles: self.things.div_ceil(TILE_THINGS),
        }
    }

    /// The last portion took so long.
    pub fn took(&mut self, time: Duration) {
        let ratio = PORTION.as_secs_f64() / time.as_secs_f64().max(1e-6);
        // A portion says little about the next: half way, and at most twice as much.
        let next = self.things as f64 * ratio.min(2.0).midpoint(1.0);
        self.things = (next as usize).clamp(THINGS_MIN, THINGS_MAX);
    }
}

/// Whether telling all of a city takes more of a tick than somebody who commands should wait.
pub(super) fn is_large(state: &State) -> bool {
    let things = state.cases().len() + state.units().len() + state.sensors().len();
    things + state.alarms().len() > LARGE_THINGS || state.movers_known() > LARGE_MOVERS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn portions_become_as_large_as_there_is_time_for() {
        for us_a_thing in [0.1, 5.0, 40.0] {
            let mut pace = Pace::default();
            for _ in 0..60 {
                pace.took(Duration::from_secs_f64(
                    pace.size().things as f64 * us_a_thing / 1e6,
                ));
            }
            let took_ms = pace.size().things as f64 * us_a_thing / 1e3;
            let fits = (took_ms - 12.0).abs() < 1.0 || pace.things == THINGS_MAX && took_ms < 12.0;
            assert!(fits, "{us_a_thing} µs: {pace:?}, {took_ms} ms");
        }
    }
}
