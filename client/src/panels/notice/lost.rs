use crate::panels::console::Scene;
use bevy_egui::egui::{CornerRadius, Id, LayerId, Order, Rect, Stroke, pos2};

/// How much of the map's light a lost server takes, and the step of the lines over it, logical pixels.
const DARK: f32 = 0.45;
const STEP: f32 = 28.0;

/// Over the map while the server is lost: what is seen there is no longer so.
pub(super) fn veil(s: &Scene<'_>) {
    if !s.is_lost() {
        return;
    }
    let rect = s.layout.window;
    let layer = LayerId::new(Order::Background, Id::new("lost-veil"));
    let painter = s.ctx.layer_painter(layer).with_clip_rect(rect);
    let dark = s.skin.void.gamma_multiply(DARK);
    painter.rect_filled(rect, CornerRadius::ZERO, dark);
    let stroke = Stroke::new(1.0, s.skin.t4.gamma_multiply(0.5));
    for [from, to] in lines(rect) {
        painter.line_segment([from, to], stroke);
    }
}

/// Slanted lines over a rectangle.
fn lines(rect: Rect) -> impl Iterator<Item = [bevy_egui::egui::Pos2; 2]> {
    let (height, first) = (rect.height(), rect.min.x - rect.height());
    let count = ((rect.width() + height) / STEP).ceil() as usize;
    (0..count).map(move |i| {
        let x = first + i as f32 * STEP;
        [pos2(x, rect.max.y), pos2(x + height, rect.min.y)]
    })
}
