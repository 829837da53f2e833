//! The time strip while live: what came when over the last hours, where alarms stood, and that one follows.

use super::director::phase_key;
use super::model::histogram::HOURS;
use super::pen::{Pen, span};
use super::skin::Role;
use super::state::{PanelState, Scene};
use super::widgets::area;
use super::world::WorldLook;
use bevy_egui::egui::{Context, CornerRadius, Id, Order, Rect, Sense, Shape, Stroke, pos2};

/// Draws the strip.
pub fn show(ctx: &Context, s: &Scene<'_>, st: &PanelState, world: &WorldLook) {
    let bar = s.layout.time;
    area(ctx, "time-bar", bar, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let (skin, w) = (s.skin, s.words);
        painter.rect_filled(bar, CornerRadius::ZERO, world.time_bar);
        pen.hline(bar.min.x, bar.max.x, bar.min.y + 0.5, world.line);
        let y = bar.center().y;
        let live = s.is_live();
        let (word, color) = if live {
            (w.t("time.following"), skin.t1)
        } else {
            (w.t("time.not_following"), skin.late)
        };
        let (world_word, word) = match &st.drill.view {
            Some(d) => (world.short_words(), w.t(phase_key(d.phase))),
            None if w.is_zh() => (w.t("world.live"), word),
            None => ("LIVE", word),
        };
        let start = pen.spans(
            pos2(bar.min.x + 16.0, y),
            260.0,
            &[
                span(world_word, skin.bold(Role::Row), world.color),
                span(word, skin.regular(Role::Body), color).after(8.0),
            ],
        );
        let hours = w.n("time.last_hours", HOURS);
        let right = pen.right(
            pos2(bar.max.x - 17.0, y),
            &hours,
            skin.regular(Role::Small),
            skin.t3,
        );
        let clock = pen.right(
            pos2(right - 12.0, y),
            &s.time.hms(s.now),
            skin.bold(Role::Row),
            skin.t1,
        );
        let plot = Rect::from_min_max(
            pos2((start + 28.0).max(bar.min.x + 232.0), bar.min.y + 14.0),
            pos2(clock - 52.0, bar.max.y - 18.0),
        );
        if plot.width() < 120.0 {
            return;
        }
        histogram(&pen, s, world, plot);
        let response = ui.interact(plot, Id::new("time-plot"), Sense::hover());
        if let Some(p) = response.hover_pos() {
            let n = s.histogram.bars.len().max(1);
            let bar = (((p.x - plot.min.x) / plot.width() * n as f32) as usize).min(n - 1);
            let at = s
                .now
                .plus_seconds(-((n - bar) as i64) * super::model::histogram::BAR_S);
            let count = s.histogram.bars.get(bar).copied().unwrap_or(0).to_string();
            response
                .on_hover_text(w.f("time.arrivals", &[("time", &s.time.hm(at)), ("n", &count)]));
        }
    });
}

fn histogram(pen: &Pen<'_>, s: &Scene<'_>, world: &WorldLook, plot: Rect) {
    let skin = s.skin;
    let bars = &s.histogram.bars;
    let step = plot.width() / bars.len().max(1) as f32;
    let top = s.histogram.most.max(4) as f32;
    for (i, n) in bars.iter().enumerate().filter(|(_, n)| **n > 0) {
        let height = (plot.height() * *n as f32 / top).max(1.5);
        let x = plot.min.x + i as f32 * step;
        let r = Rect::from_min_max(
            pos2(x + 0.5, plot.max.y - height),
            pos2(x + step - 0.5, plot.max.y),
        );
        pen.painter
            .rect_filled(r, CornerRadius::ZERO, skin.histogram);
    }
    pen.hline(plot.min.x, plot.max.x, plot.max.y, skin.line_strong);
    let span_s = (HOURS * 3_600) as f64;
    let from = s.now.plus_seconds(-HOURS * 3_600);
    for hour in s.time.hours_between(from, s.now) {
        let x = plot.min.x + plot.width() * (hour.seconds_since(from) / span_s) as f32;
        pen.vline(x, plot.max.y, plot.max.y + 3.0, skin.t3);
        if x < plot.max.x - 20.0 {
            pen.centre(
                pos2(x, plot.max.y + 10.0),
                &s.time.hm(hour),
                skin.regular(Role::Small),
                skin.t3,
            );
        }
    }
    for (at, severity) in &s.histogram.alarms {
        pen.severity(
            pos2(plot.min.x + plot.width() * at, plot.min.y - 5.0),
            4.0,
            *severity,
        );
    }
    // Now.
    let (x, y) = (plot.max.x, plot.min.y - 9.0);
    pen.painter.line_segment(
        [pos2(x, y), pos2(x, plot.max.y + 4.0)],
        Stroke::new(1.5, world.color),
    );
    let tip = vec![pos2(x - 5.0, y), pos2(x + 5.0, y), pos2(x, y + 6.0)];
    pen.painter
        .add(Shape::convex_polygon(tip, world.color, Stroke::NONE));
}
