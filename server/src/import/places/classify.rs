//! What a named thing is.

use crate::import::areas::AreaKind;
use crate::import::tags::TagView;

/// Class, OpenStreetMap's word and rank of a thing worth a name; `None` for things whose names say nothing here.
pub fn classify(tags: TagView<'_>, area: Option<AreaKind>) -> Option<(&'static str, &str, u8)> {
    if let Some(place) = tags.get("place") {
        let class = match place {
            _ if tags.is("china_class", "district") => ("district", 1),
            "city" | "town" | "borough" | "municipality" | "county" | "district" => ("district", 1),
            // A village that is a seat, or has as many people as a town.
            "village" if is_town(tags) => ("district", 1),
            "suburb" | "quarter" | "village" | "hamlet" | "neighbourhood" | "locality"
            | "island" => ("quarter", 2),
            // The space between four streets is searched for, and no quarter.
            "city_block" | "plot" => ("poi", 10),
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
        let rank = match word {
            "memorial" | "monument" | "wayside_shrine" | "wayside_cross" | "plaque"
            | "milestone" | "boundary_stone" | "stone" | "tomb" | "cannon" => 8,
            _ if is_great(tags) => 4,
            _ => 5,
        };
        return Some(("landmark", word, rank));
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

/// People in a village that is as good as a town.
const TOWN_PEOPLE: f64 = 2_000.0;

fn is_town(tags: TagView<'_>) -> bool {
    let people = tags.number("population").unwrap_or(0.0);
    tags.is("capital", "yes") || people >= TOWN_PEOPLE
}

/// Cathedrals and what stands for a whole city.
fn is_great(tags: TagView<'_>) -> bool {
    matches!(tags.get("building"), Some("cathedral" | "palace"))
        || matches!(
            tags.get("historic"),
            Some("castle" | "city_gate" | "palace" | "cathedral")
        )
}

/// The kinds of stations, each with an icon of its own in the map's style.
#[cfg(test)]
const STATIONS: [&str; 6] = [
    "station",
    "subway",
    "bus_station",
    "ferry_terminal",
    "airport",
    "aerialway",
];

fn transport(tags: TagView<'_>) -> Option<(&'static str, &'static str, u8)> {
    let station = matches!(tags.get("railway"), Some("station" | "halt"))
        || tags.is("public_transport", "station");
    let bus_stop = tags.is("highway", "bus_stop");
    let bus = tags.is("amenity", "bus_station");
    // What boats call at, also where it is mapped as a stop of any kind: a pier of water buses is no bus stop.
    let boats = tags.is("ferry", "yes") || tags.is("water_taxi", "yes");
    let stop = station || bus || bus_stop || tags.is("public_transport", "platform");
    let pier = tags.is("amenity", "ferry_terminal") || tags.is("amenity", "water_taxi");
    if pier || boats && stop && !tags.is("bus", "yes") {
        return Some(("station", "ferry_terminal", 3));
    }
    if tags.is("aeroway", "terminal")
        || tags.is("aeroway", "aerodrome")
        || tags.is("aeroway", "heliport")
    {
        return Some(("station", "airport", 3));
    }
    if tags.is("aerialway", "station") {
        return Some(("station", "aerialway", 3));
    }
    if station && tags.is("bus", "yes") && !tags.has("railway") && !tags.is("train", "yes") {
        return Some(("station", "bus_station", 3));
    }
    if station {
        let metro = tags.is("station", "subway") || tags.is("subway", "yes");
        return Some(("station", if metro { "subway" } else { "station" }, 3));
    }
    if bus {
        return Some(("station", "bus_station", 3));
    }
    if bus_stop || tags.is("railway", "tram_stop") {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tags::{Strings, Tags};

    fn of(tags: &[(&str, &str)]) -> Option<(&'static str, String, u8)> {
        let mut strings = Strings::default();
        let tags = Tags::keep(tags, &mut strings);
        classify(tags.view(&strings), None)
            .map(|(class, word, rank)| (class, word.to_owned(), rank))
    }

    fn rank(tags: &[(&str, &str)]) -> u8 {
        of(tags).unwrap().2
    }

    #[test]
    fn memorials_come_after_cathedrals() {
        let memorial = rank(&[("historic", "memorial")]);
        let church = rank(&[("amenity", "place_of_worship")]);
        let cathedral = rank(&[("amenity", "place_of_worship"), ("building", "cathedral")]);
        assert!(cathedral < church && church < memorial);
    }

    #[test]
    fn piers_are_no_bus_stations_and_blocks_no_quarters() {
        for pier in [
            &[("amenity", "ferry_terminal")][..],
            &[("public_transport", "station"), ("ferry", "yes")],
            &[
                ("public_transport", "station"),
                ("ferry", "yes"),
                ("amenity", "ferry_terminal"),
                ("railway", "station"),
            ],
            &[
                ("public_transport", "platform"),
                ("ferry", "yes"),
                ("man_made", "pier"),
            ],
            &[("highway", "bus_stop"), ("ferry", "yes")],
            &[("amenity", "bus_station"), ("water_taxi", "yes")],
        ] {
            let found = of(pier).unwrap();
            assert_eq!(
                (found.0, found.1.as_str()),
                ("station", "ferry_terminal"),
                "{pier:?}"
            );
        }
        // Buses go to where one changes to a boat, too.
        let both = of(&[("amenity", "bus_station"), ("ferry", "yes"), ("bus", "yes")]).unwrap();
        assert_eq!(both.1, "bus_station");
        let kind = |tags: &[(&str, &str)]| of(tags).unwrap().1;
        assert_eq!(
            kind(&[("public_transport", "station"), ("bus", "yes")]),
            "bus_station"
        );
        assert_eq!(
            kind(&[
                ("public_transport", "station"),
                ("bus", "yes"),
                ("train", "yes")
            ]),
            "station"
        );
        assert_eq!(kind(&[("aeroway", "heliport")]), "airport");
        assert_eq!(
            kind(&[("aerialway", "station"), ("public_transport", "station")]),
            "aerialway"
        );
        assert_eq!(of(&[("place", "city_block")]).unwrap().0, "poi");
    }

    #[test]
    fn every_kind_of_station_has_an_icon_of_its_own_and_no_pier_is_a_railway() {
        let assets = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets");
        let style = std::fs::read_to_string(format!("{assets}/style.json")).unwrap();
        let style: serde_json::Value = serde_json::from_str(&style).unwrap();
        let layers = style["layers"].as_array().unwrap();
        let layer = layers.iter().find(|l| l["id"] == "name-station").unwrap();
        let rule: Vec<&str> = layer["layout"]["icon-image"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(serde_json::Value::as_str)
            .skip(1)
            .collect();
        let icon = |kind: &str| {
            let pair = rule.chunks_exact(2).find(|p| p[0] == kind);
            pair.map_or(*rule.last().unwrap(), |p| p[1])
        };
        let icons: std::collections::BTreeSet<&str> = STATIONS.iter().map(|s| icon(s)).collect();
        assert_eq!(icons.len(), STATIONS.len(), "{icons:?}");
        assert_eq!((icon("station"), icon("ferry_terminal")), ("rail", "ferry"));
        for icon in icons.iter().filter(|i| !i.is_empty()) {
            let file = format!("{assets}/icons/{icon}.svg");
            assert!(std::path::Path::new(&file).is_file(), "{file}");
        }
    }

    #[test]
    fn a_village_that_is_a_seat_or_large_is_named_as_a_town() {
        assert_eq!(of(&[("place", "village")]).unwrap().0, "quarter");
        assert_eq!(
            of(&[("place", "village"), ("capital", "yes")]).unwrap().0,
            "district"
        );
        assert_eq!(
            of(&[("place", "village"), ("population", "5933")])
                .unwrap()
                .0,
            "district"
        );
    }
}
