use super::WorldLook;
use bevy_egui::egui::{Painter, Rect, Shape, Stroke, pos2};

/// Width of a stripe across its own direction, logical pixels.
const STRIPE: f32 = 14.0;

/// Diagonal stripes of both colours, clipped to the side that is being drawn. A stripe lies where x + y, counted
/// from the screen's corner, is in the first half of a period: so all sides share one pattern.
pub(super) fn draw(painter: &Painter, screen: Rect, look: &WorldLook) {
    let side = painter.clip_rect();
    // At 45° a stripe is wider along the edge by √2.
    let along = STRIPE * std::f32::consts::SQRT_2;
    let origin = screen.min.x + screen.min.y;
    let first = ((side.min.x + side.min.y - origin) / (2.0 * along)).floor();
    let mut sum = origin + first * 2.0 * along;
    while sum < side.max.x + side.max.y {
        let (bottom, top) = (sum - side.max.y, sum - side.min.y);
        let stripe = vec![
            pos2(bottom, side.max.y),
            pos2(bottom + along, side.max.y),
            pos2(top + along, side.min.y),
            pos2(top, side.min.y),
        ];
        painter.add(Shape::convex_polygon(stripe, look.second, Stroke::NONE));
        sum += 2.0 * along;
    }
}
