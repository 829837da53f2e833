//! Reference systems of feeds. Named for each feed, never guessed; the result is always WGS 84.

mod gcj02;
mod projected;

pub use gcj02::{bd09_from_wgs84, gcj02_from_wgs84, wgs84_from_bd09, wgs84_from_gcj02};

use chengtu_engine::geo::LonLat;
use std::str::FromStr;

/// A reference system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Crs {
    /// WGS 84 degrees.
    Wgs84,
    /// CGCS2000 degrees: within centimetres of WGS 84, taken as the same.
    Cgcs2000,
    /// GCJ-02 degrees, as on maps sold in mainland China; assumes a place on the mainland.
    Gcj02,
    /// BD-09 degrees, as on Baidu's maps.
    Bd09,
    /// Anything that PROJ knows; metres or feet east and north, as the system has it, or degrees. The text is the PROJ
    /// definition.
    Projected(String),
}

/// Why a reference system cannot be used.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CrsError {
    /// Not one of the words.
    #[error(
        "reference system {0:?} is not known; use wgs84, cgcs2000, gcj02, bd09, EPSG:nnnn, ESRI:nnnn, a PROJ string (+proj=…), cgcs2000_gk:CENTRAL_MERIDIAN or cgcs2000_gk_zone:ZONE"
    )]
    Unknown(String),
    /// PROJ does not know it.
    #[error("reference system {name}: {text}")]
    Proj {
        /// The name as the configuration has it.
        name: String,
        /// What PROJ says.
        text: String,
    },
    /// Cannot be converted.
    #[error("({x}, {y}) is no place in the reference system; are easting and northing exchanged?")]
    Convert {
        /// First coordinate as given: easting in metres, or degrees.
        x: f64,
        /// Second coordinate as given: northing in metres, or degrees.
        y: f64,
        /// What PROJ says.
        text: String,
    },
}

/// Transverse Mercator of CGCS2000 (Gauss–Krüger), inverse, to degrees. Its ellipsoid differs from WGS 84's by
/// 0.1 mm; `east_m`: false easting in metres.
fn gauss_kruger(meridian_deg: f64, east_m: f64) -> Crs {
    Crs::Projected(format!(
        "+proj=pipeline +step +inv +proj=tmerc +lat_0=0 +lon_0={meridian_deg} +k=1 +x_0={east_m} +y_0=0 +ellps=GRS80 \
         +step +proj=unitconvert +xy_in=rad +xy_out=deg"
    ))
}

impl FromStr for Crs {
    type Err = CrsError;

    fn from_str(text: &str) -> Result<Self, CrsError> {
        let unknown = || CrsError::Unknown(text.to_owned());
        let crs = match text.to_ascii_lowercase().as_str() {
            "wgs84" | "epsg:4326" => Self::Wgs84,
            "cgcs2000" | "epsg:4490" => Self::Cgcs2000,
            "gcj02" => Self::Gcj02,
            "bd09" => Self::Bd09,
            lower => {
                let by_code = ["EPSG", "ESRI"].into_iter().find_map(|authority| {
                    let code = lower.strip_prefix(&authority.to_ascii_lowercase())?;
                    Some((authority, code.strip_prefix(':')?))
                });
                if let Some((authority, code)) = by_code {
                    let code: u32 = code.parse().map_err(|_| unknown())?;
                    Self::Projected(format!("{authority}:{code}"))
                } else if lower.starts_with("+proj=") {
                    Self::Projected(text.trim().to_owned())
                } else if let Some(meridian) = lower.strip_prefix("cgcs2000_gk:") {
                    let deg: f64 = meridian.parse().map_err(|_| unknown())?;
                    if !(-180.0..=180.0).contains(&deg) {
                        return Err(unknown());
                    }
                    gauss_kruger(deg, 500_000.0)
                } else if let Some(zone) = lower.strip_prefix("cgcs2000_gk_zone:") {
                    // Zones 13–23 are 6° wide, 25–45 are 3° wide: the numbers do not overlap in China.
                    let zone: u32 = zone.parse().map_err(|_| unknown())?;
                    let meridian_deg = match zone {
                        13..=23 => 6.0 * f64::from(zone) - 3.0,
                        24..=45 => 3.0 * f64::from(zone),
                        _ => return Err(unknown()),
                    };
                    gauss_kruger(meridian_deg, f64::from(zone) * 1e6 + 500_000.0)
                } else {
                    return Err(unknown());
                }
            }
        };
        if let Self::Projected(definition) = &crs {
            projected::check(definition).map_err(|text_of_proj| CrsError::Proj {
                name: text.to_owned(),
                text: text_of_proj,
            })?;
        }
        Ok(crs)
    }
}

impl Crs {
    /// True where its numbers are degrees, and not metres or feet on a plane.
    pub fn is_in_degrees(&self) -> bool {
        match self {
            Self::Projected(definition) => projected::is_in_degrees(definition),
            _ => true,
        }
    }

