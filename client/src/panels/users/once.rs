//! A password or a secret that the server shows this once.

use super::draw::{PAD, SIDE};
use super::state::UsersState;
use crate::panels::console::Scene;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::button;
use bevy_egui::egui::{Id, Rect, Ui, pos2, vec2};

const INNER: f32 = SIDE - 2.0 * PAD;

/// Draws what is shown once, until it has been read.
pub(super) fn draw(ui: &Ui, pen: &Pen<'_>, s: &Scene<'_>, st: &mut UsersState, rect: Rect) {
    let Some((name, secret)) = st.shown_once.clone() else {
        return;
    };
    let (skin, w) = (s.skin, s.words);
    let corner = rect.min + vec2(PAD, 24.0);
    pen.left_within(corner, INNER, &name, skin.bold(Role::Title), skin.t1);
    let font = skin.regular(Role::Body);
    let told = w.t("users.once");
    let used = pen.wrapped(corner + vec2(0.0, 26.0), INNER, told, font, skin.t2, 20.0);
    let top = corner.y + 26.0 + used + 16.0;
    let secret_font = skin.bold(Role::Heading);
    let lines = pen.wrapped_height(INNER - 32.0, &secret, secret_font.clone(), 26.0);
    let plate = Rect::from_min_size(pos2(corner.x, top), vec2(INNER, lines + 28.0));
    pen.plate(plate, 6, skin.inset, skin.line_strong);
    let at = plate.min + vec2(16.0, 14.0);
    pen.wrapped(at, INNER - 32.0, &secret, secret_font, skin.t1, 26.0);
    let half = (INNER - 10.0) / 2.0;
    let left = Rect::from_min_size(pos2(corner.x, plate.max.y + 16.0), vec2(half, 40.0));
    let right = left.translate(vec2(half + 10.0, 0.0));
    if button(
        ui,
        pen,
        left,
        Id::new("users-copy"),
        w.t("users.copy"),
        true,
    ) {
        ui.ctx().copy_text(secret);
    }
    if button(
        ui,
        pen,
        right,
        Id::new("users-read"),
        w.t("welcome.read"),
        true,
    ) {
        st.shown_once = None;
    }
}
