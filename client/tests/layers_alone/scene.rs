//! One thing of every kind, and none that carries words.

use chengtu_engine::city::{
    CaseKind, CityInfo, ClassInfo, ClockKind, DepartmentInfo, Limit, Severity,
};
use chengtu_engine::drill::Seat;
use chengtu_engine::geo::{LonLat, TileId, Viewport, mercator_from_lon_lat};
use chengtu_engine::hotspot::HotspotArea;
use chengtu_engine::ids::{CaseId, ClassId, DepartmentId, FeedId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{
    Actor, CaseSource, MoverKind, Phenomenon, Reading, SensorState, Stage, StageChange, UnitStatus,
};
use chengtu_engine::permission::Role;
use chengtu_engine::record::World;
use chengtu_engine::replay::{OfficerView, TimeBasis, WorldClock};
use chengtu_engine::stream::{
    CaseView, ClosedRoad, CoarseTile, EntityChange, SensorView, ServerHello, ServerMessage,
    SnapshotReason, TileFrame, UnitView, WorldInfo,
};
use chengtu_engine::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_795_140_000);
const LON: f64 = 118.7862;
const LAT: f64 = 32.0440;

/// The greeting of a city with one class and one department.
pub fn greeting() -> ServerMessage {
    let class = ClassInfo {
        code: "0101".into(),
        kind: CaseKind::Event,
        group: String::new(),
        name: String::new(),
        name_en: String::new(),
        severity: Severity::Severe,
        limit: Limit {
            amount: 2,
            clock: ClockKind::RunningHours,
        },
        department: DepartmentId(0),
        skill: String::new(),
    };
    let department = DepartmentInfo {
        key: "d".into(),
        name: String::new(),
        name_en: String::new(),
    };
    ServerMessage::Hello(Box::new(ServerHello {
        epoch: 1,
        seq: 1,
        time: NOW,
        tick_ms: 100,
        user: "x".into(),
        role: Role::Viewer,
        unit: None,
        world: World::Live,
        resumed: false,
        records_views: false,
        city: CityInfo {
            name: "x".into(),
            name_en: "x".into(),
            bounds: (118.75, 32.02, 118.82, 32.07),
            centre: (LON, LAT),
            utc_offsets: vec![(Timestamp(i64::MIN), 8 * 3_600)],
            classes: vec![class],
            departments: vec![department],
            notice: String::new(),
            notice_en: String::new(),
            attribution: String::new(),
        },
    }))
}

fn snapshot_with(changes: Vec<EntityChange>, tiles: Vec<TileFrame>) -> ServerMessage {
    ServerMessage::Snapshot {
        seq: 1,
        time: NOW,
        reason: SnapshotReason::Subscribed,
        changes,
        tiles,
    }
}

/// Everything that there is.
pub fn snapshot(changes: Vec<EntityChange>) -> ServerMessage {
    snapshot_with(changes, Vec::new())
}

/// A severe case of one report.
pub fn case() -> EntityChange {
    EntityChange::Case(CaseView {
        id: CaseId(1),
        class: ClassId(0),
        severity: Severity::Severe,
        lon: LON,
        lat: LAT,
        address: String::new(),
        note: String::new(),
        source: CaseSource::Feed(FeedId(0), String::new()),
        occurred_at: NOW,
        stage: Stage::Filed,
        history: vec![StageChange {
            stage: Stage::Filed,
            at: NOW,
            by: Actor::System,
        }],
        filed_at: Some(NOW),
        due_at: Some(NOW.plus_seconds(7_200)),
        overdue: false,
        units: Vec::new(),
        handled_by: None,
        rework: 0,
        reports: 1,
        maybe_same_as: None,
    })
}

fn tile(kind: MoverKind, unit: Option<UnitId>) -> TileFrame {
    let mut tile = TileFrame::new(TileId { z: 0, x: 0, y: 0 }, NOW);
    let position = LonLat::new(LON, LAT).position().expect("a place");
    let row = (MoverId(1), position, 0, 0, NOW, Some((kind, unit)));
    tile.push_rows([row].into_iter());
    tile
}

