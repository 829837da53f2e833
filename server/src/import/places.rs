//! The named things of an extract: labels of the base map and entries of the search.

use super::areas::{Area, AreaKind, way_feature_id};
use super::buildings::middle;
use super::districts::Districts;
use super::extract::Extract;
use super::lines::name_values;
use super::rings::{self, Polygon};
use super::tags::TagView;
use super::tiles::{Feature, Layer, Shape, Value, world_from_position};
use chengtu_engine::geo::{METRES_PER_DEGREE, Position, distance_m};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A named thing.
#[derive(Clone, Debug)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its name in English; empty where none is mapped.
    pub name_en: String,
    /// Other names.
    pub alt: Vec<String>,
    /// `road` or a class of the place layer.
    pub class: &'static str,
    /// OpenStreetMap's own word.
    pub detail: String,
    /// 1 … 10.
    pub rank: u8,
    /// Where its label stands.
    pub position: Position,
    /// Ground length or breadth in metres, for choosing between several of one name.
    size: f64,
    /// West, south, east, north in 1e-7 degrees.
    extent: [i32; 4],
    values: Vec<(&'static str, Value)>,
    id: u64,
}

/// Every named thing, roads included, one entry for each.
pub fn collect(extract: &Extract, areas: &[Area<'_>]) -> Vec<Named> {
    let mut all: Vec<Named> = Vec::new();
    for point in &extract.points {
        let tags = extract.point_tags(point);
        if let Some((class, detail, rank)) = classify(tags, None) {
            let p = point.position;
            all.extend(named(
                tags,
                class,
                detail,
                rank,
                p,
                0.0,
                &[p],
                point.id.unsigned_abs().wrapping_mul(4),
            ));
        }
    }
    for area in areas {
        if let Some((class, detail, rank)) = classify(area.tags, Some(area.kind)) {
            let Some(largest) = area
                .polygons
                .iter()
                .max_by_key(|p| rings::doubled_area(&p.outer).abs())
            else {
                continue;
            };
            let (at, outer) = (label_point(largest), &largest.outer);
            let size = libm::sqrt(super::buildings::footprint_m2(&area.polygons).max(0.0));
            all.extend(named(
                area.tags,
                class,
                detail,
                rank,
                at,
                size,
                outer,
                area.id.wrapping_mul(2) | 1,
            ));
        }
    }
    for way in &extract.ways {
        let tags = extract.way_tags(way);
        let Some(highway) = tags.get("highway") else {
            continue;
        };
        let line = extract.line(way);
        let length: f64 = line.windows(2).map(|w| distance_m(w[0], w[1])).sum();
        let rank = road_rank(highway);
        all.extend(named(
            tags,
            "road",
            highway,
            rank,
            halfway(&line, length),
            length,
            &line,
            way_feature_id(way.id),
        ));
    }
    merge(all)
}

/// Adds the districts that have an area here but no label mapped within it.
pub fn add_districts(all: &mut Vec<Named>, districts: &Districts) {
    for (district, middle) in districts.middles() {
        if !all
            .iter()
            .any(|n| n.class == "district" && n.name == district.name)
            && !district.name.is_empty()
        {
            let mut values = vec![("name", Value::Text(Rc::from(district.name.as_str())))];
            if !district.name_en.is_empty() {
                values.push(("name_en", Value::Text(Rc::from(district.name_en.as_str()))));
            }
            all.push(Named {
                name: district.name.clone(),
                name_en: district.name_en.clone(),
                alt: Vec::new(),
                class: "district",
                detail: "district".into(),
                rank: 1,
                position: middle,
                size: 0.0,
                extent: [middle.lon_e7, middle.lat_e7, middle.lon_e7, middle.lat_e7],
                values,
                id: 0,
            });
        }
    }
    sort(all);
}

fn sort(all: &mut [Named]) {
    all.sort_by(|a, b| {
        (a.rank, a.class, &a.name, a.position).cmp(&(b.rank, b.class, &b.name, b.position))
    });
}

/// The label features of the base map: everything named but roads, which carry their names themselves.
pub fn features(all: &[Named]) -> Vec<Feature> {
    // Gates, flagpoles and whatever else has a name but no kind: searched for, not shown.
    let labels = all.iter().filter(|n| n.class != "road" && n.rank < 10);
    let feature = |n: &Named| {
        let mut values = n.values.clone();
        values.push(("class", Value::Word(n.class)));
        values.push(("kind", Value::Text(Rc::from(n.detail.as_str()))));
        values.push(("rank", Value::Int(i64::from(n.rank))));
        let shape = Shape::Point(world_from_position(n.position));
        Feature {
            layer: Layer::Place,
            id: n.id,
            min_zoom: min_zoom(n.class),
            values: values.into(),
            shape,
        }
    };
    let mut features: Vec<Feature> = labels.map(feature).collect();
    // Drawn in this order, so that the important ones take their place first.
    features.sort_by_key(|f| f.values.last().cloned().map(|(_, v)| v));
    features
}

fn min_zoom(class: &str) -> u8 {
    match class {
        "district" => 8,
        "quarter" | "station" => 12,
        "square" | "park" | "water" => 13,
        "public" | "landmark" => 14,
        _ => 15,
    }
}

fn road_rank(highway: &str) -> u8 {
    match highway.trim_end_matches("_link") {
        "motorway" | "trunk" | "primary" => 3,
        "secondary" | "tertiary" => 4,
        "residential" | "unclassified" | "living_street" | "pedestrian" => 5,
        _ => 6,
    }
}

/// Class, OpenStreetMap's word and rank of a thing worth a name; `None` for things whose names say nothing here.
fn classify<'e>(tags: TagView<'e>, area: Option<AreaKind>) -> Option<(&'static str, &'e str, u8)> {
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
    let landmark = landmark.or_else(|| {
        amenity.filter(|v| {
            matches!(
                *v,
                "theatre" | "arts_centre" | "place_of_worship" | "cinema"
            )
        })
    });
    if let Some(word) = landmark {
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

fn named(
    tags: TagView<'_>,
    class: &'static str,
    detail: &str,
    rank: u8,
    position: Position,
    size: f64,
    shape: &[Position],
    id: u64,
) -> Option<Named> {
    let english = tags.get("name:en");
    let name = tags
        .get("name")
        .or_else(|| tags.get("name:zh"))
        .or(english)?;
    let mut alt: Vec<String> = Vec::new();
    for other in [
        "name:zh",
        "alt_name",
        "official_name",
        "short_name",
        "old_name",
    ]
    .iter()
    .filter_map(|k| tags.get(k))
    {
        for part in other
            .split(';')
            .map(str::trim)
            .filter(|p| !p.is_empty() && *p != name)
        {
            if !alt.iter().any(|a| a == part) {
                alt.push(part.to_owned());
            }
        }
    }
    let mut values = name_values(tags);
    if !values.iter().any(|(k, _)| *k == "name") {
        values.insert(0, ("name", Value::Text(Rc::from(name))));
        values.retain(|(k, v)| *k == "name" || *v != Value::Text(Rc::from(name)));
    }
    let side = |axis: fn(&Position) -> i32| {
        let values = || shape.iter().map(axis);
        (
            values().min().unwrap_or_default(),
            values().max().unwrap_or_default(),
        )
    };
    let ((west, east), (south, north)) = (side(|p| p.lon_e7), side(|p| p.lat_e7));
    Some(Named {
        name: name.to_owned(),
        name_en: english.unwrap_or_default().to_owned(),
        alt,
        class,
        detail: detail.to_owned(),
        rank,
        position,
        size,
        extent: [west, south, east, north],
        values,
        id,
    })
}

/// How near two things of one name and class are one, metres; `None` where every one stands for itself.
fn merge_radius_m(class: &str) -> f64 {
    match class {
        "road" | "district" => 1_500.0,
        "station" | "water" | "park" => 800.0,
        "quarter" | "square" | "bus_stop" | "public" => 400.0,
        _ => 60.0,
    }
}

/// Merges pieces of one thing: same class and name, and nearer than the class allows. The largest piece gives the
/// position, all of them the other names.
fn merge(all: Vec<Named>) -> Vec<Named> {
    let mut groups: BTreeMap<(u8, &'static str, String), Vec<Named>> = BTreeMap::new();
    for n in all {
        let least = if n.class == "road" { 11 } else { n.rank };
        groups
            .entry((least, n.class, n.name.clone()))
            .or_default()
            .push(n);
    }
    let mut merged: Vec<Named> = Vec::new();
    for ((_, class, _), group) in groups {
        merged.extend(merge_group(group, merge_radius_m(class)));
    }
    sort(&mut merged);
    merged
}

fn merge_group(mut group: Vec<Named>, radius_m: f64) -> Vec<Named> {
    // Swept from west to east: what is open to the west of a piece by more than the radius is done.
    group.sort_by_key(|n| (n.extent[0], n.id));
    let mut open: Vec<Named> = Vec::new();
    let mut done = Vec::new();
    for mut n in group {
        let squeeze = libm::cos(n.position.lon_lat().lat_deg.to_radians()).max(0.01);
        let reach_lat = radius_m / METRES_PER_DEGREE * 1e7;
        let reach_lon = reach_lat / squeeze;
        let mut apart = Vec::new();
        for o in open {
            let gap = |from: i32, to: i32| f64::from(to) - f64::from(from);
            if gap(o.extent[2], n.extent[0]) > reach_lon {
                done.push(o);
            } else if gap(o.extent[3], n.extent[1]).max(gap(n.extent[3], o.extent[1])) > reach_lat {
                apart.push(o);
            } else {
                n = united(o, n);
            }
        }
        open = apart;
        open.push(n);
    }
    done.extend(open);
    done
}

fn united(a: Named, b: Named) -> Named {
    let (mut main, other) = if (b.size, a.id) > (a.size, b.id) {
        (b, a)
    } else {
        (a, b)
    };
    for alt in other.alt {
        if !main.alt.contains(&alt) {
            main.alt.push(alt);
        }
    }
    if main.name_en.is_empty() {
        main.name_en = other.name_en;
        let english = other.values.into_iter().filter(|(k, _)| *k == "name_en");
        main.values.extend(english);
    } else if !other.name_en.is_empty()
        && other.name_en != main.name_en
        && !main.alt.contains(&other.name_en)
    {
        main.alt.push(other.name_en);
    }
    main.rank = main.rank.min(other.rank);
    main.extent = [
        main.extent[0].min(other.extent[0]),
        main.extent[1].min(other.extent[1]),
        main.extent[2].max(other.extent[2]),
        main.extent[3].max(other.extent[3]),
    ];
    main
}

/// The point half-way along a line of known length.
pub fn halfway(line: &[Position], length_m: f64) -> Position {
    let mut left = length_m / 2.0;
    for w in line.windows(2) {
        let step = distance_m(w[0], w[1]);
        if left <= step && step > 0.0 {
            let t = left / step;
            let between = |a: i32, b: i32| {
                libm::round(f64::from(a) + (f64::from(b) - f64::from(a)) * t) as i32
            };
            return Position::new(
                between(w[0].lon_e7, w[1].lon_e7),
                between(w[0].lat_e7, w[1].lat_e7),
            );
        }
        left -= step;
    }
    line.last().copied().unwrap_or_default()
}

/// A point inside a polygon for its label: the centre of mass, or, where that lies outside, the middle of the widest
/// stretch at its latitude.
pub fn label_point(polygon: &Polygon) -> Position {
    let ring = &polygon.outer;
    let area = rings::doubled_area(ring);
    let o = ring[0];
    let (mut x, mut y) = (0_i128, 0_i128);
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        let from = |p: &Position| {
            (
                i128::from(p.lon_e7) - i128::from(o.lon_e7),
                i128::from(p.lat_e7) - i128::from(o.lat_e7),
            )
        };
        let ((ax, ay), (bx, by)) = (from(a), from(&b));
        let cross = ax * by - bx * ay;
        x += (ax + bx) * cross;
        y += (ay + by) * cross;
    }
    if area == 0 {
        return middle(ring);
    }
    let centre = Position::new(
        o.lon_e7 + (x / (3 * area)) as i32,
        o.lat_e7 + (y / (3 * area)) as i32,
    );
    let inside =
        |p| rings::contains(ring, p) && !polygon.holes.iter().any(|h| rings::contains(h, p));
    if inside(centre) {
        centre
    } else {
        widest_at(polygon, centre.lat_e7).unwrap_or(centre)
    }
}

fn widest_at(polygon: &Polygon, lat_e7: i32) -> Option<Position> {
    let mut crossings: Vec<i32> = Vec::new();
    for ring in std::iter::once(&polygon.outer).chain(&polygon.holes) {
        for (i, a) in ring.iter().enumerate() {
            let b = ring[(i + 1) % ring.len()];
            if (a.lat_e7 > lat_e7) != (b.lat_e7 > lat_e7) {
                let [x, y, bx, by, lat] =
                    [a.lon_e7, a.lat_e7, b.lon_e7, b.lat_e7, lat_e7].map(f64::from);
                crossings.push(libm::round(x + (bx - x) * (lat - y) / (by - y)) as i32);
            }
        }
    }
    crossings.sort_unstable();
    let widest = crossings
        .chunks_exact(2)
        .max_by_key(|c| i64::from(c[1]) - i64::from(c[0]))?;
    Some(Position::new(i32::midpoint(widest[0], widest[1]), lat_e7))
}
