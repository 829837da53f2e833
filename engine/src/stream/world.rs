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
