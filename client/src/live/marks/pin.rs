use crate::live::paint::Pen;
use crate::live::style::LiveStyle;
use bevy::math::{Rect, Vec2};

/// From the place to the middle of the pin's head, and the radius of that, logical pixels.
const STEM: f32 = 22.0;
const HEAD: f32 = 7.0;

/// A place that was chosen: a pin that stands on it.
pub fn pin(pen: &mut Pen<'_>, style: &LiveStyle, at: Vec2) {
    let head = at - Vec2::Y * (STEM * pen.scale);
    pen.line(at, head, 5.0, style.marker_body, [0.0; 2]);
    pen.disc(at, 4.4, style.marker_body);
    pen.disc(head, HEAD + 2.4, style.marker_body);
    pen.line(at, head, 2.0, style.selected, [0.0; 2]);
    pen.disc(at, 2.6, style.selected);
    pen.disc(head, HEAD, style.selected);
    pen.disc(head, HEAD * 0.42, style.marker_body);
}

/// What a pin takes of the screen.
pub fn pin_extent(at: Vec2, scale: f32) -> Rect {
    let half = (HEAD + 2.4) * scale;
    let up = Vec2::Y * (STEM * scale + half);
    Rect::from_corners(at - up - Vec2::X * half, at + Vec2::new(half, 4.4 * scale))
}
