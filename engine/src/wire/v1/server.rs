use super::drill::{DrillView, GhostRow, ScenarioInfo};
use super::entities::EntityChange;
use super::fork::{ForkReport, Forked};
use super::tile::TileFrame;
use super::time::{Bookmark, Moment, OfficerView, Timeline, WorldClock, WorldInfo, WorldSummary};
use crate::city::{CaseClass, CaseKind, Department, Limit, Rules, Severity};
use crate::ids::{CaseId, CommandId, DepartmentId, UnitId};
use crate::model::UnitStatus;
use crate::record::World;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
        /// Stable number.
        code: u16,
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
}

/// What a client learns first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    /// What one may do: `operator`, `viewer`, `unit`, `feed`.
    pub role: String,
    /// The unit that a terminal speaks for.
    pub unit: Option<UnitId>,
    /// Which world one sees.
    pub world: World,
    /// True when the stream continues where it was left, without a snapshot.
    pub resumed: bool,
    /// The city.
    pub city: CityInfo,
    /// Where officers look is recorded here, and shown in replays.
    #[serde(default)]
    pub records_views: bool,
}

/// A city, for people.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CityInfo {
    /// Name.
    pub name: String,
    /// Name in English.
    pub name_en: String,
    /// West, south, east, north, degrees.
    pub bounds: (f64, f64, f64, f64),
    /// Longitude, latitude of its centre.
    pub centre: (f64, f64),
    /// Seconds to add to UTC from each moment on.
    pub utc_offsets: Vec<(Timestamp, i32)>,
    /// Classes by id.
    pub classes: Vec<ClassInfo>,
    /// Departments by id.
    pub departments: Vec<DepartmentInfo>,
    /// What of it is simulated or recorded, in words; empty for a real city.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// Whom the base map is from; empty: OpenStreetMap's contributors.
    #[serde(default)]
    pub attribution: String,
}

impl CityInfo {
    /// What a city's rules say of it; notices, centre and attribution are not in them.
    pub fn of(rules: &Rules) -> Self {
        let (sw, ne) = (rules.bounds.min.lon_lat(), rules.bounds.max.lon_lat());
        let class = |c: &CaseClass| ClassInfo {
            code: c.code.clone(),
            kind: c.kind,
            group: c.group.clone(),
            name: c.name.clone(),
            name_en: c.name_en.clone(),
            severity: c.severity,
            limit: c.limit,
            department: c.department,
            skill: c.skill.clone(),
        };
        let department = |d: &Department| DepartmentInfo {
            key: d.key.clone(),
            name: d.name.clone(),
            name_en: d.name_en.clone(),
        };
        Self {
            name: rules.city.clone(),
            name_en: rules.city_en.clone(),
            bounds: (sw.lon_deg, sw.lat_deg, ne.lon_deg, ne.lat_deg),
            centre: (
                f64::midpoint(sw.lon_deg, ne.lon_deg),
                f64::midpoint(sw.lat_deg, ne.lat_deg),
            ),
            utc_offsets: rules.calendar.offsets.clone(),
            classes: rules.classes.iter().map(class).collect(),
            departments: rules.departments.iter().map(department).collect(),
            notice: String::new(),
            notice_en: String::new(),
            attribution: String::new(),
        }
    }
}

/// A case class, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // Field by field the same as `crate::city::CaseClass`.
pub struct ClassInfo {
    pub code: String,
    pub kind: CaseKind,
    pub group: String,
    pub name: String,
    pub name_en: String,
    pub severity: Severity,
    pub limit: Limit,
    pub department: DepartmentId,
    pub skill: String,
}

/// A department, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs)] // Field by field the same as `crate::city::Department`.
pub struct DepartmentInfo {
    pub key: String,
    pub name: String,
    pub name_en: String,
}

/// Why a snapshot was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotReason {
    /// A new subscription.
    Subscribed,
    /// The client asked.
    Asked,
    /// The client could not keep up; positions in between were dropped, nothing else.
    Lagged,
    /// The place to resume from is no longer kept.
    TooOld,
    /// The world's clock has jumped, or runs backwards.
    Jumped,
}

/// What has changed since the frame before.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The record that it brings one to.
    pub seq: u64,
    /// `seq` of what this session was sent before; a gap means that something was missed.
    pub prev_seq: u64,
    /// When it was made.
    pub time: Timestamp,
    /// Entities.
    pub changes: Vec<EntityChange>,
    /// Movers.
    pub tiles: Vec<TileFrame>,
}

/// A command is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The client's name for it.
    pub id: CommandId,
    /// The record that it became.
    pub seq: u64,
    /// What was made, where something was: the new case's id.
    pub case: Option<CaseId>,
}

/// A command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The client's name for it.
    pub id: CommandId,
    /// Stable number, see [`crate::rejection::Rejection::code`].
    pub code: u16,
    /// In words.
    pub text: String,
}

/// One unit in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ArrivalRow {
    /// Which.
    pub unit: UnitId,
    /// Place in the ranking, from 1.
    pub rank: u32,
    /// Driving time by road; none where no road leads there.
    pub seconds: Option<f64>,
    /// Length by road, metres.
    pub length_m: Option<f64>,
    /// Straight line, metres.
    pub air_m: f64,
    /// What it is doing.
    pub status: UnitStatus,
    /// True when it has the skill that the class asks for.
    pub skilled: bool,
    /// True when it belongs to the department that must act.
    pub own_department: bool,
    /// Cases handled so far.
    pub handled: u32,
    /// Why it stands here, most telling first.
    pub reasons: Vec<Reason>,
}

/// Why a unit stands where it does in a ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// First of those that can be sent and have the skill.
    Best,
    /// So many seconds after the best.
    LaterThanBest {
        /// Seconds.
        seconds: f64,
    },
    /// Nearest by air, but the road is this much longer.
    NearestByAir {
        /// Road length over straight line.
        detour: f64,
    },
    /// Sooner than the best, but without the skill.
    NoSkill,
    /// Not free.
    Busy,
    /// Would take it from another department.
    OtherDepartment,
    /// No road leads there.
    NoRoad,
    /// Has no position, or an old one.
    PositionOld {
        /// Seconds since its last fix.
        seconds: f64,
    },
    /// The name of a road that the way leads by, at a bridge where there is one.
    Via(String),
}

/// A significant area of open cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HotspotArea {
    /// From 1.
    pub rank: u32,
    /// Name of the place, in words.
    pub name: String,
    /// Its middle, longitude and latitude.
    pub centre: (f64, f64),
    /// Open cases in it.
    pub cases: u32,
    /// Largest Getis–Ord z in it.
    pub z: f64,
    /// Since when it has been significant.
    pub since: Timestamp,
    /// Rings of longitude, latitude around its cells, closed.
    pub outline: Vec<Vec<(f64, f64)>>,
}

/// Counts of movers in the 16 × 16 cells of a tile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoarseTile {
    /// Zoom, column, row.
    pub tile: (u8, u32, u32),
    /// Cell (row from the north × 16 + column) and its count.
    pub counts: Vec<(u8, u32)>,
}
