use crate::ids::ThingId;
use crate::time::Timestamp;

/// Slowest and fastest speeds of a replay; negative runs backwards.
pub const SPEED_RANGE: (f32, f32) = (-60.0, 3_600.0);

/// Which time decides what a past world shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum TimeBasis {
    /// As it was known: what had arrived by then.
    #[default]
    Known,
    /// As it was: what had happened by then, even if it was reported later.
    Occurred,
}

/// What to do with the clock of a replay, fork or drill.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeControl {
    /// To a moment; before the first or after the last record the clock stops there and reports it.
    Seek(Timestamp),
    /// Goes on at the chosen speed.
    Play,
    /// Stands still; the chosen speed is kept.
    Pause,
    /// Chooses a speed within [`SPEED_RANGE`]; never moves the clock.
    Speed(f32),
    /// By so many seconds; the clock is then paused.
    StepSeconds(i32),
    /// To the next or the previous event, of anything or of one thing; the clock is then paused.
    StepEvent {
        /// Later, or earlier.
        forward: bool,
        /// The thing that it happened to; `None`: anything.
        of: Option<ThingId>,
    },
    /// Chooses which time decides what is shown.
    Basis(TimeBasis),
}

/// A world's clock. Sent when it is changed and at least once a second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WorldClock {
    /// What time it is in the world.
    pub time: Timestamp,
    /// The chosen speed.
    pub speed: f32,
    /// False while it is paused.
    pub playing: bool,
    /// Whether the past is shown as it was known or as it was.
    pub basis: TimeBasis,
    /// First moment that there is.
    pub from: Timestamp,
    /// Last moment that there is.
    pub to: Timestamp,
    /// Counts the jumps: another number means that effects of the moments in between are not shown.
    pub jumps: u32,
}
