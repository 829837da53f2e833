//! Who is logged in by an account, and from where.

use super::draw::{PAD, SIDE, ask};
use super::state::{Row, UsersState};
use crate::account::Ask;
use crate::i18n::short_span;
use crate::panels::console::{Acts, Scene};
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::small_button;
use bevy_egui::egui::{Id, Pos2, Ui, pos2, vec2};

const ROW: f32 = 46.0;
/// A session that was used this lately is in use, seconds.
const IN_USE_S: i64 = 60;

/// Draws the sessions of an account; where they end.
pub(super) fn draw(
    ui: &Ui,
    pen: &Pen<'_>,
    s: &Scene<'_>,
    st: &UsersState,
    row: &Row,
    corner: Pos2,
    out: &mut Acts,
) -> f32 {
    let (skin, w) = (s.skin, s.words);
    let right = corner.x + SIDE - 2.0 * PAD;
    pen.hline(corner.x, right, corner.y, skin.line);
    let title = corner + vec2(0.0, 20.0);
    pen.left(title, w.t("users.sessions"), skin.bold(Role::Row), skin.t1);
    let mut y = corner.y + 38.0;
    let own: Vec<_> = st.sessions.iter().filter(|x| x.name == row.name).collect();
    if own.is_empty() {
        let at = pos2(corner.x, y + 8.0);
        pen.left(
            at,
            w.t("users.no_sessions"),
            skin.regular(Role::Body),
            skin.t3,
        );
        return y + 24.0;
    }
    for session in own {
        let middle = y + ROW / 2.0;
        let end = if session.current {
            let text = w.t("users.this_session");
            pen.right(
                pos2(right, middle),
                text,
                skin.regular(Role::Small),
                skin.t3,
            )
        } else {
            let id = Id::new(("users-end", &session.id));
            let (pressed, left) = small_button(
                ui,
                pen,
                right,
                middle,
                id,
                w.t("users.end"),
                st.doing.is_none(),
            );
            if pressed {
                ask(out, Ask::delete(&format!("/v1/sessions/{}", session.id)));
            }
            left
        };
        let room = end - 10.0 - corner.x;
        let at = pos2(corner.x, middle - 9.0);
        pen.left_within(
            at,
            room,
            &session.address,
            skin.regular(Role::Body),
            skin.t1,
        );
        let used = if session.idle_s < IN_USE_S {
            w.t("users.in_use").to_owned()
        } else {
            w.f(
                "users.idle",
                &[("span", &short_span(session.idle_s as f64, w))],
            )
        };
        let line = format!("{} · {used}", session.client);
        let at = pos2(corner.x, middle + 10.0);
        pen.left_within(at, room, &line, skin.regular(Role::Small), skin.t3);
        y += ROW;
    }
    y
}
