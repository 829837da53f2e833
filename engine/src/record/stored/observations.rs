//! Readings, version 1: for `#[serde(with)]`.

use crate::command::Observation;
use crate::ids::SensorId;
use crate::time::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Serialize, Deserialize)]
struct ObservationV1 {
    sensor: SensorId,
    phenomenon_time: Timestamp,
    value: Option<f64>,
}

pub(crate) fn serialize<S: Serializer>(all: &[Observation], to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(all.iter().map(|o| {
        let Observation {
            sensor,
            phenomenon_time,
            value,
        } = *o;
        ObservationV1 {
            sensor,
            phenomenon_time,
            value,
        }
    }))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Vec<Observation>, D::Error> {
    let all = Vec::<ObservationV1>::deserialize(from)?;
    let now = all.into_iter().map(|o| Observation {
        sensor: o.sensor,
        phenomenon_time: o.phenomenon_time,
        value: o.value,
    });
    Ok(now.collect())
}
