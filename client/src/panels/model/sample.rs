//! A made-up city for tests: the one of the design's pictures.

use super::places::Place;
use crate::i18n::CityTime;
use crate::net::Chronicle;
use crate::panels::time::axis::Axis;
use crate::panels::time::state::AskedMoments;
use chengtu_engine::city::{
    CaseKind, CityInfo, ClassInfo, ClockKind, DepartmentInfo, Limit, Severity,
};
use chengtu_engine::drill::{GhostRow, Seat};
use chengtu_engine::geo::{LonLat, TileId, Viewport};
use chengtu_engine::hotspot::{HotspotArea, HotspotChance};
use chengtu_engine::ids::{
    AlarmId, AssignmentId, CaseId, ClassId, DepartmentId, FeedId, MoverId, SensorId, ThingId,
    UnitId,
};
use chengtu_engine::model::{
    Actor, AlarmSource, CaseSource, MoverKind, Phenomenon, Reading, SensorState, Stage,
    StageChange, Thresholds, UnitStatus,
};
use chengtu_engine::permission::Role;
use chengtu_engine::rank::{ArrivalRow, Reason};
use chengtu_engine::record::World;
use chengtu_engine::replay::{
    Bookmark, Moment, MomentKind, OfficerView, TimeBasis, Timeline, TimelineBar, TimelineMark,
    WorldClock,
};
use chengtu_engine::stream::{
    AlarmView, AssignmentView, CaseView, EntityChange, Mirror, SensorView, ServerHello,
    ServerMessage, SnapshotReason, TileFrame, UnitView, WorldInfo,
};
use chengtu_engine::time::Timestamp;

/// 2026-11-20 14:32:07 in Nanjing.
pub const NOW: Timestamp = Timestamp::from_seconds(20_777 * 86_400 + 6 * 3_600 + 32 * 60 + 7);
/// 污水井盖 缺失, waiting to be dispatched, 37:18 left.
pub const COVER: CaseId = CaseId(417);
/// The one overdue longest.
pub const OVERDUE: CaseId = CaseId(100);
/// Said to be done.
pub const TO_CHECK: CaseId = CaseId(104);
/// A unit on its way to a case.
pub const EN_ROUTE: UnitId = UnitId(2);
/// A water level sensor above its alarm bound.
pub const WATER: SensorId = SensorId(0);
/// How many units.
pub const UNITS: usize = 20;

/// The city's clock.
pub fn time() -> CityTime {
    CityTime::new(vec![(Timestamp(i64::MIN), 8 * 3_600)])
}

/// Class: name, English, department, skill, severity, hours.
const CLASSES: [(&str, &str, u16, &str, Severity, u32); 12] = [
    (
        "排水管道堵塞、破裂",
        "Blocked or broken drain",
        0,
        "drainage",
        Severity::Urgent,
        4,
    ),
    (
        "道路破损",
        "Damaged road",
        1,
        "paving",
        Severity::Normal,
        48,
    ),
    (
        "架空线缆脱落",
        "Fallen overhead line",
        1,
        "",
        Severity::Severe,
        2,
    ),
    (
        "暴露生活垃圾",
        "Exposed household waste",
        2,
        "",
        Severity::Normal,
        4,
    ),
    (
        "占用消防通道",
        "Blocked fire lane",
        3,
        "",
        Severity::Urgent,
        2,
    ),
    (
        "污水井盖",
        "Sewer manhole cover",
        0,
        "manhole",
        Severity::Severe,
        2,
    ),
    (
        "道路积水",
        "Flooded road",
        0,
        "drainage",
        Severity::Urgent,
        2,
    ),
    ("雨水箅子", "Storm grate", 0, "", Severity::Normal, 4),
    (
        "店外经营",
        "Trading outside the shop",
        3,
        "",
        Severity::Normal,
        4,
    ),
    (
        "共享单车管理",
        "Shared bicycles",
        3,
        "",
        Severity::Slight,
        4,
    ),
    ("非法小广告", "Illegal posters", 2, "", Severity::Slight, 24),
    (
        "燃气管道破裂",
        "Broken gas main",
        1,
        "",
        Severity::Severe,
        2,
    ),
];

