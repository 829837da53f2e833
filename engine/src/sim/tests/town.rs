//! A small town that works: rules, units, sensors, a few open cases.

use super::city::{grid, origin};
use crate::city::{Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity};
use crate::command::{CaseReport, Command, SensorRegistration, UnitRegistration};
use crate::decide::decide;
use crate::geo::{GeoBox, LocalFrame, Metres, Position};
use crate::ids::{ClassId, DepartmentId, FeedId, SensorId, UnitId};
use crate::model::{Actor, Phenomenon, Thresholds};
use crate::record::{Body, Origin, Record, World};
use crate::roads::RoadGraph;
use crate::sim::{CaseRates, OfficerPolicy, SimConfig, Simulator};
use crate::state::State;
use crate::time::Timestamp;
use std::sync::Arc;

/// 2026-11-20, a Friday, 10:00 in the town.
pub const START: Timestamp = Timestamp(1_795_140_000_000_000);
/// The feeds: units, sensors, hotline.
pub const UNITS: FeedId = FeedId(0);
pub const SENSORS: FeedId = FeedId(1);
pub const HOTLINE: FeedId = FeedId(2);

pub fn at(east_m: f64, north_m: f64) -> Position {
    LocalFrame::new(origin()).position(Metres { east_m, north_m })
}

pub fn officer() -> Actor {
    Actor::Operator("值班员".to_owned())
}

/// A class of its number, for one of two departments.
fn class(n: u16, severity: Severity) -> CaseClass {
    CaseClass {
        code: format!("E0{n:03}"),
        kind: CaseKind::Event,
        group: String::new(),
        name: format!("类{n}"),
        name_en: String::new(),
        severity,
        limit: Limit {
            amount: 2,
            clock: ClockKind::RunningHours,
        },
        department: DepartmentId(n % 2),
        skill: if n.is_multiple_of(2) {
            "a".into()
        } else {
            "b".into()
        },
    }
}

/// The town's state with so many units, half of each department.
pub fn state(units: u32) -> State {
    let mut state = State::new();
    let mut submit = |command: Command, actor: &Actor| {
        let events = decide(&state, &command, actor, START).expect("accepted");
        let record = Record {
            seq: state.seq() + 1,
            known_at: START,
            world: World::Live,
            origin: Origin {
                actor: actor.clone(),
                command: None,
            },
            body: Body::Events(events),
        };
        state.apply(&record);
    };
    let department = |key: &str| Department {
        key: key.to_owned(),
        name: key.to_owned(),
        name_en: String::new(),
    };
    let rules = Rules {
        city: "方城".into(),
        city_en: String::new(),
        bounds: GeoBox::new(at(-500.0, -500.0), at(3_000.0, 3_000.0)),
        classes: (0..4)
            .map(|n| {
                class(
                    n,
                    if n == 3 {
                        Severity::Urgent
                    } else {
                        Severity::Normal
                    },
                )
            })
            .collect(),
        departments: vec![department("a"), department("b")],
        calendar: Calendar::with_offset(8 * 3_600),
        duplicate_radius_m: 50,
        duplicate_age_s: 3_600,
        future_tolerance_s: 60,
        keep_closed_s: 86_400,
    };
    submit(Command::Configure(Box::new(rules)), &Actor::System);
    for name in ["units", "sensors", "hotline"] {
        let name = name.to_owned();
        submit(Command::RegisterFeed { name }, &Actor::System);
    }
    for n in 0..units {
        let skill = if n.is_multiple_of(2) { "a" } else { "b" };
        let registration = UnitRegistration {
            call_sign: format!("车 {n}"),
            call_sign_en: format!("U {n}"),
            fleet: "patrol".into(),
            department: DepartmentId((n % 2) as u16),
            skills: vec![skill.to_owned()],
            feed: UNITS,
        };
        submit(Command::RegisterUnit(registration), &Actor::System);
    }
    for registration in sensors() {
        submit(Command::RegisterSensor(registration), &Actor::Feed(SENSORS));
    }
    for n in 0..4 {
        submit(Command::ReportCase(report(n, n)), &Actor::Feed(HOTLINE));
    }
    state
}

/// Two water gauges, a bin and a station that measures the air.
fn sensors() -> impl Iterator<Item = SensorRegistration> {
    let phenomena = [
        Phenomenon::WaterLevel,
        Phenomenon::WaterLevel,
        Phenomenon::BinFill,
        Phenomenon::Pm25,
    ];
    phenomena.into_iter().enumerate().map(|(n, phenomenon)| {
        let (unit, warning, alarm) = crate::sim::usual(phenomenon);
        SensorRegistration {
            feed: SENSORS,
            key: format!("S{n}"),
            name: format!("S{n}"),
            phenomenon,
            unit_of_measure: unit.to_owned(),
            position: at(100.0 + 900.0 * n as f64, 150.0),
            thresholds: Some(Thresholds { warning, alarm }),
        }
    })
}

/// A report of a class at a place of its number.
pub fn report(n: u16, place: u16) -> CaseReport {
    let p = f64::from(place);
    CaseReport {
        class: ClassId(n % 4),
        severity: None,
        position: at(105.0 + 200.0 * (p % 9.0), 200.0 * (p / 9.0).floor()),
        address: String::new(),
        note: String::new(),
        occurred_at: START,
        filed_at: None,
        key: format!("k{n}-{place}"),
    }
}

pub fn roads() -> Arc<RoadGraph> {
    Arc::new(grid(20, 0))
}

/// A town that lives by itself: 120 cases an hour, 30 units, an officer, checks, sensors.
pub fn town(seed: u64) -> Simulator {
    town_of(30, seed)
}

/// As [`town`], with so many units.
pub fn town_of(units: u32, seed: u64) -> Simulator {
    let rates = CaseRates::new((0..4).map(ClassId).collect(), vec![vec![30.0; 4]]);
    let config = SimConfig {
        officer: Some(OfficerPolicy::default()),
        arrivals: Some(rates),
        ..SimConfig::new(World::Fork(1))
    };
    Simulator::new(state(units), &roads(), config, seed)
}

/// A town in which only happens what a test does, and what crews then do.
pub fn quiet(units: u32) -> Simulator {
    let config = SimConfig {
        checks: None,
        sensors: false,
        ..SimConfig::new(World::Fork(1))
    };
    Simulator::new(state(units), &roads(), config, 5)
}

pub const U0: UnitId = UnitId(0);
pub const WATER: SensorId = SensorId(0);
