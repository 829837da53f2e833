use super::alarms::Alarms;
use super::detector::{Detector, Input};
use crate::city::Severity;
use crate::model::{AlarmSource, SensorState};

/// A sensor at its alarm bound raises an alarm, which ends when the sensor falls below its warning bound: a value that
/// trembles about the alarm bound raises one alarm, not many. A broken sensor neither raises nor ends one.
pub(super) struct SensorThresholds;

impl Detector for SensorThresholds {
    fn detect(&self, input: Input<'_>, alarms: &mut Alarms<'_>) {
        let Input::Reading(sensor, reading) = input else {
            return;
        };
        let source = AlarmSource::Sensor(sensor.id);
        match sensor.state_of(reading.value) {
            SensorState::Alarm if !alarms.is_running(source) => {
                alarms.raise(source, Severity::Severe, sensor.position);
            }
            SensorState::Normal => alarms.end(source),
            _ => {}
        }
    }
}
