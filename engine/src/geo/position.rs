use serde::{Deserialize, Serialize};

/// A place on Earth, WGS 84, in integers of 1e-7 degree (1.1 cm): exact and the same everywhere.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Position {
    /// Longitude, 1e-7 degree, −180° … 180°.
    pub lon_e7: i32,
    /// Latitude, 1e-7 degree, −90° … 90°.
    pub lat_e7: i32,
}

/// A place on Earth, WGS 84, in degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LonLat {
    /// Longitude in degrees, east positive.
    pub lon_deg: f64,
    /// Latitude in degrees, north positive.
    pub lat_deg: f64,
}

/// Why a pair of degrees is no place on Earth.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum LonLatError {
    /// NaN or infinite.
    #[error("longitude {lon_deg}, latitude {lat_deg}: not a number")]
    NotFinite {
        /// Longitude as given.
        lon_deg: f64,
        /// Latitude as given.
        lat_deg: f64,
    },
    /// Longitude beyond ±180° or latitude beyond ±90°.
    #[error(
        "longitude {lon_deg}, latitude {lat_deg}: outside the world (−180…180, −90…90); are they swapped or projected?"
    )]
    OutsideWorld {
        /// Longitude as given.
        lon_deg: f64,
        /// Latitude as given.
        lat_deg: f64,
    },
    /// An area whose west lies east of its east, or whose south lies north of its north.
    #[error(
        "from {}, {} to {}, {}: west must not lie east of east, nor south north of north; a view across the 180th meridian is asked for as two", from.0, from.1, to.0, to.1
    )]
    Reversed {
        /// West and south as given.
        from: (f64, f64),
        /// East and north as given.
        to: (f64, f64),
    },
}

impl LonLat {
    /// Degrees as they are, unchecked.
    pub const fn new(lon_deg: f64, lat_deg: f64) -> Self {
        Self { lon_deg, lat_deg }
    }

    /// The nearest exact position.
    ///
    /// # Errors
    /// [`LonLatError`] when not finite or outside the world.
    pub fn position(self) -> Result<Position, LonLatError> {
        let Self { lon_deg, lat_deg } = self;
        if !lon_deg.is_finite() || !lat_deg.is_finite() {
            return Err(LonLatError::NotFinite { lon_deg, lat_deg });
        }
        if lon_deg.abs() > 180.0 || lat_deg.abs() > 90.0 {
            return Err(LonLatError::OutsideWorld { lon_deg, lat_deg });
        }
        Ok(Position {
            lon_e7: libm::round(lon_deg * 1e7) as i32,
            lat_e7: libm::round(lat_deg * 1e7) as i32,
        })
    }
}

impl Position {
    /// The place in integers of 1e-7 degree.
    pub const fn new(lon_e7: i32, lat_e7: i32) -> Self {
        Self { lon_e7, lat_e7 }
    }

    /// The place in degrees.
    #[inline]
    pub fn lon_lat(self) -> LonLat {
        LonLat::new(f64::from(self.lon_e7) / 1e7, f64::from(self.lat_e7) / 1e7)
    }

    /// True where both coordinates lie on Earth; a decoded position may not.
    pub fn is_on_earth(self) -> bool {
        self.lon_e7.unsigned_abs() <= 1_800_000_000 && self.lat_e7.unsigned_abs() <= 900_000_000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn degrees_round_to_the_nearest_centimetre_and_back() {
        let p = LonLat::new(118.776_955_04, 32.048_156_06)
            .position()
            .unwrap();
        assert_eq!(p, Position::new(1_187_769_550, 320_481_561));
        assert!((p.lon_lat().lon_deg - 118.776_955).abs() < 1e-9);
    }

    #[test]
    fn places_off_the_earth_are_refused_with_their_values() {
        for (lon, lat) in [
            (180.1, 0.0),
            (0.0, -90.1),
            (f64::NAN, 1.0),
            (1.0, f64::INFINITY),
        ] {
            let error = LonLat::new(lon, lat).position().unwrap_err().to_string();
            assert!(error.contains("longitude"), "{error}");
        }
    }
}
