//! What is said about alarms, and in which order.

use super::case;
use super::sensor::value_words;
use crate::i18n::Words;
use chengtu_engine::city::Severity;
use chengtu_engine::ids::AlarmId;
use chengtu_engine::model::AlarmSource;
use chengtu_engine::stream::{AlarmView, Mirror};
use chengtu_engine::time::Timestamp;
use std::cmp::Reverse;

/// Title of an alarm: what it is about and where, in words.
pub fn alarm_title(mirror: &Mirror, a: &AlarmView, words: &Words) -> String {
    let w = words;
    match a.source {
        AlarmSource::Case(id) => match mirror.cases.get(&id) {
            Some(c) if c.address.is_empty() => case::class_name(mirror, c, w).to_string(),
            Some(c) => format!("{} · {}", case::class_name(mirror, c, w), c.address),
            None => w.n("alarms.of_case", id),
        },
        AlarmSource::Sensor(id) => match mirror.sensors.get(&id) {
            Some(sensor) => sensor.name.clone(),
            None => w.n("alarms.of_sensor", id),
        },
    }
}

/// What whoever raised it says: the report's own words, or what the sensor measures beside its bound. Empty where
/// nothing is said.
pub fn alarm_words(mirror: &Mirror, a: &AlarmView, words: &Words) -> String {
    let w = words;
    match a.source {
        AlarmSource::Case(id) => mirror
            .cases
            .get(&id)
            .map_or(String::new(), |c| c.note.clone()),
        AlarmSource::Sensor(id) => {
            let Some(sensor) = mirror.sensors.get(&id) else {
                return String::new();
            };
            let unit = &sensor.unit_of_measure;
            let Some(value) = sensor.latest.and_then(|r| r.value) else {
                return w.t("sensor.unknown").to_string();
            };
            let value = value_words(value, unit);
            sensor.thresholds.map_or_else(
                || w.f("alarms.reads", &[("value", &value)]),
                |t| {
                    let bound = value_words(t.alarm, unit);
                    w.f(
                        "alarms.reads_above",
                        &[("value", &value), ("bound", &bound)],
                    )
                },
            )
        }
    }
}

/// Whose turn it is among alarms that nobody has acknowledged: gravest first, those whose cause goes on before those
/// whose cause has ended, and of these the one that has waited longest.
fn turn(a: &AlarmView) -> (Severity, bool, Timestamp, AlarmId) {
    (a.severity, a.ended_at.is_some(), a.raised_at, a.id)
}

/// Alarms that wait for somebody, the most urgent first.
pub fn waiting(mirror: &Mirror) -> Vec<&AlarmView> {
    let open = mirror.alarms.values().filter(|a| a.acknowledged.is_none());
    let mut list: Vec<&AlarmView> = open.collect();
    list.sort_by_key(|a| turn(a));
    list
}

/// Alarms in the order of the list: those that wait, the most urgent first, then the others, acknowledged last first.
pub fn alarms_in_order(mirror: &Mirror) -> Vec<&AlarmView> {
    let mut list = waiting(mirror);
    let seen = mirror.alarms.values().filter(|a| a.acknowledged.is_some());
    let mut seen: Vec<&AlarmView> = seen.collect();
    seen.sort_by_key(|a| Reverse((a.acknowledged.as_ref().map(|(_, at)| *at), a.id)));
    list.extend(seen);
    list
}

/// The alarm that shouts on a wall: the most urgent, where it is a severe one.
pub fn shouting(mirror: &Mirror) -> Option<&AlarmView> {
    let severe = |a: &&AlarmView| a.acknowledged.is_none() && a.severity == Severity::Severe;
    mirror
        .alarms
        .values()
        .filter(severe)
        .min_by_key(|a| turn(a))
}

/// How long nobody has acknowledged an alarm, as it is shown: in steps, each of which stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// New, or over.
    Fresh,
    /// Somebody should have seen it by now.
    Long,
    /// Far too long.
    TooLong,
}

/// From when on the steps of [`Wait`] hold, seconds without acknowledgement: of severe alarms, and of all others.
const WAITS_S: [[f64; 2]; 2] = [[60.0, 180.0], [300.0, 900.0]];

/// How long an alarm has waited. One whose cause has ended presses no more.
pub fn wait_of(a: &AlarmView, now: Timestamp) -> Wait {
    let [long_s, too_long_s] = WAITS_S[usize::from(a.severity != Severity::Severe)];
    let waited_s = now.seconds_since(a.raised_at);
    if a.acknowledged.is_some() || a.ended_at.is_some() || waited_s < long_s {
        Wait::Fresh
    } else if waited_s < too_long_s {
        Wait::Long
    } else {
        Wait::TooLong
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::panels::model::sample;
    use chengtu_engine::ids::CaseId;

    /// Severity, minutes waited, its cause has ended; the id is the place in the list.
    fn alarms(list: &[(Severity, i64, bool)]) -> Mirror {
        let mut mirror = sample::city();
        mirror.alarms.clear();
        for (i, (severity, minutes, over)) in list.iter().enumerate() {
            let id = AlarmId(i as u64);
            let alarm = AlarmView {
                id,
                source: AlarmSource::Case(CaseId(300)),
                severity: *severity,
                lon: 0.0,
                lat: 0.0,
                raised_at: sample::NOW.plus_seconds(-60 * minutes),
                acknowledged: None,
                ended_at: over.then_some(sample::NOW),
            };
            mirror.alarms.insert(id, alarm);
        }
        mirror
    }

    #[test]
    fn the_gravest_that_has_waited_longest_comes_first() {
        let (severe, urgent) = (Severity::Severe, Severity::Urgent);
        let mirror = alarms(&[
            (urgent, 30, false),
            (severe, 1, false),
            (severe, 40, true),
            (severe, 5, false),
            (urgent, 2, false),
        ]);
        let order: Vec<u64> = waiting(&mirror).iter().map(|a| a.id.0).collect();
        assert_eq!(order, [3, 1, 2, 0, 4]);
        assert_eq!(shouting(&mirror).map(|a| a.id), Some(AlarmId(3)));
    }

    #[test]
    fn what_nobody_acknowledges_presses_in_steps() {
        let wait = |severity, minutes, over| {
            let mirror = alarms(&[(severity, minutes, over)]);
            wait_of(&mirror.alarms[&AlarmId(0)], sample::NOW)
        };
        assert_eq!(wait(Severity::Severe, 0, false), Wait::Fresh);
        assert_eq!(wait(Severity::Severe, 2, false), Wait::Long);
        assert_eq!(wait(Severity::Severe, 3, false), Wait::TooLong);
        assert_eq!(wait(Severity::Urgent, 4, false), Wait::Fresh);
        assert_eq!(wait(Severity::Urgent, 16, false), Wait::TooLong);
        assert_eq!(wait(Severity::Severe, 60, true), Wait::Fresh);
    }

    #[test]
    fn an_alarm_says_what_was_reported_or_measured() {
        let city = sample::city();
        let words = Words::shipped(Lang::Zh).unwrap();
        let said = |id| alarm_words(&city, &city.alarms[&AlarmId(id)], &words);
        assert_eq!(said(1), "异响 下沉");
        assert_eq!(said(2), "现 0.90 m，告警阈值 0.80 m");
        let title = alarm_title(&city, &city.alarms[&AlarmId(2)], &words);
        assert_eq!(title, "北门桥水位");
    }
}
