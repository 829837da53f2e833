//! A city full of things at random places.

use crate::panels::model::sample::{self, NOW};
use chengtu_engine::chance::Chance;
use chengtu_engine::city::Severity;
use chengtu_engine::geo::{LonLat, TileId};
use chengtu_engine::hotspot::{HotspotArea, HotspotChance};
use chengtu_engine::ids::{AlarmId, CaseId, ClassId, DepartmentId, MoverId, SensorId, UnitId};
use chengtu_engine::model::{
    Actor, AlarmSource, CaseSource, MoverKind, Phenomenon, Reading, SensorState, Stage, Thresholds,
    UnitStatus,
};
use chengtu_engine::record::World as CityWorld;
use chengtu_engine::stream::{
    AlarmView, CaseView, EntityChange, SensorView, ServerMessage, SnapshotReason, TileFrame,
    UnitView,
};
use std::path::PathBuf;

const CASES: u64 = 130;
const UNITS: u32 = 45;
/// How many sensors there are; ids from 0.
pub const SENSORS: u32 = 30;
const CARS: u32 = 400;
const AREAS: u32 = 6;

/// The city that is looked at.
pub struct Ground {
    /// Its pack.
    pub pack: PathBuf,
    /// Degrees: west, south, east, north of what is looked at of it.
    bounds: [f64; 4],
    /// True for the city that the project measures itself on.
    pub shipped: bool,
}

impl Ground {
    /// The pack in `CHENGTU_LABEL_CITY`, or the shipped city.
    ///
    /// # Panics
    /// If there is no pack.
    pub fn chosen() -> Self {
        let Some(pack) = std::env::var_os("CHENGTU_LABEL_CITY").map(PathBuf::from) else {
            return Self {
                pack: PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../data/nanjing"),
                bounds: [118.771, 32.035, 118.803, 32.059],
                shipped: true,
            };
        };
        let text = std::fs::read_to_string(pack.join("city.toml")).expect("a pack's city.toml");
        let city: toml::Value = toml::from_str(&text).expect("a pack's city.toml");
        let bounds = ["west", "south", "east", "north"]
            .map(|side| city["bounds"][side].as_float().expect("degrees"));
        Self {
            pack,
            bounds,
            shipped: false,
        }
    }

    /// A part of it of the shipped city's size, another for every seed; the whole of the shipped city.
    fn part(&self, seed: u64) -> [f64; 4] {
        if self.shipped {
            return self.bounds;
        }
        let [w, s, e, n] = self.bounds;
        let chance = &mut Chance::new(seed);
        let mut piece = |from: f64, to: f64, size: f64| {
            let at = from + (to - from - size).max(0.0) * chance.between(0.0, 1.0);
            (at, (at + size).min(to))
        };
        let ((w, e), (s, n)) = (piece(w, e, 0.032), piece(s, n, 0.024));
        [w, s, e, n]
    }
}

/// Numbers from a seed.
pub struct Dice {
    chance: Chance,
    bounds: [f64; 4],
}

impl Dice {
    /// Numbers about a part of a city.
    pub fn new(ground: &Ground, part: u64, seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            bounds: ground.part(part),
        }
    }

    /// Goes on about another part of the city.
    pub fn look_at(&mut self, ground: &Ground, part: u64) {
        self.bounds = ground.part(part);
    }

    /// From `from` up to `to`.
    pub fn between(&mut self, from: f64, to: f64) -> f64 {
        self.chance.between(from, to)
    }

    /// Below `n`.
    pub fn of(&mut self, n: usize) -> usize {
        self.chance.below(n)
    }

    /// Longitude and latitude, degrees.
    pub fn place(&mut self) -> (f64, f64) {
        let [w, s, e, n] = self.bounds;
        // Half of everything is in four crowds.
        if self.of(2) == 0 {
            let k = self.of(4) as f64;
            let (x, y) = (
                w + (e - w) * (0.2 + 0.2 * k),
                s + (n - s) * (0.3 + 0.15 * k),
            );
            return (
                x + self.between(-0.002, 0.002),
                y + self.between(-0.0015, 0.0015),
            );
        }
        (self.between(w, e), self.between(s, n))
    }
}

fn case(dice: &mut Dice, id: u64) -> CaseView {
    let (lon, lat) = dice.place();
    let severity = [
        Severity::Severe,
        Severity::Urgent,
        Severity::Normal,
        Severity::Normal,
        Severity::Slight,
    ][dice.of(5)];
    let filed = NOW.plus_seconds(-(dice.of(7_000) as i64));
    CaseView {
        id: CaseId(id),
        class: ClassId(dice.of(10) as u16),
        severity,
        lon,
        lat,
        address: String::new(),
        note: String::new(),
        source: CaseSource::Operator("x".into()),
        occurred_at: filed,
        stage: Stage::Filed,
        history: vec![],
        filed_at: Some(filed),
        due_at: Some(filed.plus_seconds(7_200)),
        overdue: dice.of(9) == 0,
        units: vec![],
        handled_by: None,
        rework: 0,
        reports: [1, 1, 2, 14][dice.of(4)],
        maybe_same_as: None,
    }
}

