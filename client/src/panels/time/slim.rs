//! The slim bar. In the running city: cases and alarms over the last hours, and that the clock is followed.
//! Elsewhere: what time it is there, whether it runs, and the way home.

use super::axis::{Axis, SPAN_S};
use super::chips::{Face, Glyph, chip, way_home, width};
use super::scene::TimeScene;
use super::state::TimeBar;
use super::state::{TimeAct, speed_label};
use crate::facts::drill::phase_key;
use crate::panels::console::Acts;
use crate::panels::director::{Drawer, DrillAct, ghost_label};
use crate::panels::model::histogram::{HOURS, Histogram};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::area;
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    Context, CornerRadius, CursorIcon, Id, Order, Rect, Sense, Shape, Stroke, Ui, pos2, vec2,
};
use chengtu_engine::record::World;
use chengtu_engine::time::Timestamp;

/// Draws the strip.
pub fn draw(ctx: &Context, s: &TimeScene<'_>, st: &TimeBar, world: &WorldLook, out: &mut Acts) {
    let bar = s.layout.time;
    area(ctx, "time-bar", bar, Order::Middle, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        painter.rect_filled(bar, CornerRadius::ZERO, world.time_bar);
        pen.hline(bar.min.x, bar.max.x, bar.min.y + 0.5, world.line);
        if s.world == World::Live {
            live(ui, &pen, s, st, world, bar, out);
        } else {
            elsewhere(ui, &pen, s, st, world, bar, out);
        }
    });
}

