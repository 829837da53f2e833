use bevy::math::{DMat4, DVec2, DVec3, DVec4, Mat4, Vec2};
use bevy::prelude::Resource;
use chengtu_engine::geo::{GeoBox, LonLat, lon_lat_from_mercator, mercator_from_lon_lat};

/// Side of a tile on the screen at a whole zoom, logical pixels.
pub const TILE_PX: f64 = 512.0;
/// Distance of the camera to its target in heights of the viewport: a vertical field of view of 36.87°.
const DISTANCE_HEIGHTS: f64 = 1.5;
/// Steepest look; at 60° the upper edge of the screen still meets the ground.
pub const PITCH_MAX_DEG: f64 = 60.0;
/// Metres around the equator, WGS 84.
pub const EARTH_CIRCUMFERENCE_M: f64 = 40_075_016.686;

/// Where the map looks, and everything that follows from it.
///
/// Change it through its fields and methods; `limit` keeps it within its bounds.
#[derive(Resource, Clone, Debug, PartialEq)]
pub struct MapCamera {
    /// Mercator of the point in the middle of the screen.
    pub centre: DVec2,
    /// Zoom of 512-pixel tiles, as in MapLibre.
    pub zoom: f64,
    /// Look away from straight down, 0 … 60 degrees.
    pub pitch_deg: f64,
    /// Heading at the top of the screen, degrees clockwise from north, 0 … 360.
    pub bearing_deg: f64,
    /// Size of the picture in logical pixels.
    pub viewport: Vec2,
    /// Physical pixels per logical pixel.
    pub scale_factor: f32,
    /// A fixed point near the city; positions on the GPU are mercator relative to it, so that they need not
    /// change with the camera. Set once when the city is known.
    pub anchor: DVec2,
    /// Smallest and largest zoom.
    pub zoom_range: [f64; 2],
    /// The centre stays inside, when set.
    pub limits: Option<GeoBox>,
}

/// A point on the screen and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScreenPoint {
    /// Logical pixels from the top left corner.
    pub pos: Vec2,
    /// D/d of the look: the camera's distance to its target over its distance to this point. 1 in the middle,
    /// smaller when farther away.
    pub nearness: f32,
}

impl Default for MapCamera {
    fn default() -> Self {
        let centre = DVec2::from(mercator_from_lon_lat(LonLat::new(118.785, 32.044)));
        Self {
            centre,
            zoom: 14.0,
            pitch_deg: 0.0,
            bearing_deg: 0.0,
            viewport: Vec2::new(1280.0, 720.0),
            scale_factor: 1.0,
            anchor: centre,
            zoom_range: [9.0, 20.0],
            limits: None,
        }
    }
}

impl MapCamera {
    /// Side of the whole world in ground pixels.
    pub fn world_px(&self) -> f64 {
        TILE_PX * self.zoom.exp2()
    }

    /// Ground metres across one logical pixel at the middle of the screen.
    pub fn metres_per_px(&self) -> f64 {
        let lat = lon_lat_from_mercator(self.centre.into())
            .lat_deg
            .to_radians();
        EARTH_CIRCUMFERENCE_M * lat.cos() / self.world_px()
    }

    /// Ground pixels per metre at the middle of the screen.
    pub fn px_per_m(&self) -> f64 {
        1.0 / self.metres_per_px()
    }

    /// Distance of the camera to its target, ground pixels.
    pub fn distance_px(&self) -> f64 {
        f64::from(self.viewport.y) * DISTANCE_HEIGHTS
    }

    /// Where it looks, in degrees.
    pub fn centre_lon_lat(&self) -> LonLat {
        lon_lat_from_mercator(self.centre.into())
    }

    /// Mercator in ground pixels relative to the centre.
    pub fn ground_px(&self, mercator: DVec2) -> DVec2 {
        (mercator - self.centre) * self.world_px()
    }

