use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The part that somebody takes in a drill.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seat {
    /// Looks on and changes nothing.
    #[default]
    Viewer,
    /// Works at an ordinary console.
    Participant,
    /// Drives the clock and the injects, and sees what is still to come.
    Director,
}

impl Seat {
    /// True where a world's clock obeys this seat: the director's alone, whatever kind of world it is.
    pub fn drives_clock(self) -> bool {
        self == Self::Director
    }
}

/// How far a drill is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DrillPhase {
    /// People take their seats; the clock does not run yet.
    #[default]
    Preparing,
    /// The clock runs.
    Running,
    /// The director has stopped the clock.
    Paused,
    /// It is over; the report is there.
    Ended,
}

/// What the director may do.
#[derive(Clone, Debug, PartialEq)]
pub enum DirectorAct {
    /// Begins, or goes on.
    Start,
    /// Stops the clock.
    Pause,
    /// Seconds of the city a second, 0.1 … 600.
    Speed(f32),
    /// Everything still to come comes so many seconds later (or, negative, sooner).
    Postpone {
        /// Only this inject; `None` for all that is still to come.
        inject: Option<u32>,
        /// Seconds later; negative: sooner, but not before now.
        seconds: i32,
    },
    /// Fires an inject now.
    Fire {
        /// Its place in the scenario's list.
        inject: u32,
    },
    /// Back to a moment; what came after is kept as an earlier attempt, and the team tries again.
    Rewind {
        /// The moment; the last checkpoint not after it is taken.
        to: Timestamp,
    },
    /// Writes something down at this second.
    Note {
        /// The note; at most 2,000 characters are kept.
        text: String,
    },
    /// Ends the drill and writes the report.
    End,
}
