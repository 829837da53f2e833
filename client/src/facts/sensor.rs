//! What is said about one sensor.

use crate::i18n::Words;
use chengtu_engine::model::{Phenomenon, SensorState};

/// A value with its unit: as many places as say something.
pub fn value_words(value: f64, unit: &str) -> String {
    let places = if value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    format!("{value:.places$} {unit}").trim_end().to_string()
}

/// What is measured, in words.
pub fn phenomenon_words(p: Phenomenon, w: &Words) -> &str {
    w.t(match p {
        Phenomenon::BinFill => "sensor.bin_fill",
        Phenomenon::ManholeTilt => "sensor.manhole_tilt",
        Phenomenon::WaterLevel => "sensor.water_level",
        Phenomenon::Pm25 => "sensor.pm25",
        Phenomenon::Other => "sensor.other",
    })
}

/// State of a sensor, in words.
pub fn state_words(state: SensorState, w: &Words) -> &str {
    w.t(match state {
        SensorState::Unknown => "sensor.unknown",
        SensorState::Normal => "sensor.normal",
        SensorState::Warning => "sensor.warning",
        SensorState::Alarm => "sensor.alarm",
        SensorState::Fault => "sensor.fault",
    })
}
