//! That the session ends soon, and what to do about it, before it does.

use super::LogInAct;
use crate::i18n::short_span;
use crate::panels::console::{Acts, Covered, Scene};
use crate::panels::pen::{Pen, span};
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, small_button};
use bevy::prelude::ResMut;
use bevy_egui::egui::{CornerRadius, Id, LayerId, Order, Rect, vec2};
use std::time::Duration;

/// How long before its end it is said.
const WARNED: Duration = Duration::from_mins(5);
const HEIGHT: f32 = 44.0;
/// Below the top bar and what lies under it, in the middle of the map.
const DOWN: f32 = 156.0;

/// Draws the plate where the session ends soon.
pub(super) fn draw(s: &Scene<'_>, mut covered: ResMut<Covered>, mut acts: ResMut<Acts>) {
    let ends = s.me.and_then(crate::account::Me::left);
    let Some(left) = ends.filter(|left| *left <= WARNED && !s.picture) else {
        return;
    };
    let (skin, w) = (s.skin, s.words);
    let text = w.f(
        "log_in.ends",
        &[("span", &short_span(left.as_secs_f64(), w))],
    );
    let label = w.t("log_in.title_again");
    let probe = s.ctx.layer_painter(LayerId::background());
    let pen = Pen {
        painter: &probe,
        skin,
    };
    let width = pen.width(&text, skin.bold(Role::Row))
        + pen.width(label, skin.regular(Role::Body))
        + 22.0
        + 56.0;
    let size = vec2(width.min(s.layout.window.width() - 24.0), HEIGHT);
    let rect = covered.place_below(s.layout.window, s.layout.window.min.y + DOWN, size);
    covered.0.push(rect);
    area(&s.ctx, "session-ends", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin,
        };
        panel(&pen, rect);
        let edge = Rect::from_min_size(rect.min + vec2(1.0, 6.0), vec2(3.0, HEIGHT - 12.0));
        painter.rect_filled(edge, CornerRadius::same(1), skin.contour);
        let y = rect.center().y;
        let id = Id::new("session-again");
        let (pressed, left) = small_button(ui, &pen, rect.max.x - 8.0, y, id, label, true);
        let at = rect.left_center() + vec2(20.0, 0.0);
        let title = span(&text, skin.bold(Role::Row), skin.t1);
        pen.spans(at, left - at.x - 8.0, &[title]);
        if pressed {
            acts.push(LogInAct::Again);
        }
    });
    s.ctx.request_repaint_after(Duration::from_secs(1));
}