type Row = (
    u64,
    u16,
    &'static str,
    &'static str,
    f64,
    Stage,
    u32,
    Option<u32>,
);

/// Case: id, class, note, address, minutes left, stage, reports, unit.
const CASES: [Row; 20] = [
    (
        100,
        0,
        "堵塞外溢",
        "洪武北路 杨将军巷口",
        -161.2,
        Stage::InProgress,
        1,
        Some(5),
    ),
    (
        101,
        1,
        "坑槽",
        "网巾市 18 号旁",
        -112.35,
        Stage::InProgress,
        1,
        Some(6),
    ),
    (
        102,
        2,
        "垂落路面",
        "太平北路 碑亭巷口",
        -47.33,
        Stage::Dispatched,
        1,
        Some(2),
    ),
    (
        103,
        3,
        "未清运",
        "石婆婆庵 7 号院口",
        -31.58,
        Stage::Filed,
        1,
        None,
    ),
    (
        104,
        4,
        "车辆占用",
        "一枝园 22 号",
        -9.4,
        Stage::Handled,
        1,
        None,
    ),
    (
        105,
        8,
        "占道 3.0 m",
        "丹凤街 12 号",
        -5.0,
        Stage::Filed,
        1,
        None,
    ),
    (106, 7, "破损", "如意里 4 号", -4.1, Stage::Filed, 2, None),
    (
        107,
        9,
        "淤积",
        "进香河路 33 号",
        -2.2,
        Stage::Filed,
        1,
        None,
    ),
    (
        417,
        5,
        "缺失",
        "碑亭巷 浮桥以南 90 m",
        37.3,
        Stage::Filed,
        4,
        None,
    ),
    (
        202,
        6,
        "深 12 cm",
        "北门桥 估衣廊口",
        41.2,
        Stage::Dispatched,
        1,
        Some(3),
    ),
    (
        203,
        7,
        "破损",
        "长江后街 6 号",
        44.25,
        Stage::InProgress,
        1,
        Some(7),
    ),
    (
        204,
        3,
        "桶满 94 %",
        "鸡鹅巷 31 号",
        52.0,
        Stage::Dispatched,
        12,
        Some(8),
    ),
    (
        205,
        8,
        "占道 2.1 m",
        "成贤街 66 号",
        55.07,
        Stage::Filed,
        1,
        None,
    ),
    (
        300,
        11,
        "异响 下沉",
        "珠江路 通贤桥口",
        66.9,
        Stage::Dispatched,
        1,
        Some(9),
    ),
    (
        301,
        1,
        "超出许可范围",
        "长江路 人民大会堂前",
        71.0,
        Stage::Filed,
        1,
        None,
    ),
    (
        302,
        9,
        "淤积 60 余辆",
        "珠江路 东箭道口",
        83.1,
        Stage::Dispatched,
        7,
        Some(10),
    ),
    (
        303,
        10,
        "张贴",
        "红庙 小区东门",
        102.0,
        Stage::InProgress,
        1,
        Some(11),
    ),
    (304, 0, "外溢", "东箭道 14 号", 109.0, Stage::Filed, 1, None),
    (
        305,
        10,
        "张贴",
        "红庙 小区西门",
        1_302.0,
        Stage::Reported,
        1,
        None,
    ),
    (
        306,
        1,
        "沉陷",
        "珠江路 651 号",
        2_702.0,
        Stage::Filed,
        1,
        None,
    ),
];

const FLEETS: [(&str, &str, &str, u16); 4] = [
    ("drainage", "排水", "Drainage", 0),
    ("municipal", "市政", "Works", 1),
    ("sanitation", "环卫", "Sanitation", 2),
    ("urban", "城管", "Patrol", 3),
];