/// A unit that stands at the place.
pub fn unit() -> ServerMessage {
    let unit = UnitView {
        id: UnitId(1),
        mover: MoverId(1),
        call_sign: "1".into(),
        call_sign_en: "1".into(),
        fleet: "patrol".into(),
        department: DepartmentId(0),
        skills: Vec::new(),
        status: UnitStatus::Available,
        since: NOW,
        assignment: None,
        handled: 0,
    };
    let tiles = vec![tile(MoverKind::Unit, Some(UnitId(1)))];
    snapshot_with(vec![EntityChange::Unit(unit)], tiles)
}

/// A vehicle of the city's other traffic.
pub fn traffic() -> ServerMessage {
    snapshot_with(Vec::new(), vec![tile(MoverKind::Car, None)])
}

/// A sensor that measures nothing unusual.
pub fn sensor() -> EntityChange {
    let reading = Reading {
        phenomenon_time: NOW,
        value: Some(0.1),
    };
    EntityChange::Sensor(SensorView {
        id: SensorId(1),
        key: "s".into(),
        name: "s".into(),
        phenomenon: Phenomenon::WaterLevel,
        unit_of_measure: "m".into(),
        lon: LON,
        lat: LAT,
        thresholds: None,
        state: SensorState::Normal,
        hour: vec![reading],
        latest: Some(reading),
        result_time: NOW,
    })
}

/// Counts of movers in the cells of one tile.
pub fn counts() -> ServerMessage {
    let z = 12;
    let n = f64::from(1u32 << z);
    let [x, y] = mercator_from_lon_lat(LonLat::new(LON, LAT));
    ServerMessage::Coarse {
        time: NOW,
        tiles: vec![CoarseTile {
            tile: (z, (x * n) as u32, (y * n) as u32),
            counts: (0..=255).map(|cell| (cell, 9)).collect(),
        }],
    }
}

/// A significant area around the place.
pub fn hotspot() -> ServerMessage {
    let ring = [
        (-1.0, -1.0),
        (1.0, -1.0),
        (1.0, 1.0),
        (-1.0, 1.0),
        (-1.0, -1.0),
    ];
    let ring = ring.map(|(x, y)| (LON + x * 2e-3, LAT + y * 2e-3));
    ServerMessage::Hotspots {
        time: NOW,
        areas: vec![HotspotArea {
            rank: 1,
            name: String::new(),
            centre: (LON, LAT),
            cases: 5,
            z: 4.0,
            chance: None,
            since: NOW,
            outline: vec![ring.to_vec()],
        }],
    }
}

/// A replay in which an officer looked at the place.
pub fn officers_view() -> Vec<ServerMessage> {
    let clock = WorldClock {
        time: NOW,
        speed: 1.0,
        playing: false,
        basis: TimeBasis::Known,
        from: NOW,
        to: NOW,
        jumps: 0,
    };
    let info = WorldInfo {
        world: World::Replay(1),
        title: String::new(),
        owner: String::new(),
        shared: false,
        seat: Seat::Viewer,
        clock: Some(clock),
        notice: String::new(),
        notice_en: String::new(),
        record_of: None,
    };
    let view = OfficerView {
        by: String::new(),
        time: NOW,
        viewport: Viewport {
            west: LON - 2e-3,
            south: LAT - 2e-3,
            east: LON + 2e-3,
            north: LAT + 2e-3,
            zoom: 15.0,
        },
    };
    vec![
        greeting(),
        ServerMessage::Entered(Box::new(info)),
        snapshot(Vec::new()),
        ServerMessage::Views { list: vec![view] },
    ]
}

/// A road that is closed, through the middle.
pub fn closed_road() -> ServerMessage {
    ServerMessage::ClosedRoads {
        roads: vec![ClosedRoad {
            name: "中山路".to_owned(),
            until: None,
            lines: vec![vec![(118.7842, 32.0440), (118.7882, 32.0440)]],
        }],
    }
}