    /// Ground pixels relative to the centre turned to the screen's axes: x right, y down the ground.
    fn turned(&self, ground_px: DVec2) -> DVec2 {
        let (s, c) = self.bearing_deg.to_radians().sin_cos();
        DVec2::new(
            ground_px.x * c + ground_px.y * s,
            -ground_px.x * s + ground_px.y * c,
        )
    }

    fn unturned(&self, turned: DVec2) -> DVec2 {
        let (s, c) = self.bearing_deg.to_radians().sin_cos();
        DVec2::new(turned.x * c - turned.y * s, turned.x * s + turned.y * c)
    }

    /// Screen position of a point `height_px` above the ground, given in ground pixels relative to the centre;
    /// `None` behind the camera.
    pub fn screen_from_ground(&self, ground_px: DVec2, height_px: f64) -> Option<ScreenPoint> {
        let (s, c) = self.pitch_deg.to_radians().sin_cos();
        let d = self.distance_px();
        let t = self.turned(ground_px);
        let depth = d - t.y * s - height_px * c;
        if depth <= d * NEAR {
            return None;
        }
        let k = d / depth;
        let up = -t.y * c + height_px * s;
        let half = self.viewport.as_dvec2() / 2.0;
        Some(ScreenPoint {
            pos: Vec2::new((half.x + t.x * k) as f32, (half.y - up * k) as f32),
            nearness: k as f32,
        })
    }

    /// Screen position of a point in mercator; `None` behind the camera. It may lie outside the viewport.
    pub fn screen_from_mercator(&self, mercator: DVec2) -> Option<ScreenPoint> {
        self.screen_from_ground(self.ground_px(mercator), 0.0)
    }

    /// Screen position of a place on the ground; `None` behind the camera. It may lie outside the viewport.
    pub fn screen_from_world(&self, place: LonLat) -> Option<ScreenPoint> {
        self.screen_from_mercator(mercator_from_lon_lat(place).into())
    }

    /// Ground pixels relative to the centre under a screen position; `None` above the horizon.
    pub fn ground_from_screen(&self, pos: Vec2) -> Option<DVec2> {
        let (s, c) = self.pitch_deg.to_radians().sin_cos();
        let d = self.distance_px();
        let half = self.viewport.as_dvec2() / 2.0;
        let right = f64::from(pos.x) - half.x;
        let up = half.y - f64::from(pos.y);
        let slope = c - up / d * s;
        if slope <= 1e-6 {
            return None;
        }
        let y = -up / slope;
        let depth = d - y * s;
        Some(self.unturned(DVec2::new(right * depth / d, y)))
    }

    /// Mercator of the ground under a screen position; `None` above the horizon.
    pub fn mercator_from_screen(&self, pos: Vec2) -> Option<DVec2> {
        Some(self.centre + self.ground_from_screen(pos)? / self.world_px())
    }

    /// The place on the ground under a screen position; `None` above the horizon.
    pub fn world_from_screen(&self, pos: Vec2) -> Option<LonLat> {
        Some(lon_lat_from_mercator(
            self.mercator_from_screen(pos)?.into(),
        ))
    }

    /// Clip space from ground pixels relative to `origin` (mercator), z up; reversed depth (1 near, 0 far away),
    /// calculated in f64 until here.
    pub fn view_proj_relative_to(&self, origin: DVec2) -> Mat4 {
        let (sp, cp) = self.pitch_deg.to_radians().sin_cos();
        let (sb, cb) = self.bearing_deg.to_radians().sin_cos();
        let d = self.distance_px();
        let size = self.viewport.as_dvec2().max(DVec2::ONE);
        // Rows of the map from (x east, y south, z up) to (right, up, depth).
        let right = DVec3::new(cb, sb, 0.0);
        let down = DVec3::new(-sb, cb, 0.0);
        let up = -down * cp + DVec3::Z * sp;
        let away = -down * sp - DVec3::Z * cp;
        let (kx, ky) = (2.0 * d / size.x, 2.0 * d / size.y);
        let rows = [
            DVec4::from((right * kx, 0.0)),
            DVec4::from((up * ky, 0.0)),
            DVec4::new(0.0, 0.0, 0.0, d * NEAR),
            DVec4::from((away, d)),
        ];
        let m = DMat4::from_cols(rows[0], rows[1], rows[2], rows[3]).transpose();
        let shift = self.ground_px(origin);
        (m * DMat4::from_translation(DVec3::new(shift.x, shift.y, 0.0))).as_mat4()
    }

