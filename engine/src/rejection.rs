//! Why a command was refused: a stable number for programs, words for people.

use crate::ids::{AlarmId, CaseId, ClassId, FeedId, SensorId, UnitId};
use crate::model::{Stage, UnitStatus};

/// A refusal. The number of [`Rejection::code`] never changes; the text may improve.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum Rejection {
    #[error("case {0} is not known; it may be closed and archived")]
    NoSuchCase(CaseId),
    #[error("unit {0} is not known")]
    NoSuchUnit(UnitId),
    #[error("alarm {0} is not known; it may have ended and been acknowledged")]
    NoSuchAlarm(AlarmId),
    #[error("case class {0} is not known in this city")]
    NoSuchClass(ClassId),
    #[error("sensor {0} is not known")]
    NoSuchSensor(SensorId),
    #[error("feed {0} is not known")]
    NoSuchFeed(FeedId),
    #[error("{call_sign} is {status}; it was taken by {holder}", status = status_word(*status))]
    UnitNotAvailable {
        unit: UnitId,
        call_sign: String,
        status: UnitStatus,
        holder: String,
    },
    #[error("case {case} is {stage}; that cannot be done at this stage", stage = stage_word(*stage))]
    WrongStage { case: CaseId, stage: Stage },
    #[error("{call_sign} has no task")]
    UnitHasNoTask { unit: UnitId, call_sign: String },
    #[error("{call_sign} is {status}; that cannot be done now", status = status_word(*status))]
    WrongStatus {
        unit: UnitId,
        call_sign: String,
        status: UnitStatus,
    },
    #[error("the place lies outside the city; nobody from here can go there")]
    OutsideCity,
    #[error("a reason is needed")]
    NoReason,
    #[error("this connection may not do that: {0}")]
    NotPermitted(&'static str),
    #[error("alarm {0} is acknowledged already")]
    AlreadyAcknowledged(AlarmId),
    #[error("{call_sign} does not work on case {case}")]
    NotOnCase { call_sign: String, case: CaseId },
    #[error("a case cannot be bundled into itself, or into one of another class")]
    CannotBundle,
    #[error("the city's rules do not hold together: {0}")]
    BadRules(crate::city::RulesError),
    #[error("call sign {0} belongs to another feed's mover")]
    CallSignTaken(String),
    #[error(
        "the time {0} s ahead of the server's clock is too far in the future; check the sender's clock"
    )]
    InFuture(i64),
    #[error("{call_sign} is sent to this case already")]
    AlreadyOnCase { call_sign: String },
}

impl Rejection {
    /// Its stable number.
    pub fn code(&self) -> u16 {
        match self {
            Self::NoSuchCase(_) => 101,
            Self::NoSuchUnit(_) => 102,
            Self::NoSuchAlarm(_) => 103,
            Self::NoSuchClass(_) => 104,
            Self::NoSuchSensor(_) => 105,
            Self::NoSuchFeed(_) => 106,
            Self::UnitNotAvailable { .. } => 201,
            Self::WrongStage { .. } => 202,
            Self::UnitHasNoTask { .. } => 203,
            Self::WrongStatus { .. } => 204,
            Self::OutsideCity => 205,
            Self::NoReason => 206,
            Self::AlreadyAcknowledged(_) => 207,
            Self::NotOnCase { .. } => 208,
            Self::CannotBundle => 209,
            Self::CallSignTaken(_) => 210,
            Self::AlreadyOnCase { .. } => 211,
            Self::InFuture(_) => 301,
            Self::BadRules(_) => 302,
            Self::NotPermitted(_) => 401,
        }
    }
}

fn status_word(status: UnitStatus) -> &'static str {
    match status {
        UnitStatus::Available => "available",
        UnitStatus::Assigned => "assigned",
        UnitStatus::EnRoute => "en route",
        UnitStatus::OnScene => "on scene",
        UnitStatus::OutOfService => "out of service",
    }
}

fn stage_word(stage: Stage) -> &'static str {
    match stage {
        Stage::Reported => "reported, not filed",
        Stage::Filed => "filed",
        Stage::Dispatched => "dispatched",
        Stage::InProgress => "in progress",
        Stage::Handled => "handled",
        Stage::Closed => "closed",
        Stage::Void => "void",
    }
}