fn live(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &TimeBar,
    world: &WorldLook,
    bar: Rect,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let y = bar.center().y;
    let live = s.is_live();
    let (word, color) = if live {
        (w.t("time.following"), skin.t1)
    } else {
        (w.t("time.not_following"), skin.late)
    };
    let world_word = if w.is_zh() { w.t("world.live") } else { "LIVE" };
    let start = pen.spans(
        pos2(bar.min.x + 16.0, y),
        260.0,
        &[
            span(world_word, skin.bold(Role::Row), world.color),
            span(word, skin.regular(Role::Body), color).after(8.0),
        ],
    );
    let label = w.t("time.look_back");
    let wide = width(pen, label);
    let button = Rect::from_min_size(pos2(bar.max.x - 16.0 - wide, y - 14.0), vec2(wide, 28.0));
    let id = Id::new("time-look-back");
    let pressed = chip(ui, pen, world, button, id, Face::Words(label), false);
    if pressed.on_hover_text(w.t("keys.look_back")).clicked() {
        out.push(TimeAct::LookBack);
    }
    let clock = pen.right(
        pos2(button.min.x - 16.0, y),
        &s.time.hms(s.now),
        skin.bold(Role::Row),
        skin.t1,
    );
    let plot = Rect::from_min_max(
        pos2((start + 28.0).max(bar.min.x + 232.0), bar.min.y + 14.0),
        pos2(clock - 40.0, bar.max.y - 18.0),
    );
    if plot.width() < 120.0 {
        return;
    }
    let shows = Stretch::new(st.log_from, s.now, plot);
    histogram(pen, s, world, &shows);
    let whole = Rect::from_min_max(pos2(bar.min.x, bar.min.y), pos2(clock - 12.0, bar.max.y));
    let response = ui
        .interact(whole, Id::new("time-plot"), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    if response.clicked() {
        out.push(TimeAct::Unfold);
    }
    if let Some(p) = response
        .hover_pos()
        .filter(|p| plot.expand(6.0).contains(*p))
    {
        let (at, count) = shows.bar_at(s.histogram, p.x);
        let time = if shows.bar_s() % 60 == 0 {
            s.time.hm(at)
        } else {
            s.time.hms(at)
        };
        let count = count.to_string();
        response.on_hover_text_at_pointer(w.f("time.arrivals", &[("time", &time), ("n", &count)]));
    } else {
        response.on_hover_text(w.t("keys.time_bar"));
    }
}

fn elsewhere(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &TimeScene<'_>,
    st: &TimeBar,
    world: &WorldLook,
    bar: Rect,
    out: &mut Acts,
) {
    let (skin, w) = (s.skin, s.words);
    let y = bar.center().y;
    let shown = st.shown(s.now);
    let mut x = pen.spans(
        pos2(bar.min.x + 24.0, y),
        320.0,
        &[
            span(&s.time.hms(shown), skin.bold(Role::Figure), skin.t1),
            span(&s.time.ymd(shown), skin.regular(Role::Body), world.text_3).after(10.0),
        ],
    ) + 24.0;
    let mut right = bar.max.x - 16.0;
    // Wherever one is, a press leads home.
    let label = w.t("time.back_to_live");
    let wide = width(pen, label) + 12.0;
    let home = Rect::from_min_size(pos2(right - wide, y - 14.0), vec2(wide, 28.0));
    if way_home(ui, pen, home, Id::new("time-home"), label).clicked() {
        out.push(TimeAct::Live);
    }
    right = home.min.x - 14.0;
    if s.is_past() {
        let plays = s.clock.is_some_and(|c| c.playing);
        let buttons = [
            ("time-previous", Glyph::Previous, step(false)),
            (
                "time-play",
                if plays { Glyph::Pause } else { Glyph::Play },
                TimeAct::PlayOrPause,
            ),
            ("time-next", Glyph::Next, step(true)),
        ];
        for (id, glyph, act) in buttons.into_iter().filter(|_| s.may_drive()) {
            let r = Rect::from_min_size(pos2(x, y - 14.0), vec2(34.0, 28.0));
            let on = plays && act == TimeAct::PlayOrPause;
            if chip(ui, pen, world, r, Id::new(id), Face::Glyph(glyph), on).clicked() {
                out.push(act);
            }
            x += 40.0;
        }
    }
    if s.drill.view.is_some() {
        let of = s.drill.ghost_of;
        let label = ghost_label(of, w);
        let wide = width(pen, &label);
        let r = Rect::from_min_size(pos2(right - wide, y - 14.0), vec2(wide, 28.0));
        let id = Id::new("drill-ghost");
        let on = of.is_some() || s.drill.drawer == Some(Drawer::Ghost);
        let pressed = chip(ui, pen, world, r, id, Face::Words(&label), on);
        if pressed.on_hover_text(w.t("keys.drill_ghost")).clicked() {
            out.push(DrillAct::ToggleGhosts);
        }
    }
    let told = match s.clock {
        _ if s.drill.view.is_some() => {
            let phase = s.drill.view.as_ref().map(|d| d.phase);
            w.t(phase_key(phase.unwrap_or_default())).to_string()
        }
        Some(c) if c.playing => w.f("time.plays", &[("speed", &speed_label(c.speed))]),
        Some(_) => w.t("time.stands").to_string(),
        None => String::new(),
    };
    x = pen.left(pos2(x + 8.0, y), &told, skin.regular(Role::Body), skin.t2);
    if !s.is_past() {
        return;
    }
    let rest = Rect::from_min_max(pos2(x + 8.0, bar.min.y), pos2(right, bar.max.y));
    let response = ui
        .interact(rest, Id::new("time-rest"), Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand)
        .on_hover_text(w.t("keys.time_bar"));
    if response.clicked() {
        out.push(TimeAct::Unfold);
    }
}

fn step(forward: bool) -> TimeAct {
    TimeAct::StepEvent {
        forward,
        chosen: false,
    }
}

/// The stretch that the strip shows: the last hours, and no more than there is of the log.
struct Stretch {
    plot: Rect,
    from: Timestamp,
    span_s: f64,
}

impl Stretch {
    fn new(log_from: Option<Timestamp>, now: Timestamp, plot: Rect) -> Self {
        let hours = now.plus_seconds(-HOURS * 3_600);
        let shortest = now.plus_seconds(-SPAN_S.0 as i64);
        let from = log_from.map_or(hours, |t| t.min(shortest).max(hours));
        Self {
            plot,
            from,
            span_s: now.seconds_since(from),
        }
    }

    fn x(&self, t: Timestamp) -> f32 {
        self.plot.min.x + self.plot.width() * (t.seconds_since(self.from) / self.span_s) as f32
    }

    /// Seconds that a bar stands for.
    fn bar_s(&self) -> i64 {
        Histogram::bar_s(self.span_s, self.plot.width(), BAR_PX)
    }

    /// The bar at a place of the strip: when it begins, and how many came in it.
    fn bar_at(&self, of: &Histogram, x: f32) -> (Timestamp, u32) {
        let share = f64::from((x - self.plot.min.x) / self.plot.width()).clamp(0.0, 1.0);
        let (at, bar_s) = ((share * self.span_s * 1e6) as i64, self.bar_s());
        let at = self.from.plus_us(at).whole_seconds();
        let begin = Timestamp::from_seconds(at - at.rem_euclid(bar_s));
        let bars = of.in_bars(bar_s);
        let there = bars.iter().find(|b| b.0 == begin);
        (begin, there.map_or(0, |b| b.1))
    }
}

/// Narrowest bar of the strip, logical pixels.
const BAR_PX: f32 = 4.0;

fn histogram(pen: &Pen<'_>, s: &TimeScene<'_>, world: &WorldLook, shows: &Stretch) {
    let (skin, plot) = (s.skin, shows.plot);
    let bar_s = shows.bar_s();
    let bars = s.histogram.in_bars(bar_s);
    let top = bars.iter().map(|b| b.1).max().unwrap_or(0).max(4) as f32;
    for (at, n) in bars.into_iter().filter(|b| b.1 > 0) {
        let height = (plot.height() * n as f32 / top).max(1.5);
        let (x0, x1) = (shows.x(at), shows.x(at.plus_seconds(bar_s)));
        let r = Rect::from_min_max(
            pos2(x0 + 0.5, plot.max.y - height),
            pos2(x1 - 0.5, plot.max.y),
        )
        .intersect(plot);
        if r.is_positive() {
            pen.painter
                .rect_filled(r, CornerRadius::ZERO, skin.histogram);
        }
    }
    pen.hline(plot.min.x, plot.max.x, plot.max.y, skin.line_strong);
    scale(pen, s, shows);
    for (at, severity) in &s.histogram.alarms {
        let at = pos2(shows.x(*at), plot.min.y - 5.0);
        if at.x >= plot.min.x {
            pen.severity(at, 4.0, *severity);
        }
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

/// Ticks below the strip, none nearer to the next than a label is wide, none at its very end.
fn scale(pen: &Pen<'_>, s: &TimeScene<'_>, shows: &Stretch) {
    let (skin, plot) = (s.skin, shows.plot);
    let axis = Axis {
        from: shows.from,
        span_s: shows.span_s,
    };
    for tick in axis.ticks(plot.width(), &s.time) {
        let x = plot.min.x + plot.width() * tick.share;
        pen.vline(x, plot.max.y, plot.max.y + 3.0, skin.t3);
        if x > plot.min.x + 12.0 && x < plot.max.x - 20.0 {
            pen.centre(
                pos2(x, plot.max.y + 10.0),
                &tick.label,
                skin.regular(Role::Small),
                skin.t3,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::model::histogram::histogram;
    use crate::panels::model::sample::{self, NOW};

    #[test]
    fn the_strip_begins_where_a_young_log_begins() {
        let plot = Rect::from_min_max(pos2(100.0, 0.0), pos2(1_100.0, 40.0));
        let from = |log: Option<i64>| {
            let shows = Stretch::new(log.map(|s| NOW.plus_seconds(-s)), NOW, plot);
            assert_eq!((shows.x(shows.from), shows.x(NOW)), (100.0, 1_100.0));
            NOW.seconds_since(shows.from)
        };
        // Twenty minutes, a day, not known, a second.
        assert_eq!(
            [Some(1_200), Some(86_400), None, Some(1)].map(from),
            [1_200.0, 21_600.0, 21_600.0, 600.0]
        );
    }

    #[test]
    fn the_bar_under_the_pointer_is_the_one_that_is_drawn_there() {
        let plot = Rect::from_min_max(pos2(100.0, 0.0), pos2(1_100.0, 40.0));
        for log in [None, Some(NOW.plus_seconds(-1_200))] {
            let shows = Stretch::new(log, NOW, plot);
            let cases = histogram(&sample::city(), NOW);
            for x in [101.0, 350.0, 777.0, 1_099.0] {
                let (at, n) = shows.bar_at(&cases, x);
                let end = at.plus_seconds(shows.bar_s());
                assert!((shows.x(at)..=shows.x(end)).contains(&x), "{x}");
                let drawn = cases.in_bars(shows.bar_s());
                assert!(drawn.contains(&(at, n)), "{x}: {n} at {at:?}");
            }
        }
    }
}