    /// Corners of the ground on the screen, in mercator: top left, top right, bottom right, bottom left.
    pub fn ground_corners(&self) -> [DVec2; 4] {
        let v = self.viewport;
        [Vec2::ZERO, Vec2::new(v.x, 0.0), v, Vec2::new(0.0, v.y)].map(|p| {
            // A camera within its limits always sees ground; the fallback keeps a broken one harmless.
            self.mercator_from_screen(p).unwrap_or(self.centre)
        })
    }

    /// The rectangle of places that contains everything visible on the ground.
    pub fn visible(&self) -> GeoBox {
        let corners = self.ground_corners();
        let min = corners
            .into_iter()
            .reduce(DVec2::min)
            .unwrap_or(self.centre);
        let max = corners
            .into_iter()
            .reduce(DVec2::max)
            .unwrap_or(self.centre);
        let place = |m: DVec2| {
            let p = lon_lat_from_mercator(m.clamp(DVec2::ZERO, DVec2::ONE).into());
            p.position().unwrap_or_default()
        };
        GeoBox::new(place(min), place(max))
    }

    /// Moves the centre so that the ground at `mercator` comes to lie under `pos`.
    pub fn pin(&mut self, mercator: DVec2, pos: Vec2) {
        if let Some(at) = self.ground_from_screen(pos) {
            self.centre = mercator - at / self.world_px();
        }
    }

    /// Zooms by `levels`, keeping the ground under `pos` where it is.
    pub fn zoom_about(&mut self, levels: f64, pos: Vec2) {
        let fixed = self.mercator_from_screen(pos);
        self.zoom += levels;
        self.limit();
        if let Some(fixed) = fixed {
            self.pin(fixed, pos);
        }
        self.limit();
    }

    /// Puts everything back within its bounds; not-a-number becomes the default.
    pub fn limit(&mut self) {
        let fallback = Self::default();
        if !self.centre.is_finite() {
            self.centre = self.anchor;
        }
        for (value, default) in [
            (&mut self.zoom, fallback.zoom),
            (&mut self.pitch_deg, 0.0),
            (&mut self.bearing_deg, 0.0),
        ] {
            if !value.is_finite() {
                *value = default;
            }
        }
        self.zoom = self.zoom.clamp(self.zoom_range[0], self.zoom_range[1]);
        self.pitch_deg = self.pitch_deg.clamp(0.0, PITCH_MAX_DEG);
        self.bearing_deg = self.bearing_deg.rem_euclid(360.0);
        let (mut min, mut max) = (DVec2::ZERO, DVec2::ONE);
        if let Some(limits) = self.limits {
            let a = DVec2::from(mercator_from_lon_lat(limits.min.lon_lat()));
            let b = DVec2::from(mercator_from_lon_lat(limits.max.lon_lat()));
            (min, max) = (a.min(b), a.max(b));
        }
        self.centre = self.centre.clamp(min, max);
    }
}

