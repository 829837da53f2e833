use crate::event::Event;
use crate::ids::{CaseId, UnitId};
use crate::model::{Actor, AssignmentTarget};
use crate::record::Body;
use crate::sim::Step;
use crate::time::Timestamp;

/// A sending that somebody decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Decision {
    pub time: Timestamp,
    pub unit: UnitId,
    pub case: CaseId,
    /// Comes off the case in the same decision.
    pub instead_of: Option<UnitId>,
    pub expected_s: Option<u32>,
}

/// Sendings in a step.
pub(super) fn decisions_of(step: &Step) -> impl Iterator<Item = Decision> + '_ {
    let by_people = step
        .records
        .iter()
        .filter(|r| matches!(r.origin.actor, Actor::Operator(_)));
    by_people.flat_map(|record| {
        let events: &[Event] = match &record.body {
            Body::Events(events) => events,
            _ => &[],
        };
        let off = events.iter().find_map(|e| match e {
            Event::UnitRecalled { unit } => Some(*unit),
            _ => None,
        });
        events.iter().filter_map(move |e| match e {
            Event::UnitDispatched {
                unit,
                target: AssignmentTarget::Case(case),
                expected_at,
                ..
            } => Some(Decision {
                time: record.known_at,
                unit: *unit,
                case: *case,
                instead_of: off,
                expected_s: expected_at.map(|t| t.seconds_since(record.known_at).max(0.0) as u32),
            }),
            _ => None,
        })
    })
}
