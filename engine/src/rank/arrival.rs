use crate::ids::UnitId;
use crate::model::UnitStatus;

/// One unit in a ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct ArrivalRow {
    /// The unit that the row is of.
    pub unit: UnitId,
    /// Place in the ranking, from 1.
    pub rank: u32,
    /// Driving time by road; `None` where no road leads there.
    pub seconds: Option<f64>,
    /// Length by road, metres.
    pub length_m: Option<f64>,
    /// Straight line, metres.
    pub air_m: f64,
    /// The unit's status now.
    pub status: UnitStatus,
    /// True when it has the skill that the class asks for.
    pub skilled: bool,
    /// True when it belongs to the department that must act.
    pub own_department: bool,
    /// Cases handled so far.
    pub handled: u32,
    /// Reasons for its rank, the most important first.
    pub reasons: Vec<Reason>,
}

/// A reason for a unit's rank.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// First of those that can be sent and have the skill.
    Best,
    /// So many seconds after the best.
    LaterThanBest {
        /// Seconds by road, more than 0.
        seconds: f64,
    },
    /// Nearest by air, but the road is this much longer.
    NearestByAir {
        /// Road length over straight line.
        detour: f64,
    },
    /// Sooner than the best, but without the skill.
    NoSkill,
    /// It has a task or is out of service.
    Busy,
    /// Would take it from another department.
    OtherDepartment,
    /// No road leads there.
    NoRoad,
    /// Has no position, or an outdated position.
    PositionOld {
        /// Seconds since its last fix.
        seconds: f64,
    },
    /// Name of a road on the way, that of a bridge if the way crosses one.
    Via(String),
}
