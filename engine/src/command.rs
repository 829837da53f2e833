//! What may be asked of the city.

#[cfg(test)]
pub(crate) mod examples;
mod fix_row;
mod request;
mod seen;

pub use fix_row::FixRow;
pub use request::{CommandRequest, Target};
pub use seen::{AGE_MAX_MS, Basis, Seen, SeenTask};

use crate::city::{Rules, Severity};
use crate::geo::Position;
use crate::ids::{AlarmId, CaseId, ClassId, DepartmentId, FeedId, MoverId, SensorId, UnitId};
use crate::model::{AssignmentTarget, MoverKind, Phenomenon, Reporter, Thresholds};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A request to change the city. [`crate::decide::decide`] answers with events or a rejection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Time has passed; nothing else makes anything expire.
    Tick,
    /// Sets the city's rules; cases already filed stay on their old limits.
    Configure(Box<Rules>),
    /// Names a feed, so that it keeps its id.
    RegisterFeed {
        /// Its name; unique.
        name: String,
    },
    /// Brings a unit into being, or renews what is known of it.
    RegisterUnit(UnitRegistration),
    /// Brings a sensor into being, or renews what is known of it.
    RegisterSensor(SensorRegistration),
    /// Makes something that moves known before its fixes are taken, or says of what is known that it is of another kind.
    RegisterMovers {
        /// Whose fixes they live on.
        feed: FeedId,
        /// The feed's names for them, with their kinds.
        movers: Vec<(String, MoverKind)>,
    },
    /// A new case. Of a known class it is filed at once.
    ReportCase(CaseReport),
    /// Accepts a reported case; its clock starts.
    FileCase {
        /// The reported case.
        case: CaseId,
        /// As what; `None` keeps the reported class.
        class: Option<ClassId>,
    },
    /// Was no case.
    VoidCase {
        /// The open case that ends as void.
        case: CaseId,
        /// Why; not empty.
        reason: String,
    },
    /// One event, many reports: the later one is voided, the earlier one counts it.
    BundleCase {
        /// The case that ends.
        case: CaseId,
        /// The case that goes on.
        into: CaseId,
    },
    /// Takes back that a case was voided or bundled, within [`crate::workflow::RESTORE_WITHIN_S`].
    RestoreCase {
        /// The case that ended.
        case: CaseId,
    },
    /// Sends a unit.
    DispatchUnit {
        /// The unit that goes; it must be available.
        unit: UnitId,
        /// A case, or a place that has no case.
        target: AssignmentTarget,
        /// Expected road time, seconds, from the ranking that the officer saw.
        expected_s: Option<u32>,
    },
    /// Takes a unit off its task; a case without units goes back to filed.
    RecallUnit {
        /// The unit that comes off its task.
        unit: UnitId,
    },
    /// Sends one unit in place of another: both changes or neither.
    ReassignCase {
        /// The case, which keeps its stage unless nobody is left on scene.
        case: CaseId,
        /// The unit that comes off; it must be on the case.
        from: UnitId,
        /// The unit that goes; it must be available.
        to: UnitId,
        /// Expected driving time of the new unit, seconds.
        expected_s: Option<u32>,
    },
    /// A terminal has its task and sets off.
    AcknowledgeAssignment {
        /// The assigned unit.
        unit: UnitId,
    },
    /// A unit is there.
    ArriveOnScene {
        /// The unit, which must have a task.
        unit: UnitId,
    },
    /// A unit has done its work on its case.
    ReportHandled {
        /// The unit, which must be on scene.
        unit: UnitId,
        /// What was done, in words; may be empty.
        note: String,
    },
    /// The result of looking at the place after handling.
    CheckCase {
        /// The handled case.
        case: CaseId,
        /// True closes it; false sends it back as rework.
        passed: bool,
    },
    /// A unit goes out of service or comes back.
    SetInService {
        /// The unit, which must have no task to go out of service.
        unit: UnitId,
        /// True brings it back as available, false takes it out of service.
        in_service: bool,
    },
    /// A person has seen an alarm.
    AcknowledgeAlarm {
        /// The alarm, not acknowledged yet.
        alarm: AlarmId,
    },
    /// Gives up the names and places of movers that have not been heard of for long.
    RetireMovers {
        /// Whose movers they are.
        feed: FeedId,
        /// The movers; units among them stay.
        movers: Vec<MoverId>,
    },
    /// Gives up the names and places of sensors that have said nothing for long.
    RetireSensors {
        /// Whose sensors they are.
        feed: FeedId,
        /// The sensors; those with an alarm that is not done with stay.
        sensors: Vec<SensorId>,
    },
    /// Gives up the name of a feed that has no mover, no sensor and no case; any other stays.
    RetireFeed {
        /// The feed.
        feed: FeedId,
    },
    /// Says who reported a case, in place of whoever was named before.
    NameReporter {
        /// The case.
        case: CaseId,
        /// Who it was; not empty.
        reporter: Reporter,
    },
    /// Asks to be shown what is masked of a case; who does it, and what for, is kept for good.
    Unmask {
        /// The case.
        case: CaseId,
        /// What for; not empty.
        purpose: String,
    },
}

/// What is known of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRegistration {
    /// Call sign; unique in the city and its identity over restarts.
    pub call_sign: String,
    /// Call sign in English.
    pub call_sign_en: String,
    /// Key of the fleet, e.g. `drainage`.
    pub fleet: String,
    /// The department that the unit belongs to.
    pub department: DepartmentId,
    /// Skills, as case classes ask for them.
    pub skills: Vec<String>,
    /// The feed that its fixes come by.
    pub feed: FeedId,
}

/// What is known of a sensor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SensorRegistration {
    /// The feed that describes it and sends its readings.
    pub feed: FeedId,
    /// The feed's name for it; with the feed its identity.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// The phenomenon that its values are of.
    pub phenomenon: Phenomenon,
    /// Unit of its values.
    pub unit_of_measure: String,
    /// Where it is fixed, WGS 84.
    pub position: Position,
    /// Bounds, where it has some.
    pub thresholds: Option<Thresholds>,
}

/// A report of a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseReport {
    /// The class as reported.
    pub class: ClassId,
    /// Severity; `None`: the class's own.
    pub severity: Option<Severity>,
    /// Where it is; within the city's bounds.
    pub position: Position,
    /// The place in words; may be empty.
    pub address: String,
    /// What was reported; may be empty.
    pub note: String,
    /// When it happened, by the reporter; at most `future_tolerance_s` ahead of the server.
    pub occurred_at: Timestamp,
    /// When another system filed it already: its limit runs from there. `None`: it is filed when it comes in.
    pub filed_at: Option<Timestamp>,
    /// The feed's own name for it: a second report of the same name is the same case. Empty for none.
    pub key: String,
}

/// One value of one sensor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// The sensor that measured; it must belong to the feed that reports.
    pub sensor: SensorId,
    /// When the value held, by the sensor's clock.
    pub phenomenon_time: Timestamp,
    /// In the sensor's unit; `None` says that the sensor is broken.
    pub value: Option<f64>,
}