fn minutes_ago(m: f64) -> Timestamp {
    Timestamp(NOW.0 - (m * 60e6) as i64)
}

fn place(i: u64) -> (f64, f64) {
    (
        118.78 + (i * 37 % 100) as f64 * 2e-4,
        32.04 + (i * 61 % 100) as f64 * 2e-4,
    )
}

fn case(row: &(u64, u16, &str, &str, f64, Stage, u32, Option<u32>)) -> CaseView {
    let &(id, class, note, address, left_m, stage, reports, unit) = row;
    let (_, _, _, _, severity, hours) = CLASSES[usize::from(class)];
    let due = minutes_ago(-left_m);
    let filed = due.plus_seconds(-i64::from(hours) * 3_600);
    let mut history = vec![StageChange {
        stage: Stage::Reported,
        at: filed.plus_seconds(-300),
        by: Actor::Feed(FeedId(0)),
    }];
    let step = NOW.seconds_since(filed) / 6.0;
    for (i, s) in crate::facts::case::LINE
        .iter()
        .enumerate()
        .skip(1)
        .filter(|(_, s)| **s <= stage)
    {
        let at = filed.plus_seconds((step * (i - 1) as f64) as i64);
        history.push(StageChange {
            stage: *s,
            at,
            by: Actor::Operator("周岚".into()),
        });
    }
    if id == TO_CHECK.0 {
        history.last_mut().unwrap().at = minutes_ago(-left_m).plus_seconds(360);
    }
    let filed_known = stage >= Stage::Filed;
    let (lon, lat) = place(id);
    CaseView {
        id: CaseId(id),
        class: ClassId(class),
        severity,
        lon,
        lat,
        address: address.into(),
        note: note.into(),
        source: CaseSource::Feed(FeedId(0), format!("NJ1120-{id:04}")),
        occurred_at: filed.plus_seconds(-300),
        stage,
        history,
        filed_at: filed_known.then_some(filed),
        due_at: filed_known.then_some(due),
        overdue: left_m < 0.0,
        units: unit.map(UnitId).into_iter().collect(),
        handled_by: (stage == Stage::Handled).then_some(UnitId(12)),
        rework: u32::from(id == 103),
        reports,
        maybe_same_as: (id == 107).then_some(CaseId(302)),
    }
}

fn closed(i: u64) -> CaseView {
    let mut c = case(&CASES[3]);
    c.id = CaseId(1_000 + i);
    c.stage = Stage::Closed;
    let at = minutes_ago(10.0 + i as f64 * 7.0);
    c.history.push(StageChange {
        stage: Stage::Closed,
        at,
        by: Actor::System,
    });
    c.history[0].at = minutes_ago(30.0 + i as f64 * 11.0);
    c
}

fn unit(i: u32) -> UnitView {
    let (fleet, name, english, department) = FLEETS[i as usize % 4];
    let number = [10, 5, 16, 28, 8, 61, 24][i as usize % 7] + i / 7;
    let case = CASES.iter().find(|c| c.7 == Some(i));
    let status = match (i, case) {
        (19, _) => UnitStatus::OutOfService,
        (_, Some(c)) if c.5 == Stage::InProgress => UnitStatus::OnScene,
        (3, Some(_)) => UnitStatus::Assigned,
        (_, Some(_)) => UnitStatus::EnRoute,
        _ => UnitStatus::Available,
    };
    let assignment = case.map(|c| {
        let (lon, lat) = place(c.0);
        AssignmentView {
            id: AssignmentId(u64::from(i)),
            case: Some(CaseId(c.0)),
            lon,
            lat,
            by: Actor::Operator("周岚".into()),
            at: minutes_ago(3.0),
            acknowledged_at: (status != UnitStatus::Assigned).then(|| minutes_ago(2.9)),
            arrived_at: (status == UnitStatus::OnScene).then(|| minutes_ago(1.0)),
            expected_at: Some(minutes_ago(-2.17)),
        }
    });
    UnitView {
        id: UnitId(i),
        mover: MoverId(i),
        call_sign: format!("{name} {number:02}"),
        call_sign_en: format!("{english} {number:02}"),
        fleet: fleet.into(),
        department: DepartmentId(department),
        skills: vec![fleet.into()],
        status,
        since: minutes_ago(3.0),
        assignment,
        handled: i % 3,
    }
}

