use crate::model::UnitStatus;

/// How useful a unit is before its arrival time counts; better ones first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// Free and able.
    Ready,
    /// Free, but without the skill.
    Unskilled,
    /// Able, but on another task.
    Busy,
    /// On another task and without the skill.
    BusyUnskilled,
    /// No road leads there, or no position is known.
    Unreachable,
    /// Out of service.
    Off,
}

pub(super) fn standing(status: UnitStatus, skilled: bool, reachable: bool) -> Standing {
    match (status, skilled, reachable) {
        (UnitStatus::OutOfService, _, _) => Standing::Off,
        (_, _, false) => Standing::Unreachable,
        (UnitStatus::Available, true, true) => Standing::Ready,
        (UnitStatus::Available, false, true) => Standing::Unskilled,
        (_, true, true) => Standing::Busy,
        (_, false, true) => Standing::BusyUnskilled,
    }
}
