use super::audits::Audits;
use super::{CommandMemory, State};
use crate::geo::Position;
use crate::ids::CaseId;
use crate::model::{AlarmSource, SensorState};
use std::collections::BTreeSet;

impl State {
    /// Takes out what lies outside: cases, alarms, places of movers, readings of sensors.
    pub fn cut(&mut self, inside: &dyn Fn(Position) -> bool) {
        let out: Vec<CaseId> = self
            .cases
            .values()
            .filter(|c| !inside(c.position))
            .map(|c| c.id)
            .collect();
        for id in &out {
            self.cases.remove(id);
            self.histories.remove(id);
        }
        // Who looked at what stays where the log is, and so does who reported.
        self.behind.audits = Audits::default();
        self.behind.reporters.clear();
        let gone: BTreeSet<CaseId> = out.into_iter().collect();
        // Nobody reports to what is cut out; the keys of cases that are gone may be of cases anywhere.
        self.case_keys.retain(|_, id| self.cases.contains_key(id));
        self.due.retain(|(_, id)| !gone.contains(id));
        self.ended.retain(|(_, id)| !gone.contains(id));
        self.alarms.retain(|_, a| {
            inside(a.position) && !matches!(a.source, AlarmSource::Case(c) if gone.contains(&c))
        });
        for m in &mut self.registry.movers {
            if m.position.is_some_and(|p| !inside(p)) {
                m.position = None;
            }
        }
        for s in &mut self.registry.sensors {
            if !inside(s.position) {
                s.hour.clear();
                s.latest = None;
                s.state = SensorState::Unknown;
            }
        }
        self.commands = CommandMemory::default();
        self.spatial = self.indexed();
        self.rebuilt.gone.keys = self.keys_of_ended();
        self.rebuilt.sources = self.sourced();
    }
}
