//! What is said about one sensor.

use crate::i18n::Words;
use chengtu_engine::city::ClassInfo;
use chengtu_engine::ids::ClassId;
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

/// What the name of a class says where a phenomenon is reported under it; the first that a city has counts.
fn class_names(p: Phenomenon) -> &'static [&'static str] {
    match p {
        Phenomenon::BinFill => &["垃圾满溢", "垃圾箱", "垃圾"],
        Phenomenon::ManholeTilt => &["井盖"],
        Phenomenon::WaterLevel => &["积水", "内涝"],
        Phenomenon::Pm25 => &["扬尘"],
        Phenomenon::Other => &[],
    }
}

/// The class that a sensor's alarm is reported under, as far as the phenomenon says it; the officer decides.
pub fn class_of(classes: &[ClassInfo], p: Phenomenon) -> Option<ClassId> {
    let named = |name: &&str| classes.iter().position(|c| c.name.contains(name));
    let at = class_names(p).iter().find_map(named)?;
    Some(ClassId(at as u16))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::sample;

    #[test]
    fn a_sensors_alarm_proposes_the_class_of_what_it_measures() {
        let classes = sample::hello().city.classes;
        let name = |p| class_of(&classes, p).map(|c| &*classes[usize::from(c.0)].name);
        assert_eq!(name(Phenomenon::WaterLevel), Some("道路积水"));
        assert_eq!(name(Phenomenon::ManholeTilt), Some("污水井盖"));
        assert_eq!(name(Phenomenon::Other), None);
    }
}
