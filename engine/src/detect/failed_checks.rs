use super::alarms::Alarms;
use super::detector::{Detector, Input};
use crate::city::Severity;
use crate::event::Event;
use crate::model::AlarmSource;

/// A case whose handling fails its check for the second time raises an alarm: whoever is sent again does not help. The
/// alarm ends with the case, as every alarm of a case does.
pub(super) struct FailedChecks;

impl Detector for FailedChecks {
    fn detect(&self, input: Input<'_>, alarms: &mut Alarms<'_>) {
        let Input::Event(Event::CaseReworked { case }) = input else {
            return;
        };
        // The state is the one before this event: it has counted the checks that failed earlier.
        let Some(case) = alarms.state().case(*case).filter(|c| c.rework > 0) else {
            return;
        };
        let source = AlarmSource::Case(case.id);
        if !alarms.is_running(source) {
            alarms.raise(source, Severity::Urgent, case.position);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::after_events;
    use crate::geo::Position;
    use crate::ids::{CaseId, ClassId};
    use crate::model::{Actor, CaseSource};
    use crate::record::{Body, Origin, Record, World};
    use crate::state::State;
    use crate::time::Timestamp;

    #[test]
    fn the_second_failed_check_raises_one_alarm() {
        let case = CaseId(1);
        let reported = Event::CaseReported {
            case,
            class: ClassId(0),
            severity: Severity::Normal,
            position: Position::new(1_187_900_000, 320_500_000),
            address: String::new(),
            note: String::new(),
            source: CaseSource::Operator("o".to_owned()),
            occurred_at: Timestamp(0),
            maybe_same_as: None,
        };
        let mut state = State::new();
        let mut raised = Vec::new();
        for event in [reported]
            .into_iter()
            .chain((0..3).map(|_| Event::CaseReworked { case }))
        {
            let alarms = after_events(&state, std::slice::from_ref(&event));
            raised.push(alarms.len());
            let mut events = vec![event];
            events.extend(alarms);
            state.apply(&Record {
                seq: state.seq() + 1,
                known_at: Timestamp(0),
                world: World::Live,
                origin: Origin {
                    actor: Actor::System,
                    command: None,
                },
                body: Body::Events(events),
            });
        }
        assert_eq!(raised, [0, 0, 1, 0]);
    }
}
