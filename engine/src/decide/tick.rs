use crate::event::Event;
use crate::ids::CaseId;
use crate::model::Case;
use crate::state::State;
use crate::time::Timestamp;

/// Most events of one tick, so that a long sleep is caught up with in steps.
const EVENTS_MAX: usize = 4_096;

/// What the passing of time leads to.
pub(super) fn tick(state: &State, now: Timestamp) -> Vec<Event> {
    let last = CaseId(u64::MAX);
    let overdue = state
        .due()
        .range(..=(now, last))
        .map(|(_, case)| Event::CaseBecameOverdue { case: *case });
    let keep_s = state.rules().map_or(86_400, |r| r.keep_closed_s);
    let before = now.plus_seconds(-i64::from(keep_s));
    let retired = state
        .ended()
        .range(..(before, last))
        .map(|(_, case)| Event::CaseRetired {
            case: *case,
            keeps_key: state.case(*case).is_some_and(Case::has_key),
        });
    let alarms = state
        .alarms()
        .values()
        .filter(|a| a.ended_at.is_some() && a.acknowledged.is_some())
        .map(|a| Event::AlarmRetired { alarm: a.id });
    overdue
        .chain(retired)
        .chain(alarms)
        .take(EVENTS_MAX)
        .collect()
}
