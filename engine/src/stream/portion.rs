//! A city that is too large to be told to somebody in one tick is told in portions. They go round: whoever begins hears
//! each of them from wherever they are, and has heard all once they have come round to there. So it costs as much for
//! many who begin as for one.

use super::things_after;
use crate::geo::TileId;
use crate::ids::ThingId;
use crate::state::State;
use std::collections::BTreeSet;

/// Where the round is: how often it was ended, and the last thing that was told since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    round: u64,
    after: Option<ThingId>,
}

impl Place {
    /// The same place one round later.
    fn next_round(self) -> Self {
        let round = self.round + 1;
        Self { round, ..self }
    }
}

/// How much is told in one tick, at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortionSize {
    /// Cases, units, sensors and alarms.
    pub things: usize,
    /// Tiles of movers, to all who begin together.
    pub tiles: usize,
}

/// What is told in one tick to those who begin.
#[derive(Clone, Debug, Default)]
pub struct Portion {
    /// Where the round is behind it.
    to: Place,
    things: Vec<ThingId>,
    tiles: BTreeSet<TileId>,
    tiles_left: usize,
}

impl Portion {
    /// The next one behind `at`.
    pub(super) fn next(state: &State, at: Place, size: PortionSize) -> Self {
        let things: Vec<_> = things_after(state, at.after).take(size.things).collect();
        let to = match things.last() {
            Some(last) if things.len() == size.things => Place {
                after: Some(*last),
                ..at
            },
            _ => Place {
                round: at.round + 1,
                after: None,
            },
        };
        Self {
            to,
            things,
            tiles: BTreeSet::new(),
            tiles_left: size.tiles,
        }
    }

    /// Where the round is behind it.
    pub fn to(&self) -> Place {
        self.to
    }

    /// True where whoever has begun at `from` has heard of everything.
    pub(super) fn completes(&self, from: Place) -> bool {
        self.to >= from.next_round()
    }

    /// Its things.
    pub(super) fn things(&self) -> impl Iterator<Item = ThingId> {
        self.things.iter().copied()
    }

    /// Of some tiles those that are told now; what others are told costs nothing more.
    pub(super) fn tiles_of(&mut self, wanted: &BTreeSet<TileId>) -> Vec<TileId> {
        let mut told = Vec::new();
        for tile in wanted {
            if !self.tiles.contains(tile) {
                if self.tiles_left == 0 {
                    continue;
                }
                self.tiles_left -= 1;
                self.tiles.insert(*tile);
            }
            told.push(*tile);
        }
        told
    }
}
