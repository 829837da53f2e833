//! Open and overdue cases and the mean time to arrival, in both branches, over time.

use super::state::Branches;
use crate::panels::console::Scene;
use crate::panels::model::fork::{Figures, Series, series};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::world::WorldLook;
use bevy_egui::egui::{Color32, Mesh, Pos2, Rect, Shape, Stroke, Ui, pos2, vec2};
use chengtu_engine::time::Timestamp;

/// Room for names and ticks on the left, for the last figures on the right, above and below.
const SIDES: [f32; 4] = [132.0, 142.0, 24.0, 26.0];

/// Draws the plots.
pub(super) fn draw(ui: &Ui, s: &Scene<'_>, view: &Branches, world: &WorldLook, rect: Rect) {
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin: s.skin,
    };
    let (skin, w) = (s.skin, s.words);
    pen.plate(rect, 8, skin.panel, world.line);
    let report = &view.report;
    let plot = Rect::from_min_max(
        pos2(rect.min.x + SIDES[0], rect.min.y + SIDES[2]),
        pos2(rect.max.x - SIDES[1], rect.max.y - SIDES[3]),
    );
    let from = report
        .series
        .first()
        .map_or(report.at, |r| r.time.min(report.at));
    let span_s = report.until.seconds_since(from).max(60.0);
    let x_of = |t: Timestamp| plot.min.x + plot.width() * (t.seconds_since(from) / span_s) as f32;
    axis(&pen, s, world, plot, from, report.until, &x_of);
    let names = [
        ("fork.open", "fork.cases"),
        ("fork.overdue", "fork.cases"),
        ("fork.mean", "fork.minutes"),
    ];
    let height = plot.height() / 3.0;
    for (i, (series, (name, unit))) in series(report).iter().zip(names).enumerate() {
        let top = plot.min.y + height * i as f32;
        let row = Rect::from_min_max(
            pos2(plot.min.x, top + 8.0),
            pos2(plot.max.x, top + height - 8.0),
        );
        if i > 0 {
            pen.hline(rect.min.x, rect.max.x, top, world.line);
        }
        let x = rect.min.x + 16.0;
        pen.left(
            pos2(x, top + 20.0),
            w.t(name),
            skin.bold(Role::Body),
            skin.t1,
        );
        pen.left(
            pos2(x, top + 38.0),
            w.t(unit),
            skin.regular(Role::Small),
            skin.t3,
        );
        curves(&pen, s, world, series, row, &x_of);
        ends(&pen, s, series, row, rect.max.x - 16.0);
    }
    moments(&pen, s, view, world, rect, plot, &x_of);
}

/// Where both branches come from, where they are, and since when they differ.
fn moments(
    pen: &Pen<'_>,
    s: &Scene<'_>,
    view: &Branches,
    world: &WorldLook,
    rect: Rect,
    plot: Rect,
    x_of: &dyn Fn(Timestamp) -> f32,
) {
    let (skin, w, painter, report) = (s.skin, s.words, pen.painter, &view.report);
    let small = skin.regular(Role::Small);
    let split = x_of(report.at);
    let dashes = [pos2(split, rect.min.y + 20.0), pos2(split, plot.max.y)];
    painter.extend(Shape::dashed_line(
        &dashes,
        Stroke::new(1.0, skin.t1),
        4.0,
        4.0,
    ));
    let label = w.f("fork.split", &[("time", &s.time.hms(report.at))]);
    pen.left(
        pos2(split.max(plot.min.x) - 20.0, rect.min.y + 11.0),
        &label,
        small.clone(),
        skin.t2,
    );
    let now = view.clock.map_or(report.time, |c| c.time).min(report.until);
    let x = x_of(now);
    painter.line_segment(
        [pos2(x, plot.min.y), pos2(x, plot.max.y)],
        Stroke::new(2.0, world.color),
    );
    let tip = [vec2(-5.0, -4.0), vec2(5.0, -4.0), vec2(0.0, 4.0)];
    let tip = tip.map(|v| pos2(x, plot.min.y) + v).to_vec();
    painter.add(Shape::convex_polygon(tip, world.color, Stroke::NONE));
    if x > split + 90.0 && x < rect.max.x - 330.0 {
        let at = pos2(x + 10.0, rect.min.y + 11.0);
        pen.left(at, &s.time.hms(now), skin.bold(Role::Small), skin.fork);
    }
    let same = match report.differs_at {
        Some(t) => w.f("fork.differs", &[("time", &s.time.hms(t))]),
        None => w.t("fork.same").into(),
    };
    pen.right(
        pos2(rect.max.x - 16.0, rect.min.y + 12.0),
        &same,
        small,
        skin.t3,
    );
}

