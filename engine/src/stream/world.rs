use crate::drill::Seat;
use crate::record::World;
use crate::replay::{TimeBasis, WorldClock};
use crate::time::Timestamp;

/// Which world a session wants to be in.
#[derive(Clone, Debug, PartialEq)]
pub enum WorldChoice {
    /// The running city.
    Live,
    /// A replay of the log, made for this session.
    Replay {
        /// Moment of the log at which it begins.
        at: Timestamp,
        /// World seconds a second, −60 … 3,600; negative runs backwards, 0 is paused.
        speed: f32,
        /// Whether events count by when they were known or by when they happened.
        basis: TimeBasis,
        /// True if others may join and see the same.
        shared: bool,
        /// Name for those who join; may be empty.
        title: String,
    },
    /// A world that runs already.
    Join {
        /// A world of the list of worlds, or the running city.
        world: World,
        /// Seat to take; only drills have more than the viewer's.
        seat: Seat,
    },
    /// A replay of what a drill's own log keeps, made for this session: its last attempt.
    Record {
        /// The drill, by the number of its report.
        drill: u32,
        /// Moment of the drill at which it begins.
        at: Timestamp,
        /// World seconds a second, −60 … 3,600; negative runs backwards, 0 is paused.
        speed: f32,
    },
}

/// The world that a session has entered. The client drops what it had before; a snapshot follows.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldInfo {
    /// Kind and number; a number is never given again while the server runs.
    pub world: World,
    /// Its name; empty if it has none.
    pub title: String,
    /// Name of the person who made it.
    pub owner: String,
    /// True if others may join.
    pub shared: bool,
    /// The seat that the server has given to this session.
    pub seat: Seat,
    /// Its clock; `None` in the running city.
    pub clock: Option<WorldClock>,
    /// What to know of this world, in words (gaps in the log, uncertain places); may be empty.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// The drill whose record this replay shows; `None` for every other world.
    pub record_of: Option<u32>,
}

impl WorldInfo {
    /// True where [`ClientMessage::Time`](super::ClientMessage::Time) from this session is obeyed: in a replay or a
    /// fork, from the seat that the server has given. A drill's clock obeys a `DirectorAct`, the running city's nobody.
    pub fn may_drive(&self) -> bool {
        matches!(self.world, World::Replay(_) | World::Fork(_)) && self.seat.drives_clock()
    }
}

/// A world in the list of worlds that a person may join.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldSummary {
    /// Kind and number, to join it by.
    pub world: World,
    /// Its name; empty if it has none.
    pub title: String,
    /// Name of the person who made it.
    pub owner: String,
    /// How many sessions are in it now.
    pub sessions: u32,
    /// Its clock when the list was made.
    pub clock: WorldClock,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_director_of_a_replay_or_fork_drives_its_clock() {
        let worlds = [
            (World::Live, false),
            (World::Replay(1), true),
            (World::Fork(1), true),
            (World::Drill(1), false),
        ];
        for (world, has_time_control) in worlds {
            for seat in [Seat::Viewer, Seat::Participant, Seat::Director] {
                let info = WorldInfo {
                    world,
                    title: String::new(),
                    owner: String::new(),
                    shared: true,
                    seat,
                    clock: None,
                    notice: String::new(),
                    notice_en: String::new(),
                    record_of: None,
                };
                let expected = has_time_control && seat == Seat::Director;
                assert_eq!(info.may_drive(), expected, "{world:?} from {seat:?}");
            }
        }
    }
}
