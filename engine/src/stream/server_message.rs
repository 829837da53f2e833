use super::{CoarseTile, EntityChange, Frame, SnapshotReason, TileFrame, WorldInfo, WorldSummary};
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

/// What a server says.
#[derive(Clone, Debug, PartialEq)]
pub enum ServerMessage {
    /// Answer to hello.
    Hello(Box<ServerHello>),
    /// Everything that is subscribed to, afresh: forget what was before.
    Snapshot {
        /// The record that it stands at.
        seq: u64,
        /// When it was made.
        time: Timestamp,
        /// Why.
        reason: SnapshotReason,
        /// All entities.
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
    /// Units by road arrival time.
    Ranking {
        /// The client's number.
        request: u32,
        /// Of which case.
        case: CaseId,
        /// Soonest useful unit first.
        rows: Vec<ArrivalRow>,
    },
    /// A way by road.
    Route {
        /// The client's number.
        request: u32,
        /// Which unit.
        unit: UnitId,
        /// Driving time; none where there is no way.
        seconds: Option<f64>,
        /// Length by road, metres.
        length_m: f64,
        /// Longitude, latitude of every bend, from the unit to the place.
        line: Vec<(f64, f64)>,
    },
    /// Result of fixes sent over the socket.
    FixesTaken {
        /// How many were taken.
        accepted: u32,
        /// Row and reason of the others.
        problems: Vec<(u32, String)>,
    },
    /// Significant areas of open cases, most cases first; replaces the ones before.
    Hotspots {
        /// When they were reckoned.
        time: Timestamp,
        /// The areas.
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
        /// What it is about.
        code: Code,
        /// In words.
        text: String,
    },
    /// Answer to ping.
    Pong {
        /// The number that was sent.
        nonce: u64,
        /// The server's clock.
        time: Timestamp,
    },
    /// One has come to another world: forget what was before; a snapshot follows.
    Entered(Box<WorldInfo>),
    /// The clock of one's world.
    Clock(WorldClock),
    /// A stretch of time.
    Timeline(Box<Timeline>),
    /// Events of the log.
    Moments {
        /// The client's number.
        request: u32,
        /// Oldest first.
        moments: Vec<Moment>,
    },
    /// All bookmarks, oldest moment first.
    Bookmarks {
        /// The bookmarks.
        list: Vec<Bookmark>,
    },
    /// Worlds that one may join, and scenarios that can be drilled.
    Worlds {
        /// Worlds.
        list: Vec<WorldSummary>,
        /// Scenarios.
        scenarios: Vec<ScenarioInfo>,
    },
    /// A fork was made.
    Forked(Forked),
    /// How the branches of the fork one is in compare.
    ForkReport(Box<ForkReport>),
    /// The drill one is in.
    Drill(Box<DrillView>),
    /// Where a ghost's units were at this second of their own drill; replaces the ones before.
    Ghosts {
        /// Whose they are.
        title: String,
        /// The units.
        units: Vec<GhostRow>,
    },
    /// Where officers were looking at this moment, in a replay of a city that records it; replaces the ones before.
    Views {
        /// One for each officer who looked somewhere.
        list: Vec<OfficerView>,
    },
    /// Something asked was refused; nothing has changed. Sent to clients that number what they ask, in place of a
    /// rejection or a notice.
    Refused(Refused),
}

/// What a client learns first.
#[derive(Clone, Debug, PartialEq)]
pub struct ServerHello {
    /// The log; another number means that nothing known before holds.
    pub epoch: u64,
    /// The last record.
    pub seq: u64,
    /// The server's clock.
    pub time: Timestamp,
    /// Milliseconds between ticks.
    pub tick_ms: u32,
    /// Who one is.
    pub user: String,
    /// What one is.
    pub role: Role,
    /// The unit that a terminal speaks for.
    pub unit: Option<UnitId>,
    /// Which world one sees.
    pub world: World,
    /// True when the stream continues where it was left, without a snapshot.
    pub resumed: bool,
    /// The city.
    pub city: CityInfo,
    /// Where officers look is recorded here, and shown in replays.
    pub records_views: bool,
}

/// A command is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// The client's name for it.
    pub id: CommandId,
    /// The record that it became.
    pub seq: u64,
    /// What was made, where something was: the new case's id.
    pub case: Option<CaseId>,
}

/// A command was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The client's name for it.
    pub id: CommandId,
    /// Why.
    pub code: Code,
    /// In words.
    pub text: String,
}

/// What was asked, by the client's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// A command.
    Command(CommandId),
    /// Anything else, by its number, see [`super::ClientMessage::Ask`].
    Request(u32),
}

/// Something asked was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What.
    pub asked: Asked,
    /// Why.
    pub code: Code,
    /// In words.
    pub text: String,
    /// Why, for programs.
    pub data: RefusalData,
}