/// Nearest depth drawn, in distances to the target.
const NEAR: f64 = 0.02;

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::math::Vec3;

    fn cameras() -> impl Iterator<Item = MapCamera> {
        let looks = [
            (0.0, 0.0),
            (0.0, 77.0),
            (30.0, 200.0),
            (48.0, 331.0),
            (60.0, 45.0),
            (60.0, 359.0),
        ];
        looks.into_iter().flat_map(|(pitch_deg, bearing_deg)| {
            [10.0, 13.3, 15.5, 17.0, 19.9].map(move |zoom| MapCamera {
                zoom,
                pitch_deg,
                bearing_deg,
                viewport: Vec2::new(1920.0, 1080.0),
                ..MapCamera::default()
            })
        })
    }

    fn screen_points() -> impl Iterator<Item = Vec2> {
        (0..=8).flat_map(|i| (0..=8).map(move |j| Vec2::new(i as f32 * 240.0, j as f32 * 135.0)))
    }

    #[test]
    fn screen_to_ground_and_back() {
        for camera in cameras() {
            for pos in screen_points() {
                let place = camera.world_from_screen(pos).unwrap();
                let back = camera.screen_from_world(place).unwrap();
                assert!(back.pos.distance(pos) < 0.01, "{camera:?} {pos} {back:?}");
            }
        }
    }

    #[test]
    fn the_matrix_agrees_with_the_formulas() {
        for camera in cameras() {
            let origin = camera.centre + DVec2::new(3e-6, -2e-6);
            let m = camera.view_proj_relative_to(origin);
            for pos in screen_points() {
                let mercator = camera.mercator_from_screen(pos).unwrap();
                let p = (mercator - origin) * camera.world_px();
                let clip = m * Vec3::new(p.x as f32, p.y as f32, 0.0).extend(1.0);
                let ndc = clip.truncate() / clip.w;
                let screen = Vec2::new(0.5 + ndc.x / 2.0, 0.5 - ndc.y / 2.0) * camera.viewport;
                assert!(screen.distance(pos) < 0.1, "{camera:?} {pos} {screen}");
                let nearness = camera.screen_from_mercator(mercator).unwrap().nearness;
                let d = camera.distance_px() as f32;
                assert!((d / clip.w - nearness).abs() < 1e-3);
                assert!(ndc.z > 0.0 && ndc.z < 1.0);
            }
        }
    }

    #[test]
    fn bearing_is_what_is_at_the_top() {
        let mut camera = MapCamera {
            bearing_deg: 90.0,
            ..MapCamera::default()
        };
        let top = camera.world_from_screen(Vec2::new(640.0, 100.0)).unwrap();
        let centre = camera.centre_lon_lat();
        assert!(top.lon_deg > centre.lon_deg && (top.lat_deg - centre.lat_deg).abs() < 1e-9);
        camera.bearing_deg = 0.0;
        let top = camera.world_from_screen(Vec2::new(640.0, 100.0)).unwrap();
        assert!(top.lat_deg > centre.lat_deg);
    }

    #[test]
    fn zooming_keeps_the_ground_under_the_pointer() {
        for mut camera in cameras() {
            let pos = Vec2::new(1500.0, 300.0);
            let before = camera.mercator_from_screen(pos).unwrap();
            camera.zoom_about(-0.7, pos);
            let after = camera.screen_from_mercator(before).unwrap();
            assert!(after.pos.distance(pos) < 0.01, "{after:?}");
        }
    }

    #[test]
    fn a_pixel_at_zoom_16_is_one_metre_here() {
        let camera = MapCamera {
            zoom: 16.0,
            ..MapCamera::default()
        };
        assert!(
            (camera.metres_per_px() - 1.01).abs() < 0.005,
            "{}",
            camera.metres_per_px()
        );
    }

    #[test]
    fn limits_hold_against_anything() {
        let mut camera = MapCamera {
            zoom: f64::NAN,
            pitch_deg: 400.0,
            bearing_deg: -725.0,
            centre: DVec2::splat(f64::INFINITY),
            ..MapCamera::default()
        };
        camera.limit();
        assert_eq!(
            (camera.zoom, camera.pitch_deg, camera.bearing_deg),
            (14.0, 60.0, 355.0)
        );
        assert!(camera.centre.is_finite());
    }

    #[test]
    fn higher_points_stand_above_their_foot() {
        let camera = MapCamera {
            pitch_deg: 50.0,
            ..MapCamera::default()
        };
        let foot = camera.screen_from_ground(DVec2::ZERO, 0.0).unwrap();
        let head = camera.screen_from_ground(DVec2::ZERO, 40.0).unwrap();
        assert!(head.pos.y < foot.pos.y - 20.0 && head.nearness > foot.nearness);
    }
}
