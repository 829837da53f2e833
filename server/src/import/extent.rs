//! What rectangle a city covers.

use super::drivable::drivable;
use super::error::ImportError;
use super::extract::Extract;
use chengtu_engine::geo::{GeoBox, LonLat, Position};

/// Which part of a stated rectangle streets must fill, each way, for it to be believed.
const FILLED: f64 = 0.5;
/// A rectangle no longer than this, about five kilometres, may be of a village with one street.
const SMALL_E7: i32 = 500_000;
/// Room left around streets, about half a kilometre.
const ROOM_E7: i32 = 50_000;

/// Parses `--bounds west,south,east,north`.
///
/// # Errors
/// [`ImportError::Bounds`].
pub fn parse(given: &str) -> Result<GeoBox, ImportError> {
    let error = |detail: &str| ImportError::Bounds {
        given: given.to_owned(),
        detail: detail.to_owned(),
    };
    let numbers: Vec<f64> = given
        .split(',')
        .filter_map(|n| n.trim().parse().ok())
        .collect();
    let [west, south, east, north] = numbers[..] else {
        return Err(error(
            "four numbers are expected: west,south,east,north in degrees",
        ));
    };
    let corner = |lon, lat| {
        LonLat::new(lon, lat)
            .position()
            .map_err(|e| error(&e.to_string()))
    };
    let (min, max) = (corner(west, south)?, corner(east, north)?);
    if min.lon_e7 >= max.lon_e7 || min.lat_e7 >= max.lat_e7 {
        return Err(error("west must lie west of east and south of north"));
    }
    Ok(GeoBox::new(min, max))
}

/// What a city covers, and what is to be said about it: the rectangle that the file states, where its streets fill it.
///
/// A small extract may carry the rectangle of the country that it was cut from, or of somewhere else. What is not half
/// filled by streets, each way, is not believed: then the streets themselves tell, with some room around them.
pub fn honest(stated: Option<GeoBox>, of_roads: GeoBox) -> (GeoBox, Option<String>) {
    let Some(stated) = stated else {
        return (of_roads, None);
    };
    let side = |low: i32, high: i32| f64::from(high) - f64::from(low);
    let shared = |a: [i32; 2], b: [i32; 2]| [a[0].max(b[0]), a[1].min(b[1])];
    let (s, r) = (stated, of_roads);
    let x = shared([s.min.lon_e7, s.max.lon_e7], [r.min.lon_e7, r.max.lon_e7]);
    let y = shared([s.min.lat_e7, s.max.lat_e7], [r.min.lat_e7, r.max.lat_e7]);
    let said = |what: &str| {
        let (min, max) = (stated.min.lon_lat(), stated.max.lon_lat());
        format!(
            "the file says that it covers {},{},{},{}; {what}",
            min.lon_deg, min.lat_deg, max.lon_deg, max.lat_deg
        )
    };
    if x[0] > x[1] || y[0] > y[1] {
        let note = said("its streets lie elsewhere, and tell what the city covers");
        return (of_roads, Some(note));
    }
    let fills = |part: [i32; 2], low: i32, high: i32| {
        side(part[0], part[1]) >= side(low, high) * FILLED || side(low, high) <= f64::from(SMALL_E7)
    };
    if fills(x, s.min.lon_e7, s.max.lon_e7) && fills(y, s.min.lat_e7, s.max.lat_e7) {
        return (stated, None);
    }
    let room = |low: i32, high: i32| (side(low, high) / 10.0).max(f64::from(ROOM_E7)) as i32;
    let (dx, dy) = (
        room(r.min.lon_e7, r.max.lon_e7),
        room(r.min.lat_e7, r.max.lat_e7),
    );
    let bounds = GeoBox::new(
        Position::new(
            (r.min.lon_e7.saturating_sub(dx)).max(s.min.lon_e7),
            (r.min.lat_e7.saturating_sub(dy)).max(s.min.lat_e7),
        ),
        Position::new(
            (r.max.lon_e7.saturating_add(dx)).min(s.max.lon_e7),
            (r.max.lat_e7.saturating_add(dy)).min(s.max.lat_e7),
        ),
    );
    (
        bounds,
        Some(said(
            "its streets fill a small part of that, which was taken",
        )),
    )
}

