//! The panel of a sensor: its state, and its last hour as a chart.

use super::detail::{PAD, close};
use super::pen::Pen;
use super::skin::Role;
use super::state::{Action, PanelState, Scene};
use super::widgets::fact;
use crate::i18n::{Words, short_span};
use bevy_egui::egui::epaint::PathStroke;
use bevy_egui::egui::{Color32, CornerRadius, Rect, Shape, Stroke, Ui, pos2, vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::model::{Phenomenon, SensorState};
use chengtu_engine::stream::SensorView;

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

fn state_words(state: SensorState, w: &Words) -> &str {
    w.t(match state {
        SensorState::Unknown => "sensor.unknown",
        SensorState::Normal => "sensor.normal",
        SensorState::Warning => "sensor.warning",
        SensorState::Alarm => "sensor.alarm",
        SensorState::Fault => "sensor.fault",
    })
}

/// Draws the panel.
pub fn show(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut PanelState,
    rect: Rect,
    sensor: &SensorView,
    out: &mut Vec<Action>,
) {
    let (skin, w) = (s.skin, s.words);
    let (x, right) = (rect.min.x + PAD, rect.max.x - PAD);
    let y = rect.min.y;
    close(ui, pen, s, st, rect, out);
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
    hour(pen, s, sensor, chart.translate(vec2(0.0, 8.0)));
    let mut y = chart.max.y + 52.0;
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

/// The last hour: values as a line broken where readings are missing, bounds as dashes with their names.
fn hour(pen: &Pen<'_>, s: &Scene<'_>, sensor: &SensorView, r: Rect) {
    let (skin, w) = (s.skin, s.words);
    pen.painter
        .rect_filled(r, CornerRadius::same(4), skin.inset);
    let values: Vec<f64> = sensor.hour.iter().filter_map(|p| p.value).collect();
    let bounds = sensor.thresholds.map(|t| [t.warning, t.alarm]);
    let all = values.iter().copied().chain(bounds.into_iter().flatten());
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
        (a.min(v), b.max(v))
    });
    if values.is_empty() {
        pen.centre(
            r.center(),
            w.t("sensor.no_hour"),
            skin.regular(Role::Body),
            skin.t3,
        );
        return;
    }
    let low = low.min(0.0).min(low - (high - low) * 0.05);
    let span = ((high - low) * 1.12).max(1e-6);
    let plot = Rect::from_min_max(r.min + vec2(8.0, 10.0), r.max - vec2(8.0, 22.0));
    let from = s.now.plus_seconds(-3_600);
    let px = |t: chengtu_engine::time::Timestamp| {
        plot.min.x + plot.width() * (t.seconds_since(from) / 3_600.0).clamp(0.0, 1.0) as f32
    };
    let py = |v: f64| plot.max.y - plot.height() * ((v - low) / span) as f32;
    for quarter in 0..=4 {
        let t = from.plus_seconds(900 * quarter);
        pen.vline(px(t), plot.min.y, plot.max.y, skin.grid);
        if quarter % 2 == 0 && quarter > 0 {
            pen.right(
                pos2(px(t), r.max.y - 10.0),
                &s.time.hm(t),
                skin.regular(Role::Small),
                skin.t3,
            );
        } else if quarter == 0 {
            pen.left(
                pos2(px(t), r.max.y - 10.0),
                &s.time.hm(t),
                skin.regular(Role::Small),
                skin.t3,
            );
        }
    }
    if let Some(t) = sensor.thresholds {
        for (v, severity, key) in [
            (t.warning, Severity::Urgent, "sensor.warning"),
            (t.alarm, Severity::Severe, "sensor.alarm"),
        ] {
            let y = py(v);
            let stroke = Stroke::new(1.0, skin.severity(severity));
            pen.painter.extend(Shape::dashed_line(
                &[pos2(plot.min.x, y), pos2(plot.max.x, y)],
                stroke,
                4.0,
                4.0,
            ));
            let label = format!("{} {}", w.t(key), value_words(v, &sensor.unit_of_measure));
            pen.left(
                pos2(plot.min.x + 4.0, y - 8.0),
                &label,
                skin.regular(Role::Small),
                skin.t2,
            );
        }
    }
    let mut run: Vec<bevy_egui::egui::Pos2> = Vec::new();
    let stroke = PathStroke::new(2.0, skin.actual);
    let flush = |run: &mut Vec<bevy_egui::egui::Pos2>| {
        if run.len() > 1 {
            pen.painter
                .add(Shape::line(std::mem::take(run), stroke.clone()));
        }
        run.clear();
    };
    let mut last = None;
    for p in &sensor.hour {
        let gap = last.is_some_and(|t| p.phenomenon_time.seconds_since(t) > 600.0);
        if gap || p.value.is_none() {
            flush(&mut run);
        }
        if let Some(v) = p.value {
            run.push(pos2(px(p.phenomenon_time), py(v)));
        }
        last = Some(p.phenomenon_time);
    }
    if let Some(end) = run.last() {
        pen.painter.circle_filled(*end, 3.0, skin.t1);
    }
    flush(&mut run);
}
