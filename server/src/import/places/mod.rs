//! The named things of an extract: labels of the base map and entries of the search.

mod classify;
mod label;
mod merge;

pub use label::{halfway, label_point};

use super::areas::{Area, way_feature_id};
use super::districts::Districts;
use super::extract::Extract;
use super::lines::name_values;
use super::rings;
use super::tags::TagView;
use super::tiles::{Feature, Layer, Shape, Value, world_from_position};
use chengtu_engine::geo::{Position, distance_m};
use classify::classify;
use merge::merge;
use std::rc::Rc;

/// A named thing.
#[derive(Clone, Debug)]
pub struct Named {
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English; empty where none is mapped.
    pub name_en: String,
    /// Other names that it is found by.
    pub alt: Vec<String>,
    /// `road` or a class of the place layer.
    pub class: &'static str,
    /// OpenStreetMap's own word.
    pub detail: String,
    /// 1 … 10.
    pub rank: u8,
    /// Where its label is placed.
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

/// Adds the city's own name where no label of it is mapped: without it a map of a small scale says nothing.
pub fn add_city(all: &mut Vec<Named>, name: (&str, &str), middle: Position) {
    let known = |n: &Named| {
        n.class == "district" && (n.name == name.0 || n.alt.iter().any(|a| a == name.0))
    };
    if !all.iter().any(known) {
        all.push(label(name.0, name.1, "city", middle));
        sort(all);
    }
}

/// A label of class `district` that stands for an area.
fn label(name: &str, name_en: &str, detail: &str, position: Position) -> Named {
    let mut values = vec![("name", Value::Text(Rc::from(name)))];
    if !name_en.is_empty() && name_en != name {
        values.push(("name_en", Value::Text(Rc::from(name_en))));
    }
    Named {
        name: name.to_owned(),
        name_en: name_en.to_owned(),
        alt: Vec::new(),
        class: "district",
        detail: detail.to_owned(),
        rank: 1,
        position,
        size: 0.0,
        extent: [
            position.lon_e7,
            position.lat_e7,
            position.lon_e7,
            position.lat_e7,
        ],
        values,
        id: 0,
    }
}

/// Lets every district that has an area here be named once: by the label that is mapped for it, also where that says no more
/// than that it is a quarter, or else in the middle of its area.
pub fn add_districts(all: &mut Vec<Named>, districts: &Districts) {
    for (district, middle) in districts.middles() {
        let of_name = |n: &Named| n.name == district.name;
        let mapped = all.iter().any(|n| n.class == "district" && of_name(n));
        if mapped || district.name.is_empty() {
            continue;
        }
        let within = |n: &&mut Named| districts.at(n.position).is_some_and(|d| d == district);
        let quarter = all
            .iter_mut()
            .filter(|n| n.class == "quarter" && n.rank == 2 && of_name(n))
            .find(within);
        match quarter {
            Some(quarter) => (quarter.class, quarter.rank) = ("district", 1),
            None => all.push(label(&district.name, &district.name_en, "district", middle)),
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
