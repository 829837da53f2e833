//! The one alarm that shouts on a wall: its plate, the line down to its place, and the map that steps back.

use super::draw::{ALARM, BODY, Sources, Wall};
use super::layout::MARK;
use super::model;
use crate::facts::alarm::{Wait, alarm_words, wait_of, waiting};
use crate::facts::severity_word;
use crate::panels::{Pen, span};
use bevy_egui::egui::{
    self, Color32, CornerRadius, Painter, Rect as Area, Shape, Stroke, StrokeKind, pos2, vec2,
};
use chengtu_engine::city::Severity;
use chengtu_engine::geo::LonLat;
use chengtu_engine::stream::AlarmView;

/// Plate, then leader, then the map dims, each in its own time. `foot` stands along the lower edge of the map. Returns
/// where the plate lies, and the share of its light that the map loses.
pub(super) fn draw_alarm(
    painter: &Painter,
    wall: &Wall<'_>,
    sources: &Sources,
    (alarm, shown_s): (&AlarmView, f32),
    foot: Area,
) -> (Area, f32) {
    let plate_s = sources.tokens.seconds("motion.alarm_wall_in").max(0.01);
    let place = LonLat::new(alarm.lon, alarm.lat);
    let target = sources.camera.screen_from_world(place);
    let target = target.map(|p| pos2(p.pos.x, p.pos.y));
    // A map that follows what is on it brings the place out from under the plate.
    let stays = target.filter(|_| sources.options.look_given);
    let lies = wall.layout.plate_for(stays, foot);
    plate(painter, wall, alarm, lies, (shown_s / plate_s).min(1.0));
    if let Some(p) = target.filter(|_| shown_s > plate_s) {
        let share = ((shown_s - plate_s) / 0.2).min(1.0);
        leader(painter, wall, lies, p, share);
    }
    let dim = 0.32 * ((shown_s - plate_s - 0.2) / 0.4).clamp(0.0, 1.0);
    (lies, dim)
}

/// The plate, on its way in from the nearer edge of the map.
fn plate(painter: &Painter, w: &Wall<'_>, alarm: &AlarmView, lies: Area, shown: f32) {
    let skin = w.skin;
    let eased = 1.0 - (1.0 - shown).powi(3);
    let from = if lies == w.layout.plate { -60.0 } else { 60.0 };
    let r = lies.translate(vec2(0.0, w.px(from) * (1.0 - eased)));
    let mut painter = painter.clone();
    painter.set_opacity(eased);
    let pen = Pen {
        painter: &painter,
        skin,
    };
    let radius = w.px(12.0) as u8;
    let red = skin.severity(alarm.severity);
    painter.rect_filled(r, CornerRadius::same(radius), skin.t1);
    let mark = Area::from_min_size(r.min, vec2(w.px(300.0), r.height()));
    painter.rect_filled(
        mark,
        CornerRadius {
            nw: radius,
            sw: radius,
            ne: 0,
            se: 0,
        },
        red,
    );
    let sign = mark.center() - vec2(0.0, w.px(44.0));
    pen.severity_in(sign, w.px(70.0), alarm.severity, skin.on_light);
    exclamation(&painter, sign, w.px(1.0), w.skin.on_action);
    pen.centre(
        pos2(mark.center().x, mark.max.y - w.px(62.0)),
        severity_word(alarm.severity, w.words),
        skin.bold_px(w.size(BODY)),
        skin.on_action,
    );
    let wait = draw_wait(&pen, w, alarm, r, radius);
    let x = mark.max.x + w.px(64.0);
    draw_words(&pen, w, alarm, (x, wait.min.x - w.px(48.0)), r);
}

/// Title, what whoever raised it says, and what is done about it: a line each, between two edges.
fn draw_words(pen: &Pen<'_>, w: &Wall<'_>, alarm: &AlarmView, (x, right): (f32, f32), r: Area) {
    let (skin, mirror) = (w.skin, &w.city.mirror);
    let (what, place) = model::title(mirror, alarm, w.words);
    let room = right - x;
    // A title too long for its plate is set smaller, but never below the body of the wall.
    let both = format!("{what}  {place}");
    let full = pen.width(&both, skin.bold_px(w.size(ALARM)));
    let size = (w.size(ALARM) * (room / full.max(1.0)).min(1.0)).max(w.size(BODY));
    let said = alarm_words(mirror, alarm, w.words);
    let lines = if said.is_empty() {
        [112.0, 0.0, 244.0]
    } else {
        [80.0, 188.0, 276.0]
    };
    let at = |y: f32| pos2(x, r.min.y + w.px(y));
    let title = skin.bold_px(size);
    pen.left_within(at(lines[0]), room, both.trim_end(), title, skin.on_light);
    let body = || skin.regular_px(w.size(BODY));
    let font = skin.bold_px(w.size(BODY));
    pen.left_within(at(lines[1]), room, &said, font, skin.on_light);
    let time = w.time.when_exactly(alarm.raised_at, w.city.now());
    let raised = w.words.f("wall.raised", &[("time", &time)]);
    let over = alarm.ended_at.map_or(String::new(), |at| {
        let time = w.time.when_exactly(at, w.city.now());
        w.words.f("alarms.over_at", &[("time", &time)])
    });
    let (unit, arrival) = model::answer(mirror, alarm, w.city.now(), w.words);
    let spans = [
        span(&over, skin.bold_px(w.size(BODY)), skin.on_light),
        span(&raised, body(), skin.on_light).after(w.px(48.0)),
        span(&unit, body(), skin.on_light).after(w.px(64.0)),
        span(&arrival, skin.bold_px(w.size(BODY)), skin.on_light).after(w.px(24.0)),
    ];
    pen.spans(at(lines[2]), room, &spans);
}

