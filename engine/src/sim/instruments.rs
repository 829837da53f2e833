//! What a simulator knows of its sensors: how each behaves, and curves that drive some of them.

use super::behave::Behaviour;
use crate::ids::SensorId;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Sensors as they behave.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Instruments {
    /// By sensor; made when a sensor is first measured here.
    pub own: BTreeMap<SensorId, Behaviour>,
    /// Values at moments, ascending; straight lines between.
    driven: BTreeMap<SensorId, Vec<(Timestamp, f64)>>,
}

impl Instruments {
    /// Drives a sensor along a curve from now on, in place of another.
    pub fn drive(&mut self, sensor: SensorId, curve: Vec<(Timestamp, f64)>) {
        self.driven.insert(sensor, curve);
    }

    pub fn is_driven(&self, sensor: SensorId) -> bool {
        self.driven.contains_key(&sensor)
    }

    /// Ends curves that are over; the sensor goes on from the last value.
    pub fn end_curves(&mut self, now: Timestamp) {
        let over = |curve: &[(Timestamp, f64)]| curve.last().is_none_or(|(t, _)| *t < now);
        let ended: Vec<SensorId> = self
            .driven
            .iter()
            .filter(|(_, curve)| over(curve))
            .map(|(sensor, _)| *sensor)
            .collect();
        for sensor in ended {
            self.driven.remove(&sensor);
            self.own.remove(&sensor);
        }
    }

    /// True where no sensor is driven.
    pub fn all_free(&self) -> bool {
        self.driven.is_empty()
    }

    /// The value of a driven sensor now; `None` for one that is not driven.
    pub fn driven_value(&self, sensor: SensorId, now: Timestamp) -> Option<f64> {
        let curve = self.driven.get(&sensor)?;
        Some(libm::round(value_at(curve, now) * 1_000.0) / 1_000.0)
    }
}

fn value_at(curve: &[(Timestamp, f64)], now: Timestamp) -> f64 {
    let after = curve.partition_point(|(t, _)| *t <= now);
    let before = after.checked_sub(1).and_then(|i| curve.get(i));
    match (before, curve.get(after)) {
        (Some((t, a)), Some((u, b))) => {
            let part = now.seconds_since(*t) / u.seconds_since(*t).max(1e-6);
            a + (b - a) * part
        }
        (Some((_, v)), None) | (None, Some((_, v))) => *v,
        (None, None) => 0.0,
    }
}
