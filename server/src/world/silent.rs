//! Sensors that say nothing any more, and feeds that have nothing left, give up their names, so that neither names that
//! change nor feeds that were tried out once fill the city.

use super::LiveCity;
use super::commands::NotDone;
use super::heard::seconds;
use super::tick::Tick;
use crate::access::UNITS_FEED;
use chengtu_engine::command::Command;
use chengtu_engine::ids::{FeedId, SensorId};
use chengtu_engine::model::{Actor, AlarmSource, CaseSource};
use std::collections::{BTreeMap, BTreeSet};

/// Silent sensors and empty feeds are looked for once in so many seconds, for the first time so long after a start, so that
/// they can be heard of again: whoever looks at sensors begins afresh where some go.
const LOOKS_EVERY_S: u32 = 3_600;
/// A feed that has as many sensors as it may makes room with those of its own that were silent for this long, seconds.
const SENSORS_MAKE_ROOM_S: u32 = 86_400;
/// Where feeds are as many as may be, one that has nothing and was not heard of for this long makes room, seconds.
const FEED_MAKES_ROOM_S: u32 = 3_600;
const DAY_S: u32 = 86_400;

/// When feeds, and sensors without a reading, were last heard of; what was before the start is not known.
#[derive(Debug, Default)]
pub(super) struct Silent {
    since_start_s: u32,
    looked_s: u32,
    feeds: BTreeMap<FeedId, u32>,
    described: BTreeMap<SensorId, u32>,
}

impl Silent {
    /// From a start on.
    pub fn since(start_s: u32) -> Self {
        Self {
            since_start_s: start_s,
            looked_s: start_s,
            ..Self::default()
        }
    }

    /// A feed has sent something.
    pub fn hear_feed(&mut self, feed: FeedId, now_s: u32) {
        self.feeds.insert(feed, now_s);
    }

    /// A sensor was described, for the first time or again.
    pub fn hear_sensor(&mut self, sensor: SensorId, now_s: u32) {
        self.described.insert(sensor, now_s);
    }

    fn feed_s(&self, feed: FeedId) -> u32 {
        self.feeds.get(&feed).copied().unwrap_or(self.since_start_s)
    }
}

impl LiveCity {
    /// Since when a sensor says nothing, seconds since 1970.
    fn silent_since_s(&self, sensor: SensorId) -> u32 {
        let said = self
            .state
            .sensor(sensor)
            .map_or(0, |s| seconds(s.result_time));
        let described = self.retiring.silent.described.get(&sensor);
        said.max(described.copied().unwrap_or(0))
    }

    /// Sensors of a feed, or of all, that have been silent since before a moment and have no alarm that matters.
    fn silent_sensors(&self, of: Option<FeedId>, before_s: u32) -> BTreeMap<FeedId, Vec<SensorId>> {
        let mut found: BTreeMap<FeedId, Vec<SensorId>> = BTreeMap::new();
        for s in self.state.sensors() {
            let may_go = !s.has_retired()
                && of.is_none_or(|f| f == s.feed)
                && self.silent_since_s(s.id) < before_s
                && self
                    .state
                    .alarms_of(AlarmSource::Sensor(s.id))
                    .next()
                    .is_none();
            if may_go {
                found.entry(s.feed).or_default().push(s.id);
            }
        }
        found
    }

    /// Looks for sensors that have been silent for too long, and for feeds that have nothing left. Once a second.
    pub(super) fn retire_unheard(&mut self, tick: &mut Tick) {
        let now_s = seconds(tick.now);
        let due_s = self.retiring.silent.looked_s.saturating_add(LOOKS_EVERY_S);
        if now_s < due_s || self.stopped.is_some() {
            return;
        }
        self.retiring.silent.looked_s = now_s;
        let before = |days: u32| now_s.saturating_sub(days.saturating_mul(DAY_S));
        let days = self.config.limits.sensor_idle_days;
        if days > 0 {
            for (feed, sensors) in self.silent_sensors(None, before(days)) {
                // Where nothing is written any more nothing is given up either.
                let _ = self.retire_sensors(feed, sensors, tick);
            }
        }
        let days = self.config.limits.mover_idle_days;
        if days > 0 {
            for feed in self.empty_feeds(before(days)) {
                let _ = self.retire_feed(feed, tick);
            }
        }
    }

    /// Makes room for a sensor of a feed with those of its own that have long been silent.
    ///
    /// # Errors
    /// Why nothing is written any more.
    pub(super) fn make_room_for_sensor(
        &mut self,
        feed: FeedId,
        tick: &mut Tick,
    ) -> Result<(), String> {
        let before = seconds(tick.now).saturating_sub(SENSORS_MAKE_ROOM_S);
        match self.silent_sensors(Some(feed), before).remove(&feed) {
            Some(sensors) => self.retire_sensors(feed, sensors, tick),
            None => Ok(()),
        }
    }

    /// Makes room for one more feed with one that has nothing and was not heard of for long.
    ///
    /// # Errors
    /// Why nothing is written any more.
    pub(super) fn make_room_for_feed(&mut self, tick: &mut Tick) -> Result<(), String> {
        let before = seconds(tick.now).saturating_sub(FEED_MAKES_ROOM_S);
        let longest = self.empty_feeds(before).into_iter();
        match longest.min_by_key(|f| self.retiring.silent.feed_s(*f)) {
            Some(feed) => self.retire_feed(feed, tick),
            None => Ok(()),
        }
    }

    /// Feeds that were not heard of since a moment, have nothing in the city, and stand in no configuration.
    fn empty_feeds(&self, before_s: u32) -> Vec<FeedId> {
        let named =
            |name: &str| name == UNITS_FEED || self.config.feeds.iter().any(|f| f.name == name);
        let all = (0..).map(FeedId).zip(self.state.feeds());
        let silent = all.filter(|(id, name)| {
            !name.is_empty() && !named(name) && self.retiring.silent.feed_s(*id) < before_s
        });
        let cases = self.state.cases().values();
        let with_cases: BTreeSet<FeedId> = cases
            .filter_map(|c| match &c.source {
                CaseSource::Feed(feed, _) => Some(*feed),
                CaseSource::Operator(_) => None,
            })
            .collect();
        let empty = silent.filter(|(id, _)| {
            self.state.movers_of(*id) == 0
                && self.state.sensors_of(*id) == 0
                && !with_cases.contains(id)
        });
        empty.map(|(id, _)| id).collect()
    }

    fn retire_sensors(
        &mut self,
        feed: FeedId,
        sensors: Vec<SensorId>,
        tick: &mut Tick,
    ) -> Result<(), String> {
        metrics::counter!("chengtu_sensors_retired_total").increment(sensors.len() as u64);
        for sensor in &sensors {
            self.retiring.silent.described.remove(sensor);
        }
        let command = Command::RetireSensors { feed, sensors };
        let done = self.execute(tick, &command, &Actor::System, None);
        done.map(|_| ()).map_err(NotDone::into_text)
    }

    fn retire_feed(&mut self, feed: FeedId, tick: &mut Tick) -> Result<(), String> {
        let command = Command::RetireFeed { feed };
        let done = self.execute(tick, &command, &Actor::System, None);
        done.map_err(NotDone::into_text)?;
        let gone = self.state.feeds().get(usize::from(feed.0));
        if gone.is_some_and(String::is_empty) {
            metrics::counter!("chengtu_feeds_retired_total").increment(1);
            self.retiring.silent.feeds.remove(&feed);
        }
        Ok(())
    }
}
