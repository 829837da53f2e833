//! A small city for tests.

use chengtu_engine::city::{
    Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity,
};
use chengtu_engine::command::{Command, SensorRegistration, UnitRegistration};
use chengtu_engine::decide::decide;
use chengtu_engine::event::Event;
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::{CommandId, DepartmentId, FeedId};
use chengtu_engine::model::{Actor, Phenomenon, Thresholds};
use chengtu_engine::record::{Body, Origin, Record, World};
use chengtu_engine::rejection::Rejection;
use chengtu_engine::state::{Changes, State};
use chengtu_engine::time::Timestamp;

pub const SOUTH_WEST: Position = Position::new(1_187_700_000, 320_300_000);
pub const NORTH_EAST: Position = Position::new(1_188_200_000, 320_700_000);

pub fn rules() -> Rules {
    let class = |code: &str, severity, amount, clock, department, skill: &str| CaseClass {
        code: code.to_owned(),
        kind: CaseKind::Component,
        group: "公用设施".to_owned(),
        name: code.to_owned(),
        name_en: String::new(),
        severity,
        limit: Limit { amount, clock },
        department: DepartmentId(department),
        skill: skill.to_owned(),
    };
    let department = |key: &str| Department {
        key: key.into(),
        name: key.into(),
        name_en: key.into(),
    };
    Rules {
        city: "试验城".to_owned(),
        city_en: "Testing".to_owned(),
        bounds: GeoBox::new(SOUTH_WEST, NORTH_EAST),
        classes: vec![
            class(
                "C0101",
                Severity::Severe,
                2,
                ClockKind::RunningHours,
                0,
                "manhole",
            ),
            class("C0102", Severity::Urgent, 4, ClockKind::WorkingHours, 1, ""),
            class("E0103", Severity::Normal, 1, ClockKind::WorkingDays, 1, ""),
            class("E0104", Severity::Slight, 1, ClockKind::RunningHours, 0, ""),
        ],
        departments: vec![department("drainage"), department("sanitation")],
        calendar: Calendar::with_offset(8 * 3_600),
        duplicate_radius_m: 50,
        duplicate_age_s: 86_400,
        future_tolerance_s: 60,
        keep_closed_s: 3_600,
    }
}

/// A city with its log: every record that was ever applied.
pub struct Live {
    pub state: State,
    pub log: Vec<Record>,
    pub now: Timestamp,
    pub changes: Changes,
}

pub const UNITS: u32 = 12;

impl Live {
    /// Two feeds (`units`, `traffic`), twelve units, three sensors.
    pub fn new() -> Self {
        let now = Timestamp::from_seconds(1_795_000_000);
        let mut live = Self {
            state: State::new(),
            log: Vec::new(),
            now,
            changes: Changes::default(),
        };
        live.must(Command::Configure(Box::new(rules())), &Actor::System);
        for name in ["units", "traffic"] {
            live.must(
                Command::RegisterFeed {
                    name: name.to_owned(),
                },
                &Actor::System,
            );
        }
        for i in 0..UNITS {
            let registration = UnitRegistration {
                call_sign: format!("排水 {i:02}"),
                call_sign_en: format!("Drainage {i:02}"),
                fleet: "drainage".to_owned(),
                department: DepartmentId((i % 2) as u16),
                skills: if i % 3 == 0 {
                    vec!["manhole".to_owned()]
                } else {
                    vec![]
                },
                feed: FeedId(0),
            };
            live.must(Command::RegisterUnit(registration), &Actor::System);
        }
        for i in 0..3 {
            let registration = SensorRegistration {
                feed: FeedId(1),
                key: format!("level-{i}"),
                name: format!("水位 {i}"),
                phenomenon: Phenomenon::WaterLevel,
                unit_of_measure: "m".to_owned(),
                position: Position::new(1_187_800_000 + i * 10_000, 320_500_000),
                thresholds: Some(Thresholds {
                    warning: 0.4,
                    alarm: 0.8,
                }),
            };
            live.must(Command::RegisterSensor(registration), &Actor::System);
        }
        live
    }

    pub fn must(&mut self, command: Command, actor: &Actor) -> Vec<Event> {
        self.submit(&command, actor, None)
            .unwrap_or_else(|e| panic!("{command:?}: {e}"))
    }

    pub fn submit(
        &mut self,
        command: &Command,
        actor: &Actor,
        id: Option<CommandId>,
    ) -> Result<Vec<Event>, Rejection> {
        let events = decide(&self.state, command, actor, self.now)?;
        if !events.is_empty() {
            self.append(actor, id, Body::Events(events.clone()));
        }
        Ok(events)
    }

    pub fn append(&mut self, actor: &Actor, command: Option<CommandId>, body: Body) {
        let record = Record {
            seq: self.state.seq() + 1,
            known_at: self.now,
            world: World::Live,
            origin: Origin {
                actor: actor.clone(),
                command,
            },
            body,
        };
        let changes = self.state.apply(&record);
        self.changes.merge(changes);
        self.log.push(record);
        if let Err(broken) = self.state.check() {
            panic!("after record {}: {broken}", self.state.seq());
        }
    }
}
