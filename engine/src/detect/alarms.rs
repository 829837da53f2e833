use crate::city::Severity;
use crate::event::Event;
use crate::geo::Position;
use crate::ids::{AlarmId, CaseId};
use crate::model::{Alarm, AlarmSource};
use crate::state::State;
use std::collections::{BTreeMap, BTreeSet};

/// The alarms of the city while detectors look at one record: those of the state and those that they raise.
#[derive(Debug)]
pub struct Alarms<'a> {
    state: &'a State,
    /// Alarms raised by this record, oldest first.
    raised: BTreeMap<AlarmSource, Vec<AlarmId>>,
    /// Alarms ended by this record.
    ended: BTreeSet<AlarmId>,
    /// Alarms that this record has made room with.
    retired: BTreeSet<AlarmId>,
    next: AlarmId,
    events: Vec<Event>,
}

impl<'a> Alarms<'a> {
    pub(super) fn new(state: &'a State) -> Self {
        Self {
            state,
            raised: BTreeMap::new(),
            ended: BTreeSet::new(),
            retired: BTreeSet::new(),
            next: state.next_alarm(),
            events: Vec::new(),
        }
    }

    /// Alarms of a source, with what the state knows of them, oldest first. Cost: the alarms of the source.
    fn of(&self, source: AlarmSource) -> impl Iterator<Item = (AlarmId, Option<&'a Alarm>)> + '_ {
        let known = self.state.alarms_of(source);
        let known = known.map(|id| (id, self.state.alarms().get(&id)));
        let raised = self.raised.get(&source).into_iter().flatten();
        let all = known.chain(raised.map(|id| (*id, None)));
        all.filter(|(id, _)| !self.retired.contains(id))
    }

    fn has_ended(&self, id: AlarmId, known: Option<&Alarm>) -> bool {
        self.ended.contains(&id) || known.is_some_and(|a| a.ended_at.is_some())
    }

    /// Whether an alarm of a source runs.
    pub fn is_running(&self, source: AlarmSource) -> bool {
        self.of(source).any(|(id, a)| !self.has_ended(id, a))
    }

    /// How grave a case is, and where, before this record.
    pub fn case(&self, case: CaseId) -> Option<(Severity, Position)> {
        self.state.case(case).map(|c| (c.severity, c.position))
    }

    /// Raises an alarm, whether or not another of the same source runs.
    ///
    /// It takes the place of those of its source that have ended and that nobody has acknowledged: a source that
    /// comes and goes has one alarm that waits for a person, the newest.
    pub fn raise(&mut self, source: AlarmSource, severity: Severity, position: Position) {
        let alarm = self.next;
        self.next = AlarmId(alarm.0 + 1);
        let over = self.of(source).filter(|(id, a)| self.has_ended(*id, *a));
        let over: Vec<AlarmId> = over.map(|(id, _)| id).collect();
        self.raised.entry(source).or_default().push(alarm);
        self.events.push(Event::AlarmRaised {
            alarm,
            source,
            severity,
            position,
        });
        for alarm in over {
            self.retired.insert(alarm);
            self.events.push(Event::AlarmRetired { alarm });
        }
    }

    /// Ends every running alarm of a source.
    pub fn end(&mut self, source: AlarmSource) {
        let running = self.of(source).filter(|(id, a)| !self.has_ended(*id, *a));
        let running: Vec<AlarmId> = running.map(|(id, _)| id).collect();
        for alarm in running {
            self.ended.insert(alarm);
            self.events.push(Event::AlarmEnded { alarm });
        }
    }

    pub(super) fn into_events(self) -> Vec<Event> {
        self.events
    }
}