/// The halves of the world on which a city lies whose streets are on both sides of 180°, the one with more of them first;
/// `None` for all other cities.
///
/// Maps are flat here: a rectangle across that line would go around the world.
pub fn both_sides(extract: &Extract) -> Option<[GeoBox; 2]> {
    const FAR: i32 = 1_700_000_000;
    let (mut east, mut west, mut between) = (0_u64, 0_u64, 0_u64);
    for way in &extract.ways {
        if drivable(extract.way_tags(way)).is_some() {
            for p in extract.line(way) {
                if p.lon_e7 >= FAR {
                    east += 1;
                } else if p.lon_e7 <= -FAR {
                    west += 1;
                } else {
                    between += 1;
                }
            }
        }
    }
    if east == 0 || west == 0 || between > east + west {
        return None;
    }
    let half = |min: i32, max: i32| {
        GeoBox::new(
            Position::new(min, -900_000_000),
            Position::new(max, 900_000_000),
        )
    };
    let [eastern, western] = [half(0, 1_800_000_000), half(-1_800_000_000, 0)];
    Some(if east >= west {
        [eastern, western]
    } else {
        [western, eastern]
    })
}

/// The extent of what can be driven on, without far outliers: `None` without roads.
///
/// Extracts keep ways whole, so that a metro line or a river may run far out of the city. Roads mark the city; of
/// their nodes the outermost 0.2 % on each side may lie at most a tenth of the city's size beyond the rest.
pub fn of_roads(extract: &Extract) -> Option<GeoBox> {
    let mut lons = Vec::new();
    let mut lats = Vec::new();
    for way in &extract.ways {
        if drivable(extract.way_tags(way)).is_some() {
            for p in extract.line(way) {
                lons.push(p.lon_e7);
                lats.push(p.lat_e7);
            }
        }
    }
    let (west, east) = trimmed(&mut lons)?;
    let (south, north) = trimmed(&mut lats)?;
    Some(GeoBox::new(
        Position::new(west, south),
        Position::new(east, north),
    ))
}

fn trimmed(values: &mut [i32]) -> Option<(i32, i32)> {
    values.sort_unstable();
    let (least, greatest) = (*values.first()?, *values.last()?);
    let cut = values.len() / 500;
    let (low, high) = (values[cut], values[values.len() - 1 - cut]);
    // At least 200 m or so, for a village of one straight street.
    let margin = ((f64::from(high) - f64::from(low)) / 10.0) as i32 + 10_000;
    Some((
        least.max(low.saturating_sub(margin)),
        greatest.min(high.saturating_add(margin)),
    ))
}

/// A rectangle with room around it where it is too thin to be a city: at least about 200 m each way.
pub fn at_least(bounds: GeoBox) -> GeoBox {
    let room =
        |low: i32, high: i32| ((20_000 - (i64::from(high) - i64::from(low))).max(0) / 2) as i32;
    let (dx, dy) = (
        room(bounds.min.lon_e7, bounds.max.lon_e7),
        room(bounds.min.lat_e7, bounds.max.lat_e7),
    );
    let clamp = |lon: i32, lat: i32| {
        Position::new(
            lon.clamp(-1_800_000_000, 1_800_000_000),
            lat.clamp(-900_000_000, 900_000_000),
        )
    };
    GeoBox::new(
        clamp(
            bounds.min.lon_e7.saturating_sub(dx),
            bounds.min.lat_e7.saturating_sub(dy),
        ),
        clamp(
            bounds.max.lon_e7.saturating_add(dx),
            bounds.max.lat_e7.saturating_add(dy),
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rectangle([w, s, e, n]: [f64; 4]) -> GeoBox {
        let at = |lon, lat| LonLat::new(lon, lat).position().unwrap();
        GeoBox::new(at(w, s), at(e, n))
    }

    fn check(stated: [f64; 4], roads: [f64; 4], expected: [f64; 4], told: bool) {
        let (found, note) = honest(Some(rectangle(stated)), rectangle(roads));
        assert_eq!(found, rectangle(expected), "{stated:?}");
        assert_eq!(note.is_some(), told, "{note:?}");
    }

    #[test]
    fn a_stated_rectangle_counts_where_streets_fill_it() {
        let town = [118.7, 32.0, 118.9, 32.2];
        check(
            [118.69, 31.99, 118.91, 32.21],
            town,
            [118.69, 31.99, 118.91, 32.21],
            false,
        );
        // A country's.
        check(
            [73.5, 18.0, 135.1, 53.6],
            town,
            [118.68, 31.98, 118.92, 32.22],
            true,
        );
        // Somewhere else's.
        check([11.0, 48.0, 11.1, 48.1], town, town, true);
        // A cut through the middle of the town.
        check(
            [118.75, 32.05, 118.8, 32.1],
            town,
            [118.75, 32.05, 118.8, 32.1],
            false,
        );
    }
}