    /// WGS 84 degrees of a point: longitude and latitude, or easting and northing.
    ///
    /// # Errors
    /// [`CrsError::Convert`] where the numbers are no place in this system.
    pub fn lon_lat(&self, x: f64, y: f64) -> Result<LonLat, CrsError> {
        let given = LonLat::new(x, y);
        if !x.is_finite() || !y.is_finite() {
            return Ok(given); // Refused with its own words where a position is made of it.
        }
        Ok(match self {
            Self::Wgs84 | Self::Cgcs2000 => given,
            Self::Gcj02 => wgs84_from_gcj02(given),
            Self::Bd09 => wgs84_from_bd09(given),
            Self::Projected(definition) => projected::lon_lat(definition, x, y)
                .map_err(|text| CrsError::Convert { x, y, text })?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres(a: LonLat, b: LonLat) -> f64 {
        let dy = (a.lat_deg - b.lat_deg) * 111_195.0;
        let dx = (a.lon_deg - b.lon_deg) * 111_195.0 * a.lat_deg.to_radians().cos();
        dx.hypot(dy)
    }

    #[test]
    fn gauss_kruger_by_code_meridian_and_zone_agree() {
        // EPSG:4549 is CGCS2000 / 3-degree Gauss–Krüger CM 120E; EPSG:4528 the same with zone 40 before the easting.
        let by_code: Crs = "EPSG:4549".parse().unwrap();
        let by_meridian: Crs = "cgcs2000_gk:120".parse().unwrap();
        let by_zone: Crs = "cgcs2000_gk_zone:40".parse().unwrap();
        let (x, y) = (385_700.0, 3_548_000.0);
        let a = by_code.lon_lat(x, y).unwrap();
        assert!(
            (118.7..118.9).contains(&a.lon_deg) && (32.0..32.1).contains(&a.lat_deg),
            "{a:?}"
        );
        assert!(metres(a, by_meridian.lon_lat(x, y).unwrap()) < 1e-3);
        assert!(metres(a, by_zone.lon_lat(x + 40e6, y).unwrap()) < 1e-3);
        let by_zone_code: Crs = "EPSG:4528".parse().unwrap();
        assert!(metres(a, by_zone_code.lon_lat(x + 40e6, y).unwrap()) < 1e-3);
    }

    #[test]
    fn six_degree_zones_are_told_by_their_number() {
        // EPSG:4498 is CGCS2000 / Gauss–Krüger zone 20 (6°, central meridian 117°).
        let by_zone: Crs = "cgcs2000_gk_zone:20".parse().unwrap();
        let by_code: Crs = "EPSG:4498".parse().unwrap();
        let (x, y) = (20_668_000.0, 3_548_000.0);
        let (a, b) = (
            by_zone.lon_lat(x, y).unwrap(),
            by_code.lon_lat(x, y).unwrap(),
        );
        assert!(metres(a, b) < 1e-3, "{a:?} {b:?}");
    }

    #[test]
    fn feet_other_authorities_and_definitions_are_read() {
        // The same point of Manhattan: State Plane New York Long Island in US feet, by two authorities and in words.
        let at = |crs: &str| {
            crs.parse::<Crs>()
                .unwrap()
                .lon_lat(987_654.0, 201_234.0)
                .unwrap()
        };
        let by_epsg = at("EPSG:2263");
        assert!(
            (by_epsg.lon_deg + 73.987).abs() < 0.01 && (by_epsg.lat_deg - 40.719).abs() < 0.01,
            "{by_epsg:?}"
        );
        assert!(metres(by_epsg, at("ESRI:102718")) < 2.0);
        let words = "+proj=lcc +lat_0=40.1666666666667 +lon_0=-74 +lat_1=41.0333333333333 \
                     +lat_2=40.6666666666667 +x_0=300000 +y_0=0 +datum=NAD83 +units=us-ft +no_defs";
        assert!(metres(by_epsg, at(words)) < 2.0);
    }

    #[test]
    fn systems_in_degrees_are_told_from_those_on_a_plane() {
        for (name, degrees) in [
            ("wgs84", true),
            ("gcj02", true),
            ("EPSG:4490", true),
            ("EPSG:4610", true),
            ("EPSG:4549", false),
            ("EPSG:2263", false),
            ("cgcs2000_gk:120", false),
            ("+proj=longlat +datum=WGS84", true),
            ("+proj=utm +zone=50 +datum=WGS84", false),
        ] {
            let crs: Crs = name.parse().unwrap();
            assert_eq!(crs.is_in_degrees(), degrees, "{name}");
        }
    }

    #[test]
    fn unknown_systems_are_refused_in_words() {
        for name in [
            "mars",
            "EPSG:xyz",
            "ESRI:",
            "+proj=nonsense",
            "EPSG:99999999",
            "cgcs2000_gk:720",
            "cgcs2000_gk_zone:99",
            "",
        ] {
            let e = name.parse::<Crs>().unwrap_err().to_string();
            assert!(e.contains("reference system"), "{name}: {e}");
        }
    }

    #[test]
    fn numbers_that_are_no_place_are_an_error_and_not_a_place() {
        let crs: Crs = "EPSG:4549".parse().unwrap();
        let far = crs.lon_lat(1e18, 1e18);
        assert!(far.is_err() || far.unwrap().position().is_err());
        assert!(crs.lon_lat(f64::NAN, 1.0).unwrap().position().is_err());
    }
}
