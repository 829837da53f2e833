use super::{
    CityAlarm, ClosedRoad, CoarseTile, EntityChange, Frame, PersonView, SnapshotReason, TileFrame,
    WorldInfo, WorldSummary,
};
use crate::audit::Look;
use crate::city::CityInfo;
use crate::code::{Code, RefusalData};
use crate::drill::{DrillView, GhostRow, ScenarioInfo};
use crate::fork::{ForkReport, Forked};
use crate::hotspot::HotspotArea;
use crate::ids::{CaseId, CommandId, UnitId};
use crate::permission::Role;
use crate::rank::ArrivalRow;
use crate::record::World;
use crate::replay::{Bookmark, Moment, OfficerView, Timeline, WorldClock};
use crate::time::Timestamp;

/// Anything a server may send.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerMessage {
    /// Answer to hello.
    Hello(Box<ServerHello>),
    /// Everything subscribed to, as a whole: the client drops what it had before.
    Snapshot {
        /// The last record included in it.
        seq: u64,
        /// Time of the world when it was made.
        time: Timestamp,
        /// What made a snapshot necessary.
        reason: SnapshotReason,
        /// Every entity of the subscribed layers, whole.
        changes: Vec<EntityChange>,
        /// All movers of the subscribed tiles.
        tiles: Vec<TileFrame>,
    },
    /// What has changed.
    Frame(Frame),
    /// A command is durable.
    Accepted(Accepted),
    /// A command was refused; nothing has changed.
    Rejected(Rejected),
    /// Units with their arrival times by road.
    Ranking {
        /// The client's number.
        request: u32,
        /// The case that they would drive to.
        case: CaseId,
        /// Soonest useful unit first.
        rows: Vec<ArrivalRow>,
    },
    /// A unit's route by road.
    Route {
        /// The client's number for its question.
        request: u32,
        /// The unit that was asked about.
        unit: UnitId,
        /// Driving time, seconds; `None` if no road leads there.
        seconds: Option<f64>,
        /// Length by road, metres.
        length_m: f64,
        /// Longitude, latitude of every bend, degrees WGS 84, from the unit to the destination.
        line: Vec<(f64, f64)>,
    },
    /// Result of fixes sent over the socket.
    FixesTaken {
        /// How many rows were taken.
        accepted: u32,
        /// Row number and reason of each refused row.
        problems: Vec<(u32, String)>,
    },
    /// Significant areas of open cases, the least likely first, without how sure they are; replaces the areas before. Sent
    /// to sessions of before protocol 1.4.
    Hotspots {
        /// When this result was first found; unchanged while later evaluations find the same.
        time: Timestamp,
        /// In the order of their `rank`; empty if no area is significant.
        areas: Vec<HotspotArea>,
    },
    /// Counts of movers instead of movers, for a view too wide to send each.
    Coarse {
        /// When they were counted.
        time: Timestamp,
        /// Tiles with counts.
        tiles: Vec<CoarseTile>,
    },
    /// Something about the connection that a person should read.
    Notice {
        /// Stable reason, for programs.
        code: Code,
        /// Sentence for people; its wording may change.
        text: String,
    },
    /// Answer to ping.
    Pong {
        /// The number of the ping.
        nonce: u64,
        /// The server's clock.
        time: Timestamp,
    },
    /// The session is now in another world: the client drops what it had before; a snapshot follows.
    Entered(Box<WorldInfo>),
    /// The clock of the session's world.
    Clock(WorldClock),
    /// What the log holds of a stretch of time.
    Timeline(Box<Timeline>),
    /// Events of the log.
    Moments {
        /// The client's number for its question.
        request: u32,
        /// At most as many as asked for, oldest first.
        moments: Vec<Moment>,
    },
    /// Answer to any change of bookmarks.
    Bookmarks {
        /// Every bookmark of the server, whoever set it, oldest moment first.
        list: Vec<Bookmark>,
    },
    /// Answer to the question for worlds and scenarios.
    Worlds {
        /// Shared worlds and the person's own; the running city is not listed.
        list: Vec<WorldSummary>,
        /// Every scenario file of the city, by file name; one that cannot be drilled says why.
        scenarios: Vec<ScenarioInfo>,
    },
    /// A fork was made.
    Forked(Forked),
    /// How the branches of the session's fork compare.
    ForkReport(Box<ForkReport>),
    /// The session's drill, as seen from its seat.
    Drill(Box<DrillView>),
    /// Where a ghost's units were at this second of their own drill; replaces the ones before.
    Ghosts {
        /// Name of the attempt that they come from, for people.
        title: String,
        /// Each unit's place and status at that second.
        units: Vec<GhostRow>,
    },
    /// Where officers were looking at this moment, in a replay of a city that records it; replaces the views before.
    Views {
        /// One for each officer who looked somewhere.
        list: Vec<OfficerView>,
    },
    /// A question or command was refused; nothing has changed. Sent in place of a rejection or a notice to clients that
    /// number what they ask.
    Refused(Refused),
    /// Severe alarms of the running city, for whoever is in another world: on coming there and whenever they change. Not
    /// of that world; replaces the ones before.
    CityAlarms {
        /// They run, or nobody has acknowledged them; see [`super::city_alarms`].
        alarms: Vec<CityAlarm>,
        /// How many more there are.
        more: u32,
    },
    /// Which cases are open at which desks of the session's world: whenever that changes, for those who may act there.
    /// Replaces the one before. The session's own desk is among them.
    Desks {
        /// The desk whose case was opened last comes first; at most [`DESKS_MAX`].
        list: Vec<OpenCase>,
        /// How many desks with an open case are left out.
        more: u32,
    },
    /// Roads that are closed in the session's world now: on coming there where there are some, and whenever they change.
    /// Replaces the ones before.
    ClosedRoads {
        /// Each with its course; empty where every road is open.
        roads: Vec<ClosedRoad>,
    },
    /// Significant areas of open cases, the least likely first, with how sure they are; replaces the areas before.
    HotspotsWithChance {
        /// When this result was first found; unchanged while later evaluations find the same.
        time: Timestamp,
        /// In the order of their `rank`; empty if no area is significant.
        areas: Vec<HotspotArea>,
    },
    /// Who was shown what is masked of a case.
    Saw {
        /// The client's number for its question.
        request: u32,
        /// The case.
        case: CaseId,
        /// Oldest first, at most [`crate::audit::LOOKS_MAX`].
        looks: Vec<Look>,
        /// How many older ones are left out; the server's own `audit` tells of them.
        more: u32,
    },
    /// Answer to a log-in, before that to hello.
    LoggedIn(LoggedIn),
    /// What is masked of a case, as it is now; to whoever unmasked it, behind the acceptance.
    Unmasked(Box<Unmasked>),
}

