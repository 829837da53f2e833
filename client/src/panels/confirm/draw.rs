//! The question, in the middle of the map's window: what will be done, the choices, and the button that does it.

use super::state::Question;
use super::{ConfirmState, OWNER};
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, field, panel, row_ground};
use bevy_egui::egui::{Context, CornerRadius, CursorIcon, Id, Order, Rect, Sense, Ui, pos2, vec2};

const WIDTH: f32 = 460.0;
const HEAD: f32 = 56.0;
const ROW: f32 = 36.0;
const FOOT: f32 = 64.0;
const PAD: f32 = 20.0;

/// Draws the open question.
pub(super) fn draw(ctx: &Context, s: &Scene<'_>, st: &mut ConfirmState, out: &mut Acts) {
    let Some(question) = st.open.take() else {
        return;
    };
    let choices = question.rows();
    let detail = detail_of(s, &question);
    let font = s.skin.regular(Role::Body);
    let probe = ctx.layer_painter(bevy_egui::egui::LayerId::background());
    let galley = probe.layout(detail.clone(), font.clone(), s.skin.t2, WIDTH - 2.0 * PAD);
    let text_h = if detail.is_empty() {
        0.0
    } else {
        galley.rows.len() as f32 * 20.0 + 14.0
    };
    let written_h = if question.written.is_some() {
        44.0
    } else {
        0.0
    };
    let size = vec2(
        WIDTH,
        HEAD + text_h + choices as f32 * ROW + written_h + FOOT,
    );
    let rect = Rect::from_center_size(s.layout.window.center(), size);
    let mut keep = true;
    let mut confirmed = false;
    area(ctx, OWNER.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        // In the colour of the world that it is done in.
        let edge = Rect::from_min_size(rect.min, vec2(WIDTH, 4.0));
        painter.rect_filled(edge, CornerRadius::same(2), s.look.color);
        let at = rect.min + vec2(PAD, HEAD / 2.0 + 4.0);
        let title = span(&question.title, s.skin.bold(Role::Heading), s.skin.t1);
        pen.spans(at, WIDTH - 2.0 * PAD, &[title]);
        let mut y = rect.min.y + HEAD;
        if text_h > 0.0 {
            let still = question.still_holds(s);
            let color = if still { s.skin.t2 } else { s.skin.late };
            pen.wrapped(
                pos2(rect.min.x + PAD, y),
                WIDTH - 2.0 * PAD,
                &detail,
                font,
                color,
                20.0,
            );
            y += text_h;
        }
        if choices > 0 {
            rows(ui, &pen, s, st, &question, pos2(rect.min.x, y));
            y += choices as f32 * ROW;
        }
        written(ui, &pen, st, &question, pos2(rect.min.x, y));
        (keep, confirmed) = foot(ui, &pen, s, st, &question, rect);
    });
    if keep {
        st.open = Some(question);
    }
    if confirmed {
        st.confirm(s, out);
    }
}

/// What it means; where it no longer holds, that.
fn detail_of(s: &Scene<'_>, question: &Question) -> String {
    if question.world != s.world {
        s.words.t("confirm.other_world").into()
    } else if !question.still_holds(s) {
        s.words.t("confirm.changed").into()
    } else {
        question.detail.clone()
    }
}

/// The choices; Enter and a click choose, and do nothing else.
fn rows(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &mut ConfirmState,
    question: &Question,
    corner: bevy_egui::egui::Pos2,
) {
    let keys = s.list_keys(OWNER);
    st.cursor = keys.walk(st.cursor, question.choices.len());
    if keys.enter && !ui.ctx().text_edit_focused() {
        st.chosen = Some(st.cursor);
    }
    for (i, choice) in question.choices.iter().enumerate() {
        let top = corner.y + i as f32 * ROW;
        let r = Rect::from_min_size(pos2(corner.x + 1.0, top), vec2(WIDTH - 2.0, ROW));
        let response = ui.interact(r, Id::new(("confirm-choice", i)), Sense::click());
        let chosen = st.chosen == Some(i);
        row_ground(
            pen,
            r,
            response.hovered() || st.cursor == i,
            chosen,
            s.look.color,
        );
        let centre = pos2(r.min.x + 28.0, r.center().y);
        let stroke = bevy_egui::egui::Stroke::new(1.5, s.skin.t2);
        pen.painter.circle_stroke(centre, 6.0, stroke);
        if chosen {
            pen.painter.circle_filled(centre, 3.5, s.skin.t1);
        }
        let at = pos2(r.min.x + 46.0, r.center().y);
        let font = s.skin.regular(Role::Body);
        pen.left_within(at, WIDTH - 66.0, &choice.label, font, s.skin.t1);
        if response.on_hover_cursor(CursorIcon::PointingHand).clicked() {
            st.chosen = Some(i);
            st.cursor = i;
        }
    }
}

/// The field of a reason in words, where one may be written; what is written is chosen.
fn written(
    ui: &mut Ui,
    pen: &Pen<'_>,
    st: &mut ConfirmState,
    question: &Question,
    corner: bevy_egui::egui::Pos2,
) {
    let Some((hint, _)) = &question.written else {
        return;
    };
    let at = pos2(corner.x + PAD, corner.y + 6.0);
    let line = Rect::from_min_size(at, vec2(WIDTH - 2.0 * PAD, 32.0));
    let focus = std::mem::take(&mut st.focus);
    if field(
        ui,
        pen,
        line,
        "confirm-written",
        &mut st.written,
        hint,
        focus,
    ) {
        st.chosen = None;
    }
}

/// The buttons: leave it, and do it. Whether the question stays, and whether it was confirmed.
fn foot(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &ConfirmState,
    question: &Question,
    rect: Rect,
) -> (bool, bool) {
    let top = rect.max.y - FOOT + 12.0;
    let able = st.is_answered() && question.still_holds(s) && s.is_live();
    let left = Rect::from_min_size(pos2(rect.min.x + PAD, top), vec2(120.0, 40.0));
    let right = Rect::from_min_max(
        pos2(left.max.x + 12.0, top),
        pos2(rect.max.x - PAD, top + 40.0),
    );
    let leave = button(
        ui,
        pen,
        left,
        Id::new("confirm-leave"),
        s.words.t("confirm.leave"),
        true,
    );
    let pressed = button(ui, pen, right, Id::new("confirm-do"), &question.label, able);
    let color = if able { s.skin.t2 } else { s.skin.t4 };
    let cap = pos2(right.max.x - 12.0, right.center().y);
    pen.key_cap(cap, "⇧ Enter", color, color);
    (!leave, pressed && able)
}
