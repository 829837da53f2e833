//! What has happened. Past tense, never taken back, and all that state is made of.
//!
//! Variants are encoded by their place: new ones go to the end, none is ever removed.

use crate::city::{Rules, Severity};
use crate::command::{SensorRegistration, UnitRegistration};
use crate::geo::Position;
use crate::ids::{AlarmId, AssignmentId, CaseId, ClassId, FeedId, MoverId, SensorId, UnitId};
use crate::model::{AlarmSource, AssignmentTarget, CaseSource, MoverKind, Stage};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A thing that happened; its record says when it was known and who did it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The city's rules were set.
    Configured(Box<Rules>),
    /// A feed got its id.
    FeedRegistered {
        /// Its id.
        feed: FeedId,
        /// Its name.
        name: String,
    },
    /// Something that moves got its id.
    MoverRegistered {
        /// Its id.
        mover: MoverId,
        /// Its feed.
        feed: FeedId,
        /// The feed's name for it.
        key: String,
        /// What it is.
        kind: MoverKind,
    },
    /// A unit came into being or was renewed.
    UnitRegistered {
        /// Its id.
        unit: UnitId,
        /// The mover that carries it.
        mover: MoverId,
        /// What is known of it.
        registration: UnitRegistration,
    },
    /// A sensor came into being or was renewed.
    SensorRegistered {
        /// Its id.
        sensor: SensorId,
        /// What is known of it.
        registration: SensorRegistration,
    },
    /// A case became known.
    CaseReported {
        /// Its id.
        case: CaseId,
        /// Its class.
        class: ClassId,
        /// How grave.
        severity: Severity,
        /// Where.
        position: Position,
        /// The place in words.
        address: String,
        /// What was reported.
        note: String,
        /// Where it came from.
        source: CaseSource,
        /// When it happened.
        occurred_at: Timestamp,
        /// An open case that it may be the same as.
        maybe_same_as: Option<CaseId>,
    },
    /// A case was accepted.
    CaseFiled {
        /// Which.
        case: CaseId,
        /// As what.
        class: ClassId,
        /// When its limit began.
        filed_at: Timestamp,
        /// When it must be handled.
        due_at: Timestamp,
    },
    /// A case was bundled into an earlier one.
    CaseBundled {
        /// The case that ended.
        case: CaseId,
        /// The case that goes on.
        into: CaseId,
    },
    /// A case was none.
    CaseVoided {
        /// Which.
        case: CaseId,
        /// What the case's note says from now on: what was reported, and why it was no case.
        reason: String,
    },
    /// A unit was reserved and told where to go.
    UnitDispatched {
        /// Its sending.
        assignment: AssignmentId,
        /// Which.
        unit: UnitId,
        /// Where to.
        target: AssignmentTarget,
        /// Where that is.
        position: Position,
        /// When it is expected.
        expected_at: Option<Timestamp>,
    },
    /// A unit's terminal has its task; it is on its way.
    AssignmentAcknowledged {
        /// Which.
        unit: UnitId,
    },
    /// A unit was taken off its task.
    UnitRecalled {
        /// Which.
        unit: UnitId,
    },
    /// A unit is there.
    UnitArrived {
        /// Which.
        unit: UnitId,
    },
    /// A unit has ended its task and is free.
    UnitReleased {
        /// Which.
        unit: UnitId,
    },
    /// A unit went out of service or came back.
    UnitServiceChanged {
        /// Which.
        unit: UnitId,
        /// True: available.
        in_service: bool,
    },
    /// A unit reported its case as handled.
    CaseHandled {
        /// Which.
        case: CaseId,
        /// By which unit.
        unit: UnitId,
        /// What the case's note says from now on: what was reported, and what was done.
        note: String,
    },
    /// A check failed: back to work.
    CaseReworked {
        /// Which.
        case: CaseId,
    },
    /// A check passed: closed.
    CaseClosed {
        /// Which.
        case: CaseId,
    },
    /// A case entered a stage by what its units did.
    CaseStageEntered {
        /// Which.
        case: CaseId,
        /// The stage.
        stage: Stage,
    },
    /// A case's limit passed unhandled.
    CaseBecameOverdue {
        /// Which.
        case: CaseId,
    },
    /// A closed case left the live state.
    CaseRetired {
        /// Which.
        case: CaseId,
    },
    /// Something must be seen by a person.
    AlarmRaised {
        /// Its id.
        alarm: AlarmId,
        /// What raised it.
        source: AlarmSource,
        /// How grave.
        severity: Severity,
        /// Where.
        position: Position,
    },
    /// A person has seen an alarm.
    AlarmAcknowledged {
        /// Which.
        alarm: AlarmId,
    },
    /// The cause of an alarm ended.
    AlarmEnded {
        /// Which.
        alarm: AlarmId,
    },
    /// An ended, acknowledged alarm left the live state.
    AlarmRetired {
        /// Which.
        alarm: AlarmId,
    },
}
