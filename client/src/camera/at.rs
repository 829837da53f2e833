use super::{MapCamera, MapWindow};
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
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
    use bevy::math::{Rect, Vec2};

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