fn unit(dice: &mut Dice, id: u32) -> UnitView {
    let status = [
        UnitStatus::Available,
        UnitStatus::EnRoute,
        UnitStatus::OnScene,
        UnitStatus::OutOfService,
    ][dice.of(4)];
    UnitView {
        id: UnitId(id),
        mover: MoverId(id),
        call_sign: format!("排水 {id}"),
        call_sign_en: format!("Drainage {id}"),
        fleet: "drainage".into(),
        department: DepartmentId(0),
        skills: vec![],
        status,
        since: NOW,
        assignment: None,
        handled: 0,
    }
}

fn sensor(dice: &mut Dice, id: u32) -> SensorView {
    let (lon, lat) = dice.place();
    let state = [
        SensorState::Normal,
        SensorState::Normal,
        SensorState::Warning,
        SensorState::Alarm,
        SensorState::Fault,
    ][dice.of(5)];
    let silent_s = if dice.of(6) == 0 { 9_000 } else { 0 };
    let hour: Vec<Reading> = (0..10)
        .map(|k| Reading {
            phenomenon_time: NOW.plus_seconds(-60 * (10 - k) - silent_s),
            value: Some(0.1 * k as f64),
        })
        .collect();
    SensorView {
        id: SensorId(id),
        key: format!("s{id}"),
        name: format!("水位 {id}"),
        phenomenon: Phenomenon::WaterLevel,
        unit_of_measure: "m".into(),
        lon,
        lat,
        thresholds: Some(Thresholds {
            warning: 0.5,
            alarm: 0.8,
        }),
        state,
        latest: hour.last().copied(),
        hour,
        result_time: NOW,
    }
}

/// Of every area.
const CHANCE: HotspotChance = HotspotChance {
    expected: 1.2,
    q: 0.004,
};

/// Everything there is, and the moment of a replay that stands.
pub fn told(ground: &Ground, part: u64) -> Vec<ServerMessage> {
    let dice = &mut Dice::new(ground, part, part);
    let mut changes: Vec<EntityChange> = Vec::new();
    let cases: Vec<CaseView> = (1..=CASES).map(|id| case(dice, id)).collect();
    for (i, c) in cases.iter().enumerate().filter(|(i, _)| i % 11 == 0) {
        changes.push(EntityChange::Alarm(AlarmView {
            id: AlarmId(i as u64 + 1),
            source: AlarmSource::Case(c.id),
            severity: c.severity,
            lon: c.lon,
            lat: c.lat,
            raised_at: NOW.plus_seconds(-7),
            acknowledged: (i % 2 == 0).then_some((Actor::System, NOW)),
            ended_at: None,
        }));
    }
    changes.extend(cases.into_iter().map(EntityChange::Case));
    changes.extend((0..UNITS).map(|id| EntityChange::Unit(unit(dice, id))));
    changes.extend((0..SENSORS).map(|id| EntityChange::Sensor(sensor(dice, id))));
    let mut tile = TileFrame::new(TileId { z: 0, x: 0, y: 0 }, NOW);
    tile.push_rows((0..UNITS + CARS).map(|id| {
        let (lon, lat) = dice.place();
        let position = LonLat::new(lon, lat).position().expect("a place");
        let age_s = [0, 0, 0, 120][dice.of(4)];
        let speed = [0, 1_200][dice.of(2)];
        let unit = (id < UNITS).then_some(UnitId(id));
        let kind = if unit.is_some() {
            MoverKind::Unit
        } else {
            MoverKind::Car
        };
        let bearing = dice.of(36_000) as u16;
        (
            MoverId(id),
            position,
            bearing,
            speed,
            NOW.plus_seconds(-age_s),
            Some((kind, unit)),
        )
    }));
    let areas = (0..AREAS).map(|i| {
        let centre = dice.place();
        let corner = |k: usize| {
            let (s, c) = (k as f64 / 24.0 * std::f64::consts::TAU).sin_cos();
            (centre.0 + 0.0028 * c, centre.1 + 0.0022 * s)
        };
        HotspotArea {
            rank: i + 1,
            name: format!("区 {i}"),
            centre,
            cases: 9,
            z: 3.1,
            chance: Some(CHANCE),
            since: NOW,
            outline: vec![(0..=24).map(|k| corner(k % 24)).collect()],
        }
    });
    let mut hello = sample::hello();
    if !ground.shipped {
        let [w, s, e, n] = ground.bounds;
        hello.city.bounds = (w, s, e, n);
        hello.city.centre = (f64::midpoint(w, e), f64::midpoint(s, n));
    }
    let clock = sample::clock(NOW, 1.0, false);
    vec![
        ServerMessage::Hello(Box::new(hello)),
        sample::entered(CityWorld::Replay(1), Some(clock)),
        ServerMessage::HotspotsWithChance {
            time: NOW,
            areas: areas.collect(),
        },
        ServerMessage::Snapshot {
            seq: 1,
            time: NOW,
            reason: SnapshotReason::Subscribed,
            changes,
            tiles: vec![tile],
        },
    ]
}