/// A session of an account has begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedIn {
    /// What opens the session from now on, in hello and in requests; shown this once.
    pub token: String,
    /// When it ends at the latest.
    pub expires: Timestamp,
    /// Seconds without use after which it ends; an open connection is use.
    pub idle_s: u64,
}

/// A case without its masks. It follows nothing that happens to the case afterwards.
#[derive(Clone, Debug, PartialEq)]
pub struct Unmasked {
    /// The client's id for the command.
    pub id: CommandId,
    /// The case.
    pub case: CaseId,
    /// Longitude of its point, degrees.
    pub lon: f64,
    /// Latitude of its point, degrees.
    pub lat: f64,
    /// The place in words.
    pub address: String,
    /// What was reported and done, in words.
    pub note: String,
    /// Who reported it.
    pub person: PersonView,
}

/// Most desks in a [`ServerMessage::Desks`].
pub const DESKS_MAX: usize = 64;

/// A case on the screen of a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenCase {
    /// Name of the desk, as its acts are signed.
    pub by: String,
    /// The case.
    pub case: CaseId,
    /// Since when, in the world's time.
    pub since: Timestamp,
}

/// Answer to hello: what a client needs before the first snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerHello {
    /// Number of the log; with another number than before, the client drops all that it knows.
    pub epoch: u64,
    /// The newest record.
    pub seq: u64,
    /// The server's clock.
    pub time: Timestamp,
    /// Milliseconds between ticks.
    pub tick_ms: u32,
    /// Name of the person or feed that the token belongs to; of a desk, the name that its acts are signed with
    /// ([`crate::model::desk_parts`]).
    pub user: String,
    /// Role, which decides the usual rights.
    pub role: Role,
    /// The unit of a terminal; `None` for everybody else.
    pub unit: Option<UnitId>,
    /// The world that the session begins in.
    pub world: World,
    /// True if the stream continues where it ended, without a snapshot.
    pub resumed: bool,
    /// Names, bounds, classes and departments, which views refer to by id.
    pub city: CityInfo,
    /// True if officers' viewports are recorded here and shown in replays.
    pub records_views: bool,
}

/// A command is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The client's id for the command.
    pub id: CommandId,
    /// The record that the command became.
    pub seq: u64,
    /// The case that the command made; `None` if it made none.
    pub case: Option<CaseId>,
}

/// A command was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The client's id for the command.
    pub id: CommandId,
    /// Stable reason, for programs.
    pub code: Code,
    /// Sentence for people; its wording may change.
    pub text: String,
}

/// What a client asked, by the id or number that it gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// A command, by the client's id for it.
    Command(CommandId),
    /// Anything else, by its number, see [`super::ClientMessage::Ask`].
    Request(u32),
}

/// Something asked was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The command or question that is refused.
    pub asked: Asked,
    /// Stable reason, for programs.
    pub code: Code,
    /// Sentence for people; its wording may change.
    pub text: String,
    /// Details beside the code, for programs.
    pub data: RefusalData,
}