fn sensor(i: u32) -> SensorView {
    let at = |k: i64| NOW.plus_seconds(-(59 - k) * 60);
    let level = |k: i64| 0.2 + 0.7 * ((k as f64) / 59.0).powi(2) - 0.3 * f64::from(i);
    let hour: Vec<Reading> = (0..60)
        .map(|k| Reading {
            phenomenon_time: at(k),
            value: Some(level(k)),
        })
        .collect();
    let (lon, lat) = place(u64::from(i) + 7);
    SensorView {
        id: SensorId(i),
        key: format!("water-{i}"),
        name: "北门桥水位".into(),
        phenomenon: Phenomenon::WaterLevel,
        unit_of_measure: "m".into(),
        lon,
        lat,
        thresholds: Some(Thresholds {
            warning: 0.5,
            alarm: 0.8,
        }),
        state: if i == 0 {
            SensorState::Alarm
        } else {
            SensorState::Normal
        },
        latest: hour.last().copied(),
        hour,
        result_time: NOW,
    }
}

fn alarm(id: u64, source: AlarmSource, minutes: f64, acknowledged: bool) -> AlarmView {
    let (lon, lat) = match source {
        AlarmSource::Case(c) => place(c.0),
        AlarmSource::Sensor(s) => place(u64::from(s.0) + 7),
    };
    AlarmView {
        id: AlarmId(id),
        source,
        severity: if matches!(source, AlarmSource::Case(_)) {
            Severity::Severe
        } else {
            Severity::Urgent
        },
        lon,
        lat,
        raised_at: minutes_ago(minutes),
        acknowledged: acknowledged
            .then(|| (Actor::Operator("周岚".into()), minutes_ago(minutes - 1.0))),
        ended_at: None,
    }
}

/// A ghost's units: one apart from every unit of the city, the others where such a unit is.
pub fn ghosts() -> Vec<GhostRow> {
    let row = |i: u32, lon: f64, lat: f64, status| {
        let unit = unit(i);
        GhostRow {
            call_sign: unit.call_sign,
            call_sign_en: unit.call_sign_en,
            fleet: unit.fleet,
            lon,
            lat,
            status,
        }
    };
    vec![
        row(0, 118.7805, 32.0512, UnitStatus::EnRoute),
        row(1, 118.7862, 32.0441, UnitStatus::Available),
    ]
}

/// Where two officers were looking.
pub fn views() -> Vec<OfficerView> {
    let view = |by: &str, west: f64, south: f64, side: f64| OfficerView {
        by: by.into(),
        time: minutes_ago(1.0),
        viewport: Viewport {
            west,
            south,
            east: west + side,
            north: south + 0.7 * side,
            zoom: 14.0,
        },
    };
    vec![
        view("周岚", 118.772, 32.036, 0.02),
        view("王莉", 118.79, 32.045, 0.008),
    ]
}

