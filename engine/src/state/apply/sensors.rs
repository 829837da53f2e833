use super::Fold;
use crate::command::SensorRegistration;
use crate::ids::{FeedId, SensorId};
use crate::model::{NO_FEED, Sensor, SensorState};
use crate::state::State;
use crate::time::Timestamp;
use std::collections::BTreeSet;

impl State {
    pub(super) fn sensor_registered(
        &mut self,
        sensor: SensorId,
        registration: &SensorRegistration,
        fold: &mut Fold<'_>,
    ) {
        let r = registration.clone();
        self.registry
            .sensor_keys
            .insert((r.feed, r.key.clone()), sensor);
        let is_vacant = self.rebuilt.gone.sensors.remove(&sensor);
        let known = self.registry.sensors.get_mut(sensor.0 as usize);
        if let Some(s) = known {
            if is_vacant {
                self.rebuilt.sources.sensor_registered(r.feed);
                *s = unread(sensor, r, fold.now);
            } else {
                s.name = r.name;
                s.phenomenon = r.phenomenon;
                s.unit_of_measure = r.unit_of_measure;
                s.position = r.position;
                s.thresholds = r.thresholds;
            }
        } else if sensor.0 as usize == self.registry.sensors.len() {
            self.rebuilt.sources.sensor_registered(r.feed);
            self.registry.sensors.push(unread(sensor, r, fold.now));
        }
        self.spatial.place_sensor(sensor, registration.position);
        fold.changes.sensors.insert(sensor);
        fold.changes.sensors_described.insert(sensor);
    }

    /// Sensors of a feed give up their names and their places in the list.
    pub(super) fn sensors_retired(
        &mut self,
        feed: FeedId,
        sensors: &[SensorId],
        fold: &mut Fold<'_>,
    ) {
        for id in sensors {
            let sensor = self.registry.sensors.get_mut(id.0 as usize);
            let Some(s) = sensor.filter(|s| s.feed == feed) else {
                continue;
            };
            let key = core::mem::take(&mut s.key);
            let nobody = SensorRegistration {
                feed: NO_FEED,
                key: String::new(),
                name: String::new(),
                phenomenon: s.phenomenon,
                unit_of_measure: String::new(),
                position: s.position,
                thresholds: None,
            };
            *s = unread(*id, nobody, Timestamp::MIN);
            self.registry.sensor_keys.remove(&(feed, key));
            self.rebuilt.sources.sensor_retired(feed);
            self.spatial.forget_sensor(*id);
            self.rebuilt.gone.sensors.insert(*id);
            fold.changes.sensors_retired = true;
        }
    }

    /// Places whose sensors have retired.
    pub(in crate::state) fn vacant_sensors(&self) -> BTreeSet<SensorId> {
        let all = self.registry.sensors.iter();
        all.filter(|s| s.has_retired()).map(|s| s.id).collect()
    }
}

/// A sensor before its first reading.
fn unread(id: SensorId, r: SensorRegistration, now: Timestamp) -> Sensor {
    Sensor {
        id,
        feed: r.feed,
        key: r.key,
        name: r.name,
        phenomenon: r.phenomenon,
        unit_of_measure: r.unit_of_measure,
        position: r.position,
        thresholds: r.thresholds,
        state: SensorState::Unknown,
        hour: Vec::new(),
        latest: None,
        result_time: now,
    }
}
