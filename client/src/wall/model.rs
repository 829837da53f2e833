//! What the wall shows besides figures: the one alarm, and the ticker's lines.

use crate::facts::case;
use crate::facts::unit::status_word;
use crate::i18n::{Words, countdown, short_span, spell_span};
use chengtu_engine::city::Severity;
use chengtu_engine::model::{AlarmSource, SensorState, Stage, UnitStatus};
use chengtu_engine::stream::{AlarmView, Mirror};
use chengtu_engine::time::Timestamp;

/// Title of the plate: what, and where.
pub fn title(mirror: &Mirror, alarm: &AlarmView, words: &Words) -> (String, String) {
    match alarm.source {
        AlarmSource::Case(id) => mirror.cases.get(&id).map_or_else(
            || (words.n("alarms.of_case", id), String::new()),
            |c| {
                (
                    case::class_name(mirror, c, words).to_string(),
                    c.address.clone(),
                )
            },
        ),
        AlarmSource::Sensor(id) => mirror.sensors.get(&id).map_or_else(
            || (words.n("alarms.of_sensor", id), String::new()),
            |s| (s.name.clone(), String::new()),
        ),
    }
}

/// What is being done about an alarm: who is on the way and how long it takes, or that nobody is.
pub fn answer(
    mirror: &Mirror,
    alarm: &AlarmView,
    now: Timestamp,
    words: &Words,
) -> (String, String) {
    let AlarmSource::Case(id) = alarm.source else {
        return (String::new(), String::new());
    };
    let Some(c) = mirror.cases.get(&id) else {
        return (String::new(), String::new());
    };
    let Some(unit) = c.units.first().and_then(|u| mirror.units.get(u)) else {
        return (words.t("wall.nobody_sent").into(), String::new());
    };
    let sign = words.name(&unit.call_sign, &unit.call_sign_en);
    let status = status_word(unit.status, words);
    let expected = unit.assignment.as_ref().and_then(|a| a.expected_at);
    let arrival = match (unit.status, expected) {
        (UnitStatus::Assigned | UnitStatus::EnRoute, Some(at)) if at > now => words.f(
            "wall.arrives_in",
            &[("span", &spell_span(at.seconds_since(now), words))],
        ),
        _ => String::new(),
    };
    (
        words.f("wall.unit_status", &[("unit", sign), ("status", status)]),
        arrival,
    )
}

/// A line of the ticker.
#[derive(Clone, Debug, PartialEq)]
pub struct TickerLine {
    /// When it happened.
    pub at: Timestamp,
    /// Severity, which gives the line its mark.
    pub severity: Severity,
    /// What happened, in words.
    pub text: String,
}

/// Lately: sensors above their bounds, cases overdue, grave cases reported; newest first, at most `most`.
pub fn ticker(mirror: &Mirror, now: Timestamp, words: &Words, most: usize) -> Vec<TickerLine> {
    let mut lines = Vec::new();
    for s in mirror.sensors.values() {
        let severity = match s.state {
            SensorState::Alarm => Severity::Severe,
            SensorState::Warning => Severity::Urgent,
            _ => continue,
        };
        let Some((reading, value)) = s.latest.and_then(|r| Some((r, r.value?))) else {
            continue;
        };
        let value = format!("{value:.2} {}", s.unit_of_measure);
        let rising = s.hour.len() >= 3
            && s.hour[s.hour.len() - 3]
                .value
                .is_some_and(|v| v < reading.value.unwrap_or(v));
        let key = if rising {
            "wall.sensor_rising"
        } else {
            "wall.sensor"
        };
        let text = words.f(key, &[("name", &s.name), ("value", value.trim_end())]);
        lines.push(TickerLine {
            at: reading.phenomenon_time,
            severity,
            text,
        });
    }
    for c in mirror
        .cases
        .values()
        .filter(|c| c.stage.is_open() && c.stage != Stage::Handled)
    {
        let name = format!("{} {}", c.address, case::class_name(mirror, c, words));
        let name = name.trim();
        match c.due_at {
            Some(due) if due <= now && c.severity <= Severity::Urgent => {
                let late = short_span(now.seconds_since(due), words);
                lines.push(TickerLine {
                    at: due,
                    severity: c.severity,
                    text: words.f("wall.overdue", &[("what", name), ("span", &late)]),
                });
            }
            _ if c.severity <= Severity::Urgent => {
                let at = c.history.first().map_or(c.occurred_at, |h| h.at);
                let state = case::state_words(mirror, c, words);
                lines.push(TickerLine {
                    at,
                    severity: c.severity,
                    text: format!("{name} · {state}"),
                });
            }
            _ => {}
        }
    }
    lines.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.text.cmp(&b.text)));
    lines.truncate(most);
    lines
}

/// How long an alarm has waited, `1:24`.
pub fn waited(alarm: &AlarmView, now: Timestamp, words: &Words) -> String {
    let s = now.seconds_since(alarm.raised_at).max(0.0) as u64;
    if s < 3_600 {
        format!("{}:{:02}", s / 60, s % 60)
    } else {
        countdown(s as f64, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::alarm::shouting;
    use crate::i18n::Lang;
    use crate::panels::model::sample;

    #[test]
    fn one_severe_unacknowledged_alarm_shouts_with_what_is_done_about_it() {
        let city = sample::city();
        let words = Words::shipped(Lang::Zh).unwrap();
        let alarm = shouting(&city).unwrap();
        assert_eq!(
            alarm.source,
            AlarmSource::Case(chengtu_engine::ids::CaseId(300))
        );
        assert_eq!(
            title(&city, alarm, &words),
            ("燃气管道破裂".into(), "珠江路 通贤桥口".into())
        );
        let (unit, arrival) = answer(&city, alarm, sample::NOW, &words);
        assert!(
            unit.contains("途中") && arrival.contains("2 分 10 秒"),
            "{unit} {arrival}"
        );
        assert_eq!(waited(alarm, sample::NOW, &words), "1:24");
    }

    #[test]
    fn the_ticker_is_newest_first_and_tells_overdue_cases() {
        let city = sample::city();
        let words = Words::shipped(Lang::Zh).unwrap();
        let lines = ticker(&city, sample::NOW, &words, 8);
        assert!(lines.len() <= 8 && lines.is_sorted_by(|a, b| a.at >= b.at));
        assert!(lines.iter().any(|l| l.text.contains("北门桥水位")));
        assert!(
            lines.iter().any(|l| l.text.contains("超期 47 分")),
            "{lines:?}"
        );
    }
}
