use super::WorldLook;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::chip_width;
use bevy_egui::egui::{CursorIcon, Id, Pos2, Rect, Response, Sense, Ui, pos2, vec2};

/// Height of a chip on a bar.
const HEIGHT: f32 = 28.0;

/// A chip in the world's colours, the middle of its left edge `at`; returns its response and right edge.
/// `on`: it is what holds now. `strong`: it may also be edged in the world's own colour.
pub fn chip(
    ui: &Ui,
    pen: &Pen<'_>,
    world: &WorldLook,
    at: Pos2,
    id: Id,
    label: &str,
    on: bool,
    strong: bool,
) -> (Response, f32) {
    let size = vec2(chip_width(pen, label), HEIGHT);
    let rect = Rect::from_min_size(pos2(at.x, at.y - HEIGHT / 2.0), size);
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let fill = if on || response.is_pointer_button_down_on() {
        world.chip_on
    } else if response.hovered() {
        pen.skin.hover
    } else {
        world.chip
    };
    let line = if on && strong {
        world.color
    } else {
        world.line
    };
    pen.plate(rect, 6, fill, line);
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    let color = if on { pen.skin.t1 } else { pen.skin.t2 };
    pen.centre(rect.center(), label, pen.skin.regular(Role::Small), color);
    (response, rect.max.x)
}
