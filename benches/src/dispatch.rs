//! A city whose units and cases are where a measurement wants them.

use chengtu_engine::city::{
    Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity,
};
use chengtu_engine::command::{CaseReport, Command, UnitRegistration};
use chengtu_engine::decide::{decide, decide_fixes};
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::ids::{CaseId, ClassId, DepartmentId, FeedId, MoverId};
use chengtu_engine::model::{Actor, Fix};
use chengtu_engine::record::{Body, Origin, Record, World};
use chengtu_engine::state::State;
use chengtu_engine::time::Timestamp;

pub const NOW: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// Units that drive, free and with the skill that every case asks for, and cases that nobody is at.
pub struct Dispatch {
    pub state: State,
    pub cases: Vec<CaseId>,
}

impl Dispatch {
    /// `units`: where each is, and the bearing in degrees that it drives at.
    pub fn new(bounds: GeoBox, units: &[(Position, f64)], cases: &[Position]) -> Self {
        let mut city = Self {
            state: State::new(),
            cases: Vec::new(),
        };
        city.submit(&Command::Configure(Box::new(rules(bounds))));
        city.submit(&Command::RegisterFeed {
            name: "units".into(),
        });
        let mut fixes = Vec::new();
        for (n, (position, bearing_deg)) in (0..).zip(units) {
            city.submit(&Command::RegisterUnit(UnitRegistration {
                call_sign: format!("维修 {n}"),
                call_sign_en: String::new(),
                fleet: "repair".into(),
                department: DepartmentId(0),
                skills: vec!["road".into()],
                feed: FeedId(0),
            }));
            fixes.push(Fix {
                mover: MoverId(n),
                position: *position,
                bearing_cdeg: (bearing_deg.rem_euclid(360.0) * 100.0) as u16,
                speed_cmps: 900,
                accuracy_dm: 50,
                fix_time: NOW,
            });
        }
        let block = decide_fixes(&city.state, FeedId(0), &fixes, NOW).block;
        city.record(Body::Fixes(block));
        for position in cases {
            city.submit(&Command::ReportCase(CaseReport {
                class: ClassId(0),
                severity: None,
                position: *position,
                address: String::new(),
                note: String::new(),
                occurred_at: NOW,
                filed_at: None,
                key: String::new(),
            }));
        }
        city.cases = city.state.cases().keys().copied().collect();
        city
    }

    fn submit(&mut self, command: &Command) {
        // Set-up is the city's own, cases are an officer's.
        let actor = match command {
            Command::ReportCase(_) => Actor::Operator("周岚".into()),
            _ => Actor::System,
        };
        let events = decide(&self.state, command, &actor, NOW).expect("each may do that");
        self.record(Body::Events(events));
    }

    fn record(&mut self, body: Body) {
        let record = Record {
            seq: self.state.seq() + 1,
            known_at: NOW,
            world: World::Live,
            origin: Origin {
                actor: Actor::System,
                command: None,
            },
            body,
        };
        self.state.apply(&record);
    }
}

fn rules(bounds: GeoBox) -> Rules {
    Rules {
        city: "城".into(),
        city_en: String::new(),
        bounds,
        classes: vec![CaseClass {
            code: "E0113".into(),
            kind: CaseKind::Event,
            group: String::new(),
            name: "道路破损".into(),
            name_en: String::new(),
            severity: Severity::Normal,
            limit: Limit {
                amount: 4,
                clock: ClockKind::RunningHours,
            },
            department: DepartmentId(0),
            skill: "road".into(),
        }],
        departments: vec![Department {
            key: "repair".into(),
            name: "维修".into(),
            name_en: String::new(),
        }],
        calendar: Calendar::with_offset(8 * 3_600),
        duplicate_radius_m: 50,
        duplicate_age_s: 86_400,
        future_tolerance_s: 60,
        keep_closed_s: 86_400,
    }
}
