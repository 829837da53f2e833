//! What opens above the director's time bar.

use super::bar::Anchors;
use super::pages;
use super::rules::WIDTH;
use super::state::{Drawer, DrillState};
use crate::panels::console::{Acts, Scene};
use crate::panels::layout::GAP;
use crate::panels::pen::Pen;
use crate::panels::skin::Role;
use crate::panels::widgets::{area, panel, press};
use bevy_egui::egui::{Context, Id, Order, Rect, pos2, vec2};
use chengtu_engine::drill::DrillView;

/// Height of its heading.
const HEAD_H: f32 = 44.0;
/// Highest that a drawer's list grows.
const LIST_MAX: f32 = 420.0;

/// Draws the open drawer above its button; returns where it lies.
pub(super) fn draw(
    ctx: &Context,
    s: &Scene<'_>,
    state: &mut DrillState,
    view: &DrillView,
    anchors: Anchors,
    out: &mut Acts,
) -> Option<Rect> {
    let drawer = state.drawer?;
    let bar = s.layout.time;
    let fire = || anchors.iter().find(|(d, _)| *d == Drawer::Fire);
    let anchor = anchors.iter().find(|(d, _)| *d == drawer).or_else(fire);
    let middle = anchor.map_or(bar.center().x, |(_, p)| p.x);
    let page = pages::Page::new(drawer, s, view, state.ghost_of)?;
    // Never over the top bar, whose clock says which world this is and when.
    let room = bar.min.y - 8.0 - (s.layout.window.min.y + 8.0) - HEAD_H;
    let height = HEAD_H + page.height().min(LIST_MAX).min(room);
    let left = (middle - WIDTH / 2.0).clamp(bar.min.x + GAP, bar.max.x - GAP - WIDTH);
    let rect = Rect::from_min_size(pos2(left, bar.min.y - 8.0 - height), vec2(WIDTH, height));
    area(ctx, "director-drawer", rect, Order::Foreground, |ui| {
        let painter = ui.painter().clone();
        let pen = Pen {
            painter: &painter,
            skin: s.skin,
        };
        panel(&pen, rect);
        pen.left_within(
            rect.min + vec2(16.0, HEAD_H / 2.0),
            WIDTH - 60.0,
            page.title(),
            s.skin.bold(Role::Row),
            s.skin.t1,
        );
        let close = Rect::from_center_size(
            pos2(rect.max.x - 22.0, rect.min.y + HEAD_H / 2.0),
            vec2(28.0, 28.0),
        );
        let response = press(ui, close, Id::new("drawer-close"), &pen, 6);
        let color = if response.hovered() {
            s.skin.t1
        } else {
            s.skin.t3
        };
        pen.cross(close.center(), 4.5, color);
        pen.hline(rect.min.x, rect.max.x, rect.min.y + HEAD_H, s.skin.line);
        let body = Rect::from_min_max(pos2(rect.min.x, rect.min.y + HEAD_H), rect.max);
        page.draw(ui, &pen, s, state, view, body, out);
        if response.clicked() {
            state.drawer = None;
        }
    });
    Some(rect)
}
