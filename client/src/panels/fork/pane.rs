//! A map of a branch: its heading, its picture, and the hand on it.

use super::state::{Branches, Change};
use crate::i18n::{arrival, distance};
use crate::net::LinkState;
use crate::panels::console::Scene;
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use bevy::math::Vec2;
use bevy_egui::egui::{
    Color32, CornerRadius, CursorIcon, Id, PointerButton, Pos2, Rect, Response, Sense, Stroke,
    StrokeKind, Ui, pos2, vec2,
};
use chengtu_engine::fork::{Difference, Measure};

/// Draws the map on the left (0) or on the right (1).
pub(super) fn draw(
    ui: &Ui,
    s: &Scene<'_>,
    view: &mut Branches,
    which: usize,
    head: Rect,
    map: Rect,
) {
    let painter = ui.painter().clone();
    let pen = Pen {
        painter: &painter,
        skin: s.skin,
    };
    heading(&pen, s, view, which, head);
    let pane = &mut view.panes[which];
    pane.camera.viewport = Vec2::new(map.width(), map.height());
    pane.camera.scale_factor = ui.ctx().pixels_per_point();
    painter.rect_filled(map, CornerRadius::ZERO, s.skin.void);
    let link = pane.link.clone();
    if let Some(texture) = pane.texture {
        let whole = Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0));
        painter.image(texture, map, whole, Color32::WHITE);
    }
    let lost = matches!(link, Some(LinkState::Lost { .. }));
    let text = match (pane.texture, lost) {
        (_, true) => Some((s.words.t("fork.lost"), s.skin.late)),
        (None, _) => Some((s.words.t("fork.coming"), s.skin.t3)),
        _ => None,
    };
    if let Some((text, color)) = text {
        let font = s.skin.regular(Role::Body);
        let width = pen.width(text, font.clone()) + 28.0;
        let plate = Rect::from_center_size(map.center(), vec2(width, 34.0));
        pen.plate(plate, 6, s.skin.panel, s.skin.line);
        pen.centre(plate.center(), text, font, color);
    }
    let both = head.union(map);
    let stroke = Stroke::new(1.0, s.skin.line_strong);
    painter.rect_stroke(both, CornerRadius::same(8), stroke, StrokeKind::Inside);
    attribution(&pen, s, view, which, map);
    let id = Id::new(("fork-map", which));
    let response = ui.interact(map, id, Sense::click_and_drag());
    hand(ui, &response, view, which, map);
}

/// Which branch, what it did, and when it came to the case.
fn heading(pen: &Pen<'_>, s: &Scene<'_>, view: &Branches, which: usize, head: Rect) {
    let skin = s.skin;
    let round = CornerRadius {
        nw: 8,
        ne: 8,
        sw: 0,
        se: 0,
    };
    pen.painter.rect_filled(head, round, skin.panel);
    pen.hline(head.min.x, head.max.x, head.max.y - 0.5, skin.line);
    let y = head.center().y;
    let color = if which == 0 { skin.actual } else { skin.fork };
    let mark = Rect::from_center_size(pos2(head.min.x + 20.0, y), vec2(10.0, 10.0));
    pen.painter.rect_filled(mark, CornerRadius::same(1), color);
    let name = what_it_is(s, view, which);
    let did = did(s, view, which);
    let right = arrival_of(pen, s, view, which, pos2(head.max.x - 16.0, y));
    let texts = [
        span(&name, skin.bold(Role::Heading), skin.t1),
        span(&did, skin.regular(Role::Body), skin.t2).after(12.0),
    ];
    pen.spans(
        pos2(head.min.x + 36.0, y),
        right - head.min.x - 52.0,
        &texts,
    );
}

/// A branch by what it is: what the log says, as far as it goes, or what is simulated since when.
fn what_it_is(s: &Scene<'_>, view: &Branches, which: usize) -> String {
    let w = s.words;
    let (at, until) = (view.forked.at, view.about.recorded_until);
    let now = view.clock.map_or(view.report.time, |c| c.time);
    let (key, time) = match which {
        0 if until.seconds_since(at) < NOTHING_RECORDED_S => ("fork.simulated_same", at),
        0 if now <= until => ("fork.as_recorded", at),
        0 => ("fork.recorded_until", until),
        _ => ("fork.simulated", at),
    };
    w.f(key, &[("time", &s.time.hms(time))])
}

/// A log that ends so soon after the fork says nothing of what came, seconds.
const NOTHING_RECORDED_S: f64 = 2.0;

/// What a branch did, in words.
fn did(s: &Scene<'_>, view: &Branches, which: usize) -> String {
    let w = s.words;
    match (&view.about.change, which) {
        (
            Change::Unit {
                instead_of: None, ..
            },
            0,
        ) => w.t("fork.did_nobody").into(),
        (
            Change::Unit {
                instead_of: Some(name),
                ..
            },
            0,
        ) => w.f("fork.did_unit", &[("unit", w.name(&name.0, &name.1))]),
        (Change::Unit { goes, length_m, .. }, _) => {
            let unit = w.name(&goes.0, &goes.1);
            match length_m {
                Some(m) => w.f(
                    "fork.did_unit_by_road",
                    &[("unit", unit), ("length", &distance(*m))],
                ),
                None => w.f("fork.did_unit", &[("unit", unit)]),
            }
        }
        (Change::Road, 0) => w.t("fork.did_open").into(),
        (Change::Road, _) => match view.closed.as_deref().filter(|name| !name.is_empty()) {
            Some(road) => w.f("fork.did_closed_named", &[("road", road)]),
            None => w.t("fork.did_closed").into(),
        },
        (Change::More { .. }, 0) => w.t("fork.did_as_was").into(),
        (Change::More { like }, _) => w.f("fork.did_more", &[("unit", w.name(&like.0, &like.1))]),
    }
}

