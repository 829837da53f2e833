//! What of an extract is worth keeping, by its tags.

use super::source::RawTags;
use chengtu_engine::geo::{GeoBox, LonLat, Position};

/// Keys that make a way worth keeping.
const WAY_KEYS: [&str; 19] = [
    "addr:district",
    "aeroway",
    "amenity",
    "boundary",
    "building",
    "building:part",
    "healthcare",
    "highway",
    "historic",
    "landuse",
    "leisure",
    "military",
    "natural",
    "office",
    "place",
    "public_transport",
    "railway",
    "shop",
    "tourism",
];

/// True for a way that is drawn, driven on or named.
pub fn is_kept_way(tags: &RawTags<'_>) -> bool {
    tags.iter()
        .any(|(k, _)| *k == "waterway" || WAY_KEYS.binary_search(k).is_ok())
}

/// True for a relation that is an area.
pub fn is_area_relation(tags: &RawTags<'_>) -> bool {
    let kind = tags.iter().find(|(k, _)| *k == "type").map(|(_, v)| *v);
    matches!(kind, Some("multipolygon" | "boundary"))
}

/// True for a node with a name, or one that is evidence of an address.
pub fn is_kept_point(tags: &RawTags<'_>) -> bool {
    tags.iter().any(|(k, _)| {
        matches!(
            *k,
            "name" | "place" | "addr:district" | "addr:city" | "addr:country"
        )
    })
}

/// The smallest rectangle around two.
pub fn around(a: GeoBox, b: GeoBox) -> GeoBox {
    GeoBox::new(
        Position::new(
            a.min.lon_e7.min(b.min.lon_e7),
            a.min.lat_e7.min(b.min.lat_e7),
        ),
        Position::new(
            a.max.lon_e7.max(b.max.lon_e7),
            a.max.lat_e7.max(b.max.lat_e7),
        ),
    )
}

/// True for a value of an access key that keeps a city's units out.
pub fn keeps_vehicles_out(access: &str) -> bool {
    access.split(';').all(|who| {
        matches!(
            who.trim(),
            "no" | "private"
                | "agricultural"
                | "forestry"
                | "military"
                | "psv"
                | "bus"
                | "foot"
                | "bicycle"
                | "horse"
        )
    })
}

/// True for a node that stands in the way of every vehicle: a bollard, or a gate that says whom it keeps out.
pub fn blocks_vehicles(tags: &RawTags<'_>) -> bool {
    let get = |key: &str| tags.iter().find(|(k, _)| *k == key).map(|(_, v)| *v);
    let Some(barrier) = get("barrier") else {
        return false;
    };
    let access = ["motorcar", "motor_vehicle", "vehicle", "access"]
        .iter()
        .find_map(|k| get(k));
    // It is taken away, or opened, for vehicles on duty.
    if access == Some("emergency")
        || matches!(get("emergency"), Some("yes" | "designated" | "official"))
    {
        return false;
    }
    let keeps_out = access.is_some_and(keeps_vehicles_out);
    match barrier {
        "bollard"
        | "block"
        | "bus_trap"
        | "sump_buster"
        | "cycle_barrier"
        | "motorcycle_barrier"
        | "jersey_barrier"
        | "log"
        | "turnstile"
        | "stile"
        | "kissing_gate"
        | "full-height_turnstile"
        | "planter"
        | "debris" => access.is_none() || keeps_out,
        "gate" | "lift_gate" | "swing_gate" | "sliding_gate" | "chain" | "entrance" => {
            keeps_out || access.is_none() && get("locked") == Some("yes")
        }
        _ => false,
    }
}

/// A rectangle in degrees as a file states it; `None` where it is empty or most of the world.
pub fn stated_bounds([west, south, east, north]: [f64; 4]) -> Option<GeoBox> {
    let min = LonLat::new(west, south).position().ok()?;
    let max = LonLat::new(east, north).position().ok()?;
    let whole_world = max.lon_e7.abs_diff(min.lon_e7) > 3_000_000_000;
    (min.lon_e7 < max.lon_e7 && min.lat_e7 < max.lat_e7 && !whole_world)
        .then(|| GeoBox::new(min, max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way_is_opened_for_whoever_is_on_duty() {
        let blocks = |tags: &[(&str, &str)]| blocks_vehicles(tags);
        assert!(blocks(&[("barrier", "bollard")]));
        assert!(blocks(&[("barrier", "bus_trap")]));
        assert!(blocks(&[
            ("barrier", "bollard"),
            ("access", "bicycle;foot")
        ]));
        assert!(!blocks(&[("barrier", "bollard"), ("emergency", "yes")]));
        assert!(!blocks(&[
            ("barrier", "bollard"),
            ("motor_vehicle", "emergency")
        ]));
        assert!(!blocks(&[("barrier", "bollard"), ("access", "permissive")]));
        assert!(!blocks(&[("barrier", "gate")]));
        assert!(blocks(&[("barrier", "gate"), ("locked", "yes")]));
        assert!(blocks(&[("barrier", "gate"), ("access", "private")]));
        assert!(!blocks(&[
            ("barrier", "gate"),
            ("access", "private"),
            ("emergency", "designated")
        ]));
        assert!(!blocks(&[("barrier", "kerb"), ("access", "no")]));
    }
}
