use super::{WorldLook, sides};
use bevy_egui::egui::{CornerRadius, Painter, Rect};

/// Share of the frame's width that each line takes.
const LINE: f32 = 1.0 / 3.0;

/// Two lines all around with dark between them, as far as the side goes that is drawn.
pub(super) fn draw(painter: &Painter, screen: Rect, width: f32, look: &WorldLook) {
    let line = (width * LINE).round().max(1.0);
    let between = (width - 2.0 * line).max(0.0);
    for side in sides(screen.shrink(line), between) {
        painter.rect_filled(side, CornerRadius::ZERO, look.second);
    }
}
