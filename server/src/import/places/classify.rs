//! What a named thing is.

use crate::import::areas::AreaKind;
use crate::import::tags::TagView;

/// Class, OpenStreetMap's word and rank of a thing worth a name; `None` for things whose names say nothing here.
pub fn classify(tags: TagView<'_>, area: Option<AreaKind>) -> Option<(&'static str, &str, u8)> {
    if let Some(place) = tags.get("place") {
        let class = match place {
            _ if tags.is("china_class", "district") => ("district", 1),
            "city" | "town" | "borough" | "municipality" | "county" | "district" => ("district", 1),
            "suburb" | "quarter" | "village" | "hamlet" | "neighbourhood" | "city_block"
            | "locality" | "island" => ("quarter", 2),
            "square" => ("square", 3),
            _ => return None,
        };
        return Some((class.0, place, class.1));
    }
    if let Some(stop) = transport(tags) {
        return Some(stop);
    }
    let amenity = tags.get("amenity");
    let public = amenity
        .or_else(|| tags.get("healthcare"))
        .or_else(|| tags.get("office"))
        .filter(|v| is_public(v));
    if let Some(word) = public {
        let rank = if matches!(word, "hospital" | "university" | "townhall" | "government") {
            4
        } else {
            5
        };
        return Some(("public", word, rank));
    }
    if let Some(word) = landmark(tags, amenity) {
        return Some(("landmark", word, 5));
    }
    if tags.has("railway") || tags.has("public_transport") || tags.has("highway") {
        // Entrances, stop positions and crossings: their names repeat the station's or the road's.
        return None;
    }
    let poi = ["amenity", "shop", "tourism", "office", "healthcare"]
        .iter()
        .find_map(|k| tags.get(k));
    match area {
        Some(AreaKind::Water(word)) => Some(("water", word, 4)),
        Some(AreaKind::Green(word)) => Some((
            if word == "pitch" { "poi" } else { "park" },
            word,
            if word == "pitch" { 8 } else { 4 },
        )),
        _ if tags.is("leisure", "park") || tags.is("leisure", "garden") => {
            Some(("park", tags.get("leisure")?, 4))
        }
        _ if poi.is_some() => Some(("poi", poi?, 8)),
        Some(AreaKind::Building | AreaKind::BuildingPart) => {
            Some(("building", tags.get("building").unwrap_or("part"), 7))
        }
        Some(AreaKind::Landuse(word)) => Some((
            if word == "square" {
                "square"
            } else {
                "quarter"
            },
            word,
            6,
        )),
        None if tags.get("boundary").is_some() => None,
        _ => Some((
            "poi",
            tags.get("natural")
                .or_else(|| tags.get("leisure"))
                .or_else(|| tags.get("landuse"))
                .unwrap_or("place"),
            10,
        )),
    }
}

/// What people know and go to.
fn landmark<'a>(tags: TagView<'a>, amenity: Option<&'a str>) -> Option<&'a str> {
    let landmark = tags.get("tourism").filter(|v| {
        matches!(
            *v,
            "museum" | "attraction" | "zoo" | "theme_park" | "gallery" | "viewpoint"
        )
    });
    let landmark = landmark.or_else(|| tags.get("historic"));
    let landmark = landmark.or_else(|| {
        tags.get("leisure")
            .filter(|v| matches!(*v, "stadium" | "sports_centre"))
    });
    let landmark = landmark.or_else(|| {
        tags.get("shop")
            .filter(|v| matches!(*v, "mall" | "department_store"))
    });
    landmark.or_else(|| {
        amenity.filter(|v| {
            matches!(
                *v,
                "theatre" | "arts_centre" | "place_of_worship" | "cinema"
            )
        })
    })
}

fn transport(tags: TagView<'_>) -> Option<(&'static str, &'static str, u8)> {
    let station = matches!(tags.get("railway"), Some("station" | "halt"))
        || tags.is("public_transport", "station");
    if station || tags.is("aeroway", "terminal") {
        let metro = tags.is("station", "subway") || tags.is("subway", "yes");
        return Some(("station", if metro { "subway" } else { "station" }, 3));
    }
    if tags.is("amenity", "bus_station") || tags.is("amenity", "ferry_terminal") {
        return Some(("station", "bus_station", 3));
    }
    if tags.is("highway", "bus_stop") || tags.is("railway", "tram_stop") {
        return Some(("bus_stop", "bus_stop", 9));
    }
    None
}

fn is_public(word: &str) -> bool {
    matches!(
        word,
        "hospital"
            | "clinic"
            | "school"
            | "university"
            | "college"
            | "kindergarten"
            | "townhall"
            | "police"
            | "fire_station"
            | "library"
            | "courthouse"
            | "post_office"
            | "community_centre"
            | "social_facility"
            | "government"
            | "embassy"
            | "public_building"
    )
}
