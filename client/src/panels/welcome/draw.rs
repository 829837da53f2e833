//! The sheet: six lines, each with the key or the hand and what it does, and one button.

use super::OWNER;
use crate::panels::console::Scene;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, button, panel};
use bevy_egui::egui::{Context, Id, Order, Rect, pos2, vec2};

const WIDTH: f32 = 640.0;
const ROW: f32 = 38.0;
const HEAD: f32 = 76.0;
const FOOT: f32 = 72.0;
const PAD: f32 = 28.0;

/// Keys of words: what the hand does, and what follows.
const LINES: [(&str, &str); 6] = [
    ("welcome.drag", "welcome.drag_does"),
    ("welcome.click", "welcome.click_does"),
    ("welcome.right_click", "welcome.right_click_does"),
    ("welcome.dispatch", "welcome.dispatch_does"),
    ("welcome.search", "welcome.search_does"),
    ("welcome.help", "welcome.help_does"),
];

/// Draws the sheet; true where it has been read.
pub(super) fn draw(ctx: &Context, s: &Scene<'_>) -> bool {
    let size = vec2(WIDTH, HEAD + LINES.len() as f32 * ROW + FOOT);
    let rect = Rect::from_center_size(s.layout.window.center(), size);
    area(ctx, OWNER.0, rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        let (skin, w) = (s.skin, s.words);
        panel(&pen, rect);
        let x = rect.min.x + PAD;
        let title = pos2(x, rect.min.y + 40.0);
        pen.left(title, w.t("welcome.title"), skin.bold(Role::Title), skin.t1);
        for (i, (hand, does)) in LINES.into_iter().enumerate() {
            let y = rect.min.y + HEAD + i as f32 * ROW + ROW / 2.0;
            let room = 190.0;
            pen.left_within(pos2(x, y), room, w.t(hand), skin.bold(Role::Row), skin.t1);
            let at = pos2(x + room + 10.0, y);
            let room = rect.max.x - PAD - at.x;
            pen.left_within(at, room, w.t(does), skin.regular(Role::Body), skin.t2);
        }
        let done = Rect::from_min_max(
            pos2(rect.max.x - PAD - 160.0, rect.max.y - 56.0),
            pos2(rect.max.x - PAD, rect.max.y - 16.0),
        );
        button(
            ui,
            &pen,
            done,
            Id::new("welcome-read"),
            w.t("welcome.read"),
            true,
        )
    })
}