/// When the branch came to the case, and by how much the other differs. Returns where it begins.
fn arrival_of(pen: &Pen<'_>, s: &Scene<'_>, view: &Branches, which: usize, right: Pos2) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let of = |m: Measure| view.report.differences.iter().find(|d| d.measure == m);
    // A closed road or one more unit is about no one case: the mean then.
    let (key, difference) = match of(Measure::CaseArrivalS) {
        Some(d) if view.about.case.is_some() => ("fork.arrival", Some(d)),
        _ => ("fork.mean_arrival", of(Measure::MeanArrivalS)),
    };
    let Some(Difference { actual, other, .. }) = difference else {
        return right.x;
    };
    let mut x = right.x;
    if let (1, Some(a), Some(b)) = (which, actual, other) {
        let color = match b - a {
            d if d.abs() < 0.5 => skin.t3,
            d if d < 0.0 => skin.better,
            _ => skin.worse,
        };
        x = pen.right(right, &signed_arrival(b - a), skin.bold(Role::Body), color) - 14.0;
    }
    let own = if which == 0 { actual } else { other };
    let value = own.map_or(w.t("fork.not_yet").into(), arrival);
    x = pen.right(pos2(x, right.y), &value, skin.bold(Role::Heading), skin.t1) - 8.0;
    pen.right(
        pos2(x, right.y),
        w.t(key),
        skin.regular(Role::Small),
        skin.t3,
    )
}

/// A difference of driving times as `–5′59″`.
pub(super) fn signed_arrival(seconds: f64) -> String {
    let sign = if seconds < -0.5 {
        "–"
    } else if seconds > 0.5 {
        "+"
    } else {
        "±"
    };
    format!("{sign}{}", arrival(seconds.abs()))
}

fn attribution(pen: &Pen<'_>, s: &Scene<'_>, view: &Branches, which: usize, map: Rect) {
    let small = s.skin.regular(Role::Small);
    let per_px = view.panes[which].camera.metres_per_px();
    // The longest of 1, 2, 5 × 10ⁿ metres that is at most 110 pixels long.
    let steps = (0..6).flat_map(|n| [1.0, 2.0, 5.0].map(|k| k * 10f64.powi(n)));
    let metres = steps
        .take_while(|m| m / per_px <= 110.0)
        .fold(1.0, f64::max);
    let width = (metres / per_px) as f32;
    let (x, y) = (map.min.x + 16.0, map.max.y - 18.0);
    let stroke = Stroke::new(1.5, s.skin.t2);
    let line = [
        pos2(x, y - 5.0),
        pos2(x, y),
        pos2(x + width, y),
        pos2(x + width, y - 5.0),
    ];
    for ends in line.windows(2) {
        pen.painter.line_segment([ends[0], ends[1]], stroke);
    }
    let at = pos2(x + width + 10.0, y - 4.0);
    let length = distance(metres);
    let texts = [
        span(&length, small.clone(), s.skin.t2),
        span("© OpenStreetMap contributors", small, s.skin.t3).after(16.0),
    ];
    pen.spans(at, map.max.x - at.x - 8.0, &texts);
}

/// Drags, turns and zooms a map; the other follows where they go together.
fn hand(ui: &Ui, response: &Response, view: &mut Branches, which: usize, map: Rect) {
    let local = |p: Pos2| Vec2::new(p.x - map.min.x, p.y - map.min.y);
    let pointer = response.interact_pointer_pos().map(local);
    let control = ui.input(|i| i.modifiers.command);
    let pane = &mut view.panes[which];
    let mut moved = false;
    let turning = response.dragged_by(PointerButton::Secondary)
        || (control && response.dragged_by(PointerButton::Primary));
    if turning {
        let by = response.drag_delta();
        let middle = pane.camera.viewport / 2.0;
        let fixed = pane.camera.mercator_from_screen(middle);
        pane.camera.bearing_deg += f64::from(by.x) * 0.35;
        pane.camera.pitch_deg -= f64::from(by.y) * 0.3;
        pane.camera.limit();
        if let Some(fixed) = fixed {
            pane.camera.pin(fixed, middle);
        }
        moved = true;
    } else if response.dragged()
        && let Some(at) = pointer
    {
        let grip = pane.grip.or_else(|| pane.camera.mercator_from_screen(at));
        if let Some(ground) = grip {
            pane.camera.pin(ground, at);
            pane.camera.limit();
        }
        pane.grip = grip;
        moved = true;
    }
    if !response.dragged() {
        pane.grip = None;
    }
    if response.clicked() {
        pane.click = pointer;
    }
    if response.hovered()
        && let Some(at) = response.hover_pos().map(local)
    {
        let turned = ui.input(|i| i.smooth_scroll_delta.y + 120.0 * (i.zoom_delta() - 1.0));
        if turned != 0.0 {
            pane.camera.zoom_about(f64::from(turned) / 180.0, at);
            moved = true;
        }
    }
    if turning || response.dragged() {
        ui.ctx().set_cursor_icon(CursorIcon::Grabbing);
    }
    if moved {
        view.moved(which);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_which_way() {
        assert_eq!(signed_arrival(-359.0), "–5′59″");
        assert_eq!(signed_arrival(61.0), "+1′01″");
        assert_eq!(signed_arrival(0.2), "±0′00″");
    }
}
