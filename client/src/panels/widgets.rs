//! Buttons, chips and rows: drawn by hand, so that they are exactly where the design has them.

use super::pen::Pen;
use super::skin::{Role, Skin};
use bevy_egui::egui::{
    Align2, Area, Color32, Context, CornerRadius, CursorIcon, FontSelection, Frame, Id, Order,
    Rect, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, Vec2, pos2, vec2,
};

/// A panel that takes pointer and keys: everything inside `rect` belongs to it, nothing passes through to the map.
pub fn area<R>(
    ctx: &Context,
    name: &str,
    rect: Rect,
    order: Order,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    Area::new(Id::new(name))
        .order(order)
        .fixed_pos(rect.min)
        .default_size(rect.size())
        .constrain(false)
        .fade_in(false)
        .sense(Sense::click_and_drag())
        .show(ctx, |ui| {
            ui.set_clip_rect(rect.expand(60.0));
            ui.allocate_rect(rect, Sense::hover());
            add(ui)
        })
        .inner
}

/// Ground, border, shadow of a panel on the map.
pub fn panel(pen: &Pen<'_>, rect: Rect) {
    pen.shadow(rect, 8);
    pen.plate(rect, 8, pen.skin.panel, pen.skin.line);
}

/// A clickable rectangle with the hand and a focus ring.
pub fn press(ui: &Ui, rect: Rect, id: Id, pen: &Pen<'_>, radius: u8) -> Response {
    let response = ui
        .interact(rect, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    if response.has_focus() {
        pen.focus_ring(rect, radius);
    }
    response
}

/// Width of a chip with this label.
pub fn chip_width(pen: &Pen<'_>, label: &str) -> f32 {
    (pen.width(label, pen.skin.regular(Role::Small)) + 20.0).ceil()
}

/// A chip: a small button that may be on. Its clickable part is at least 28 high.
pub fn chip(ui: &Ui, pen: &Pen<'_>, rect: Rect, id: Id, label: &str, on: bool) -> Response {
    let hit = Rect::from_center_size(
        rect.center(),
        Vec2::new(rect.width(), rect.height().max(28.0)),
    );
    let response = ui
        .interact(hit, id, Sense::click())
        .on_hover_cursor(CursorIcon::PointingHand);
    let skin = pen.skin;
    let fill = if on {
        skin.selected
    } else if response.hovered() {
        skin.hover
    } else {
        skin.panel
    };
    let line = if on { skin.line_strong } else { skin.line };
    pen.plate(rect, 6, fill, line);
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    pen.centre(
        rect.center(),
        label,
        skin.regular(Role::Small),
        if on { skin.t1 } else { skin.t2 },
    );
    response
}

/// A chip whose left edge is `x`; returns its response and right edge.
pub fn chip_at(
    ui: &Ui,
    pen: &Pen<'_>,
    x: f32,
    y: f32,
    height: f32,
    id: Id,
    label: &str,
    on: bool,
) -> (Response, f32) {
    let width = chip_width(pen, label);
    let rect = Rect::from_min_size(pos2(x, y), Vec2::new(width, height));
    (chip(ui, pen, rect, id, label, on), rect.max.x)
}

/// A bordered button; `enabled` false is grey and cannot be pressed.
pub fn button(ui: &Ui, pen: &Pen<'_>, rect: Rect, id: Id, label: &str, enabled: bool) -> bool {
    let skin = pen.skin;
    let sense = if enabled {
        Sense::click()
    } else {
        Sense::hover()
    };
    let response = ui.interact(rect, id, sense);
    let fill = if enabled && response.is_pointer_button_down_on() {
        skin.selected
    } else if enabled && response.hovered() {
        skin.hover
    } else {
        skin.panel
    };
    let painter = pen.painter;
    painter.rect(
        rect,
        CornerRadius::same(6),
        fill,
        Stroke::new(1.0, skin.line_strong),
        StrokeKind::Inside,
    );
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    pen.centre(
        rect.center(),
        label,
        skin.regular(Role::Body),
        if enabled { skin.t1 } else { skin.t4 },
    );
    enabled && response.on_hover_cursor(CursorIcon::PointingHand).clicked()
}

/// A button the size of its label, right edge at `right`; returns whether it was pressed and its left edge.
pub fn small_button(
    ui: &Ui,
    pen: &Pen<'_>,
    right: f32,
    y: f32,
    id: Id,
    label: &str,
    enabled: bool,
) -> (bool, f32) {
    let width = (pen.width(label, pen.skin.regular(Role::Body)) + 22.0).ceil();
    let rect = Align2::RIGHT_CENTER.anchor_size(pos2(right, y), Vec2::new(width, 28.0));
    (button(ui, pen, rect, id, label, enabled), rect.min.x)
}

/// Ground of a row: hovered, selected with the bar of 3 px, or plain.
pub fn row_ground(pen: &Pen<'_>, rect: Rect, hovered: bool, selected: bool, bar: Color32) {
    if selected {
        pen.painter
            .rect_filled(rect, CornerRadius::ZERO, pen.skin.selected);
        let edge = Rect::from_min_size(rect.min, Vec2::new(3.0, rect.height()));
        pen.painter.rect_filled(edge, CornerRadius::ZERO, bar);
    } else if hovered {
        pen.painter
            .rect_filled(rect, CornerRadius::ZERO, pen.skin.hover);
    }
}

/// A pair of label and value on one line.
pub fn fact(pen: &Pen<'_>, x: f32, value_x: f32, right: f32, y: f32, label: &str, value: &str) {
    let skin: &Skin = pen.skin;
    pen.left_within(
        pos2(x, y),
        value_x - x - 6.0,
        label,
        skin.regular(Role::Small),
        skin.t3,
    );
    pen.left_within(
        pos2(value_x, y),
        right - value_x,
        value,
        skin.regular(Role::Body),
        skin.t1,
    );
}

/// A text field; true where what is in it has changed.
pub fn field(
    ui: &mut Ui,
    pen: &Pen<'_>,
    rect: Rect,
    id: &str,
    text: &mut String,
    hint: &str,
    focus: bool,
) -> bool {
    pen.plate(rect, 6, pen.skin.inset, pen.skin.line);
    let edit = TextEdit::singleline(text)
        .id(Id::new(id))
        .hint_text(hint)
        .font(FontSelection::FontId(pen.skin.regular(Role::Body)))
        .frame(Frame::NONE)
        .text_color(pen.skin.t1)
        .char_limit(120);
    let response = ui.put(rect.shrink2(vec2(10.0, 6.0)), edit);
    if focus {
        response.request_focus();
    }
    if response.has_focus() {
        pen.focus_ring(rect, 6);
    }
    response.changed()
}