/// Greeting to an operator, at [`NOW`], with the sample's classes and departments.
pub fn hello() -> ServerHello {
    let classes = CLASSES.map(
        |(name, name_en, department, skill, severity, amount)| ClassInfo {
            code: "C0101".into(),
            kind: CaseKind::Component,
            group: "公用设施".into(),
            name: name.into(),
            name_en: name_en.into(),
            severity,
            limit: Limit {
                amount,
                clock: ClockKind::RunningHours,
            },
            department: DepartmentId(department),
            skill: skill.into(),
        },
    );
    let departments = FLEETS.map(|(key, name, name_en, _)| DepartmentInfo {
        key: key.into(),
        name: name.into(),
        name_en: name_en.into(),
    });
    ServerHello {
        epoch: 1,
        seq: 1,
        time: NOW,
        tick_ms: 100,
        user: "周岚".into(),
        role: Role::Operator,
        unit: None,
        world: World::Live,
        resumed: false,
        records_views: false,
        city: CityInfo {
            name: "南京".into(),
            name_en: "Nanjing".into(),
            bounds: (118.7, 32.0, 118.9, 32.1),
            centre: (118.79, 32.05),
            utc_offsets: vec![(Timestamp(i64::MIN), 8 * 3_600)],
            classes: classes.to_vec(),
            departments: departments.to_vec(),
            notice: "车流为录制的模拟行驶；案件、单元与传感器为模拟".into(),
            attribution: String::new(),
            notice_en:
                "Traffic is recorded simulated driving; cases, units and sensors are simulated"
                    .into(),
        },
    }
}

/// The mirror of the city.
#[expect(clippy::too_many_lines, reason = "a city written out, thing by thing")]
pub fn city() -> Mirror {
    let mut mirror = Mirror::new();
    mirror
        .apply(&ServerMessage::Hello(Box::new(hello())))
        .unwrap();
    let mut changes: Vec<EntityChange> =
        CASES.iter().map(|c| EntityChange::Case(case(c))).collect();
    changes.extend((0..60).map(|i| EntityChange::Case(closed(i))));
    changes.extend((0..UNITS as u32).map(|i| EntityChange::Unit(unit(i))));
    changes.extend((0..2).map(|i| EntityChange::Sensor(sensor(i))));
    changes.push(EntityChange::Alarm(alarm(
        1,
        AlarmSource::Case(CaseId(300)),
        1.4,
        false,
    )));
    changes.push(EntityChange::Alarm(alarm(
        2,
        AlarmSource::Sensor(WATER),
        4.0,
        false,
    )));
    changes.push(EntityChange::Alarm(alarm(
        3,
        AlarmSource::Case(CaseId(102)),
        90.0,
        true,
    )));
    let mut tile = TileFrame::new(TileId { z: 0, x: 0, y: 0 }, NOW);
    tile.push_rows((0..UNITS as u32).map(|i| {
        let (lon, lat) = place(u64::from(i) * 3);
        let position = LonLat::new(lon, lat).position().unwrap();
        // One unit has not been heard for an hour.
        let fix_time = if i == 18 {
            minutes_ago(60.0)
        } else {
            minutes_ago(0.01)
        };
        (
            MoverId(i),
            position,
            9_000,
            820,
            fix_time,
            Some((MoverKind::Unit, Some(UnitId(i)))),
        )
    }));
    let reason = SnapshotReason::Subscribed;
    mirror
        .apply(&ServerMessage::Snapshot {
            seq: 1,
            time: NOW,
            reason,
            changes,
            tiles: vec![tile],
        })
        .unwrap();
    let names = [
        ("科巷 东白菜园", 31, 142.0),
        ("珠江路 鸡鹅巷", 24, 177.0),
        ("一枝园 如意里", 21, 72.0),
        ("新街口 中山东路", 20, 37.0),
        ("三元巷 南台巷", 19, 27.0),
    ];
    let areas = names
        .iter()
        .enumerate()
        .map(|(i, (name, cases, minutes))| HotspotArea {
            rank: i as u32 + 1,
            name: (*name).into(),
            centre: place(i as u64 * 11),
            cases: *cases,
            z: 7.2 - i as f64 * 0.6,
            chance: Some(HotspotChance {
                expected: f64::from(*cases) / 6.0,
                q: [1e-6, 4e-4, 0.003, 0.012, 0.041][i],
            }),
            since: minutes_ago(*minutes),
            outline: Vec::new(),
        });
    mirror
        .apply(&ServerMessage::HotspotsWithChance {
            time: NOW,
            areas: areas.collect(),
        })
        .unwrap();
    mirror
}

