use super::{Layer, WorldChoice};
use crate::command::{CommandRequest, FixRow};
use crate::drill::{DirectorAct, GhostOf};
use crate::fork::Intervention;
use crate::geo::Viewport;
use crate::ids::{CaseId, CommandId, ThingId, UnitId};
use crate::record::World;
use crate::replay::{BookmarkChange, TimeControl};
use crate::time::Timestamp;

/// What a client may say.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// First of all: who one is, and where one left off.
    Hello {
        /// Secret that says who one is; empty where the server lets everybody in.
        token: String,
        /// Name of the program, for the server's log.
        client: String,
        /// Continue instead of a snapshot.
        resume: Option<Resume>,
    },
    /// What to stream from now on; replaces the one before.
    Subscribe {
        /// The ground that is looked at; none for no movers.
        viewport: Option<Viewport>,
        /// What of it.
        layers: Vec<Layer>,
        /// Most frames a second, 0.1 … 10.
        rate_hz: f32,
    },
    /// A command; answered by exactly one accepted or rejected.
    Command {
        /// The client's name for it. The same id a second time is answered, not done again.
        id: CommandId,
        /// What.
        command: CommandRequest,
    },
    /// Which units could be where a case is, and when. Answered by a ranking.
    RankUnits {
        /// The client's number for the answer.
        request: u32,
        /// Which case.
        case: CaseId,
    },
    /// The way of a unit to a case or place by road. Answered by a route.
    Route {
        /// The client's number for the answer.
        request: u32,
        /// Which unit.
        unit: UnitId,
        /// Where to.
        lon: f64,
        /// Where to.
        lat: f64,
    },
    /// Positions, from feeds and terminals.
    Fixes {
        /// Rows; a row that cannot be taken does not spoil the others.
        rows: Vec<FixRow>,
    },
    /// Asks for a fresh snapshot.
    Resync,
    /// Answered by a pong with the same number.
    Ping {
        /// Any number.
        nonce: u64,
    },
    /// Goes to another world. Answered by entered and a snapshot, or by a notice.
    Enter {
        /// Which.
        choice: WorldChoice,
    },
    /// A command in a world that the client names: where it is not the session's, it is refused. Outside the running
    /// city commands are taken in this form only.
    CommandIn {
        /// The world that the client believes to be in.
        world: World,
        /// As in command.
        id: CommandId,
        /// What.
        command: CommandRequest,
    },
    /// Drives the clock of one's world. Answered by a clock.
    Time {
        /// What to do.
        control: TimeControl,
    },
    /// What the log holds of a stretch of time. Answered by a time line.
    Timeline {
        /// The client's number for the answer.
        request: u32,
        /// First moment.
        from: Timestamp,
        /// Last moment.
        to: Timestamp,
        /// Into how many equal parts, 1 … 2000.
        bars: u16,
    },
    /// Events of the log, of anything or of one thing, oldest first. Answered by moments.
    Moments {
        /// The client's number for the answer.
        request: u32,
        /// Of what.
        of: Option<ThingId>,
        /// First moment.
        from: Timestamp,
        /// Last moment.
        to: Timestamp,
        /// Most rows, 1 … 1000.
        limit: u16,
    },
    /// Sets or removes a bookmark. Answered by bookmarks.
    Bookmark {
        /// What to do.
        change: BookmarkChange,
    },
    /// Worlds that one may join, and scenarios that can be drilled. Answered by worlds.
    Worlds,
    /// Makes two branches of a second of the world one is in. Answered by forked, or by a notice.
    Fork {
        /// The client's number for the answer.
        request: u32,
        /// The second.
        at: Timestamp,
        /// What is done otherwise in the second branch.
        interventions: Vec<Intervention>,
        /// How far both run ahead, seconds.
        ahead_s: u32,
    },
    /// Makes a drill. Answered by entered, with the director's seat.
    StartDrill {
        /// Which scenario.
        scenario: String,
        /// Another second to begin from than the scenario says.
        at: Option<Timestamp>,
    },
    /// What the director of a drill does. Answered by a drill.
    Direct {
        /// What.
        act: DirectorAct,
    },
    /// In a drill: shows the units of somebody else driving along, or none any more. Answered by ghosts, once a second.
    Ghost {
        /// Whose.
        of: Option<GhostOf>,
    },
    /// The ground that is on the screen, which may be less than what is subscribed to. Recorded where the greeting says
    /// that views are; from then on, subscriptions are not.
    Look {
        /// The ground.
        viewport: Viewport,
    },
    /// Asks for anything above under a number of the client's, which a refusal repeats.
    Ask {
        /// The number.
        request: u32,
        /// What is asked; not another of these.
        message: Box<ClientMessage>,
    },
}

impl ClientMessage {
    /// The client's number for what it asks; none where it gave none.
    pub fn request(&self) -> Option<u32> {
        match self {
            Self::Ask { request, .. }
            | Self::RankUnits { request, .. }
            | Self::Route { request, .. }
            | Self::Timeline { request, .. }
            | Self::Moments { request, .. }
            | Self::Fork { request, .. } => Some(*request),
            _ => None,
        }
    }
}

/// Where a client left off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The log that it saw.
    pub epoch: u64,
    /// The last record that it saw.
    pub seq: u64,
}
