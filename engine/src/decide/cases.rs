use super::known_case;
use crate::command::CaseReport;
use crate::event::Event;
use crate::ids::{AssignmentId, CaseId, ClassId};
use crate::model::{
    Actor, AssignmentTarget, Case, CaseSource, HistoryKind, Reporter, Stage, UnitStatus,
    extended_note, with_room,
};
use crate::permission::Permission;
use crate::rejection::Rejection;
use crate::state::State;
use crate::time::Timestamp;
use crate::workflow::{self, Act};

pub(super) fn report(
    state: &State,
    r: &CaseReport,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let source = match actor {
        Actor::Operator(name) => CaseSource::Operator(name.clone()),
        Actor::Feed(feed) => CaseSource::Feed(*feed, r.key.clone()),
        Actor::Unit(_) | Actor::System => {
            return Err(Rejection::NotPermitted(Permission::ReportCases.refusal()));
        }
    };
    let rules = state.rules().ok_or(Rejection::NoSuchClass(r.class))?;
    let class = rules
        .class(r.class)
        .ok_or(Rejection::NoSuchClass(r.class))?;
    if let CaseSource::Feed(feed, key) = &source
        && !key.is_empty()
        && let Some(known) = state.case_of(*feed, key)
    {
        return known_case::repeated(state, known, r, now);
    }
    if !rules.bounds.contains(r.position) {
        return Err(Rejection::OutsideCity);
    }
    let ahead_s = r.occurred_at.seconds_since(now);
    if ahead_s > f64::from(rules.future_tolerance_s) {
        return Err(Rejection::InFuture(ahead_s as i64));
    }
    let case = state.next_case();
    let severity = r.severity.unwrap_or(class.severity);
    let maybe_same_as = duplicate_of(state, r, now);
    let filed_at = r.filed_at.map_or(now, |t| t.min(now));
    Ok(vec![
        Event::CaseReported {
            case,
            class: r.class,
            severity,
            position: r.position,
            address: r.address.clone(),
            note: r.note.clone(),
            source,
            occurred_at: r.occurred_at.min(now),
            maybe_same_as,
        },
        Event::CaseFiled {
            case,
            class: r.class,
            filed_at,
            due_at: rules.due(filed_at, class.limit),
        },
    ])
}

/// The nearest open case of the same class, near and young enough to be the same event.
fn duplicate_of(state: &State, r: &CaseReport, now: Timestamp) -> Option<CaseId> {
    let rules = state.rules()?;
    let is_young = |t: Timestamp| now.seconds_since(t) <= f64::from(rules.duplicate_age_s);
    let same = |id: CaseId| {
        let case = state.case(id).filter(|c| c.class == r.class);
        case.is_some_and(|c| c.stage.is_open() && is_young(c.occurred_at))
    };
    let radius_m = f64::from(rules.duplicate_radius_m);
    state.spatial().nearest_case(r.position, radius_m, same)
}

pub(super) fn file(
    state: &State,
    case: CaseId,
    class: Option<ClassId>,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let c = possible(state, case, Act::File)?;
    let id = class.unwrap_or(c.class);
    let rules = state.rules().ok_or(Rejection::NoSuchClass(id))?;
    let class = rules.class(id).ok_or(Rejection::NoSuchClass(id))?;
    Ok(vec![Event::CaseFiled {
        case,
        class: id,
        filed_at: now,
        due_at: rules.due(now, class.limit),
    }])
}

/// Somebody says who reported a case.
///
/// # Errors
/// [`Rejection::NoSuchCase`]; [`Rejection::NoReason`] where nothing is said.
pub(super) fn name_reporter(
    state: &State,
    case: CaseId,
    reporter: &Reporter,
) -> Result<Vec<Event>, Rejection> {
    state.case(case).ok_or(Rejection::NoSuchCase(case))?;
    if reporter.is_empty() {
        return Err(Rejection::NoReason);
    }
    if state.reporter(case) == Some(reporter) {
        return Ok(vec![]);
    }
    let reporter = reporter.clone();
    Ok(vec![Event::ReporterNamed { case, reporter }])
}

