use super::projection::TILE_PX;
use super::{MapCamera, MapWindow};
use bevy::math::{DVec2, Vec2};
use chengtu_engine::geo::{GeoBox, LonLat, lon_lat_from_mercator, mercator_from_lon_lat};
use std::str::FromStr;

/// Where to look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct At {
    /// Longitude, −180 … 180 degrees, east positive.
    pub lon_deg: f64,
    /// Latitude, −85 … 85 degrees, north positive.
    pub lat_deg: f64,
    /// Zoom of 512-pixel tiles.
    pub zoom: f64,
    /// Degrees from straight down.
    pub pitch_deg: f64,
    /// Degrees clockwise from north.
    pub bearing_deg: f64,
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Result<Vec<f64>, _> =
            text.split(',').map(|v| v.trim().parse::<f64>()).collect();
        let numbers = numbers.map_err(|e| format!("{e}; expected lon,lat,zoom[,pitch,bearing]"))?;
        let (&[lon_deg, lat_deg, zoom], rest) = numbers
            .split_first_chunk()
            .ok_or("expected lon,lat,zoom[,pitch,bearing]")?;
        if rest.len() > 2 {
            return Err("expected at most lon,lat,zoom,pitch,bearing".into());
        }
        let at = Self {
            lon_deg,
            lat_deg,
            zoom,
            pitch_deg: rest.first().copied().unwrap_or(0.0),
            bearing_deg: rest.get(1).copied().unwrap_or(0.0),
        };
        let inside = |v: f64, min: f64, max: f64| (min..=max).contains(&v);
        if !inside(lon_deg, -180.0, 180.0) || !inside(lat_deg, -85.0, 85.0) {
            return Err(format!(
                "longitude {lon_deg}, latitude {lat_deg} is not on the map (−180…180, −85…85)"
            ));
        }
        if !inside(zoom, 0.0, 22.0)
            || !inside(at.pitch_deg, 0.0, 60.0)
            || !at.bearing_deg.is_finite()
        {
            return Err("zoom must be 0…22, pitch 0…60, bearing a number of degrees".into());
        }
        Ok(at)
    }
}

/// Zoom, pitch and bearing of the first look at a small city: its middle, near and tilted.
const NEAR_LOOK: (f64, f64, f64) = (15.0, 45.0, 0.0);
/// A city that fits the screen only at zooms this far below is seen as a whole at first, straight from above.
const WHOLE_BELOW: f64 = 2.0;

impl At {
    /// Where the map opens in a free rectangle of the screen of this size, logical pixels: on the whole of a large city,
    /// near the `centre` of a small one.
    pub fn first(bounds: GeoBox, centre: LonLat, free_px: Vec2) -> Self {
        let whole = Self::fitting_zoom(bounds, free_px);
        let [a, b] = mercator(bounds);
        let (at, (zoom, pitch_deg, bearing_deg)) = if whole < NEAR_LOOK.0 - WHOLE_BELOW {
            let middle = lon_lat_from_mercator(a.midpoint(b).into());
            (middle, (whole, 0.0, 0.0))
        } else {
            (centre, NEAR_LOOK)
        };
        Self {
            lon_deg: at.lon_deg,
            lat_deg: at.lat_deg,
            zoom,
            pitch_deg,
            bearing_deg,
        }
    }

    /// The zoom at which the whole of a city just fits a rectangle of this size, logical pixels; 3 … 15.
    pub fn fitting_zoom(bounds: GeoBox, size_px: Vec2) -> f64 {
        let [a, b] = mercator(bounds);
        let size = (a - b).abs().max(DVec2::splat(1e-9));
        (size_px.as_dvec2() / size / TILE_PX)
            .min_element()
            .log2()
            .clamp(3.0, 15.0)
    }
}

/// Corners in mercator.
fn mercator(b: GeoBox) -> [DVec2; 2] {
    [b.min, b.max].map(|p| mercator_from_lon_lat(p.lon_lat()).into())
}

impl MapCamera {
    /// Looks at `at` with the place in the middle of the free window.
    pub fn look_at(&mut self, window: &MapWindow, at: At) {
        let mut to = self.clone();
        (to.zoom, to.pitch_deg, to.bearing_deg) = (at.zoom, at.pitch_deg, at.bearing_deg);
        to.limit();
        to.pin(
            mercator_from_lon_lat(LonLat::new(at.lon_deg, at.lat_deg)).into(),
            window.centre(&to),
        );
        to.limit();
        if *self != to {
            *self = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::math::Rect;
    use chengtu_engine::geo::Position;

    fn around(lon: f64, lat: f64, half_km: f64) -> GeoBox {
        let (dx, dy) = (half_km / 111.3 / lat.to_radians().cos(), half_km / 111.3);
        let e7 = |deg: f64| (deg * 1e7) as i32;
        GeoBox::new(
            Position::new(e7(lon - dx), e7(lat - dy)),
            Position::new(e7(lon + dx), e7(lat + dy)),
        )
    }

    /// It opened on 600 m of a city of 20 km.
    #[test]
    fn a_large_city_is_seen_whole_at_first_and_a_small_one_near() {
        let free = Vec2::new(1_080.0, 900.0);
        for (lon, lat) in [(126.6, 45.7), (-0.1, 51.5), (103.8, 1.3), (-70.6, -33.4)] {
            for half_km in [6.0, 10.0, 40.0] {
                let city = around(lon, lat, half_km);
                let look = At::first(city, LonLat::new(lon, lat), free);
                assert_eq!((look.pitch_deg, look.bearing_deg), (0.0, 0.0));
                let mut camera = MapCamera {
                    viewport: Vec2::new(1_920.0, 1_080.0),
                    ..MapCamera::default()
                };
                let rect = Rect::from_corners(Vec2::new(400.0, 60.0), Vec2::new(1_480.0, 960.0));
                let window = MapWindow { rect: Some(rect) };
                camera.look_at(&window, look);
                for corner in [city.min, city.max] {
                    let at = camera
                        .screen_from_world(corner.lon_lat())
                        .expect("seen")
                        .pos;
                    assert!(rect.inflate(1.0).contains(at), "{lat} {half_km}: {at}");
                }
            }
            let near = At::first(around(lon, lat, 1.5), LonLat::new(lon, lat), free);
            assert_eq!((near.zoom, near.pitch_deg, near.bearing_deg), NEAR_LOOK);
        }
    }

    #[test]
    fn places_are_read_and_nonsense_is_explained() {
        let at: At = "118.78,32.04,15.5,50,330".parse().unwrap();
        assert_eq!((at.zoom, at.pitch_deg, at.bearing_deg), (15.5, 50.0, 330.0));
        assert_eq!("118.78, 32.04, 13".parse::<At>().unwrap().pitch_deg, 0.0);
        for bad in [
            "118.78",
            "118,32,x",
            "32.04,118.78,14",
            "1,2,3,4,5,6",
            "118,32,15,75",
            "NaN,1,1",
            "",
        ] {
            assert!(bad.parse::<At>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_place_asked_for_lies_in_the_middle_of_the_free_window() {
        let mut camera = MapCamera {
            viewport: Vec2::new(1920.0, 1080.0),
            ..MapCamera::default()
        };
        let window = MapWindow {
            rect: Some(Rect::new(400.0, 60.0, 1480.0, 1020.0)),
        };
        camera.look_at(&window, "118.79,32.05,16,50,40".parse().unwrap());
        let seen = camera
            .screen_from_world(LonLat::new(118.79, 32.05))
            .unwrap();
        assert!(
            seen.pos.distance(Vec2::new(940.0, 540.0)) < 0.01,
            "{seen:?}"
        );
    }
}
