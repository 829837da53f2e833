//! Commands as clients ask for them.

use super::model::Severity;
use chengtu_engine::ids::{AlarmId, AssignmentId, CaseId, ClassId, UnitId};
use chengtu_engine::{city, command};
use serde::{Deserialize, Serialize};
use serde_with::As;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "command::Target")]
pub(super) enum Target {
    Case(CaseId),
    Place(f64, f64),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "command::CommandRequest")]
pub(super) enum CommandRequest {
    ReportCase {
        class: ClassId,
        #[serde(default, with = "As::<Option<Severity>>")]
        severity: Option<city::Severity>,
        lon: f64,
        lat: f64,
        address: String,
        note: String,
    },
    VoidCase {
        case: CaseId,
        reason: String,
    },
    BundleCase {
        case: CaseId,
        into: CaseId,
    },
    CheckCase {
        case: CaseId,
        passed: bool,
    },
    DispatchUnit {
        unit: UnitId,
        #[serde(with = "Target")]
        target: command::Target,
        expected_s: Option<u32>,
    },
    RecallUnit {
        unit: UnitId,
    },
    ReassignCase {
        case: CaseId,
        from: UnitId,
        to: UnitId,
        expected_s: Option<u32>,
    },
    AcknowledgeAssignment {
        unit: UnitId,
    },
    ArriveOnScene {
        unit: UnitId,
    },
    ReportHandled {
        unit: UnitId,
        note: String,
    },
    SetInService {
        unit: UnitId,
        in_service: bool,
    },
    AcknowledgeAlarm {
        alarm: AlarmId,
    },
    // Of 1.2.
    RestoreCase {
        case: CaseId,
    },
    // Of 1.5.
    Unmask {
        case: CaseId,
        purpose: String,
    },
    // Of 1.6.
    NameReporter {
        case: CaseId,
        name: String,
        telephone: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "command::Basis")]
pub(super) struct Basis {
    #[serde(default, with = "As::<Vec<Seen>>")]
    seen: Vec<command::Seen>,
    #[serde(default)]
    age_ms: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "command::Seen")]
pub(super) enum Seen {
    Case {
        case: CaseId,
        revision: u32,
    },
    Unit {
        unit: UnitId,
        #[serde(default, with = "As::<Option<SeenTask>>")]
        task: Option<command::SeenTask>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "command::SeenTask")]
pub(super) struct SeenTask {
    assignment: AssignmentId,
    case: Option<CaseId>,
}