pub(super) fn void(state: &State, case: CaseId, reason: &str) -> Result<Vec<Event>, Rejection> {
    let c = possible(state, case, Act::Void)?;
    if reason.trim().is_empty() {
        return Err(Rejection::NoReason);
    }
    let mut events = release_all(c);
    events.push(Event::CaseVoided {
        case,
        reason: extended_note(&with_room(&c.note), reason),
    });
    Ok(events)
}

pub(super) fn bundle(state: &State, case: CaseId, into: CaseId) -> Result<Vec<Event>, Rejection> {
    let c = possible(state, case, Act::Bundle)?;
    let main = possible(state, into, Act::Bundle)?;
    if case == into || c.class != main.class {
        return Err(Rejection::CannotBundle);
    }
    let mut events = if workflow::allowed(main.stage, Act::Dispatch) {
        go_on_to(state, c, main)
    } else {
        release_all(c)
    };
    events.push(Event::CaseBundled { case, into });
    Ok(events)
}

/// Takes back the last voiding or bundling of a case.
pub(super) fn restore(
    state: &State,
    case: CaseId,
    now: Timestamp,
) -> Result<Vec<Event>, Rejection> {
    let c = possible(state, case, Act::Restore)?;
    let history = state.history(case).and_then(|h| h.last_decisive());
    let ended = history.ok_or(Rejection::TooLate(case))?;
    let out_of = match ended.what {
        HistoryKind::Voided { .. } => None,
        HistoryKind::BundledInto(main) => state.case(main).map(|m| m.id),
        // A state of before histories were kept does not say which of both it was.
        _ => return Err(Rejection::TooLate(case)),
    };
    if now.seconds_since(ended.at) > workflow::RESTORE_WITHIN_S as f64 {
        return Err(Rejection::TooLate(case));
    }
    let before = c.history.iter().rev().nth(1).map(|h| h.stage);
    let stage = workflow::restored(before.unwrap_or(Stage::Reported));
    Ok(vec![Event::CaseRestored {
        case,
        stage,
        out_of,
    }])
}

pub(super) fn check(state: &State, case: CaseId, passed: bool) -> Result<Vec<Event>, Rejection> {
    let c = possible(state, case, if passed { Act::Pass } else { Act::Rework })?;
    if !passed {
        return Ok(vec![Event::CaseReworked { case }]);
    }
    let mut events = release_all(c);
    events.push(Event::CaseClosed { case });
    Ok(events)
}

/// The case, where an act is possible at its stage.
pub(super) fn possible(state: &State, case: CaseId, act: Act) -> Result<&Case, Rejection> {
    let c = state.case(case).ok_or(Rejection::NoSuchCase(case))?;
    if workflow::allowed(c.stage, act) {
        Ok(c)
    } else {
        let stage = c.stage;
        Err(Rejection::WrongStage { case, stage })
    }
}

/// The units of a case go on for the case that takes it in: whoever is there is there, whoever drives goes on driving.
/// That case enters the stage that follows.
fn go_on_to(state: &State, case: &Case, main: &Case) -> Vec<Event> {
    let mut events = Vec::new();
    let mut stage = main.stage;
    let mut assignment = state.next_assignment();
    for unit in &case.units {
        let Some(u) = state.unit(*unit) else { continue };
        let unit = *unit;
        events.push(Event::UnitRecalled { unit });
        events.push(Event::UnitDispatched {
            assignment,
            unit,
            target: AssignmentTarget::Case(main.id),
            position: main.position,
            expected_at: None,
        });
        assignment = AssignmentId(assignment.0 + 1);
        stage = workflow::next(stage, Act::Dispatch).unwrap_or(stage);
        match u.status {
            UnitStatus::EnRoute => events.push(Event::AssignmentAcknowledged { unit }),
            UnitStatus::OnScene => {
                events.push(Event::UnitArrived { unit });
                stage = workflow::next(stage, Act::Arrive).unwrap_or(stage);
            }
            _ => {}
        }
    }
    if stage != main.stage {
        let case = main.id;
        events.push(Event::CaseStageEntered { case, stage });
    }
    events
}

fn release_all(case: &Case) -> Vec<Event> {
    case.units
        .iter()
        .map(|unit| Event::UnitRecalled { unit: *unit })
        .collect()
}
