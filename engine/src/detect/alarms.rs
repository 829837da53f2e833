use crate::city::Severity;
use crate::event::Event;
use crate::geo::Position;
use crate::ids::{AlarmId, CaseId};
use crate::model::AlarmSource;
use crate::state::State;
use std::collections::BTreeMap;

/// The alarms of the city while detectors look at one record: those of the state and those that they raise.
#[derive(Debug)]
pub struct Alarms<'a> {
    state: &'a State,
    /// Alarms raised or ended by this record: their source while they run, `None` once ended.
    touched: BTreeMap<AlarmId, Option<AlarmSource>>,
    next: AlarmId,
    events: Vec<Event>,
}

impl<'a> Alarms<'a> {
    pub(super) fn new(state: &'a State) -> Self {
        Self {
            state,
            touched: BTreeMap::new(),
            next: state.next_alarm(),
            events: Vec::new(),
        }
    }

    /// Alarms of a source whose cause has not ended, oldest first. Cost: the alarms of the state.
    fn running(&self, source: AlarmSource) -> Vec<AlarmId> {
        let known = self.state.alarms().values();
        let known = known.filter(|a| a.source == source && a.ended_at.is_none());
        let untouched = known
            .map(|a| a.id)
            .filter(|id| !self.touched.contains_key(id));
        let raised = self.touched.iter().filter(|(_, s)| **s == Some(source));
        untouched.chain(raised.map(|(id, _)| *id)).collect()
    }

    /// Whether an alarm of a source runs.
    pub fn is_running(&self, source: AlarmSource) -> bool {
        !self.running(source).is_empty()
    }

    /// How grave a case is, and where, before this record.
    pub fn case(&self, case: CaseId) -> Option<(Severity, Position)> {
        self.state.case(case).map(|c| (c.severity, c.position))
    }

    /// Raises an alarm, whether or not another of the same source runs.
    pub fn raise(&mut self, source: AlarmSource, severity: Severity, position: Position) {
        let alarm = self.next;
        self.next = AlarmId(alarm.0 + 1);
        self.touched.insert(alarm, Some(source));
        self.events.push(Event::AlarmRaised {
            alarm,
            source,
            severity,
            position,
        });
    }

    /// Ends every running alarm of a source.
    pub fn end(&mut self, source: AlarmSource) {
        for alarm in self.running(source) {
            self.touched.insert(alarm, None);
            self.events.push(Event::AlarmEnded { alarm });
        }
    }

    pub(super) fn into_events(self) -> Vec<Event> {
        self.events
    }
}