/// Ranked units of [`COVER`].
pub fn ranking() -> Vec<ArrivalRow> {
    let row = |rank: u32,
               unit: u32,
               seconds: f64,
               length_m: f64,
               air_m: f64,
               skilled: bool,
               reasons: Vec<Reason>| ArrivalRow {
        unit: UnitId(unit),
        rank,
        seconds: Some(seconds),
        length_m: Some(length_m),
        air_m,
        status: if unit == 2 {
            UnitStatus::EnRoute
        } else {
            UnitStatus::Available
        },
        skilled,
        own_department: skilled,
        handled: rank % 3,
        reasons,
    };
    let later = |seconds| Reason::LaterThanBest { seconds };
    vec![
        row(1, 0, 89.0, 256.0, 190.0, true, vec![Reason::Best]),
        row(
            2,
            1,
            158.0,
            560.0,
            410.0,
            true,
            vec![Reason::Via("珠江路".into()), later(69.0)],
        ),
        row(3, 2, 182.0, 640.0, 300.0, true, vec![Reason::Busy]),
        row(
            4,
            4,
            252.0,
            820.0,
            620.0,
            true,
            vec![Reason::Via("东箭道桥".into()), later(163.0)],
        ),
        row(5, 12, 93.0, 280.0, 210.0, false, vec![Reason::NoSkill]),
        row(
            6,
            13,
            141.0,
            480.0,
            88.0,
            false,
            vec![Reason::NearestByAir { detour: 5.4 }, Reason::NoSkill],
        ),
        row(
            7,
            14,
            186.0,
            530.0,
            199.0,
            false,
            vec![Reason::NoSkill, Reason::OtherDepartment],
        ),
        row(
            8,
            15,
            260.0,
            910.0,
            640.0,
            false,
            vec![Reason::NoSkill, Reason::PositionOld { seconds: 95.0 }],
        ),
    ]
}

/// A world's clock that has the whole day before [`NOW`].
pub fn clock(time: Timestamp, speed: f32, playing: bool) -> WorldClock {
    WorldClock {
        time,
        speed,
        playing,
        basis: TimeBasis::Known,
        from: NOW.plus_seconds(-70_000),
        to: NOW.plus_seconds(20_000),
        jumps: 0,
    }
}

/// What is known of a world.
pub fn info(world: World, clock: Option<WorldClock>) -> WorldInfo {
    WorldInfo {
        world,
        title: String::new(),
        owner: "值班员".into(),
        shared: false,
        seat: Seat::Director,
        clock,
        notice: "记录有 1 处缺失：03:10 至 04:05，文件损坏。".into(),
        notice_en: "The log has 1 gap: 03:10 to 04:05, a damaged file.".into(),
        record_of: None,
    }
}

/// Word of having come to a world.
pub fn entered(world: World, clock: Option<WorldClock>) -> ServerMessage {
    ServerMessage::Entered(Box::new(info(world, clock)))
}

/// The question that [`chronicle`]'s events of the case answer.
pub fn asked_moments() -> AskedMoments {
    AskedMoments {
        request: 2,
        thing: ThingId::Case(COVER),
        bars: Axis::with(NOW, 0.62, 86_400.0).bars(1_700.0, &time()),
        at: std::time::Instant::now(),
    }
}

