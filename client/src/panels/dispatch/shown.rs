//! What was drawn last, so that a key does what was on the screen when it went down.

use chengtu_engine::ids::{CaseId, UnitId};
use chengtu_engine::record::World;
use std::time::{Duration, Instant};

/// Another unit for a case that has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Another {
    /// In the place of this one.
    Instead(UnitId),
    /// As one more.
    Besides,
}

/// An offer that changed without the officer's doing is sent by no key before it has been on the screen for so long.
pub(super) const READ_FIRST: Duration = Duration::from_millis(600);

/// Rows held where they were when a hand or the keyboard came to rest on them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The case whose rows they are.
    pub case: CaseId,
    /// What they were looked at for: who goes first, or another unit.
    pub another: Option<Another>,
    /// Units from the top.
    pub order: Vec<UnitId>,
    /// The unit that the button offered.
    pub offer: Option<UnitId>,
}

/// What Enter and the button do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Nothing: nobody can be sent.
    Nothing,
    /// The unit that was offered can no longer be sent: choose the next, and send nobody.
    Choose(UnitId),
    /// Send a unit.
    Send(UnitId),
}

/// What was on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The world around the screen.
    pub world: World,
    /// The case in the panel.
    pub case: CaseId,
    /// Another unit is looked for, for a case that has one.
    pub another: Option<Another>,
    /// Units from the top.
    pub rows: Vec<UnitId>,
    /// What Enter and the button do.
    pub does: Does,
}

/// The last of what was drawn.
#[derive(Clone, Debug)]
pub struct LastShown {
    /// What it was.
    pub shown: Shown,
    /// The first frame that showed it ([`crate::panels::console::Frame::number`]).
    pub since_frame: u64,
    /// When the offer changed by itself; none where the officer changed it.
    pub changed_at: Option<Instant>,
}

impl Does {
    /// The unit that it is about.
    pub fn unit(self) -> Option<UnitId> {
        match self {
            Self::Nothing => None,
            Self::Choose(unit) | Self::Send(unit) => Some(unit),
        }
    }
}

impl LastShown {
    /// What was on the screen when a key went down; none where something else is there now.
    pub fn when_pressed(&self, seen: u64, world: World, case: Option<CaseId>) -> Option<&Shown> {
        let same = self.since_frame <= seen && self.shown.world == world;
        let read = self.changed_at.is_none_or(|at| at.elapsed() >= READ_FIRST);
        (same && read && case == Some(self.shown.case)).then_some(&self.shown)
    }
}
