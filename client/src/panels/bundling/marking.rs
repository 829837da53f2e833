//! The rectangle that is being drawn over the map to mark cases.

use crate::panels::console::View;
use crate::pick::MarkingBox;
use bevy::prelude::Res;
use bevy_egui::egui::{CornerRadius, Id, LayerId, Order, Rect, Stroke, StrokeKind, pos2};

/// Share of the ground's light that the rectangle lets through.
const FILL: f32 = 0.14;

/// Draws it, below every panel.
pub(super) fn draw(view: View, marking: Option<Res<MarkingBox>>) {
    let Some(r) = marking.and_then(|m| m.0) else {
        return;
    };
    let s = view.scene();
    let rect = Rect::from_min_max(pos2(r.min.x, r.min.y), pos2(r.max.x, r.max.y));
    let layer = LayerId::new(Order::Background, Id::new("marking-box"));
    let painter = s.ctx.layer_painter(layer);
    let none = CornerRadius::ZERO;
    painter.rect_filled(rect, none, s.skin.action.gamma_multiply(FILL));
    painter.rect_stroke(
        rect,
        none,
        Stroke::new(1.5, s.skin.action),
        StrokeKind::Inside,
    );
}
