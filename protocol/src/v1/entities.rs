//! Cases, units, sensors and alarms.

use super::model::{
    Actor, AlarmSource, CaseSource, Phenomenon, Reading, SensorState, Severity, Stage, StageChange,
    Thresholds, UnitStatus,
};
use chengtu_engine::ids::{
    AlarmId, AssignmentId, CaseId, ClassId, DepartmentId, MoverId, SensorId, UnitId,
};
use chengtu_engine::time::Timestamp;
use chengtu_engine::{city, model, stream};
use serde::{Deserialize, Serialize};
use serde_with::{As, Same};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "stream::EntityChange")]
pub(super) enum EntityChange {
    Case(#[serde(with = "CaseView")] stream::CaseView),
    CaseGone(CaseId),
    Unit(#[serde(with = "UnitView")] stream::UnitView),
    Sensor(#[serde(with = "SensorView")] stream::SensorView),
    Reading {
        sensor: SensorId,
        #[serde(with = "SensorState")]
        state: model::SensorState,
        #[serde(with = "Reading")]
        reading: model::Reading,
        result_time: Timestamp,
    },
    Alarm(#[serde(with = "AlarmView")] stream::AlarmView),
    AlarmGone(AlarmId),
    // Of 1.2.
    History {
        case: CaseId,
        #[serde(with = "CaseHistory")]
        history: model::CaseHistory,
    },
    // From here on of 1.6.
    UnitGone(UnitId),
    Person {
        case: CaseId,
        #[serde(with = "PersonView")]
        person: stream::PersonView,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::PersonView")]
pub(super) struct PersonView {
    name: String,
    telephone: String,
    masked: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "model::CaseHistory")]
pub(super) struct CaseHistory {
    revision: u32,
    left_out: u32,
    #[serde(with = "As::<Vec<HistoryEntry>>")]
    entries: Vec<model::HistoryEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "model::HistoryEntry")]
pub(super) struct HistoryEntry {
    at: Timestamp,
    #[serde(with = "Actor")]
    by: model::Actor,
    #[serde(with = "HistoryKind")]
    what: model::HistoryKind,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "model::HistoryKind")]
pub(super) enum HistoryKind {
    Stage(#[serde(with = "Stage")] model::Stage),
    Reported,
    Filed,
    Dispatched(UnitId),
    Acknowledged(UnitId),
    Arrived(UnitId),
    Recalled(UnitId),
    Reassigned { from: UnitId, to: UnitId },
    Handled { unit: UnitId, note: String },
    CheckPassed,
    CheckFailed,
    Overdue,
    BundledInto(CaseId),
    TookIn(CaseId),
    Voided { reason: String },
    Restored,
    GaveBack(CaseId),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::CaseView")]
pub(super) struct CaseView {
    id: CaseId,
    class: ClassId,
    #[serde(with = "Severity")]
    severity: city::Severity,
    lon: f64,
    lat: f64,
    address: String,
    note: String,
    #[serde(with = "CaseSource")]
    source: model::CaseSource,
    occurred_at: Timestamp,
    #[serde(with = "Stage")]
    stage: model::Stage,
    #[serde(with = "As::<Vec<StageChange>>")]
    history: Vec<model::StageChange>,
    filed_at: Option<Timestamp>,
    due_at: Option<Timestamp>,
    overdue: bool,
    units: Vec<UnitId>,
    handled_by: Option<UnitId>,
    rework: u32,
    reports: u32,
    maybe_same_as: Option<CaseId>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::UnitView")]
pub(super) struct UnitView {
    id: UnitId,
    mover: MoverId,
    call_sign: String,
    call_sign_en: String,
    fleet: String,
    department: DepartmentId,
    skills: Vec<String>,
    #[serde(with = "UnitStatus")]
    status: model::UnitStatus,
    since: Timestamp,
    #[serde(default, with = "As::<Option<AssignmentView>>")]
    assignment: Option<stream::AssignmentView>,
    handled: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::AssignmentView")]
pub(super) struct AssignmentView {
    id: AssignmentId,
    case: Option<CaseId>,
    lon: f64,
    lat: f64,
    #[serde(with = "Actor")]
    by: model::Actor,
    at: Timestamp,
    acknowledged_at: Option<Timestamp>,
    arrived_at: Option<Timestamp>,
    expected_at: Option<Timestamp>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::SensorView")]
pub(super) struct SensorView {
    id: SensorId,
    key: String,
    name: String,
    #[serde(with = "Phenomenon")]
    phenomenon: model::Phenomenon,
    unit_of_measure: String,
    lon: f64,
    lat: f64,
    #[serde(default, with = "As::<Option<Thresholds>>")]
    thresholds: Option<model::Thresholds>,
    #[serde(with = "SensorState")]
    state: model::SensorState,
    #[serde(with = "As::<Vec<Reading>>")]
    hour: Vec<model::Reading>,
    #[serde(default, with = "As::<Option<Reading>>")]
    latest: Option<model::Reading>,
    result_time: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "stream::AlarmView")]
pub(super) struct AlarmView {
    id: AlarmId,
    #[serde(with = "AlarmSource")]
    source: model::AlarmSource,
    #[serde(with = "Severity")]
    severity: city::Severity,
    lon: f64,
    lat: f64,
    raised_at: Timestamp,
    #[serde(default, with = "As::<Option<(Actor, Same)>>")]
    acknowledged: Option<(model::Actor, Timestamp)>,
    ended_at: Option<Timestamp>,
}
