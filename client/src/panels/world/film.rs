use super::WorldLook;
use bevy_egui::egui::{CornerRadius, Painter, Rect, pos2, vec2};

/// Along the side and across it, logical pixels.
const MARK: (f32, f32) = (18.0, 6.0);
/// From mark to mark.
const STEP: f32 = 30.0;

/// The edge of a film: light marks along the longer way of a side.
pub(super) fn draw(painter: &Painter, side: Rect, look: &WorldLook) {
    painter.rect_filled(side, CornerRadius::ZERO, look.second);
    let wide = side.width() >= side.height();
    let (start, end, size) = if wide {
        (side.min.x, side.max.x, vec2(MARK.0, MARK.1))
    } else {
        (side.min.y, side.max.y, vec2(MARK.1, MARK.0))
    };
    let mut at = start + STEP / 2.0;
    while at < end {
        let middle = if wide {
            pos2(at, side.center().y)
        } else {
            pos2(side.center().x, at)
        };
        let mark = Rect::from_center_size(middle, size);
        painter.rect_filled(mark, CornerRadius::same(1), look.color);
        at += STEP;
    }
}
