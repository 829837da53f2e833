//! What is said about alarms, and in which order.

use super::case;
use super::sensor::value_words;
use crate::i18n::Words;
use chengtu_engine::city::Severity;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::stream::{AlarmView, Mirror};

/// Title of an alarm: what it is about, in words.
pub fn alarm_title(mirror: &Mirror, a: &AlarmView, words: &Words) -> String {
    let w = words;
    match a.source {
        AlarmSource::Case(id) => match mirror.cases.get(&id) {
            Some(c) if c.address.is_empty() => case::class_name(mirror, c, w).to_string(),
            Some(c) => format!("{} · {}", case::class_name(mirror, c, w), c.address),
            None => w.n("alarms.of_case", id),
        },
        AlarmSource::Sensor(id) => match mirror.sensors.get(&id) {
            Some(sensor) => match sensor.latest.and_then(|r| r.value) {
                Some(v) => format!(
                    "{} {}",
                    sensor.name,
                    value_words(v, &sensor.unit_of_measure)
                ),
                None => sensor.name.clone(),
            },
            None => w.n("alarms.of_sensor", id),
        },
    }
}

/// Alarms in the order of the list: waiting ones first, gravest and newest first.
pub fn alarms_in_order(mirror: &Mirror) -> Vec<&AlarmView> {
    let mut list: Vec<&AlarmView> = mirror.alarms.values().collect();
    list.sort_by_key(|a| {
        (
            a.acknowledged.is_some(),
            a.severity,
            std::cmp::Reverse(a.raised_at),
        )
    });
    list
}

/// The alarm that shouts on a wall: severe and not acknowledged, those that are not over first; of these the one that has
/// waited longest, for it is the one that nobody has taken.
pub fn shouting(mirror: &Mirror) -> Option<&AlarmView> {
    mirror
        .alarms
        .values()
        .filter(|a| a.acknowledged.is_none() && a.severity == Severity::Severe)
        .min_by_key(|a| (a.ended_at.is_some(), a.raised_at, a.id))
}
