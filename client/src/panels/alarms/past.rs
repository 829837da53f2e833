//! Alarms that the server no longer holds. It lets go of them as soon as they are acknowledged and over; whoever hands
//! the desk over still has to tell of them.

use super::state::AlarmState;
use crate::net::{City, CityChanged};
use bevy::prelude::{Local, MessageReader, Res, ResMut};
use chengtu_engine::ids::AlarmId;
use chengtu_engine::model::Actor;
use chengtu_engine::record::World;
use chengtu_engine::stream::{AlarmView, Mirror};
use chengtu_engine::time::Timestamp;
use std::collections::BTreeMap;

/// Kept for so long after they were raised, seconds: two shifts.
const KEPT_S: f64 = 86_400.0;
/// Most that are kept, the newest.
const KEPT_MAX: usize = 500;

/// Every alarm seen lately, as it was last.
#[derive(Clone, Debug, Default)]
pub struct Gone {
    seen: BTreeMap<AlarmId, AlarmView>,
}

impl Gone {
    /// Takes in what a mirror holds at a moment.
    fn follow(&mut self, mirror: &Mirror, now: Timestamp) {
        for a in self.seen.values_mut() {
            if !mirror.alarms.contains_key(&a.id) {
                // It went while its last changes were under way: both must have happened.
                a.acknowledged.get_or_insert((Actor::System, now));
                a.ended_at.get_or_insert(now);
            }
        }
        for (id, a) in &mirror.alarms {
            if self.seen.get(id) != Some(a) {
                self.seen.insert(*id, a.clone());
            }
        }
        self.seen
            .retain(|_, a| now.seconds_since(a.raised_at) < KEPT_S);
        while self.seen.len() > KEPT_MAX {
            self.seen.pop_first();
        }
    }

    /// Those that a mirror does not hold, raised last first.
    pub fn iter<'a>(&'a self, mirror: &'a Mirror) -> impl Iterator<Item = &'a AlarmView> {
        let gone = move |a: &&AlarmView| !mirror.alarms.contains_key(&a.id);
        self.seen.values().rev().filter(gone)
    }
}

/// Remembers alarms as they come and go. A leap of another world's clock forgets: what lies ahead there has not been.
pub(super) fn remember(
    mut changed: MessageReader<CityChanged>,
    city: Res<City>,
    mut state: ResMut<AlarmState>,
    mut leaps: Local<u64>,
) {
    let touched = changed
        .read()
        .fold(false, |t, c| t | c.0.reset | !c.0.alarms.is_empty());
    if city.world() != World::Live && *leaps != city.discontinuities() {
        state.gone = Gone::default();
    }
    *leaps = city.discontinuities();
    if touched && city.is_ready() {
        state.gone.follow(&city.mirror, city.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample::{self, NOW};

    #[test]
    fn what_the_server_lets_go_of_stays_for_the_handover() {
        let mut gone = Gone::default();
        let mut mirror = sample::city();
        gone.follow(&mirror, NOW);
        assert_eq!(gone.iter(&mirror).count(), 0);
        let id = AlarmId(3);
        let alarm = mirror.alarms.get_mut(&id).unwrap();
        alarm.ended_at = Some(NOW);
        let by = alarm.acknowledged.clone();
        gone.follow(&mirror, NOW);
        mirror.alarms.remove(&id);
        gone.follow(&mirror, NOW);
        let kept: Vec<_> = gone.iter(&mirror).collect();
        assert_eq!((kept.len(), kept[0].id), (1, id));
        assert_eq!((&kept[0].acknowledged, kept[0].ended_at), (&by, Some(NOW)));
        // One that went at once was acknowledged too, by whom is not known.
        mirror.alarms.remove(&AlarmId(1));
        gone.follow(&mirror, NOW);
        assert!(gone.iter(&mirror).all(|a| a.acknowledged.is_some()));
        gone.follow(&mirror, NOW.plus_seconds(90_000));
        assert_eq!(gone.iter(&mirror).count(), 0);
    }
}
