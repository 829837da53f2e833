//! A ghost: brackets about a glyph, half transparent, without disc, status or nose; nothing real looks like it.

use crate::live::paint::Pen;
use crate::live::style::LiveStyle;
use crate::render::IconUv;
use bevy::math::Vec2;

/// Share of opacity of everything about a ghost.
const GHOST_OPACITY: f32 = 0.66;
/// Of its name, which is to be read.
pub const GHOST_NAME_OPACITY: f32 = 0.86;
/// Factor on that of a ghost at the place of its unit, where it needs little emphasis.
const TOGETHER: f32 = 0.5;
/// From the middle of a ghost to where its name begins, logical pixels.
pub const GHOST_REACH_PX: f32 = 21.0;
/// Brackets lie outside the rim of a unit, so that they show about one that is at the same place.
const RADIUS: f32 = 15.0;
const LINE: f32 = 1.9;
/// Brackets to the right and to the left, turns after twelve o'clock.
const BRACKETS: [[f32; 2]; 2] = [[0.13, 0.37], [0.63, 0.87]];

/// A ghost near; `together`: at the place of the unit that it is a ghost of.
pub fn ghost(
    pen: &mut Pen<'_>,
    style: &LiveStyle,
    (at, size): (Vec2, f32),
    glyph: Option<IconUv>,
    together: bool,
) {
    let (opacity, scale) = (pen.opacity, pen.scale);
    pen.opacity *= GHOST_OPACITY * if together { TOGETHER } else { 1.0 };
    pen.scale *= size;
    for turns in BRACKETS {
        // Its edge keeps it legible on light ground.
        pen.arc(at, RADIUS, LINE + 2.0, turns, style.marker_body);
        pen.arc(at, RADIUS, LINE, turns, style.t1);
    }
    if let Some(glyph) = glyph.filter(|_| !together) {
        pen.icon(at, style.unit_radius * 1.3, glyph, style.t1);
    }
    (pen.opacity, pen.scale) = (opacity, scale);
}

/// A ghost far away: an empty ring.
pub fn ghost_dot(pen: &mut Pen<'_>, style: &LiveStyle, at: Vec2, size: f32) {
    let (opacity, scale) = (pen.opacity, pen.scale);
    pen.opacity *= GHOST_OPACITY;
    pen.scale *= size;
    pen.ring(at, style.unit_dot + 1.6, 1.3, style.t1);
    (pen.opacity, pen.scale) = (opacity, scale);
}
