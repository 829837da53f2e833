//! Chips and buttons of the bars, in the colours of the current world.

use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::world::WorldLook;
use bevy_egui::egui::{
    Color32, CornerRadius, CursorIcon, Id, Painter, Pos2, Rect, Response, Sense, Shape, Stroke,
    StrokeKind, Ui, pos2, vec2,
};

/// Height of a chip on the bar.
pub const CHIP_H: f32 = 28.0;
/// Between two chips.
pub const CHIP_GAP: f32 = 6.0;

/// Glyphs of a player.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glyph {
    /// Shown while the clock is paused: a press plays.
    Play,
    /// Shown while the clock runs: a press pauses.
    Pause,
    /// To the event before.
    Previous,
    /// To the event after.
    Next,
}

/// What a chip shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Face<'a> {
    /// Text in the small type.
    Words(&'a str),
    /// A player's glyph, drawn by hand in the middle of the chip.
    Glyph(Glyph),
}

/// Width of a chip with these words.
pub fn width(pen: &Pen<'_>, label: &str) -> f32 {
    (pen.width(label, pen.skin.regular(Role::Body)) + 20.0).ceil()
}

/// A chip; `on` is its pressed state.
pub fn chip(
    ui: &Ui,
    pen: &Pen<'_>,
    world: &WorldLook,
    rect: Rect,
    id: Id,
    face: Face<'_>,
    on: bool,
) -> Response {
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let skin = pen.skin;
    let fill = match (on, response.hovered()) {
        (true, _) => world.chip_on,
        (false, true) => skin.hover,
        (false, false) => world.chip,
    };
    let line = if on { world.color } else { world.line };
    pen.plate(rect, 6, fill, line);
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    let color = if on { skin.t1 } else { skin.t2 };
    match face {
        Face::Words(words) => {
            pen.centre(rect.center(), words, skin.regular(Role::Body), color);
        }
        Face::Glyph(glyph) => draw_glyph(pen.painter, rect.center(), glyph, color),
    }
    response
}

/// The white button that leads back to the running city.
pub fn way_home(ui: &Ui, pen: &Pen<'_>, rect: Rect, id: Id, label: &str) -> Response {
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let fill = if response.hovered() {
        pen.skin.on_action_2
    } else {
        pen.skin.on_action
    };
    pen.painter.rect_filled(rect, CornerRadius::same(6), fill);
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    let font = pen.skin.bold(Role::Body);
    pen.centre(rect.center(), label, font, pen.skin.on_light);
    response
}

fn draw_glyph(painter: &Painter, c: Pos2, glyph: Glyph, color: Color32) {
    let triangle = |x: f32, way: f32| {
        let tip = vec![
            pos2(c.x + x - 4.0 * way, c.y - 5.5),
            pos2(c.x + x + 5.0 * way, c.y),
            pos2(c.x + x - 4.0 * way, c.y + 5.5),
        ];
        painter.add(Shape::convex_polygon(tip, color, Stroke::NONE));
    };
    let bar = |x: f32, width: f32| {
        let r = Rect::from_center_size(pos2(c.x + x, c.y), vec2(width, 11.0));
        painter.rect_filled(r, CornerRadius::ZERO, color);
    };
    match glyph {
        Glyph::Play => triangle(0.5, 1.0),
        Glyph::Pause => {
            bar(-3.0, 3.0);
            bar(3.0, 3.0);
        }
        Glyph::Previous => {
            bar(-5.0, 2.2);
            triangle(1.5, -1.0);
        }
        Glyph::Next => {
            bar(5.0, 2.2);
            triangle(-1.5, 1.0);
        }
    }
}

/// The mark of a bookmark: a ribbon with a notch, its foot at `foot`.
pub fn ribbon(painter: &Painter, foot: Pos2, color: Color32) {
    let (x, y) = (foot.x, foot.y);
    // Two convex halves: the notch makes the whole concave.
    for side in [-1.0_f32, 1.0] {
        let half = vec![
            pos2(x, y - 13.0),
            pos2(x + 5.0 * side, y - 13.0),
            pos2(x + 5.0 * side, y),
            pos2(x, y - 4.0),
        ];
        painter.add(Shape::convex_polygon(half, color, Stroke::NONE));
    }
}

/// The playhead: a line with a tip above it.
pub fn playhead(painter: &Painter, x: f32, top: f32, bottom: f32, color: Color32) {
    let x = x.round();
    painter.line_segment([pos2(x, top), pos2(x, bottom)], Stroke::new(2.0, color));
    let tip = vec![
        pos2(x - 6.0, top - 1.0),
        pos2(x + 6.0, top - 1.0),
        pos2(x, top + 7.0),
    ];
    painter.add(Shape::convex_polygon(tip, color, Stroke::NONE));
}

/// A field's frame.
pub fn field(pen: &Pen<'_>, world: &WorldLook, rect: Rect, wrong: bool) {
    let line = if wrong { pen.skin.late } else { world.line };
    pen.painter.rect(
        rect,
        CornerRadius::same(6),
        pen.skin.inset,
        Stroke::new(1.0, line),
        StrokeKind::Inside,
    );
}
