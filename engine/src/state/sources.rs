use super::State;
use crate::ids::{AlarmId, FeedId};
use crate::model::{AlarmSource, Case, CaseSource};
use std::collections::{BTreeMap, BTreeSet};

/// What stems from whom. Rebuilt from the rest of the state; not part of what is kept or digested.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sources {
    alarms: BTreeMap<AlarmSource, BTreeSet<AlarmId>>,
    open_cases: BTreeMap<FeedId, usize>,
    sensors: BTreeMap<FeedId, usize>,
}

impl Sources {
    pub fn alarm_raised(&mut self, source: AlarmSource, alarm: AlarmId) {
        self.alarms.entry(source).or_default().insert(alarm);
    }

    pub fn alarm_retired(&mut self, source: AlarmSource, alarm: AlarmId) {
        if let Some(of) = self.alarms.get_mut(&source) {
            of.remove(&alarm);
            if of.is_empty() {
                self.alarms.remove(&source);
            }
        }
    }

    pub fn sensor_registered(&mut self, feed: FeedId) {
        *self.sensors.entry(feed).or_default() += 1;
    }

    pub fn sensor_retired(&mut self, feed: FeedId) {
        if let Some(known) = self.sensors.get_mut(&feed) {
            *known -= 1;
            if *known == 0 {
                self.sensors.remove(&feed);
            }
        }
    }

    /// A case is open that was not.
    pub fn opened(&mut self, source: &CaseSource) {
        if let CaseSource::Feed(feed, _) = source {
            *self.open_cases.entry(*feed).or_default() += 1;
        }
    }

    /// A case has ended that was open.
    pub fn ended(&mut self, source: &CaseSource) {
        if let CaseSource::Feed(feed, _) = source
            && let Some(open) = self.open_cases.get_mut(feed)
        {
            *open -= 1;
            if *open == 0 {
                self.open_cases.remove(feed);
            }
        }
    }
}

impl State {
    /// Alarms of a source, the oldest first; those that have ended and were acknowledged are not among them.
    pub fn alarms_of(&self, source: AlarmSource) -> impl Iterator<Item = AlarmId> + '_ {
        self.rebuilt
            .sources
            .alarms
            .get(&source)
            .into_iter()
            .flatten()
            .copied()
    }

    /// How many open cases a feed has reported.
    pub fn open_cases_of(&self, feed: FeedId) -> usize {
        self.rebuilt
            .sources
            .open_cases
            .get(&feed)
            .copied()
            .unwrap_or(0)
    }

    /// How many sensors a feed has described.
    pub fn sensors_of(&self, feed: FeedId) -> usize {
        self.rebuilt
            .sources
            .sensors
            .get(&feed)
            .copied()
            .unwrap_or(0)
    }

    /// How many movers of a feed are known.
    pub fn movers_of(&self, feed: FeedId) -> usize {
        let keys = self.registry.mover_keys.get(usize::from(feed.0));
        keys.map_or(0, super::keys::MoverKeys::len)
    }

    /// What stems from whom, from scratch.
    pub(super) fn sourced(&self) -> Sources {
        let mut sources = Sources::default();
        for a in self.alarms.values() {
            sources.alarm_raised(a.source, a.id);
        }
        let open = |c: &&Case| c.stage.is_open();
        for c in self.cases.values().filter(open) {
            sources.opened(&c.source);
        }
        for s in self.registry.sensors.iter().filter(|s| !s.has_retired()) {
            sources.sensor_registered(s.feed);
        }
        sources
    }
}
