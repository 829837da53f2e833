use super::cases;
use crate::event::Event;
use crate::ids::{CaseId, UnitId};
use crate::model::{Actor, AssignmentTarget, Case, Unit, UnitStatus, extended_note, with_room};
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Timestamp;
use crate::workflow::{self, Act};

pub(super) fn dispatch(
    state: &State,
    unit: UnitId,
    target: AssignmentTarget,
    expected_s: Option<u32>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let u = find(state, unit)?;
    let (position, to) = match target {
        AssignmentTarget::Case(case) => {
            let c = cases::possible(state, case, Act::Dispatch)?;
            if c.units.contains(&unit) {
                return Err(Rejection::AlreadyOnCase {
                    call_sign: u.call_sign.clone(),
                });
            }
            (c.position, Some(c))
        }
        AssignmentTarget::Place(p) => {
            if !state.rules().is_some_and(|r| r.bounds.contains(p)) {
                return Err(Rejection::OutsideCity);
            }
            (p, None)
        }
    };
    if u.status != UnitStatus::Available {
        return Err(not_available(u));
    }
    let expected_at = expected_s.map(|s| now.plus_seconds(i64::from(s)));
    let assignment = state.next_assignment();
    let mut events = vec![Event::UnitDispatched {
        assignment,
        unit,
        target,
        position,
        expected_at,
    }];
    events.extend(to.and_then(|case| entered(case, Act::Dispatch)));
    Ok(events)
}

pub(super) fn recall(state: &State, unit: UnitId) -> Result<Vec<Event>, Rejection> {
    let u = find(state, unit)?;
    let Some(task) = &u.assignment else {
        return Err(no_task(u));
    };
    let mut events = vec![Event::UnitRecalled { unit }];
    if let AssignmentTarget::Case(case) = task.target {
        events.extend(stage_without(state, case, unit));
    }
    Ok(events)
}

pub(super) fn reassign(
    state: &State,
    case: CaseId,
    from: UnitId,
    to: UnitId,
    expected_s: Option<u32>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let c = cases::possible(state, case, Act::Reassign)?;
    let (u, v) = (find(state, from)?, find(state, to)?);
    if !c.units.contains(&from) {
        return Err(Rejection::NotOnCase {
            call_sign: u.call_sign.clone(),
            case,
        });
    }
    if c.units.contains(&to) {
        return Err(Rejection::AlreadyOnCase {
            call_sign: v.call_sign.clone(),
        });
    }
    if v.status != UnitStatus::Available {
        return Err(not_available(v));
    }
    let mut events = vec![
        Event::UnitRecalled { unit: from },
        Event::UnitDispatched {
            assignment: state.next_assignment(),
            unit: to,
            target: AssignmentTarget::Case(case),
            position: c.position,
            expected_at: expected_s.map(|s| now.plus_seconds(i64::from(s))),
        },
    ];
    if !c.units.iter().any(|o| *o != from && is_on_scene(state, *o)) {
        events.extend(entered(c, Act::LeaveScene));
    }
    Ok(events)
}

pub(super) fn acknowledge(state: &State, unit: UnitId) -> Result<Vec<Event>, Rejection> {
    let u = find(state, unit)?;
    match u.status {
        UnitStatus::Assigned => Ok(vec![Event::AssignmentAcknowledged { unit }]),
        UnitStatus::EnRoute => Ok(vec![]),
        _ => Err(no_task(u)),
    }
}

pub(super) fn arrive(state: &State, unit: UnitId) -> Result<Vec<Event>, Rejection> {
    let u = find(state, unit)?;
    let Some(task) = &u.assignment else {
        return Err(no_task(u));
    };
    if u.status == UnitStatus::OnScene {
        return Ok(vec![]);
    }
    let mut events = vec![Event::UnitArrived { unit }];
    if let AssignmentTarget::Case(case) = task.target
        && let Some(c) = state.case(case)
    {
        events.extend(entered(c, Act::Arrive));
    }
    Ok(events)
}

pub(super) fn handled(state: &State, unit: UnitId, note: &str) -> Result<Vec<Event>, Rejection> {
    let u = find(state, unit)?;
    let Some(task) = &u.assignment else {
        return Err(no_task(u));
    };
    if u.status != UnitStatus::OnScene {
        return Err(Rejection::WrongStatus {
            unit,
            call_sign: u.call_sign.clone(),
            status: u.status,
        });
    }
    let mut events = Vec::new();
    if let AssignmentTarget::Case(case) = task.target
        && let Some(c) = state.case(case)
        && workflow::allowed(c.stage, Act::Handle)
    {
        // Other units sent to it are free again: the work is done.
        events.extend(
            c.units
                .iter()
                .filter(|o| **o != unit)
                .map(|o| Event::UnitRecalled { unit: *o }),
        );
        events.push(Event::CaseHandled {
            case,
            unit,
            note: extended_note(&with_room(&c.note), note),
        });
    }
    events.push(Event::UnitReleased { unit });
    Ok(events)
}

pub(super) fn service(
    state: &State,
    unit: UnitId,
    in_service: bool,
) -> Result<Vec<Event>, Rejection> {
    let u = find(state, unit)?;
    match (u.status, in_service) {
        (UnitStatus::OutOfService, true) | (UnitStatus::Available, false) => {
            Ok(vec![Event::UnitServiceChanged { unit, in_service }])
        }
        (UnitStatus::OutOfService, false) | (_, true) => Ok(vec![]),
        (status, false) => Err(Rejection::WrongStatus {
            unit,
            call_sign: u.call_sign.clone(),
            status,
        }),
    }
}

/// The stage that a case falls back to when `unit` leaves it.
fn stage_without(state: &State, case: CaseId, unit: UnitId) -> Option<Event> {
    let c = state.case(case)?;
    let mut others = c.units.iter().filter(|o| **o != unit).peekable();
    if others.peek().is_none() {
        entered(c, Act::Withdraw)
    } else if others.any(|o| is_on_scene(state, *o)) {
        None
    } else {
        entered(c, Act::LeaveScene)
    }
}

/// The case enters another stage; `None` if the act leads to no other.
fn entered(case: &Case, act: Act) -> Option<Event> {
    let stage = workflow::next(case.stage, act).filter(|s| *s != case.stage)?;
    let case = case.id;
    Some(Event::CaseStageEntered { case, stage })
}

fn is_on_scene(state: &State, unit: UnitId) -> bool {
    state
        .unit(unit)
        .is_some_and(|u| u.status == UnitStatus::OnScene)
}

fn find(state: &State, unit: UnitId) -> Result<&Unit, Rejection> {
    state.unit(unit).ok_or(Rejection::NoSuchUnit(unit))
}

fn no_task(u: &Unit) -> Rejection {
    Rejection::UnitHasNoTask {
        unit: u.id,
        call_sign: u.call_sign.clone(),
    }
}

pub(super) fn not_available(u: &Unit) -> Rejection {
    let task = u.assignment.as_ref();
    let holder = match task.map(|a| &a.by) {
        Some(Actor::Operator(name)) => name.clone(),
        Some(_) => "the city".to_owned(),
        None => "nobody".to_owned(),
    };
    Rejection::UnitNotAvailable {
        unit: u.id,
        call_sign: u.call_sign.clone(),
        status: u.status,
        holder,
        task: task.map(|a| (a.case(), a.at)),
    }
}
