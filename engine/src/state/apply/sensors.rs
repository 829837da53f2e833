use super::Fold;
use crate::command::SensorRegistration;
use crate::ids::SensorId;
use crate::model::{Sensor, SensorState};
use crate::state::State;

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
        if sensor.0 as usize == self.registry.sensors.len() {
            self.sources.sensor_registered(r.feed);
            self.registry.sensors.push(Sensor {
                id: sensor,
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
                result_time: fold.now,
            });
        } else if let Some(s) = self.registry.sensors.get_mut(sensor.0 as usize) {
            s.name = r.name;
            s.phenomenon = r.phenomenon;
            s.unit_of_measure = r.unit_of_measure;
            s.position = r.position;
            s.thresholds = r.thresholds;
        }
        self.spatial.place_sensor(sensor, registration.position);
        fold.changes.sensors.insert(sensor);
        fold.changes.sensors_described.insert(sensor);
    }
}
