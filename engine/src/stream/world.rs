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
        /// Where it begins.
        at: Timestamp,
        /// Seconds of the city a second; 0 stands still.
        speed: f32,
        /// By which time.
        basis: TimeBasis,
        /// Others may join and see the same.
        shared: bool,
        /// Name for those who join; may be empty.
        title: String,
    },
    /// A world that runs already.
    Join {
        /// Which.
        world: World,
        /// From where; drills only.
        seat: Seat,
    },
    /// A replay of what a drill's own log keeps, made for this session: its last attempt.
    Record {
        /// Which drill, by the number of its report.
        drill: u32,
        /// Where it begins.
        at: Timestamp,
        /// Seconds of the drill a second; 0 stands still.
        speed: f32,
    },
}

/// The world that a session has come to. A snapshot follows; nothing known before holds.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldInfo {
    /// Which.
    pub world: World,
    /// Its name, where it has one.
    pub title: String,
    /// Who made it.
    pub owner: String,
    /// Others may join.
    pub shared: bool,
    /// From where one takes part.
    pub seat: Seat,
    /// Its clock; none in the running city.
    pub clock: Option<WorldClock>,
    /// What to know of this world, in words (gaps in the log, uncertain places); may be empty.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// The drill whose record this replay is; none where it is the city's own past.
    pub record_of: Option<u32>,
}

impl WorldInfo {
    /// True where [`ClientMessage::Time`](super::ClientMessage::Time) from this session is obeyed: in a replay or a fork,
    /// from the seat that the server has given. A drill's clock obeys a `DirectorAct`, the running city's nobody.
    pub fn may_drive(&self) -> bool {
        matches!(self.world, World::Replay(_) | World::Fork(_)) && self.seat.drives_clock()
    }
}

/// A world that one may join.
#[derive(Clone, Debug, PartialEq)]
pub struct WorldSummary {
    /// Which.
    pub world: World,
    /// Its name.
    pub title: String,
    /// Who made it.
    pub owner: String,
    /// Sessions in it.
    pub sessions: u32,
    /// Its clock.
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
