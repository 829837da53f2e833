//! Why a command was refused: a code for programs, words for people.

use crate::code::{Code, RefusalData};
use crate::ids::{AlarmId, CaseId, ClassId, FeedId, SensorId, UnitId};
use crate::model::{Stage, UnitStatus};

/// A refusal. Programs act on [`Rejection::code`]; the text may improve.
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
    /// What it is about.
    pub fn code(&self) -> Code {
        match self {
            Self::NoSuchCase(_) => Code::NoSuchCase,
            Self::NoSuchUnit(_) => Code::NoSuchUnit,
            Self::NoSuchAlarm(_) => Code::NoSuchAlarm,
            Self::NoSuchClass(_) => Code::NoSuchClass,
            Self::NoSuchSensor(_) => Code::NoSuchSensor,
            Self::NoSuchFeed(_) => Code::NoSuchFeed,
            Self::UnitNotAvailable { .. } => Code::UnitNotAvailable,
            Self::WrongStage { .. } => Code::WrongStage,
            Self::UnitHasNoTask { .. } => Code::UnitHasNoTask,
            Self::WrongStatus { .. } => Code::WrongStatus,
            Self::OutsideCity => Code::OutsideCity,
            Self::NoReason => Code::NoReason,
            Self::AlreadyAcknowledged(_) => Code::AlreadyAcknowledged,
            Self::NotOnCase { .. } => Code::NotOnCase,
            Self::CannotBundle => Code::CannotBundle,
            Self::CallSignTaken(_) => Code::CallSignTaken,
            Self::AlreadyOnCase { .. } => Code::AlreadyOnCase,
            Self::InFuture(_) => Code::InFuture,
            Self::BadRules(_) => Code::BadRules,
            Self::NotPermitted(_) => Code::NotPermitted,
        }
    }

    /// What programs may want to know beside the code.
    pub fn data(&self) -> RefusalData {
        match self {
            Self::UnitNotAvailable { holder, .. } => RefusalData::TakenBy(holder.clone()),
            _ => RefusalData::None,
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
