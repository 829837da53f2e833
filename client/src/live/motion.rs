//! Positions glide: between two fixes a mover goes on at its last velocity, and what a new fix corrects is blended in.

use crate::camera::EARTH_CIRCUMFERENCE_M;
use bevy::math::{DVec2, Vec2};
use chengtu_engine::geo::mercator_from_lon_lat;
use chengtu_engine::stream::MoverView;

/// Slowest speed that is shown as movement; below it a fix jitters on the spot.
pub const MOVING_MPS: f32 = 0.4;

/// Times that glides are bound by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GlideLimits {
    /// A mover goes on at its last velocity this long after its fix, seconds.
    pub glide_max_s: f64,
    /// What a fix corrects is blended in over this time, seconds.
    pub blend_s: f64,
    /// Farthest correction that is blended, mercator metres. Corrections of more (another vehicle's id, a tunnel's
    /// end) are not worth a slide across the city and are shown at once; 0 where nothing is blended.
    pub jump_m: f64,
}

/// Where something was, where it goes, and the correction still to be blended in. Mercator; times are the server's,
/// seconds from any fixed moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Glide {
    /// At the fix.
    pub at: DVec2,
    /// Mercator a second of the world.
    pub velocity: DVec2,
    /// When the fix was.
    pub fix_s: f64,
    /// From where the glide would be without correction to where it was shown when the fix came.
    pub offset: DVec2,
    /// When the fix came.
    pub came_s: f64,
}

impl Glide {
    /// A glide from a mover's newest fix, unblended. `fix_s` is its fix time, `now_s` when it came.
    pub fn from_fix(m: &MoverView, fix_s: f64, now_s: f64) -> Self {
        let at = DVec2::from(mercator_from_lon_lat(m.position.lon_lat()));
        Self {
            at,
            velocity: velocity(m),
            fix_s,
            offset: DVec2::ZERO,
            came_s: now_s,
        }
    }

    /// Where it is shown at a moment.
    pub fn shown(&self, now_s: f64, limits: GlideLimits) -> DVec2 {
        let glided_s = (now_s - self.fix_s).clamp(0.0, limits.glide_max_s);
        let left = 1.0 - (now_s - self.came_s) / limits.blend_s.max(1e-6);
        self.at + self.velocity * glided_s + self.offset * left.clamp(0.0, 1.0)
    }

    /// Goes over to a newer fix without a jump: what differs at `now_s` is blended away.
    #[must_use]
    pub fn corrected(&self, mut newer: Self, now_s: f64, limits: GlideLimits) -> Self {
        newer.came_s = now_s;
        newer.offset = DVec2::ZERO;
        let offset = self.shown(now_s, limits) - newer.shown(now_s, limits);
        if offset.length() * EARTH_CIRCUMFERENCE_M < limits.jump_m {
            newer.offset = offset;
        }
        newer
    }
}

/// [`GlideLimits::jump_m`] while positions are blended.
pub const JUMP_M: f64 = 300.0;

/// Mercator per second, from speed and bearing; zero without a bearing or below [`MOVING_MPS`].
pub fn velocity(m: &MoverView) -> DVec2 {
    let Some(bearing_deg) = m.bearing_deg.filter(|_| m.speed_mps >= MOVING_MPS) else {
        return DVec2::ZERO;
    };
    let stretch = 1.0 / m.position.lon_lat().lat_deg.to_radians().cos().max(1e-3);
    let (s, c) = f64::from(bearing_deg).to_radians().sin_cos();
    DVec2::new(s, -c) * (f64::from(m.speed_mps) * stretch / EARTH_CIRCUMFERENCE_M)
}

/// Turns clockwise from up on the screen for a bearing on the ground, seen from straight above and turned by the
/// map's bearing; under pitch the ground's depth is shortened by its cosine.
pub fn screen_turns(bearing_deg: f32, map_bearing_deg: f64, pitch_deg: f64) -> f32 {
    let a = (f64::from(bearing_deg) - map_bearing_deg).to_radians();
    let v = Vec2::new(
        a.sin() as f32,
        (a.cos() * pitch_deg.to_radians().cos()) as f32,
    );
    v.x.atan2(v.y) / std::f32::consts::TAU
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: GlideLimits = GlideLimits {
        glide_max_s: 3.0,
        blend_s: 0.25,
        jump_m: JUMP_M,
    };

    fn glide(at: f64, velocity: f64, fix_s: f64, came_s: f64) -> Glide {
        let (at, velocity) = (DVec2::new(at, 0.0), DVec2::new(velocity, 0.0));
        Glide {
            at,
            velocity,
            fix_s,
            offset: DVec2::ZERO,
            came_s,
        }
    }

    #[test]
    fn goes_on_for_three_seconds_then_stands() {
        let g = glide(1.0, 2.0, 10.0, 10.1);
        let x = |t: f64| g.shown(t, LIMITS).x;
        assert_eq!(
            [x(9.0), x(10.0), x(11.5), x(13.0), x(60.0)],
            [1.0, 1.0, 4.0, 7.0, 7.0]
        );
    }

    #[test]
    fn a_late_fix_is_blended_in_and_never_a_jump() {
        let old = glide(0.0, 1e-7, 0.0, 0.0);
        let new = old.corrected(glide(3e-7, 2e-7, 1.0, 1.2), 1.2, LIMITS);
        let before = old.shown(1.2, LIMITS);
        assert!((new.shown(1.2, LIMITS) - before).length() < 1e-15);
        let mut last = before.x;
        for i in 1..=40 {
            let x = new.shown(1.2 + f64::from(i) * 0.0125, LIMITS).x;
            assert!(x > last && x - last < 3e-8, "{i}: {}", x - last);
            last = x;
        }
        let settled = new.shown(1.45, LIMITS).x - (3e-7 + 2e-7 * 0.45);
        assert!(settled.abs() < 1e-15, "{settled}");
    }

    #[test]
    fn a_correction_across_the_city_is_shown_at_once() {
        let old = glide(0.0, 0.0, 0.0, 0.0);
        let far = 2.0 * JUMP_M / EARTH_CIRCUMFERENCE_M;
        let new = old.corrected(glide(far, 0.0, 1.0, 1.0), 1.0, LIMITS);
        assert_eq!(new.shown(1.0, LIMITS).x, far);
    }

    #[test]
    fn the_nose_turns_with_the_map_and_flattens_with_the_pitch() {
        assert!((screen_turns(90.0, 0.0, 0.0) - 0.25).abs() < 1e-6);
        assert!((screen_turns(90.0, 90.0, 45.0)).abs() < 1e-6);
        assert!(screen_turns(45.0, 0.0, 60.0) > 0.125 + 0.05);
    }
}
