//! What rectangle a city covers.

use super::error::ImportError;
use super::extract::Extract;
use super::roads;
use chengtu_engine::geo::{GeoBox, LonLat, Position};

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

/// The extent of what can be driven on, without far outliers: `None` without roads.
///
/// Extracts keep ways whole, so that a metro line or a river may run far out of the city. Roads mark the city; of
/// their nodes the outermost 0.2 % on each side may lie at most a tenth of the city's size beyond the rest.
pub fn of_roads(extract: &Extract) -> Option<GeoBox> {
    let mut lons = Vec::new();
    let mut lats = Vec::new();
    for way in &extract.ways {
        if roads::drivable(extract.way_tags(way)).is_some() {
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
