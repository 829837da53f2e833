use super::Actor;
use crate::city::Severity;
use crate::geo::Position;
use crate::ids::{CaseId, ClassId, FeedId, UnitId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// Where a case is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// 上报: known, not yet accepted.
    Reported,
    /// 立案: accepted; the clock runs.
    Filed,
    /// 派遣: a unit is on its way or has been sent its task.
    Dispatched,
    /// 处置: a unit works on it.
    InProgress,
    /// 反馈: the unit says that it is done.
    Handled,
    /// 结案: checked on site and closed.
    Closed,
    /// 作废: was no case.
    Void,
}

/// Where a case came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseSource {
    /// A feed, with its own name for the case.
    Feed(FeedId, String),
    /// A person at a console.
    Operator(String),
}

/// A step in a case's life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageChange {
    /// The stage entered.
    pub stage: Stage,
    /// When the stage was entered.
    pub at: Timestamp,
    /// Whose command or report led to it.
    pub by: Actor,
}

/// One case, from report to closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Counts up from 1 within a city.
    pub id: CaseId,
    /// Its class, as filed.
    pub class: ClassId,
    /// Severity, as reported or as usual for its class.
    pub severity: Severity,
    /// Where it is, as reported.
    pub position: Position,
    /// The place in words, as reported; may be empty.
    pub address: String,
    /// What was reported, and after it what was done, in words; may be empty.
    pub note: String,
    /// The feed or the officer that reported it.
    pub source: CaseSource,
    /// When it happened, as reported.
    pub occurred_at: Timestamp,
    /// Its stage, the last of `history`.
    pub stage: Stage,
    /// Every stage so far, oldest first.
    pub history: Vec<StageChange>,
    /// When its limit began; `None` before filing.
    pub filed_at: Option<Timestamp>,
    /// When it must be handled; `None` before filing.
    pub due_at: Option<Timestamp>,
    /// True once its limit has passed unhandled.
    pub overdue: bool,
    /// Units sent to it and not yet done.
    pub units: Vec<UnitId>,
    /// The unit that handled it; `None` until it is handled.
    pub handled_by: Option<UnitId>,
    /// Failed checks so far.
    pub rework: u32,
    /// Reports bundled into this case, itself included.
    pub reports: u32,
    /// An older open case of the same class nearby, proposed as the same.
    pub maybe_same_as: Option<CaseId>,
}

impl Case {
    /// True where a feed reported it under a name of its own.
    pub fn has_key(&self) -> bool {
        matches!(&self.source, CaseSource::Feed(_, key) if !key.is_empty())
    }

    /// When the present stage was entered.
    pub fn since(&self) -> Timestamp {
        self.history.last().map_or(self.occurred_at, |h| h.at)
    }
}
