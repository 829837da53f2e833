use crate::city::Severity;
use crate::geo::Position;
use crate::ids::{AlarmId, AssignmentId, CaseId, ClassId, DepartmentId, MoverId, SensorId, UnitId};
use crate::model::{
    Actor, Alarm, AlarmSource, Assignment, Case, CaseHistory, CaseSource, Phenomenon, Reading,
    Sensor, SensorState, Stage, StageChange, Thresholds, Unit, UnitStatus, shown,
};
use crate::time::Timestamp;

/// A change of anything but positions: the whole new view, or that it is gone.
#[derive(Clone, Debug, PartialEq)]
pub enum EntityChange {
    /// A case is new or has changed.
    Case(CaseView),
    /// A case left the live state.
    CaseGone(CaseId),
    /// A unit is new or has changed.
    Unit(UnitView),
    /// A sensor is new or has changed; its last hour of readings is included.
    Sensor(SensorView),
    /// A sensor has one new reading; sent instead of the whole view.
    Reading {
        /// The sensor that was read; a client that does not know it ignores the reading.
        sensor: SensorId,
        /// State of the sensor with this reading.
        state: SensorState,
        /// Phenomenon time and value, in the sensor's unit of measure.
        reading: Reading,
        /// When the server received it.
        result_time: Timestamp,
    },
    /// An alarm is new or has changed.
    Alarm(AlarmView),
    /// An alarm has ended and was acknowledged; it is no longer in the state.
    AlarmGone(AlarmId),
    /// What has happened to a case so far. Comes after the case, to viewers that [want
    /// histories](super::View::with_histories).
    History {
        /// Which case.
        case: CaseId,
        /// All of it.
        history: CaseHistory,
    },
    /// A unit is no longer seen: it has left the ground that this viewer sees. Told to viewers that [are told of
    /// persons](super::View::with_persons).
    UnitGone(UnitId),
    /// How the person behind a case is seen. Comes after the case, to viewers that [are told of
    /// persons](super::View::with_persons).
    Person {
        /// Which case.
        case: CaseId,
        /// What is shown of them.
        person: PersonView,
    },
}

/// The person behind a case as clients see them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PersonView {
    /// The reporter's name, as it is shown; empty where it is not known.
    pub name: String,
    /// The reporter's telephone, as it is shown; empty where it is not known.
    pub telephone: String,
    /// True where something of the case is masked: names and numbers, and its point is that of its cell.
    pub masked: bool,
}

/// A case as clients see it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::model::Case`, the place in degrees.
pub struct CaseView {
    pub id: CaseId,
    pub class: ClassId,
    pub severity: Severity,
    pub lon: f64,
    pub lat: f64,
    pub address: String,
    pub note: String,
    /// The officer or the feed's number that it came from, in words.
    pub source: CaseSource,
    pub occurred_at: Timestamp,
    pub stage: Stage,
    pub history: Vec<StageChange>,
    pub filed_at: Option<Timestamp>,
    pub due_at: Option<Timestamp>,
    pub overdue: bool,
    pub units: Vec<UnitId>,
    pub handled_by: Option<UnitId>,
    pub rework: u32,
    pub reports: u32,
    pub maybe_same_as: Option<CaseId>,
}

/// A unit as clients see it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::model::Unit`.
pub struct UnitView {
    pub id: UnitId,
    pub mover: MoverId,
    pub call_sign: String,
    pub call_sign_en: String,
    pub fleet: String,
    pub department: DepartmentId,
    pub skills: Vec<String>,
    pub status: UnitStatus,
    pub since: Timestamp,
    pub assignment: Option<AssignmentView>,
    pub handled: u32,
}

/// A sending as clients see it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::model::Assignment`, the place in degrees.
pub struct AssignmentView {
    pub id: AssignmentId,
    /// The case; `None` for a place without a case.
    pub case: Option<CaseId>,
    pub lon: f64,
    pub lat: f64,
    pub by: Actor,
    pub at: Timestamp,
    pub acknowledged_at: Option<Timestamp>,
    pub arrived_at: Option<Timestamp>,
    pub expected_at: Option<Timestamp>,
}

