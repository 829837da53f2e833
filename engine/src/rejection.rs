//! Why a command was refused: a code for programs, words for people.

use crate::code::{Change, Changed, Code, RefusalData};
use crate::ids::{AlarmId, CaseId, ClassId, FeedId, SensorId, ThingId, UnitId};
use crate::model::{Actor, Stage, UnitStatus};
use crate::time::Timestamp;

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
        /// The case that it was sent to, and when; none where it has no task.
        task: Option<(Option<CaseId>, Timestamp)>,
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
    #[error("alarm {alarm} is acknowledged already, by {}", actor_word(by))]
    AlreadyAcknowledged {
        alarm: AlarmId,
        by: Actor,
        at: Timestamp,
    },
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
    #[error("{}; nothing was done", changed_words(.0))]
    Changed(Box<Changed>),
    #[error("case {0} ended too long ago to be taken back, or was closed")]
    TooLate(CaseId),
    #[error(
        "case {case} of this key is known with another {what}; nothing of it was taken over: correct it at a desk, or send a new event under a key of its own"
    )]
    KnownOtherwise { case: CaseId, what: String },
    #[error(
        "the case of this key, {0}, has ended and is archived; nothing was filed: a new event needs a key of its own"
    )]
    KeyEnded(CaseId),
    #[error(
        "this command's id was used before, for another command or by somebody else; nothing was done: every command needs an id of its own, drawn at random"
    )]
    IdTaken,
    #[error("the {what} has {chars} characters; at most {max} are taken, shorten it")]
    TextTooLong {
        what: &'static str,
        chars: usize,
        max: usize,
    },
    #[error("this was decided {age_s} s before it came in; nothing was done", age_s = .0 / 1_000)]
    Expired(u32),
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
            Self::AlreadyAcknowledged { .. } => Code::AlreadyAcknowledged,
            Self::NotOnCase { .. } => Code::NotOnCase,
            Self::CannotBundle => Code::CannotBundle,
            Self::CallSignTaken(_) => Code::CallSignTaken,
            Self::AlreadyOnCase { .. } => Code::AlreadyOnCase,
            Self::Changed(_) => Code::Changed,
            Self::TooLate(_) => Code::TooLate,
            Self::Expired(_) => Code::Expired,
            Self::IdTaken => Code::IdTaken,
            Self::KnownOtherwise { .. } => Code::KnownOtherwise,
            Self::KeyEnded(_) => Code::KeyEnded,
            Self::InFuture(_) => Code::InFuture,
            Self::BadRules(_) => Code::BadRules,
            Self::TextTooLong { .. } => Code::TextTooLong,
            Self::NotPermitted(_) => Code::NotPermitted,
        }
    }

    /// What programs may want to know beside the code.
    pub fn data(&self) -> RefusalData {
        match self {
            Self::UnitNotAvailable {
                holder,
                task: Some((case, at)),
                ..
            } => RefusalData::Taken {
                by: holder.clone(),
                case: *case,
                at: *at,
            },
            Self::UnitNotAvailable { holder, .. } => RefusalData::TakenBy(holder.clone()),
            Self::Changed(changed) => RefusalData::Changed(changed.clone()),
            Self::AlreadyAcknowledged { alarm, by, at } => {
                RefusalData::Changed(Box::new(Changed {
                    thing: ThingId::Alarm(*alarm),
                    by: by.clone(),
                    at: *at,
                    what: Change::AlarmAcknowledged,
                }))
            }
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

fn actor_word(actor: &Actor) -> String {
    match actor {
        Actor::Operator(name) => name.clone(),
        Actor::Unit(unit) => format!("unit {unit}"),
        Actor::Feed(feed) => format!("feed {feed}"),
        Actor::System => "the city".to_owned(),
    }
}

fn changed_words(changed: &Changed) -> String {
    let (thing, by) = (thing_word(changed.thing), actor_word(&changed.by));
    format!("{thing} is not as it was seen: {by} changed it")
}

fn thing_word(thing: ThingId) -> String {
    match thing {
        ThingId::Case(case) => format!("case {case}"),
        ThingId::Unit(unit) => format!("unit {unit}"),
        ThingId::Sensor(sensor) => format!("sensor {sensor}"),
        ThingId::Alarm(alarm) => format!("alarm {alarm}"),
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
