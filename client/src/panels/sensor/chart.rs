use crate::facts::sensor::value_words;
use crate::panels::console::Scene;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use bevy_egui::egui::epaint::PathStroke;
use bevy_egui::egui::{CornerRadius, Pos2, Rect, Shape, Stroke, pos2, vec2};
use chengtu_engine::city::Severity;
use chengtu_engine::stream::SensorView;
use chengtu_engine::time::Timestamp;

/// Longer without a reading, and the line is broken, seconds.
const GAP_S: f64 = 600.0;
/// What is drawn, seconds.
const HOUR_S: i64 = 3_600;

/// Draws the last hour: values as a line broken where readings are missing, bounds as dashes with their names.
pub(super) fn draw(pen: &Pen<'_>, s: &Scene<'_>, sensor: &SensorView, r: Rect) {
    let skin = s.skin;
    pen.painter
        .rect_filled(r, CornerRadius::same(4), skin.inset);
    let Some(chart) = Chart::new(s, sensor, r) else {
        let text = s.words.t("sensor.no_hour");
        pen.centre(r.center(), text, skin.regular(Role::Body), skin.t3);
        return;
    };
    chart.quarters(pen, s, r.max.y - 10.0);
    chart.bounds(pen, s, sensor);
    chart.values(pen, sensor);
}

/// Where times and values lie.
struct Chart {
    plot: Rect,
    from: Timestamp,
    low: f64,
    span: f64,
}

impl Chart {
    /// None where nothing was measured.
    fn new(s: &Scene<'_>, sensor: &SensorView, r: Rect) -> Option<Self> {
        let values = || sensor.hour.iter().filter_map(|p| p.value);
        values().next()?;
        let bounds = sensor.thresholds.map(|t| [t.warning, t.alarm]);
        let all = values().chain(bounds.into_iter().flatten());
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
            (a.min(v), b.max(v))
        });
        let low = low.min(0.0).min(low - (high - low) * 0.05);
        Some(Self {
            plot: Rect::from_min_max(r.min + vec2(8.0, 10.0), r.max - vec2(8.0, 22.0)),
            from: s.now.plus_seconds(-HOUR_S),
            low,
            span: ((high - low) * 1.12).max(1e-6),
        })
    }

    fn x(&self, t: Timestamp) -> f32 {
        let share = (t.seconds_since(self.from) / HOUR_S as f64).clamp(0.0, 1.0);
        self.plot.min.x + self.plot.width() * share as f32
    }

    fn y(&self, v: f64) -> f32 {
        self.plot.max.y - self.plot.height() * ((v - self.low) / self.span) as f32
    }

    /// A line for every quarter of the hour, its time below every other.
    fn quarters(&self, pen: &Pen<'_>, s: &Scene<'_>, label_y: f32) {
        let skin = s.skin;
        for quarter in 0..=4 {
            let t = self.from.plus_seconds(900 * quarter);
            pen.vline(self.x(t), self.plot.min.y, self.plot.max.y, skin.grid);
            let at = pos2(self.x(t), label_y);
            let font = skin.regular(Role::Small);
            if quarter == 0 {
                pen.left(at, &s.time.hm(t), font, skin.t3);
            } else if quarter % 2 == 0 {
                pen.right(at, &s.time.hm(t), font, skin.t3);
            }
        }
    }

    fn bounds(&self, pen: &Pen<'_>, s: &Scene<'_>, sensor: &SensorView) {
        let (skin, plot) = (s.skin, self.plot);
        let Some(t) = sensor.thresholds else { return };
        for (v, severity, key) in [
            (t.warning, Severity::Urgent, "sensor.warning"),
            (t.alarm, Severity::Severe, "sensor.alarm"),
        ] {
            let y = self.y(v);
            let line = [pos2(plot.min.x, y), pos2(plot.max.x, y)];
            let stroke = Stroke::new(1.0, skin.severity(severity));
            pen.painter
                .extend(Shape::dashed_line(&line, stroke, 4.0, 4.0));
            let value = value_words(v, &sensor.unit_of_measure);
            let label = format!("{} {value}", s.words.t(key));
            let at = pos2(plot.min.x + 4.0, y - 8.0);
            pen.left(at, &label, skin.regular(Role::Small), skin.t2);
        }
    }

    fn values(&self, pen: &Pen<'_>, sensor: &SensorView) {
        let mut run: Vec<Pos2> = Vec::new();
        let stroke = PathStroke::new(2.0, pen.skin.actual);
        let flush = |run: &mut Vec<Pos2>| {
            if run.len() > 1 {
                pen.painter
                    .add(Shape::line(std::mem::take(run), stroke.clone()));
            }
            run.clear();
        };
        let mut last = None;
        for p in &sensor.hour {
            let gap = last.is_some_and(|t| p.phenomenon_time.seconds_since(t) > GAP_S);
            if gap || p.value.is_none() {
                flush(&mut run);
            }
            if let Some(v) = p.value {
                run.push(pos2(self.x(p.phenomenon_time), self.y(v)));
            }
            last = Some(p.phenomenon_time);
        }
        if let Some(end) = run.last() {
            pen.painter.circle_filled(*end, 3.0, pen.skin.t1);
        }
        flush(&mut run);
    }
}
