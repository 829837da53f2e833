//! What gives up its name: things and feeds that nobody hears of any more.

use super::register::known_feed;
use crate::event::Event;
use crate::ids::{FeedId, MoverId, SensorId};
use crate::model::{AlarmSource, CaseSource};
use crate::rejection::Rejection;
use crate::state::State;
use std::collections::BTreeSet;

/// Those of some movers of a feed that may go: that are known, and carry no unit.
pub(super) fn movers(
    state: &State,
    feed: FeedId,
    movers: &[MoverId],
) -> Result<Vec<Event>, Rejection> {
    known_feed(state, feed)?;
    let is_known = |id: &&MoverId| {
        let mover = state.mover(**id);
        mover.is_some_and(|m| m.feed == feed && m.unit.is_none())
    };
    let movers: BTreeSet<MoverId> = movers.iter().filter(is_known).copied().collect();
    if movers.is_empty() {
        return Ok(vec![]);
    }
    let movers = movers.into_iter().collect();
    Ok(vec![Event::MoversRetired { feed, movers }])
}

/// Those of some sensors of a feed that may go: that are known, and whose alarms are done with.
pub(super) fn sensors(
    state: &State,
    feed: FeedId,
    sensors: &[SensorId],
) -> Result<Vec<Event>, Rejection> {
    known_feed(state, feed)?;
    let may_go = |id: &&SensorId| {
        let is_known = state.sensor(**id).is_some_and(|s| s.feed == feed);
        is_known && state.alarms_of(AlarmSource::Sensor(**id)).next().is_none()
    };
    let sensors: BTreeSet<SensorId> = sensors.iter().filter(may_go).copied().collect();
    if sensors.is_empty() {
        return Ok(vec![]);
    }
    let sensors = sensors.into_iter().collect();
    Ok(vec![Event::SensorsRetired { feed, sensors }])
}

/// A feed that has nothing in the city, or nothing.
pub(super) fn feed(state: &State, feed: FeedId) -> Vec<Event> {
    let is_its = |source: &CaseSource| matches!(source, CaseSource::Feed(f, _) if *f == feed);
    let has_something = state.movers_of(feed) > 0
        || state.sensors_of(feed) > 0
        || state.cases().values().any(|c| is_its(&c.source));
    if has_something || known_feed(state, feed).is_err() {
        return vec![];
    }
    vec![Event::FeedRetired { feed }]
}
