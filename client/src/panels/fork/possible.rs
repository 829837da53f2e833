//! Whether the running city would do now what a branch did: it has gone on since the branch was computed.

use chengtu_engine::code::Code;
use chengtu_engine::command::{CommandRequest, Target};
use chengtu_engine::ids::UnitId;
use chengtu_engine::model::UnitStatus;
use chengtu_engine::stream::{CaseView, Mirror};
use chengtu_engine::workflow::{self, Act};

/// Why the city would refuse a command as it is known now; none where it would take it, or where only the server can
/// tell.
pub(super) fn refusal(mirror: &Mirror, command: &CommandRequest) -> Option<Code> {
    match command {
        CommandRequest::DispatchUnit { unit, target, .. } => {
            let at_case = match target {
                Target::Case(id) => match mirror.cases.get(id) {
                    Some(c) => sending(c, Act::Dispatch, *unit),
                    None => Some(Code::NoSuchCase),
                },
                Target::Place(..) => None,
            };
            at_case.or_else(|| is_taken(mirror, *unit))
        }
        CommandRequest::ReassignCase { case, from, to, .. } => {
            let Some(c) = mirror.cases.get(case) else {
                return Some(Code::NoSuchCase);
            };
            let stage = sending(c, Act::Reassign, *to);
            let there = (!c.units.contains(from)).then_some(Code::NotOnCase);
            stage.or(there).or_else(|| is_taken(mirror, *to))
        }
        CommandRequest::RecallUnit { unit } => match mirror.units.get(unit) {
            Some(u) if u.assignment.is_some() => None,
            Some(_) => Some(Code::UnitHasNoTask),
            None => Some(Code::NoSuchUnit),
        },
        _ => None,
    }
}

/// Why a unit cannot be sent to a case, as far as it lies with the case.
fn sending(c: &CaseView, act: Act, unit: UnitId) -> Option<Code> {
    if !workflow::allowed(c.stage, act) {
        Some(Code::WrongStage)
    } else if c.units.contains(&unit) {
        Some(Code::AlreadyOnCase)
    } else {
        None
    }
}

fn is_taken(mirror: &Mirror, unit: UnitId) -> Option<Code> {
    match mirror.units.get(&unit) {
        Some(u) if u.status == UnitStatus::Available => None,
        Some(_) => Some(Code::UnitNotAvailable),
        None => Some(Code::NoSuchUnit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, COVER, EN_ROUTE, TO_CHECK};
    use chengtu_engine::ids::CaseId;
    use chengtu_engine::model::Stage;

    fn send(unit: UnitId, case: CaseId) -> CommandRequest {
        CommandRequest::DispatchUnit {
            unit,
            target: Target::Case(case),
            expected_s: None,
        }
    }

    #[test]
    fn what_the_city_would_refuse_is_not_possible() {
        let mut city = sample::city();
        let free = sample::ranking()[0].unit;
        assert_eq!(refusal(&city, &send(free, COVER)), None);
        let no = |c: &CommandRequest| refusal(&sample::city(), c);
        assert_eq!(no(&send(EN_ROUTE, COVER)), Some(Code::UnitNotAvailable));
        assert_eq!(no(&send(free, TO_CHECK)), Some(Code::WrongStage));
        assert_eq!(no(&send(free, CaseId(99_999))), Some(Code::NoSuchCase));
        assert_eq!(no(&send(UnitId(99_999), COVER)), Some(Code::NoSuchUnit));
        let recall = |unit| CommandRequest::RecallUnit { unit };
        assert_eq!(no(&recall(EN_ROUTE)), None);
        assert_eq!(no(&recall(free)), Some(Code::UnitHasNoTask));
        let under_way = city.units[&EN_ROUTE]
            .assignment
            .as_ref()
            .and_then(|a| a.case);
        let case = under_way.expect("a case");
        let reassign = |from, to| CommandRequest::ReassignCase {
            case,
            from,
            to,
            expected_s: None,
        };
        assert_eq!(no(&reassign(EN_ROUTE, free)), None);
        assert_eq!(no(&reassign(free, free)), Some(Code::NotOnCase));
        assert_eq!(no(&reassign(EN_ROUTE, EN_ROUTE)), Some(Code::AlreadyOnCase));
        // The same command after the city has gone on.
        city.units.get_mut(&free).unwrap().status = UnitStatus::Assigned;
        assert_eq!(
            refusal(&city, &send(free, COVER)),
            Some(Code::UnitNotAvailable)
        );
        city.cases.get_mut(&case).unwrap().stage = Stage::Closed;
        assert_eq!(
            refusal(&city, &reassign(EN_ROUTE, free)),
            Some(Code::WrongStage)
        );
    }
}
