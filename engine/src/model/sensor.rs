use super::NO_FEED;
use crate::geo::Position;
use crate::ids::{FeedId, SensorId};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a sensor measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phenomenon {
    /// Fill of a bin, percent.
    BinFill,
    /// Tilt of a manhole cover, degrees.
    ManholeTilt,
    /// Water above ground, metres.
    WaterLevel,
    /// PM2.5, micrograms a cubic metre.
    Pm25,
    /// Anything else; the unit says what.
    Other,
}

/// Where a value becomes a warning and an alarm: both upper bounds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// From here on a warning.
    pub warning: f64,
    /// From here on an alarm.
    pub alarm: f64,
}

/// State of a sensor, from its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorState {
    /// No reading yet.
    Unknown,
    /// Below all thresholds.
    Normal,
    /// At or above the first.
    Warning,
    /// At or above the second.
    Alarm,
    /// The sensor says itself that it is broken.
    Fault,
}

/// One reading, as kept for the last hour.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When the value held; never after its arrival at the server.
    pub phenomenon_time: Timestamp,
    /// In the sensor's unit; `None` for a fault.
    pub value: Option<f64>,
}

/// A sensor with its latest reading and its last hour.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sensor {
    /// Dense, from 0, within a city.
    pub id: SensorId,
    /// The feed that sends its readings.
    pub feed: FeedId,
    /// The feed's name for it.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// The phenomenon that its values are of.
    pub phenomenon: Phenomenon,
    /// Unit of its values, e.g. `m`.
    pub unit_of_measure: String,
    /// Where it is fixed, WGS 84.
    pub position: Position,
    /// Bounds, where it has some.
    pub thresholds: Option<Thresholds>,
    /// From the newest reading.
    pub state: SensorState,
    /// Readings of the last hour, oldest first, at most one a minute.
    pub hour: Vec<Reading>,
    /// The newest reading.
    pub latest: Option<Reading>,
    /// When the server received it.
    pub result_time: Timestamp,
}

impl Sensor {
    /// True for the place of one that has given up its name.
    pub fn has_retired(&self) -> bool {
        self.feed == NO_FEED
    }

    /// The state that a value means for this sensor.
    pub fn state_of(&self, value: Option<f64>) -> SensorState {
        match (value, self.thresholds) {
            (None, _) => SensorState::Fault,
            (Some(v), Some(t)) if v >= t.alarm => SensorState::Alarm,
            (Some(v), Some(t)) if v >= t.warning => SensorState::Warning,
            (Some(_), _) => SensorState::Normal,
        }
    }
}

/// Adds a reading to the last hour: at most one a minute, none older than an hour before the newest.
pub fn keep_hour(hour: &mut Vec<Reading>, reading: Reading) {
    let minute = |r: &Reading| r.phenomenon_time.0.div_euclid(60_000_000);
    match hour.last_mut() {
        Some(last) if minute(last) == minute(&reading) => *last = reading,
        _ => hour.push(reading),
    }
    let newest = reading.phenomenon_time;
    let old = hour.partition_point(|r| newest.seconds_since(r.phenomenon_time) > 3_600.0);
    hour.drain(..old);
}
