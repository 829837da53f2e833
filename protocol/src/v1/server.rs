//! What a server says.

use super::city::CityInfo;
use super::drill::{DrillView, GhostRow, ScenarioInfo};
use super::entities::{EntityChange, HistoryKind, PersonView};
use super::fork::{ForkReport, Forked};
use super::model::{Actor, AlarmSource, Severity, UnitStatus, World, number, role};
use super::tile::TileFrame;
use super::time::{Bookmark, Moment, OfficerView, ThingId, Timeline, WorldClock};
use super::world::{WorldInfo, WorldSummary};
use chengtu_engine::ids::{AlarmId, CaseId, CommandId, UnitId};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{
    audit, city, code, drill, fork, hotspot, ids, model, permission, rank, record, replay, stream,
};
use serde::{Deserialize, Serialize};
use serde_with::{As, Same};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "stream::ServerMessage")]
pub(super) enum ServerMessage {
    Hello(#[serde(with = "As::<Box<ServerHello>>")] Box<stream::ServerHello>),
    Snapshot {
        seq: u64,
        time: Timestamp,
        #[serde(with = "SnapshotReason")]
        reason: stream::SnapshotReason,
        #[serde(with = "As::<Vec<EntityChange>>")]
        changes: Vec<stream::EntityChange>,
        #[serde(with = "As::<Vec<TileFrame>>")]
        tiles: Vec<stream::TileFrame>,
    },
    Frame(#[serde(with = "Frame")] stream::Frame),
    Accepted(#[serde(with = "Accepted")] stream::Accepted),
    Rejected(#[serde(with = "Rejected")] stream::Rejected),
    Ranking {
        request: u32,
        case: CaseId,
        #[serde(with = "As::<Vec<ArrivalRow>>")]
        rows: Vec<rank::ArrivalRow>,
    },
    Route {
        request: u32,
        unit: UnitId,
        seconds: Option<f64>,
        length_m: f64,
        line: Vec<(f64, f64)>,
    },
    FixesTaken {
        accepted: u32,
        problems: Vec<(u32, String)>,
    },
    Hotspots {
        time: Timestamp,
        #[serde(with = "As::<Vec<HotspotArea>>")]
        areas: Vec<hotspot::HotspotArea>,
    },
    Coarse {
        time: Timestamp,
        #[serde(with = "As::<Vec<CoarseTile>>")]
        tiles: Vec<stream::CoarseTile>,
    },
    Notice {
        #[serde(with = "number")]
        code: code::Code,
        text: String,
    },
    Pong {
        nonce: u64,
        time: Timestamp,
    },
    Entered(#[serde(with = "As::<Box<WorldInfo>>")] Box<stream::WorldInfo>),
    Clock(#[serde(with = "WorldClock")] replay::WorldClock),
    Timeline(#[serde(with = "As::<Box<Timeline>>")] Box<replay::Timeline>),
    Moments {
        request: u32,
        #[serde(with = "As::<Vec<Moment>>")]
        moments: Vec<replay::Moment>,
    },
    Bookmarks {
        #[serde(with = "As::<Vec<Bookmark>>")]
        list: Vec<replay::Bookmark>,
    },
    Worlds {
        #[serde(with = "As::<Vec<WorldSummary>>")]
        list: Vec<stream::WorldSummary>,
        #[serde(with = "As::<Vec<ScenarioInfo>>")]
        scenarios: Vec<drill::ScenarioInfo>,
    },
    Forked(#[serde(with = "Forked")] fork::Forked),
    ForkReport(#[serde(with = "As::<Box<ForkReport>>")] Box<fork::ForkReport>),
    Drill(#[serde(with = "As::<Box<DrillView>>")] Box<drill::DrillView>),
    Ghosts {
        title: String,
        #[serde(with = "As::<Vec<GhostRow>>")]
        units: Vec<drill::GhostRow>,
    },
    Views {
        #[serde(with = "As::<Vec<OfficerView>>")]
        list: Vec<replay::OfficerView>,
    },
    // From here on of 1.1.
    Refused(#[serde(with = "Refused")] stream::Refused),
    // From here on of 1.2.
    CityAlarms {
        #[serde(with = "As::<Vec<CityAlarm>>")]
        alarms: Vec<stream::CityAlarm>,
        more: u32,
    },
    // From here on of 1.3.
    Desks {
        #[serde(with = "As::<Vec<OpenCase>>")]
        list: Vec<stream::OpenCase>,
        more: u32,
    },
    ClosedRoads {
        #[serde(with = "As::<Vec<ClosedRoad>>")]
        roads: Vec<stream::ClosedRoad>,
    },
    // From here on of 1.4.
    HotspotsWithChance {
        time: Timestamp,
        #[serde(with = "As::<Vec<super::hotspots::HotspotArea>>")]
        areas: Vec<hotspot::HotspotArea>,
    },
    // From here on of 1.5.
    Saw {
        request: u32,
        case: CaseId,
        #[serde(with = "As::<Vec<Look>>")]
        looks: Vec<audit::Look>,
        more: u32,
    },
    // From here on of 1.6.
    LoggedIn(#[serde(with = "LoggedIn")] stream::LoggedIn),
    Unmasked(#[serde(with = "As::<Box<Unmasked>>")] Box<stream::Unmasked>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::LoggedIn")]
pub(super) struct LoggedIn {
    token: String,
    expires: Timestamp,
    idle_s: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::Unmasked")]
pub(super) struct Unmasked {
    id: CommandId,
    case: CaseId,
    lon: f64,
    lat: f64,
    address: String,
    note: String,
    #[serde(with = "PersonView")]
    person: stream::PersonView,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "audit::Look")]
pub(super) struct Look {
    at: Timestamp,
    #[serde(with = "Actor")]
    by: model::Actor,
    who: String,
    #[serde(with = "Masked")]
    what: audit::Masked,
    purpose: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "audit::Masked")]
pub(super) enum Masked {
    Personal,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::OpenCase")]
pub(super) struct OpenCase {
    by: String,
    case: CaseId,
    since: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::ClosedRoad")]
pub(super) struct ClosedRoad {
    name: String,
    until: Option<Timestamp>,
    lines: Vec<Vec<(f64, f64)>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::CityAlarm")]
pub(super) struct CityAlarm {
    id: AlarmId,
    #[serde(with = "AlarmSource")]
    source: model::AlarmSource,
    #[serde(with = "Severity")]
    severity: city::Severity,
    title: String,
    title_en: String,
    words: String,
    address: String,
    lon: f64,
    lat: f64,
    raised_at: Timestamp,
    #[serde(default, with = "As::<Option<(Actor, Same)>>")]
    acknowledged: Option<(model::Actor, Timestamp)>,
    ended_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::ServerHello")]
pub(super) struct ServerHello {
    epoch: u64,
    seq: u64,
    time: Timestamp,
    tick_ms: u32,
    user: String,
    #[serde(with = "role")]
    role: permission::Role,
    unit: Option<UnitId>,
    #[serde(with = "World")]
    world: record::World,
    resumed: bool,
    #[serde(with = "CityInfo")]
    city: city::CityInfo,
    #[serde(default)]
    records_views: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "stream::SnapshotReason")]
pub(super) enum SnapshotReason {
    Subscribed,
    Asked,
    Lagged,
    TooOld,
    Jumped,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::Frame")]
pub(super) struct Frame {
    seq: u64,
    prev_seq: u64,
    time: Timestamp,
    #[serde(with = "As::<Vec<EntityChange>>")]
    changes: Vec<stream::EntityChange>,
    #[serde(with = "As::<Vec<TileFrame>>")]
    tiles: Vec<stream::TileFrame>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::Accepted")]
pub(super) struct Accepted {
    id: CommandId,
    seq: u64,
    case: Option<CaseId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::Rejected")]
pub(super) struct Rejected {
    id: CommandId,
    #[serde(with = "number")]
    code: code::Code,
    text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "stream::Asked")]
pub(super) enum Asked {
    Command(CommandId),
    Request(u32),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::Refused")]
pub(super) struct Refused {
    #[serde(with = "Asked")]
    asked: stream::Asked,
    #[serde(with = "number")]
    code: code::Code,
    text: String,
    #[serde(with = "RefusalData")]
    data: code::RefusalData,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "code::RefusalData")]
pub(super) enum RefusalData {
    None,
    TakenBy(String),
    // Of 1.2.
    Taken {
        by: String,
        case: Option<CaseId>,
        at: Timestamp,
    },
    Changed(#[serde(with = "As::<Box<Changed>>")] Box<code::Changed>),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "code::Changed")]
pub(super) struct Changed {
    #[serde(with = "ThingId")]
    thing: ids::ThingId,
    #[serde(with = "Actor")]
    by: model::Actor,
    at: Timestamp,
    #[serde(with = "Change")]
    what: code::Change,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "code::Change")]
pub(super) enum Change {
    Case(#[serde(with = "HistoryKind")] model::HistoryKind),
    UnitSent(Option<CaseId>),
    UnitFreed,
    AlarmAcknowledged,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "rank::ArrivalRow")]
pub(super) struct ArrivalRow {
    unit: UnitId,
    rank: u32,
    seconds: Option<f64>,
    length_m: Option<f64>,
    air_m: f64,
    #[serde(with = "UnitStatus")]
    status: model::UnitStatus,
    skilled: bool,
    own_department: bool,
    handled: u32,
    #[serde(with = "As::<Vec<Reason>>")]
    reasons: Vec<rank::Reason>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "rank::Reason")]
pub(super) enum Reason {
    Best,
    LaterThanBest { seconds: f64 },
    NearestByAir { detour: f64 },
    NoSkill,
    Busy,
    OtherDepartment,
    NoRoad,
    PositionOld { seconds: f64 },
    Via(String),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "hotspot::HotspotArea")]
pub(super) struct HotspotArea {
    rank: u32,
    name: String,
    centre: (f64, f64),
    cases: u32,
    z: f64,
    #[serde(skip)]
    chance: Option<hotspot::HotspotChance>,
    since: Timestamp,
    outline: Vec<Vec<(f64, f64)>>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::CoarseTile")]
pub(super) struct CoarseTile {
    tile: (u8, u32, u32),
    counts: Vec<(u8, u32)>,
}
