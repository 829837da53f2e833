//! A drill's own log: what was done to the city, by whom, and the city's records. Never the live log.

use super::scenario::Scenario;
use super::{DrillPhase, Seat};
use crate::ids::ThingId;
use crate::record::Record;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One entry of a drill's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DrillEntry {
    /// The drill's own time.
    pub time: Timestamp,
    /// What happened or was done.
    pub what: DrillEvent,
}

/// What an entry records. Encoded by place: new variants go to the end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum DrillEvent {
    /// The drill was made.
    Begun(Box<Beginning>),
    /// Somebody took a seat.
    Joined {
        /// The person's name.
        name: String,
        /// The seat that was taken.
        seat: Seat,
    },
    /// Somebody left the drill.
    Left {
        /// The person's name.
        name: String,
    },
    /// It now runs, is paused, or is over.
    Phase(DrillPhase),
    /// The clock's speed.
    Speed(f32),
    /// Something happened in the city.
    Record(Box<Record>),
    /// An inject was fired; its things are those that it has made so far.
    Injected {
        /// Place in the scenario's list.
        inject: u32,
        /// By the director's hand, off the time line.
        by_hand: bool,
    },
    /// A thing that an inject made or moved.
    Thing {
        /// Place in the scenario's list.
        inject: u32,
        /// The case, unit, sensor or alarm.
        thing: ThingId,
    },
    /// What is still to come was put off.
    Postponed {
        /// Which; `None` for all.
        inject: Option<u32>,
        /// By how much, seconds.
        seconds: i32,
    },
    /// The director wrote something down.
    Note(String),
    /// Back to a moment: the next attempt goes on from the first `keep` entries of this one.
    Rewound {
        /// The moment that was gone back to: a checkpoint.
        to: Timestamp,
        /// How many entries of the attempt stay.
        keep: u64,
    },
}

/// The first entry of a drill: all that the rest follows from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Beginning {
    /// The scenario, as it was then.
    pub scenario: Scenario,
    /// Name of the director.
    pub director: String,
    /// The city's state at the start, encoded by [`crate::state::State::encode`].
    pub state: Vec<u8>,
}

/// The entries of every attempt, the first attempt first; the last is the one that counts.
///
/// A rewind keeps the first entries of the attempt before it and goes on from there.
pub fn attempts(entries: &[DrillEntry]) -> Vec<Vec<&DrillEntry>> {
    let mut all = Vec::new();
    let mut now: Vec<&DrillEntry> = Vec::new();
    for entry in entries {
        if let DrillEvent::Rewound { keep, .. } = entry.what {
            let kept = now[..now.len().min(keep as usize)].to_vec();
            all.push(std::mem::replace(&mut now, kept));
        } else {
            now.push(entry);
        }
    }
    all.push(now);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(s: i64) -> DrillEntry {
        DrillEntry {
            time: Timestamp::from_seconds(s),
            what: DrillEvent::Note(s.to_string()),
        }
    }

    #[test]
    fn a_rewind_keeps_what_came_before_and_both_attempts() {
        let back = DrillEntry {
            time: Timestamp(0),
            what: DrillEvent::Rewound {
                to: Timestamp(0),
                keep: 2,
            },
        };
        let entries = [note(1), note(2), note(3), back, note(4)];
        let seconds: Vec<Vec<i64>> = attempts(&entries)
            .iter()
            .map(|a| a.iter().map(|e| e.time.0 / 1_000_000).collect())
            .collect();
        assert_eq!(seconds, [vec![1, 2, 3], vec![1, 2, 4]]);
    }
}
