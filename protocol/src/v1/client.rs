//! What a client says.

use super::commands::{Basis, CommandRequest};
use super::drill::{DirectorAct, GhostOf};
use super::fork::Intervention;
use super::model::{MoverKind, World};
use super::time::{BookmarkChange, ThingId, TimeControl};
use super::world::WorldChoice;
use chengtu_engine::ids::{CaseId, CommandId, UnitId};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{command, drill, fork, geo, ids, model, record, replay, stream};
use serde::{Deserialize, Serialize};
use serde_with::As;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "stream::ClientMessage")]
pub(super) enum ClientMessage {
    Hello {
        token: String,
        client: String,
        #[serde(default, with = "As::<Option<Resume>>")]
        resume: Option<stream::Resume>,
    },
    Subscribe {
        #[serde(default, with = "As::<Option<Viewport>>")]
        viewport: Option<geo::Viewport>,
        #[serde(with = "As::<Vec<Layer>>")]
        layers: Vec<stream::Layer>,
        rate_hz: f32,
    },
    Command {
        id: CommandId,
        #[serde(with = "CommandRequest")]
        command: command::CommandRequest,
    },
    RankUnits {
        request: u32,
        case: CaseId,
    },
    Route {
        request: u32,
        unit: UnitId,
        lon: f64,
        lat: f64,
    },
    Fixes {
        #[serde(with = "As::<Vec<FixRow>>")]
        rows: Vec<command::FixRow>,
    },
    Resync,
    Ping {
        nonce: u64,
    },
    Enter {
        #[serde(with = "WorldChoice")]
        choice: stream::WorldChoice,
    },
    CommandIn {
        #[serde(with = "World")]
        world: record::World,
        id: CommandId,
        #[serde(with = "CommandRequest")]
        command: command::CommandRequest,
    },
    Time {
        #[serde(with = "TimeControl")]
        control: replay::TimeControl,
    },
    Timeline {
        request: u32,
        from: Timestamp,
        to: Timestamp,
        bars: u16,
    },
    Moments {
        request: u32,
        #[serde(default, with = "As::<Option<ThingId>>")]
        of: Option<ids::ThingId>,
        from: Timestamp,
        to: Timestamp,
        limit: u16,
    },
    Bookmark {
        #[serde(with = "BookmarkChange")]
        change: replay::BookmarkChange,
    },
    Worlds,
    Fork {
        request: u32,
        at: Timestamp,
        #[serde(with = "As::<Vec<Intervention>>")]
        interventions: Vec<fork::Intervention>,
        ahead_s: u32,
    },
    StartDrill {
        scenario: String,
        at: Option<Timestamp>,
    },
    Direct {
        #[serde(with = "DirectorAct")]
        act: drill::DirectorAct,
    },
    Ghost {
        #[serde(default, with = "As::<Option<GhostOf>>")]
        of: Option<drill::GhostOf>,
    },
    Look {
        #[serde(with = "Viewport")]
        viewport: geo::Viewport,
    },
    // Of 1.2.
    Act {
        #[serde(with = "World")]
        world: record::World,
        id: CommandId,
        #[serde(with = "CommandRequest")]
        command: command::CommandRequest,
        #[serde(with = "Basis")]
        basis: command::Basis,
    },
    // Of 1.3.
    Open {
        #[serde(with = "World")]
        world: record::World,
        #[serde(default)]
        case: Option<CaseId>,
    },
    // Of 1.5.
    WhoSaw {
        request: u32,
        case: CaseId,
    },
    // Of 1.6.
    LogIn {
        name: String,
        password: String,
        #[serde(default)]
        new_password: Option<String>,
        client: String,
        #[serde(default, with = "As::<Option<Resume>>")]
        resume: Option<stream::Resume>,
    },
    // An envelope of 1.1, written around any of these and never inside one.
    #[serde(skip)]
    Ask {
        request: u32,
        message: Box<stream::ClientMessage>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::Resume")]
pub(super) struct Resume {
    epoch: u64,
    seq: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "geo::Viewport")]
pub(super) struct Viewport {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
    zoom: f32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "stream::Layer")]
pub(super) enum Layer {
    Movers,
    Units,
    Cases,
    Sensors,
    Hotspots,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "command::FixRow")]
pub(super) struct FixRow {
    #[serde(default)]
    key: String,
    lon: f64,
    lat: f64,
    #[serde(default)]
    bearing_deg: Option<f32>,
    #[serde(default)]
    speed_mps: Option<f32>,
    #[serde(default)]
    accuracy_m: Option<f32>,
    #[serde(default)]
    time: Option<Timestamp>,
    #[serde(default, with = "As::<Option<MoverKind>>")]
    kind: Option<model::MoverKind>,
}
