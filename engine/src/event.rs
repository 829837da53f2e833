//! What has happened. Past tense, never taken back, and all that state is made of.
//!
//! How events are kept, and how they may change, is said in `record/stored`: these types may, the kept forms may not.

use crate::audit::Audit;
use crate::city::{Rules, Severity};
use crate::command::{SensorRegistration, UnitRegistration};
use crate::geo::Position;
use crate::ids::{AlarmId, AssignmentId, CaseId, ClassId, FeedId, MoverId, SensorId, UnitId};
use crate::model::{AlarmSource, AssignmentTarget, CaseSource, MoverKind, Reporter, Stage};
use crate::time::Timestamp;

/// A thing that happened; its record says when it was known and who did it.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    missing_docs,
    reason = "`case`, `unit`, `alarm` … are what it happened to"
)]
pub enum Event {
    /// The city's rules were set.
    Configured(Box<Rules>),
    /// A feed got its id: that of one that has retired, else the next.
    FeedRegistered { feed: FeedId, name: String },
    /// Something that moves got its id: that of one that has retired, else the next.
    MoverRegistered {
        mover: MoverId,
        /// The feed that its fixes come by.
        feed: FeedId,
        /// That feed's name for it.
        key: String,
        kind: MoverKind,
    },
    /// Movers that had not been heard of for long gave up their names; their ids are free.
    MoversRetired {
        /// Whose they were.
        feed: FeedId,
        /// In ascending order.
        movers: Vec<MoverId>,
    },
    /// Sensors that had said nothing for long gave up their names; their ids are free.
    SensorsRetired {
        /// Whose they were.
        feed: FeedId,
        /// In ascending order.
        sensors: Vec<SensorId>,
    },
    /// A feed that had nothing left and was not heard of for long gave up its name, and the keys of its cases that have
    /// ended; its id is free.
    FeedRetired { feed: FeedId },
    /// A unit came into being or was renewed.
    UnitRegistered {
        unit: UnitId,
        /// The mover that carries it.
        mover: MoverId,
        registration: UnitRegistration,
    },
    /// A sensor came into being, with the id of one that has retired or the next, or was renewed.
    SensorRegistered {
        sensor: SensorId,
        registration: SensorRegistration,
    },
    /// A case became known.
    CaseReported {
        case: CaseId,
        class: ClassId,
        severity: Severity,
        position: Position,
        /// The place in words; may be empty.
        address: String,
        /// What was reported; may be empty.
        note: String,
        source: CaseSource,
        /// When it happened, as reported.
        occurred_at: Timestamp,
        /// An open case that it may be the same as.
        maybe_same_as: Option<CaseId>,
    },
    /// It became known who reported a case.
    ReporterNamed {
        case: CaseId,
        /// In place of whoever was named before.
        reporter: Reporter,
    },
    /// A case was accepted.
    CaseFiled {
        case: CaseId,
        /// As what; it may differ from the reported class.
        class: ClassId,
        /// When its limit began.
        filed_at: Timestamp,
        /// When it must be handled.
        due_at: Timestamp,
    },
    /// A case was bundled into an earlier case, and ended.
    CaseBundled {
        case: CaseId,
        /// The case that goes on.
        into: CaseId,
    },
    /// What was reported was no case.
    CaseVoided {
        case: CaseId,
        /// What the case's note says from now on: what was reported, and why it was no case.
        reason: String,
    },
    /// Voiding or bundling a case was taken back.
    CaseRestored {
        case: CaseId,
        /// The stage that the case returns to.
        stage: Stage,
        /// The case that it had been bundled into; `None` for a voided case, or where that case has been retired.
        out_of: Option<CaseId>,
    },
    /// A unit was reserved and sent its destination.
    UnitDispatched {
        assignment: AssignmentId,
        unit: UnitId,
        target: AssignmentTarget,
        /// Where the target is.
        position: Position,
        /// When it should be there, where the officer saw an arrival time.
        expected_at: Option<Timestamp>,
    },
    /// A unit's terminal has its task; it is on its way.
    AssignmentAcknowledged { unit: UnitId },
    /// A unit was taken off its task.
    UnitRecalled { unit: UnitId },
    /// A unit is there.
    UnitArrived { unit: UnitId },
    /// A unit has ended its task and is free.
    UnitReleased { unit: UnitId },
    /// A unit went out of service or came back.
    UnitServiceChanged { unit: UnitId, in_service: bool },
    /// A unit reported its case as handled.
    CaseHandled {
        case: CaseId,
        unit: UnitId,
        /// What the case's note says from now on: what was reported, and what was done.
        note: String,
    },
    /// A check failed: back to work.
    CaseReworked { case: CaseId },
    /// A check passed: closed.
    CaseClosed { case: CaseId },
    /// A case entered a stage by what its units did.
    CaseStageEntered { case: CaseId, stage: Stage },
    /// A case's limit passed unhandled.
    CaseBecameOverdue { case: CaseId },
    /// A closed case left the live state.
    CaseRetired {
        case: CaseId,
        /// Its feed's key stays known, so that the same report brings no new case.
        keeps_key: bool,
    },
    /// A feed says that something that moves is of another kind.
    MoverKindChanged { mover: MoverId, kind: MoverKind },
    /// Something must be seen by a person.
    AlarmRaised {
        alarm: AlarmId,
        source: AlarmSource,
        severity: Severity,
        position: Position,
    },
    /// A person has seen an alarm.
    AlarmAcknowledged { alarm: AlarmId },
    /// The cause of an alarm ended.
    AlarmEnded { alarm: AlarmId },
    /// An ended, acknowledged alarm left the live state.
    AlarmRetired { alarm: AlarmId },
    /// Somebody did what changes nothing in the city and must be provable.
    Audited(Box<Audit>),
}
