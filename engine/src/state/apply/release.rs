use super::Fold;
use crate::event::Event;
use crate::record::{Body, FixBlock, Record};
use crate::state::{Changes, LATE_AFTER_S, State};
use crate::time::Timestamp;

impl State {
    /// Takes in what a record of later holds and what had happened by `until`, where it came late and happened after
    /// `after`. When the record's own time comes it is applied as ever: only what is newer is taken then.
    ///
    /// Place in the log and command memory stay as they are; such a state is for looking at and has no digest that
    /// means anything.
    pub(crate) fn release(
        &mut self,
        record: &Record,
        after: Option<Timestamp>,
        until: Timestamp,
    ) -> Changes {
        let late = record.known_at.plus_seconds(-LATE_AFTER_S);
        let due = |t: Timestamp| t < late && t <= until && after.is_none_or(|a| t > a);
        let mut changes = Changes::default();
        match &record.body {
            Body::Fixes(block) => {
                let mut released = FixBlock::with_capacity(block.feed, 0);
                for fix in block.iter().filter(|f| due(f.fix_time)) {
                    released.push(fix);
                }
                self.apply_fixes(&released, record.known_at, &mut changes);
            }
            Body::Observations(observations, events) => {
                for o in observations.iter().filter(|o| due(o.phenomenon_time)) {
                    self.apply_observation(*o, o.phenomenon_time, &mut changes);
                }
                self.release_events(events, record, &due, &mut changes);
            }
            Body::Events(events) => self.release_events(events, record, &due, &mut changes),
        }
        changes
    }

    fn release_events(
        &mut self,
        events: &[Event],
        record: &Record,
        due: &impl Fn(Timestamp) -> bool,
        changes: &mut Changes,
    ) {
        for event in events {
            if let Event::CaseReported { occurred_at, .. } = event
                && due(*occurred_at)
            {
                let mut fold = Fold::new(*occurred_at, &record.origin, changes);
                self.apply_event(event, &mut fold);
            }
        }
    }
}
