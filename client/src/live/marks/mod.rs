//! How each marker is painted: the anatomy of cases, clusters, units and sensors.

mod beat;
mod case;
mod cluster;
mod ghost;
mod pin;
mod sensor;
mod unit;

pub use beat::Beat;
pub use case::{CaseLook, case, case_extent, pill_places, stem_foot};
pub use cluster::{CLUSTER_RIM, cluster};
pub use ghost::{GHOST_NAME_OPACITY, GHOST_REACH_PX, ghost, ghost_dot};
pub use pin::{pin, pin_extent};
pub use sensor::{CHIP_STEM, chip_half, chip_rect, dot_radius, sensor, sensor_extent};
pub use unit::{UnitLook, beside_places, unit, unit_dot, unit_extent};

use super::paint::Pen;
use super::style::{LiveStyle, rank};
use bevy::math::Vec2;
use chengtu_engine::city::Severity;

/// The shape of a severity about a middle. `radius` is that of the tokens; each shape has its own factor, so that all
/// four look equally large.
pub fn severity_shape(
    pen: &mut Pen<'_>,
    style: &LiveStyle,
    centre: Vec2,
    radius: f32,
    severity: Severity,
) {
    let (color, factor) = style.severity(severity);
    let r = radius * factor;
    match rank(severity) {
        0 => pen.diamond(centre, r, color),
        // Its weight lies low: lifted, so that it looks centred.
        1 => pen.triangle(
            centre + bevy::math::Vec2::Y * (0.08 * r * pen.scale),
            r,
            color,
        ),
        2 => pen.rect(centre, Vec2::splat(r), 0.0, color),
        _ => pen.disc(centre, r, color),
    }
}
