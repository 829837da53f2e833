//! One command of every kind, for tests of what holds for all of them.

use super::{CaseReport, Command, SensorRegistration, UnitRegistration};
use crate::city::{Calendar, CaseClass, CaseKind, ClockKind, Department, Limit, Rules, Severity};
use crate::geo::{GeoBox, Position};
use crate::ids::{AlarmId, CaseId, ClassId, DepartmentId, FeedId, UnitId};
use crate::model::{AssignmentTarget, Phenomenon, Reporter};
use crate::time::Timestamp;
use std::collections::BTreeSet;

/// The unit that the examples are about.
pub(crate) const UNIT: UnitId = UnitId(0);
/// The feed that the examples are about.
pub(crate) const FEED: FeedId = FeedId(0);
const CASE: CaseId = CaseId(1);
const HERE: Position = Position::new(1_187_900_000, 320_500_000);

/// A class of cases of a department.
pub(crate) fn class(code: &str, department: u16) -> CaseClass {
    CaseClass {
        code: code.to_owned(),
        kind: CaseKind::Event,
        group: String::new(),
        name: code.to_owned(),
        name_en: String::new(),
        severity: Severity::Normal,
        limit: Limit {
            amount: 1,
            clock: ClockKind::RunningHours,
        },
        department: DepartmentId(department),
        skill: String::new(),
    }
}

/// A department of a key.
pub(crate) fn department(key: &str) -> Department {
    Department {
        key: key.to_owned(),
        name: key.to_owned(),
        name_en: key.to_owned(),
    }
}

/// Rules without classes.
pub(crate) fn rules() -> Rules {
    Rules {
        city: "城".to_owned(),
        city_en: "City".to_owned(),
        bounds: GeoBox::new(HERE, HERE),
        classes: vec![],
        departments: vec![],
        calendar: Calendar::default(),
        duplicate_radius_m: 0,
        duplicate_age_s: 0,
        future_tolerance_s: 0,
        keep_closed_s: 0,
    }
}

fn registrations() -> Vec<Command> {
    vec![
        Command::Tick,
        Command::Configure(Box::new(rules())),
        Command::RegisterFeed { name: "f".into() },
        Command::RegisterUnit(UnitRegistration {
            call_sign: "1".to_owned(),
            call_sign_en: "1".to_owned(),
            fleet: "f".to_owned(),
            department: DepartmentId(0),
            skills: vec![],
            feed: FEED,
        }),
        Command::RegisterSensor(SensorRegistration {
            feed: FEED,
            key: "s".to_owned(),
            name: "s".to_owned(),
            phenomenon: Phenomenon::Other,
            unit_of_measure: "m".to_owned(),
            position: HERE,
            thresholds: None,
        }),
        Command::RegisterMovers {
            feed: FEED,
            movers: vec![],
        },
    ]
}

fn retirements() -> [Command; 3] {
    [
        Command::RetireMovers {
            feed: FEED,
            movers: vec![],
        },
        Command::RetireSensors {
            feed: FEED,
            sensors: vec![],
        },
        Command::RetireFeed { feed: FEED },
    ]
}

fn about_persons() -> Vec<Command> {
    vec![
        Command::Unmask {
            case: CASE,
            purpose: "p".into(),
        },
        Command::NameReporter {
            case: CASE,
            reporter: Reporter {
                name: "n".into(),
                telephone: "1".into(),
            },
        },
    ]
}

/// One command of every kind. A new kind does not compile before it has its place and its example here.
pub(crate) fn every_command() -> Vec<Command> {
    let place = |c: &Command| match c {
        Command::Tick => 0,
        Command::Configure(_) => 1,
        Command::RegisterFeed { .. } => 2,
        Command::RegisterUnit(_) => 3,
        Command::RegisterSensor(_) => 4,
        Command::RegisterMovers { .. } => 5,
        Command::ReportCase(_) => 6,
        Command::FileCase { .. } => 7,
        Command::VoidCase { .. } => 8,
        Command::BundleCase { .. } => 9,
        Command::DispatchUnit { .. } => 10,
        Command::RecallUnit { .. } => 11,
        Command::ReassignCase { .. } => 12,
        Command::AcknowledgeAssignment { .. } => 13,
        Command::ArriveOnScene { .. } => 14,
        Command::ReportHandled { .. } => 15,
        Command::CheckCase { .. } => 16,
        Command::SetInService { .. } => 17,
        Command::AcknowledgeAlarm { .. } => 18,
        Command::RestoreCase { .. } => 19,
        Command::RetireMovers { .. } => 20,
        Command::RetireSensors { .. } => 21,
        Command::RetireFeed { .. } => 22,
        Command::Unmask { .. } => 23,
        Command::NameReporter { .. } => 24,
    };
    let (unit, case, expected_s) = (UNIT, CASE, None);
    let mut commands = registrations();
    commands.extend([
        Command::ReportCase(CaseReport {
            class: ClassId(0),
            severity: None,
            position: HERE,
            address: String::new(),
            note: String::new(),
            occurred_at: Timestamp(0),
            filed_at: None,
            key: String::new(),
        }),
        Command::FileCase { case, class: None },
        Command::VoidCase {
            case,
            reason: "r".into(),
        },
        Command::BundleCase { case, into: case },
        Command::DispatchUnit {
            unit,
            target: AssignmentTarget::Case(case),
            expected_s,
        },
        Command::RecallUnit { unit },
        Command::ReassignCase {
            case,
            from: unit,
            to: unit,
            expected_s,
        },
        Command::AcknowledgeAssignment { unit },
        Command::ArriveOnScene { unit },
        Command::ReportHandled {
            unit,
            note: String::new(),
        },
        Command::CheckCase { case, passed: true },
        Command::SetInService {
            unit,
            in_service: true,
        },
        Command::AcknowledgeAlarm { alarm: AlarmId(1) },
        Command::RestoreCase { case },
    ]);
    commands.extend(about_persons());
    commands.extend(retirements());
    let places: BTreeSet<usize> = commands.iter().map(place).collect();
    assert!(places.into_iter().eq(0..=24), "an example of every kind");
    commands
}
