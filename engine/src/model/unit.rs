use super::Actor;
use crate::geo::Position;
use crate::ids::{AssignmentId, CaseId, DepartmentId, MoverId, UnitId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a unit is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitStatus {
    /// 空闲: has no task and can be sent.
    Available,
    /// 已指派: reserved, has not answered yet.
    Assigned,
    /// 途中: on the way to its task.
    EnRoute,
    /// 现场: at its task.
    OnScene,
    /// 停用: cannot be sent.
    OutOfService,
}

/// Where a unit is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AssignmentTarget {
    /// To a case.
    Case(CaseId),
    /// To a place without a case.
    Place(Position),
}

/// One sending of one unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    /// Counts up from 1 within a city.
    pub id: AssignmentId,
    /// The case or place that it is for.
    pub target: AssignmentTarget,
    /// Position of the target when it was sent, WGS 84.
    pub position: Position,
    /// Who decided to send it.
    pub by: Actor,
    /// When it was sent, by the server's clock.
    pub at: Timestamp,
    /// When the terminal answered.
    pub acknowledged_at: Option<Timestamp>,
    /// When it reported to be on scene; `None` before.
    pub arrived_at: Option<Timestamp>,
    /// Expected arrival by road, as computed when it was sent.
    pub expected_at: Option<Timestamp>,
}

/// A unit that can be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Dense, from 0, within a city.
    pub id: UnitId,
    /// The mover that carries it.
    pub mover: MoverId,
    /// Call sign, e.g. 排水 10; unique in a city.
    pub call_sign: String,
    /// Call sign in English.
    pub call_sign_en: String,
    /// Fleet key, e.g. `drainage`; chooses the icon.
    pub fleet: String,
    /// The department that it belongs to.
    pub department: DepartmentId,
    /// Skills, as case classes ask for them.
    pub skills: Vec<String>,
    /// Its status; with a task it is assigned, en route or on scene.
    pub status: UnitStatus,
    /// When its status was entered.
    pub since: Timestamp,
    /// What it is sent to.
    pub assignment: Option<Assignment>,
    /// Cases handled today and so far.
    pub handled: u32,
}

impl Unit {
    /// The case that it is sent to; none where it is free, or sent to a mere place.
    pub fn case(&self) -> Option<CaseId> {
        self.assignment.as_ref().and_then(Assignment::case)
    }
}

impl Assignment {
    /// The case that it is for; none for a mere place.
    pub fn case(&self) -> Option<CaseId> {
        match self.target {
            AssignmentTarget::Case(case) => Some(case),
            AssignmentTarget::Place(_) => None,
        }
    }
}
