//! The panel of a sensor: its state, and its last hour as a chart.

use super::chart;
use crate::facts::sensor::{phenomenon_words, state_words, value_words};
use crate::i18n::short_span;
use crate::panels::alarms::{self, AlarmState};
use crate::panels::console::{Acts, Scene};
use crate::panels::detail::{PAD, close};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::fact;
use bevy_egui::egui::{Color32, Rect, Ui, pos2, vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::model::{AlarmSource, SensorState};
use chengtu_engine::stream::SensorView;

/// Draws the panel.
pub fn draw(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    alarms: &AlarmState,
    rect: Rect,
    sensor: &SensorView,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let mut y = rect.min.y;
    close(ui, pen, s, rect, out);
    pen.left_within(
        pos2(x, y + 28.0),
        right - x - 24.0,
        &sensor.name,
        skin.bold(Role::Title),
        skin.t1,
    );
    let about = format!(
        "{} · {}",
        phenomenon_words(sensor.phenomenon, w),
        sensor.key
    );
    pen.left_within(
        pos2(x, y + 51.0),
        right - x,
        &about,
        skin.regular(Role::Small),
        skin.t3,
    );
    if let Some(alarm) = alarms::of_source(s.mirror, AlarmSource::Sensor(sensor.id)) {
        let size = vec2(right - x, alarms::LINE_HEIGHT);
        let line = Rect::from_min_size(pos2(x, y + 68.0), size);
        alarms::line(ui, pen, s, alarms, line, alarm, out);
        y += alarms::LINE_HEIGHT + 8.0;
    }
    pen.hline(rect.min.x + 1.0, rect.max.x - 1.0, y + 70.0, skin.line);
    let color = state_color(s, sensor.state);
    let value = sensor.latest.and_then(|r| r.value);
    let text = value.map_or(state_words(sensor.state, w).to_string(), |v| {
        value_words(v, &sensor.unit_of_measure)
    });
    pen.left(
        pos2(x, y + 102.0),
        &text,
        skin.bold(Role::Clock),
        if value.is_some() { skin.t1 } else { skin.t3 },
    );
    pen.right(
        pos2(right, y + 102.0),
        state_words(sensor.state, w),
        skin.bold(Role::Body),
        color,
    );
    let chart = Rect::from_min_max(pos2(x, y + 134.0), pos2(right, y + 134.0 + 170.0));
    pen.left(
        pos2(x, y + 126.0),
        w.t("sensor.last_hour"),
        skin.regular(Role::Small),
        skin.t3,
    );
    chart::draw(pen, s, sensor, chart.translate(vec2(0.0, 8.0)));
    facts(pen, s, rect, chart.max.y + 52.0, sensor);
}

/// When it was measured, the bounds, and where it is.
fn facts(pen: &Pen<'_>, s: &Scene<'_>, rect: Rect, y: f32, sensor: &SensorView) {
    let w = s.words;
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let mut y = y;
    let mut line = |label: &str, value: &str| {
        fact(pen, x, x + 84.0, right, y, label, value);
        y += 22.0;
    };
    if let Some(r) = sensor.latest {
        let age = short_span(s.now.seconds_since(r.phenomenon_time), w);
        line(
            w.t("sensor.measured"),
            &w.f(
                "unit.heard_ago",
                &[
                    ("span", &age),
                    ("time", &s.time.when_exactly(r.phenomenon_time, s.now)),
                ],
            ),
        );
    }
    if let Some(t) = sensor.thresholds {
        let unit = &sensor.unit_of_measure;
        line(
            w.t("sensor.bounds"),
            &w.f(
                "sensor.bounds_values",
                &[
                    ("warning", &value_words(t.warning, unit)),
                    ("alarm", &value_words(t.alarm, unit)),
                ],
            ),
        );
    }
    line(
        w.t("unit.position"),
        &format!("{:.5}, {:.5}", sensor.lon, sensor.lat),
    );
}

fn state_color(s: &Scene<'_>, state: SensorState) -> Color32 {
    match state {
        SensorState::Warning => s.skin.severity(Severity::Urgent),
        SensorState::Alarm => s.skin.late,
        SensorState::Normal => s.skin.t2,
        SensorState::Unknown | SensorState::Fault => s.skin.t3,
    }
}
