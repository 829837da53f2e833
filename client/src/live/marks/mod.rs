//! How each marker is painted: the anatomy of cases, clusters, units and sensors.

mod case;
mod cluster;
mod ghost;
mod sensor;
mod unit;

pub use case::{CaseLook, case, stem_foot};
pub use cluster::cluster;
pub use ghost::{GHOST_NAME_OPACITY, GHOST_REACH_PX, ghost, ghost_dot};
pub use sensor::{CHIP_STEM, chip_half, sensor};
pub use unit::{UnitLook, unit, unit_dot};

use super::paint::Pen;
use super::style::{LiveStyle, rank};
use bevy::math::Vec2;
use chengtu_engine::city::Severity;
use chengtu_engine::time::Timestamp;

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

/// How far an alarm's outline has grown: shares 0 … 1 of its way, two outlines half a way apart; nothing while it
/// rests. For ten seconds one after the other, then every second time.
pub fn pulse(since: Timestamp, now: Timestamp, pulse_s: f64) -> [Option<f32>; 2] {
    let s = now.seconds_since(since).max(0.0);
    let period = if s < 10.0 { pulse_s } else { 2.0 * pulse_s };
    let at = |delay: f64| {
        let x = (s - delay).rem_euclid(period) / pulse_s;
        (x < 1.0 && s >= delay).then_some(x as f32)
    };
    [at(0.0), at(pulse_s / 2.0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarm_pulses_at_once_and_rests_every_other_time_after_ten_seconds() {
        let at = |ms: i64| pulse(Timestamp(0), Timestamp(ms * 1000), 1.2);
        assert_eq!(at(0), [Some(0.0), None]);
        assert!((at(600)[0].unwrap() - 0.5).abs() < 1e-6 && at(600)[1] == Some(0.0));
        assert!((0..9_000).step_by(100).all(|ms| at(ms)[0].is_some()));
        let resting = (12_000..16_800)
            .step_by(10)
            .filter(|ms| at(*ms)[0].is_none())
            .count();
        // Two of four periods rest.
        assert!((238..=242).contains(&resting), "{resting}");
    }
}
