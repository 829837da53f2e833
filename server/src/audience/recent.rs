use chengtu_engine::ids::{AlarmId, CaseId, SensorId, UnitId};
use chengtu_engine::state::{Changes, State};
use chengtu_engine::stream::EntityChange;
use std::collections::VecDeque;

/// What kind of thing changed; also the parts that a tick's changes are shared in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A case.
    Case(CaseId),
    /// A unit.
    Unit(UnitId),
    /// A sensor.
    Sensor(SensorId),
    /// An alarm.
    Alarm(AlarmId),
}

/// The parts that entities are streamed in, each a layer that a session may leave out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Cases and alarms.
    Cases,
    /// Units.
    Units,
    /// Sensors.
    Sensors,
}

/// All parts.
pub const PARTS: [Part; 3] = [Part::Cases, Part::Units, Part::Sensors];

impl Thing {
    /// The part that it is streamed in.
    pub fn part(self) -> Part {
        match self {
            Self::Case(_) | Self::Alarm(_) => Part::Cases,
            Self::Unit(_) => Part::Units,
            Self::Sensor(_) => Part::Sensors,
        }
    }

    /// How it is now.
    pub fn view(self, state: &State) -> Option<EntityChange> {
        Some(match self {
            Self::Case(id) => state
                .case(id)
                .map_or(EntityChange::CaseGone(id), |c| EntityChange::Case(c.into())),
            Self::Unit(id) => EntityChange::Unit(state.unit(id)?.into()),
            Self::Sensor(id) => EntityChange::Sensor(state.sensor(id)?.into()),
            Self::Alarm(id) => state
                .alarms()
                .get(&id)
                .map_or(EntityChange::AlarmGone(id), |a| {
                    EntityChange::Alarm(a.into())
                }),
        })
    }
}

/// Everything that changes touched but positions.
pub fn things(changes: &Changes) -> impl Iterator<Item = Thing> + '_ {
    let cases = changes.cases.iter().copied().map(Thing::Case);
    let units = changes.units.iter().copied().map(Thing::Unit);
    let sensors = changes.sensors.iter().copied().map(Thing::Sensor);
    let alarms = changes.alarms.iter().copied().map(Thing::Alarm);
    cases.chain(units).chain(sensors).chain(alarms)
}

/// Everything that a state holds but positions.
pub fn all_things(state: &State) -> impl Iterator<Item = Thing> + '_ {
    let cases = state.cases().keys().copied().map(Thing::Case);
    let units = state.units().iter().map(|u| Thing::Unit(u.id));
    let sensors = state.sensors().iter().map(|s| Thing::Sensor(s.id));
    let alarms = state.alarms().keys().copied().map(Thing::Alarm);
    cases.chain(units).chain(sensors).chain(alarms)
}

/// What changed lately and at which record, for clients that come back after a short absence.
#[derive(Debug)]
pub struct Recent {
    kept: VecDeque<(u64, Thing)>,
    limit: usize,
    /// Everything after this record is here.
    complete_after: u64,
}

impl Recent {
    /// Nothing has changed since record `seq`.
    pub fn new(seq: u64, limit: usize) -> Self {
        Self {
            kept: VecDeque::new(),
            limit,
            complete_after: seq,
        }
    }

    /// Adds what a tick that ended at record `seq` touched.
    pub fn push(&mut self, seq: u64, things: impl Iterator<Item = Thing>) {
        self.kept.extend(things.map(|t| (seq, t)));
        while self.kept.len() > self.limit {
            if let Some((dropped, _)) = self.kept.pop_front() {
                self.complete_after = dropped;
            }
        }
    }

    /// What changed after record `seq`, each once; none where that is no longer known.
    pub fn since(&self, seq: u64) -> Option<Vec<Thing>> {
        if seq < self.complete_after {
            return None;
        }
        let mut out: Vec<Thing> = self
            .kept
            .iter()
            .filter(|(s, _)| *s > seq)
            .map(|(_, t)| *t)
            .collect();
        out.sort_unstable();
        out.dedup();
        Some(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_known_to_be_forgotten() {
        let mut r = Recent::new(10, 3);
        let case = |n| Thing::Case(CaseId(n));
        assert_eq!(r.since(10), Some(vec![]));
        assert_eq!(r.since(9), None);
        r.push(12, [case(1), case(2)].into_iter());
        r.push(15, [case(1)].into_iter());
        assert_eq!(r.since(10), Some(vec![case(1), case(2)]));
        assert_eq!(r.since(12), Some(vec![case(1)]));
        r.push(20, [case(3)].into_iter());
        assert_eq!(r.since(11), None);
        assert_eq!(r.since(12), Some(vec![case(1), case(3)]));
    }
}