/// A day and a half of the past: a quiet night, two rushes, a gap, bookmarks, a case's events.
#[expect(clippy::too_many_lines, reason = "a past written out, event by event")]
pub fn chronicle() -> Chronicle {
    let bars = Axis::with(NOW, 0.62, 86_400.0).bars(1_700.0, &time());
    let step = (bars.to.0 - bars.from.0) / i64::from(bars.count);
    let gap = (NOW.plus_seconds(-40_900), NOW.plus_seconds(-37_600));
    let mut seed = 7u64;
    let mut noise = || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as f64 / f64::from(1u32 << 31)
    };
    let mut counted = Vec::new();
    let mut marks = Vec::new();
    for i in 0..i64::from(bars.count) {
        let at = Timestamp(bars.from.0 + step * i);
        let hour = (at.0 as f64 / 3.6e9 + 8.0).rem_euclid(24.0);
        let rush = |middle: f64, wide: f64| (-((hour - middle) / wide).powi(2)).exp();
        let rate = 0.6 + 9.0 * rush(9.0, 1.6) + 7.0 * rush(17.5, 2.0) + 3.0 * rush(13.0, 3.0);
        let known = at < NOW.plus_seconds(20_000) && !(gap.0 <= at && at < gap.1);
        let cases = if known {
            (rate * (0.5 + noise())) as u32
        } else {
            0
        };
        let alarms = u32::from(known && noise() > 0.93);
        if known && noise() > 0.955 {
            let severity = if noise() > 0.6 {
                Severity::Severe
            } else {
                Severity::Urgent
            };
            let thing = ThingId::Case(COVER);
            marks.push(TimelineMark {
                time: at,
                severity,
                thing,
            });
        }
        counted.push(TimelineBar { cases, alarms });
    }
    let bookmark = |id, before_s: i64, note: &str| Bookmark {
        id,
        time: NOW.plus_seconds(-before_s),
        note: note.into(),
        by: "周岚".into(),
    };
    let bookmarks = vec![
        bookmark(1, 50_400, "夜班第一起积水"),
        bookmark(2, 21_100, "早高峰，四单元同时在途"),
        bookmark(3, 5_600, "珠江路改派：为什么没有派 12 号？"),
    ];
    let moment = |before_s: i64, kind, other, by: &str| Moment {
        time: NOW.plus_seconds(-before_s),
        occurred_at: NOW.plus_seconds(-before_s),
        seq: 1,
        kind,
        thing: ThingId::Case(COVER),
        other,
        by: by.into(),
    };
    let unit = Some(ThingId::Unit(EN_ROUTE));
    let moments = vec![
        moment(26_000, MomentKind::Reported, None, "热线"),
        moment(22_900, MomentKind::Filed, None, ""),
        moment(17_000, MomentKind::Dispatched, unit, "周岚"),
        moment(14_800, MomentKind::Acknowledged, unit, ""),
        moment(9_000, MomentKind::Arrived, unit, ""),
        moment(-4_000, MomentKind::Handled, unit, ""),
    ];
    let mut chronicle = Chronicle::default();
    chronicle.take(&ServerMessage::Timeline(Box::new(Timeline {
        request: 1,
        from: bars.from,
        to: bars.to,
        log_from: NOW.plus_seconds(-70_000),
        log_to: NOW.plus_seconds(20_000),
        bars: counted,
        marks,
        gaps: vec![(gap.0, gap.1, "文件损坏".into())],
        bookmarks: bookmarks.clone(),
    })));
    chronicle.take(&ServerMessage::Bookmarks { list: bookmarks });
    let request = 2;
    chronicle.take(&ServerMessage::Moments { request, moments });
    chronicle
}

/// Places of the search.
pub fn places() -> Vec<Place> {
    let place = |name: &str, name_en: &str, kind: &str, rank| Place {
        name: name.into(),
        name_en: name_en.into(),
        kind: kind.into(),
        rank,
        lon: 118.79,
        lat: 32.05,
        district: "玄武区".into(),
        ..Place::default()
    };
    vec![
        place("珠江路", "Zhujiang Road", "road", 3),
        place("珠江路站", "Zhujiang Road Station", "station", 4),
        place("太平北路", "Taiping North Road", "road", 3),
        place("玄武湖", "Xuanwu Lake", "water", 2),
    ]
}