/// The dark end of the plate: how long it has waited for somebody, and how many more wait. It takes the alarm's colour
/// as the wait grows. Returns where that is.
fn draw_wait(pen: &Pen<'_>, w: &Wall<'_>, alarm: &AlarmView, r: Area, radius: u8) -> Area {
    let skin = w.skin;
    let wait = Area::from_min_max(pos2(r.max.x - w.px(480.0), r.min.y), r.max);
    let corners = CornerRadius {
        nw: 0,
        sw: 0,
        ne: radius,
        se: radius,
    };
    let red = skin.severity(alarm.severity);
    let pressing = wait_of(alarm, w.city.now());
    let (ground, text) = if pressing == Wait::TooLong {
        (red, skin.on_action)
    } else {
        (skin.on_light, skin.t1)
    };
    pen.painter.rect_filled(wait, corners, ground);
    if pressing == Wait::Long {
        let edge = wait.shrink(w.px(8.0));
        let stroke = Stroke::new(w.px(12.0), red);
        pen.painter
            .rect_stroke(edge, corners, stroke, StrokeKind::Inside);
    }
    let more = waiting(&w.city.mirror).len().saturating_sub(1);
    let lines = if more > 0 {
        [70.0, 166.0]
    } else {
        [88.0, 212.0]
    };
    let at = |y: f32| pos2(wait.center().x, r.min.y + w.px(y));
    let body = skin.regular_px(w.size(BODY));
    let label = w.words.t("wall.unacknowledged");
    pen.centre(at(lines[0]), label, body.clone(), text);
    let waited = model::waited(alarm, w.city.now(), w.words);
    pen.centre(at(lines[1]), &waited, skin.bold_px(w.size(ALARM)), text);
    if more > 0 {
        pen.centre(at(272.0), &w.words.n("alarms.more", more), body, text);
    }
    wait
}

fn exclamation(painter: &Painter, c: egui::Pos2, k: f32, color: Color32) {
    let bar = Area::from_center_size(c - vec2(0.0, 14.0 * k), vec2(13.0 * k, 46.0 * k));
    painter.rect_filled(bar, CornerRadius::ZERO, color);
    painter.rect_filled(
        Area::from_center_size(c + vec2(0.0, 24.0 * k), vec2(13.0 * k, 13.0 * k)),
        CornerRadius::ZERO,
        color,
    );
}

/// From the plate straight to the alarm on the map, and the alarm's own mark.
fn leader(painter: &Painter, w: &Wall<'_>, plate: Area, to: egui::Pos2, shown: f32) {
    let map = w.layout.map.shrink(w.px(40.0));
    if !map.contains(to) {
        return;
    }
    let painter = &painter.with_clip_rect(w.layout.map);
    let edge = if to.y > plate.max.y {
        plate.max.y
    } else {
        plate.min.y
    };
    let from = pos2(
        to.x.clamp(plate.min.x + w.px(300.0), plate.max.x - w.px(40.0)),
        edge,
    );
    let tip = from + (to - from) * shown;
    painter.line_segment([from, tip], Stroke::new(w.px(8.0), w.skin.t1));
    if shown >= 1.0 {
        let r = w.px(MARK);
        let p = |k: f32| {
            vec![
                to - vec2(0.0, r * k),
                to + vec2(r * k, 0.0),
                to + vec2(0.0, r * k),
                to - vec2(r * k, 0.0),
            ]
        };
        let red = w.skin.severity(Severity::Severe);
        painter.add(Shape::convex_polygon(
            p(1.0),
            w.skin.on_light,
            Stroke::new(w.px(8.0), w.skin.t1),
        ));
        painter.add(Shape::closed_line(p(0.72), Stroke::new(w.px(7.0), red)));
        painter.add(Shape::convex_polygon(p(0.46), red, Stroke::NONE));
        exclamation(painter, to, w.px(0.8), w.skin.on_action);
    }
}