/// A sensor as clients see it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::model::Sensor`, the place in degrees.
pub struct SensorView {
    pub id: SensorId,
    pub key: String,
    pub name: String,
    pub phenomenon: Phenomenon,
    pub unit_of_measure: String,
    pub lon: f64,
    pub lat: f64,
    pub thresholds: Option<Thresholds>,
    pub state: SensorState,
    pub hour: Vec<Reading>,
    pub latest: Option<Reading>,
    pub result_time: Timestamp,
}

/// An alarm as clients see it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)] // Field by field the same as `crate::model::Alarm`, the place in degrees.
pub struct AlarmView {
    pub id: AlarmId,
    pub source: AlarmSource,
    pub severity: Severity,
    pub lon: f64,
    pub lat: f64,
    pub raised_at: Timestamp,
    pub acknowledged: Option<(Actor, Timestamp)>,
    pub ended_at: Option<Timestamp>,
}

fn degrees(p: Position) -> (f64, f64) {
    let p = p.lon_lat();
    (p.lon_deg, p.lat_deg)
}

impl From<&Case> for CaseView {
    fn from(c: &Case) -> Self {
        let (lon, lat) = degrees(c.position);
        Self {
            id: c.id,
            class: c.class,
            severity: c.severity,
            lon,
            lat,
            address: shown(&c.address).into_owned(),
            note: shown(&c.note).into_owned(),
            source: c.source.clone(),
            occurred_at: c.occurred_at,
            stage: c.stage,
            history: c.history.clone(),
            filed_at: c.filed_at,
            due_at: c.due_at,
            overdue: c.overdue,
            units: c.units.clone(),
            handled_by: c.handled_by,
            rework: c.rework,
            reports: c.reports,
            maybe_same_as: c.maybe_same_as,
        }
    }
}

impl From<&Assignment> for AssignmentView {
    fn from(a: &Assignment) -> Self {
        let (lon, lat) = degrees(a.position);
        Self {
            id: a.id,
            case: a.case(),
            lon,
            lat,
            by: a.by.clone(),
            at: a.at,
            acknowledged_at: a.acknowledged_at,
            arrived_at: a.arrived_at,
            expected_at: a.expected_at,
        }
    }
}

impl From<&Unit> for UnitView {
    fn from(u: &Unit) -> Self {
        Self {
            id: u.id,
            mover: u.mover,
            call_sign: u.call_sign.clone(),
            call_sign_en: u.call_sign_en.clone(),
            fleet: u.fleet.clone(),
            department: u.department,
            skills: u.skills.clone(),
            status: u.status,
            since: u.since,
            assignment: u.assignment.as_ref().map(AssignmentView::from),
            handled: u.handled,
        }
    }
}

impl From<&Sensor> for SensorView {
    fn from(s: &Sensor) -> Self {
        let (lon, lat) = degrees(s.position);
        Self {
            id: s.id,
            key: shown(&s.key).into_owned(),
            name: shown(&s.name).into_owned(),
            phenomenon: s.phenomenon,
            unit_of_measure: shown(&s.unit_of_measure).into_owned(),
            lon,
            lat,
            thresholds: s.thresholds,
            state: s.state,
            hour: s.hour.clone(),
            latest: s.latest,
            result_time: s.result_time,
        }
    }
}

impl From<&Alarm> for AlarmView {
    fn from(a: &Alarm) -> Self {
        let (lon, lat) = degrees(a.position);
        Self {
            id: a.id,
            source: a.source,
            severity: a.severity,
            lon,
            lat,
            raised_at: a.raised_at,
            acknowledged: a.acknowledged.clone(),
            ended_at: a.ended_at,
        }
    }
}
