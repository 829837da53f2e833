use super::{Layer, WorldChoice};
use crate::command::{Basis, CommandRequest, FixRow};
use crate::drill::{DirectorAct, GhostOf};
use crate::fork::Intervention;
use crate::geo::Viewport;
use crate::ids::{CaseId, CommandId, ThingId, UnitId};
use crate::record::World;
use crate::replay::{BookmarkChange, TimeControl};
use crate::time::Timestamp;

/// Anything a client may send. Before a `Hello` was accepted, nothing else is taken.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientMessage {
    /// The first message: identifies the client and says where its last stream ended.
    Hello {
        /// Access token; empty where the server's configuration has no users.
        token: String,
        /// Name of the program, for the server's log.
        client: String,
        /// Where to continue the last stream; `None`: send a full snapshot.
        resume: Option<Resume>,
    },
    /// What to stream from now on; replaces the subscription before.
    Subscribe {
        /// Ground whose movers are sent, degrees WGS 84; `None`: no movers.
        viewport: Option<Viewport>,
        /// Kinds of things to send; another choice than before brings a fresh snapshot.
        layers: Vec<Layer>,
        /// Most frames a second, 0.1 … 10.
        rate_hz: f32,
    },
    /// A command; answered by exactly one accepted or rejected.
    Command {
        /// The client's id for it. A repeated id gets the first answer again; the command is not carried out twice.
        id: CommandId,
        /// The change asked for, decided against the running city.
        command: CommandRequest,
    },
    /// Asks which units could be at a case, and when. Answered by a ranking.
    RankUnits {
        /// The client's number for the answer.
        request: u32,
        /// The case to drive to, of the session's world.
        case: CaseId,
    },
    /// Asks for a unit's route by road to a place. Answered by a route.
    Route {
        /// The client's number for the answer.
        request: u32,
        /// The unit that would drive, from its newest position.
        unit: UnitId,
        /// Destination: longitude, degrees WGS 84; -180 … 180.
        lon: f64,
        /// Destination: latitude, degrees WGS 84; -90 … 90.
        lat: f64,
    },
    /// Positions of movers, from feeds and terminals. Answered by the number of rows taken.
    Fixes {
        /// One fix each; a row that is refused does not affect the others.
        rows: Vec<FixRow>,
    },
    /// Asks for a fresh snapshot.
    Resync,
    /// Answered by a pong with the same number.
    Ping {
        /// Chosen freely by the client; the pong repeats it.
        nonce: u64,
    },
    /// Goes to another world. Answered by entered and a snapshot, or by a notice.
    Enter {
        /// The running city, a new replay, or a world that exists already.
        choice: WorldChoice,
    },
    /// A command for a world that the client names; refused if the session is in another. Outside the running city
    /// commands are taken in this form only.
    CommandIn {
        /// The world that the client believes it is in.
        world: World,
        /// The client's id for it, as in [`Self::Command`].
        id: CommandId,
        /// The change asked for, decided against `world`.
        command: CommandRequest,
    },
    /// Controls the clock of the session's world, if its seat may. Answered by a clock.
    Time {
        /// What to do.
        control: TimeControl,
    },
    /// What the log holds of a stretch of time. Answered by a time line.
    Timeline {
        /// The client's number for the answer.
        request: u32,
        /// Beginning of the stretch, by the times at which records were known; included.
        from: Timestamp,
        /// End of the stretch, included; must be after `from`, or there are no bars.
        to: Timestamp,
        /// Into how many equal parts, 1 … 2000.
        bars: u16,
    },
    /// Events of the log, of anything or of one thing, oldest first. Answered by moments.
    Moments {
        /// The client's number for the answer.
        request: u32,
        /// Only events about this thing; `None`: all events.
        of: Option<ThingId>,
        /// Earliest time of an event, by when the server knew it; included.
        from: Timestamp,
        /// Latest time of an event, included.
        to: Timestamp,
        /// Most rows, 1 … 1000; other numbers are clamped.
        limit: u16,
    },
    /// Sets or removes a bookmark. Answered by bookmarks.
    Bookmark {
        /// What to do.
        change: BookmarkChange,
    },
    /// Lists the worlds that this person may join, and the scenarios that can be drilled. Answered by worlds.
    Worlds,
    /// Makes two branches of the session's world from one second on. Answered by forked, or by a notice.
    Fork {
        /// The client's number for the answer.
        request: u32,
        /// The moment at which the branches part.
        at: Timestamp,
        /// What is done differently in the second branch; at most 32.
        interventions: Vec<Intervention>,
        /// How far both branches run ahead of `at`, seconds, 1 … 21,600.
        ahead_s: u32,
    },
    /// Makes a drill. Answered by entered, with the director's seat.
    StartDrill {
        /// Key of the scenario, as the list of scenarios gives it.
        scenario: String,
        /// Begins at this moment of the city's log instead of the scenario's own start; `None`: the scenario's.
        at: Option<Timestamp>,
    },
    /// An action of a drill's director. Answered by a drill.
    Direct {
        /// The action; refused from any other seat than the director's.
        act: DirectorAct,
    },
    /// In a drill: overlays the units of another attempt, or removes them. Answered by ghosts, once a second.
    Ghost {
        /// The attempt to overlay; `None` removes the ghosts.
        of: Option<GhostOf>,
    },
    /// The ground on the client's screen, which may be smaller than the viewport subscribed to. Recorded if the
    /// greeting says that views are; once sent, the viewports of subscriptions are no longer recorded.
    Look {
        /// Edges in degrees WGS 84; edges off Earth are refused.
        viewport: Viewport,
    },
    /// A command with what it was decided upon: it is refused where that no longer holds. Accepted in every world that
    /// takes commands.
    Act {
        /// The world that the client believes to be in.
        world: World,
        /// As in [`Self::Command`].
        id: CommandId,
        /// The act itself.
        command: CommandRequest,
        /// What the officer saw, and how long ago.
        basis: Basis,
    },
    /// Which case is open on the client's screen, so that other desks of the same world can be told; replaces what was
    /// said before. Kept for the connection and for this stay in the world alone: it is no part of the log.
    Open {
        /// The world that the client believes to be in; said of another, it says nothing.
        world: World,
        /// The case; `None`: no case is open.
        case: Option<CaseId>,
    },
    /// Asks who was shown what is masked of a case. Answered by saw.
    WhoSaw {
        /// The client's number for the answer.
        request: u32,
        /// The case, of the session's world.
        case: CaseId,
    },
    /// In the place of a hello: begins a session of an account, and identifies the client as a hello does. Answered by
    /// logged in, and then as a hello is; refused as a hello is.
    LogIn {
        /// What was typed as the name.
        name: String,
        /// What was typed as the password.
        password: String,
        /// The password from now on; `None`: the same.
        new_password: Option<String>,
        /// As in [`Self::Hello`].
        client: String,
        /// As in [`Self::Hello`].
        resume: Option<Resume>,
    },
    /// Wraps any message above with a number of the client's choice, which a refusal repeats.
    Ask {
        /// Chosen by the client; need not be unique.
        request: u32,
        /// What is asked; not another of these.
        message: Box<ClientMessage>,
    },
}

impl ClientMessage {
    /// The number that the client gave its question; `None` for messages without one.
    pub fn request(&self) -> Option<u32> {
        match self {
            Self::Ask { request, .. }
            | Self::RankUnits { request, .. }
            | Self::Route { request, .. }
            | Self::Timeline { request, .. }
            | Self::Moments { request, .. }
            | Self::WhoSaw { request, .. }
            | Self::Fork { request, .. } => Some(*request),
            _ => None,
        }
    }
}

/// Where a client's last stream ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The log that it saw.
    pub epoch: u64,
    /// The last record that it saw.
    pub seq: u64,
}