fn axis(
    pen: &Pen<'_>,
    s: &Scene<'_>,
    world: &WorldLook,
    plot: Rect,
    from: Timestamp,
    until: Timestamp,
    x_of: &dyn Fn(Timestamp) -> f32,
) {
    let span_s = until.seconds_since(from).max(60.0);
    let fits = |step: &&i64| **step as f64 / span_s * f64::from(plot.width()) >= 90.0;
    let steps = [60, 300, 600, 900, 1_800, 3_600, 7_200, 21_600];
    let step = *steps.iter().find(fits).unwrap_or(&86_400);
    let midnight = s.time.midnight(from);
    let first = (from.seconds_since(midnight) / step as f64).ceil() as i64;
    let mut t = midnight.plus_seconds(first * step);
    while t <= until {
        let x = x_of(t);
        pen.vline(x, plot.min.y, plot.max.y, world.grid);
        let at = pos2(x, plot.max.y + SIDES[3] / 2.0);
        pen.centre(at, &s.time.hm(t), s.skin.regular(Role::Small), s.skin.t3);
        t = t.plus_seconds(step);
    }
}

/// Both lines of a figure as steps, and what lies between them.
fn curves(
    pen: &Pen<'_>,
    s: &Scene<'_>,
    world: &WorldLook,
    series: &Series,
    row: Rect,
    x_of: &dyn Fn(Timestamp) -> f32,
) {
    let ticks = series.ticks();
    let y_of = |v: f64| {
        let share = (v - ticks[0]) / (ticks[2] - ticks[0]).max(1e-9);
        row.max.y - row.height() * share as f32
    };
    for tick in ticks {
        let y = y_of(tick);
        pen.hline(row.min.x, row.max.x, y, world.grid);
        let text = if tick.fract() == 0.0 {
            format!("{tick:.0}")
        } else {
            format!("{tick:.1}")
        };
        pen.right(
            pos2(row.min.x - 8.0, y),
            &text,
            s.skin.regular(Role::Small),
            s.skin.t3,
        );
    }
    between(pen, s.skin.fork.gamma_multiply(0.22), series, x_of, &y_of);
    let line = |of: fn(&Figures) -> Option<f64>| {
        let mut points: Vec<Pos2> = Vec::new();
        for p in &series.points {
            let Some(v) = of(p) else { continue };
            let at = pos2(x_of(p.0), y_of(v));
            if let Some(last) = points.last().copied() {
                points.push(pos2(at.x, last.y));
            }
            points.push(at);
        }
        points
    };
    pen.painter
        .add(Shape::line(line(|p| p.1), Stroke::new(1.4, s.skin.actual)));
    pen.painter
        .add(Shape::line(line(|p| p.2), Stroke::new(2.0, s.skin.fork)));
}

fn between(
    pen: &Pen<'_>,
    color: Color32,
    series: &Series,
    x_of: &dyn Fn(Timestamp) -> f32,
    y_of: &dyn Fn(f64) -> f32,
) {
    let mut mesh = Mesh::default();
    for pair in series.points.windows(2) {
        let (Some(a), Some(b)) = (pair[0].1, pair[0].2) else {
            continue;
        };
        let (top, bottom) = (y_of(a.max(b)), y_of(a.min(b)));
        if bottom - top > 0.5 {
            let part =
                Rect::from_min_max(pos2(x_of(pair[0].0), top), pos2(x_of(pair[1].0), bottom));
            mesh.add_colored_rect(part, color);
        }
    }
    pen.painter.add(Shape::mesh(mesh));
}

/// The last figures: without, with, and the difference.
fn ends(pen: &Pen<'_>, s: &Scene<'_>, series: &Series, row: Rect, right: f32) {
    let (skin, w) = (s.skin, s.words);
    let (actual, other) = series.last();
    let text = |v: Option<f64>| {
        v.map_or("–".to_owned(), |v| {
            if v.fract().abs() < 1e-9 {
                format!("{v:.0}")
            } else {
                format!("{v:.1}")
            }
        })
    };
    let (x, y) = (row.max.x + 10.0, row.center().y);
    pen.left(
        pos2(x, y - 9.0),
        &text(actual),
        skin.regular(Role::Body),
        skin.t1,
    );
    pen.left(
        pos2(x + 40.0, y - 9.0),
        w.t("fork.actual"),
        skin.regular(Role::Small),
        skin.t3,
    );
    pen.left(
        pos2(x, y + 9.0),
        &text(other),
        skin.bold(Role::Body),
        skin.fork,
    );
    pen.left(
        pos2(x + 40.0, y + 9.0),
        w.t("fork.other"),
        skin.regular(Role::Small),
        skin.t3,
    );
    if let (Some(a), Some(b)) = (actual, other) {
        let v = b - a;
        let (sign, color) = match v {
            v if v < -0.05 => ("–", skin.better),
            v if v > 0.05 => ("+", skin.worse),
            _ => ("±", skin.t3),
        };
        let text = format!("{sign}{}", text(Some((v.abs() * 10.0).round() / 10.0)));
        pen.right(pos2(right, y + 9.0), &text, skin.bold(Role::Body), color);
    }
}
