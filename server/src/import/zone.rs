//! Time zones by their borders.

use chengtu_engine::geo::Position;
use std::sync::LazyLock;
use tzf_rs::EmbeddedFinder;

/// Borders of all zones; read in place, so that asking costs no memory.
static BORDERS: LazyLock<EmbeddedFinder> = LazyLock::new(EmbeddedFinder::new);

/// Zones in whose countries Han characters are Chinese.
const CHINESE: [&str; 7] = [
    "Asia/Shanghai",
    "Asia/Urumqi",
    "Asia/Hong_Kong",
    "Asia/Macau",
    "Asia/Taipei",
    "Asia/Singapore",
    "Asia/Kuala_Lumpur",
];

/// True where names of Han characters are Chinese, and not e.g. Japanese.
pub fn writes_chinese(zone: &str) -> bool {
    CHINESE.contains(&zone)
}

/// The zone of a place, and how it was found. `han`: names there are written in Han characters.
pub fn of(place: Position, han: bool) -> (String, &'static str) {
    let at = place.lon_lat();
    let found = BORDERS.get_tz_name(at.lon_deg, at.lat_deg);
    // Administration in all of China keeps one time; where names are Chinese, that one is meant.
    if found == "Asia/Urumqi" && han {
        return ("Asia/Shanghai".into(), "all of China keeps one time");
    }
    if !found.is_empty() && jiff::tz::TimeZone::get(found).is_ok() {
        return (found.to_owned(), "by the borders of zones");
    }
    let hours = libm::round(at.lon_deg / 15.0).clamp(-12.0, 12.0) as i32;
    // The sign of Etc zones is turned around: Etc/GMT-8 is eight hours ahead of Greenwich.
    let zone = if hours == 0 {
        "Etc/GMT".to_owned()
    } else {
        format!("Etc/GMT{:+}", -hours)
    };
    (
        zone,
        "by longitude only, without summer time; give --time-zone to say better",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use chengtu_engine::geo::LonLat;

    fn check(lon: f64, lat: f64, han: bool, expected: &str) {
        let (zone, _) = of(LonLat::new(lon, lat).position().unwrap(), han);
        assert_eq!(zone, expected);
        assert!(jiff::tz::TimeZone::get(&zone).is_ok(), "{zone}");
    }

    #[test]
    fn zones_go_by_their_borders_and_not_by_the_sun() {
        check(118.8, 32.0, true, "Asia/Shanghai");
        check(126.6, 45.8, true, "Asia/Shanghai");
        check(87.6, 43.8, true, "Asia/Shanghai");
        check(121.5, 25.0, true, "Asia/Taipei");
        check(103.86, 1.285, false, "Asia/Singapore");
        check(77.59, 12.97, false, "Asia/Kolkata");
        check(-8.61, 41.15, false, "Europe/Lisbon");
        check(1.52, 42.51, false, "Europe/Andorra");
        check(7.4289, 43.7375, false, "Europe/Monaco");
        check(9.52, 47.14, false, "Europe/Vaduz");
        check(130.4, 33.59, true, "Asia/Tokyo");
        check(-70.66, -33.45, false, "America/Santiago");
    }

    #[test]
    fn kanji_are_not_chinese() {
        assert!(writes_chinese("Asia/Shanghai"));
        assert!(!writes_chinese("Asia/Tokyo"));
    }
}
