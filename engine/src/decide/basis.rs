use super::dispatch::not_available;
use crate::code::{Change, Changed};
use crate::command::{AGE_MAX_MS, Basis, Seen, SeenTask};
use crate::ids::{CaseId, ThingId, UnitId};
use crate::model::{Actor, Unit};
use crate::rejection::Rejection;
use crate::state::State;

/// Whether what an act was decided upon still holds.
///
/// # Errors
/// [`Rejection::Changed`] with who changed it, when and how; [`Rejection::UnitNotAvailable`] for a unit that was free;
/// [`Rejection::Expired`]; nothing that is there to be seen.
pub fn check_basis(state: &State, basis: &Basis) -> Result<(), Rejection> {
    if basis.age_ms > AGE_MAX_MS {
        return Err(Rejection::Expired(basis.age_ms));
    }
    basis.seen.iter().try_for_each(|seen| match *seen {
        Seen::Case { case, revision } => check_case(state, case, revision),
        Seen::Unit { unit, task } => check_unit(state, unit, task),
    })
}

fn check_case(state: &State, case: CaseId, revision: u32) -> Result<(), Rejection> {
    let history = state.history(case).ok_or(Rejection::NoSuchCase(case))?;
    if history.revision == revision {
        return Ok(());
    }
    let last = history.last_decisive().or(history.entries.last());
    let last = last.ok_or(Rejection::NoSuchCase(case))?;
    Err(Rejection::Changed(Box::new(Changed {
        thing: ThingId::Case(case),
        by: last.by.clone(),
        at: last.at,
        what: Change::Case(last.what.shown()),
    })))
}

fn check_unit(state: &State, unit: UnitId, seen: Option<SeenTask>) -> Result<(), Rejection> {
    let u = state.unit(unit).ok_or(Rejection::NoSuchUnit(unit))?;
    let task = u.assignment.as_ref().map(|a| a.id);
    match seen {
        None if task.is_some() => Err(not_available(u)),
        Some(seen) if task != Some(seen.assignment) => {
            Err(Rejection::Changed(Box::new(changed(state, u, seen))))
        }
        _ => Ok(()),
    }
}

/// What has become of a unit that had another task.
fn changed(state: &State, u: &Unit, seen: SeenTask) -> Changed {
    let thing = ThingId::Unit(u.id);
    if let Some(task) = &u.assignment {
        return Changed {
            thing,
            by: task.by.clone(),
            at: task.at,
            what: Change::UnitSent(task.case()),
        };
    }
    let history = seen.case.and_then(|case| state.history(case));
    let last = history.and_then(|h| h.last_about(u.id));
    Changed {
        thing,
        by: last.map_or(Actor::System, |e| e.by.clone()),
        at: u.since,
        what: Change::UnitFreed,
    }
}
