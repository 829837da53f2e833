//! The areas of an extract, from closed ways and multipolygons, sorted by kind.

use super::border::{Cut, Stands};
use super::extract::{Extract, Relation, Way};
use super::outline::{self, Outline};
use super::rings::{self, Polygon, Ring};
use super::tags::TagView;
use chengtu_engine::geo::GeoBox;
use std::collections::BTreeSet;

/// What an area is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AreaKind {
    /// A lake, pond, pool, river with two banks; its class.
    Water(&'static str),
    /// Something that grows, or is played on; its class.
    Green(&'static str),
    /// Land in use; its class.
    Landuse(&'static str),
    /// A whole building.
    Building,
    /// A part of a building with a height of its own.
    BuildingPart,
    /// None of these, but perhaps named.
    Other,
}

/// An area with its tags.
#[derive(Debug)]
pub struct Area<'e> {
    /// Its id, different for a way and a relation of the same number.
    pub id: u64,
    /// What it is.
    pub kind: AreaKind,
    /// Tags of the way or relation.
    pub tags: TagView<'e>,
    /// Its polygons, at least one.
    pub polygons: Vec<Polygon>,
}

/// The areas, and what could not be made one.
#[derive(Debug, Default)]
pub struct Areas<'e> {
    /// The areas, by id: ways first.
    pub list: Vec<Area<'e>>,
    /// Areas whose outline the extract cuts and that were closed along the city's edge.
    pub closed_at_edge: u64,
    /// Areas that could not be closed and are left out: names of those that have one, sorted, and how many in all.
    pub lost: (Vec<String>, u64),
}

/// A number of its own for a way.
pub fn way_feature_id(id: i64) -> u64 {
    id.unsigned_abs().wrapping_mul(2)
}

/// A number of its own for a relation.
pub fn relation_feature_id(id: i64) -> u64 {
    id.unsigned_abs().wrapping_mul(2) | 1
}

/// Assembles every area of the extract. Outlines cut open at its edge are closed along `bounds`.
pub fn assemble<'e>(extract: &'e Extract, bounds: GeoBox, stands: &Stands) -> Areas<'e> {
    let mut found = Areas::default();
    let mut from_relations = Vec::new();
    // A way that only lends its outline to a relation of the same kind must not be drawn a second time.
    let mut lent = BTreeSet::new();
    for relation in &extract.relations {
        let own = extract.relation_tags(relation);
        if own.has("boundary") {
            continue;
        }
        let old_style = outer_way_tags(extract, relation);
        let tags = if kind(own) == AreaKind::Other && own.get("name").is_none() {
            old_style.unwrap_or(own)
        } else {
            own
        };
        let kind = kind(tags);
        let cost = cost(kind, stands);
        let outline = outline::of_relation(extract, relation, is_cut_open(kind, bounds), &*cost);
        let Some(polygons) = found.note(outline, tags) else {
            continue;
        };
        lent.extend(
            relation
                .ways
                .iter()
                .filter(|(_, inner)| !inner)
                .map(|(id, _)| (*id, discriminant(kind))),
        );
        from_relations.push(Area {
            id: relation_feature_id(relation.id),
            kind,
            tags,
            polygons,
        });
    }
    for way in &extract.ways {
        let tags = extract.way_tags(way);
        let kind = kind(tags);
        if !way.is_closed() || lent.contains(&(way.id, discriminant(kind))) || !is_area(tags, kind)
        {
            continue;
        }
        let polygons = if way.is_cut() {
            let cost = cost(kind, stands);
            let outline = outline::of_way(extract, way, is_cut_open(kind, bounds), &*cost);
            found.note(outline, tags)
        } else {
            whole(extract, way)
        };
        if let Some(polygons) = polygons {
            found.list.push(Area {
                id: way_feature_id(way.id),
                kind,
                tags,
                polygons,
            });
        }
    }
    found.list.extend(from_relations);
    found.lost.0.sort_unstable();
    found.lost.0.dedup();
    found
}

impl Areas<'_> {
    /// The polygons of an outline, and what has become of it in the counts.
    fn note(&mut self, outline: Outline, tags: TagView<'_>) -> Option<Vec<Polygon>> {
        match outline {
            Outline::Whole(polygons) => Some(polygons).filter(|p| !p.is_empty()),
            Outline::AtEdge(polygons) if polygons.is_empty() => None,
            Outline::AtEdge(polygons) => {
                self.closed_at_edge += 1;
                Some(polygons)
            }
            Outline::Broken => {
                self.lost.1 += 1;
                self.lost.0.extend(tags.get("name").map(str::to_owned));
                None
            }
        }
    }
}

/// What speaks against a closing; of two the one is taken against which less does.
type Cost<'s> = dyn Fn(&[Ring]) -> u64 + 's;

/// Which closing of an area speaks for itself: water is where nothing stands.
fn cost(kind: AreaKind, stands: &Stands) -> Box<Cost<'_>> {
    match kind {
        AreaKind::Water(_) => Box::new(|rings| stands.count_inside(rings)),
        _ => Box::new(|_| 0),
    }
}

/// Where an area that is cut open is closed; a building's plan is never guessed.
fn is_cut_open(kind: AreaKind, bounds: GeoBox) -> Option<(GeoBox, Cut)> {
    let flat = matches!(
        kind,
        AreaKind::Water(_) | AreaKind::Green(_) | AreaKind::Landuse(_)
    );
    flat.then(|| (bounds, Cut::default()))
}

fn whole(extract: &Extract, way: &Way) -> Option<Vec<Polygon>> {
    let mut ring = extract.line(way);
    ring.dedup();
    ring.pop();
    (ring.len() >= 3 && rings::doubled_area(&ring) != 0).then(|| {
        vec![Polygon {
            outer: ring,
            holes: Vec::new(),
        }]
    })
}

fn outer_way_tags<'e>(extract: &'e Extract, relation: &Relation) -> Option<TagView<'e>> {
    let outers = relation
        .ways
        .iter()
        .filter(|(_, inner)| !inner)
        .filter_map(|(id, _)| extract.way(*id));
    outers
        .map(|w| extract.way_tags(w))
        .find(|t| kind(*t) != AreaKind::Other)
}

fn discriminant(kind: AreaKind) -> u8 {
    match kind {
        AreaKind::Water(_) => 0,
        AreaKind::Green(_) => 1,
        AreaKind::Landuse(_) => 2,
        AreaKind::Building => 3,
        AreaKind::BuildingPart => 4,
        AreaKind::Other => 5,
    }
}

/// A closed way is an area unless it is a loop of road, rail or stream.
fn is_area(tags: TagView<'_>, kind: AreaKind) -> bool {
    if tags.is("area", "yes") {
        return true;
    }
    let loops = tags.has("highway") || tags.has("railway") && kind == AreaKind::Other;
    let border = tags.is("boundary", "administrative") && kind == AreaKind::Other;
    !(loops || border || tags.is("area", "no"))
}

/// What tags make of an area; the first that fits.
pub fn kind(tags: TagView<'_>) -> AreaKind {
    if tags.has("building:part") {
        return AreaKind::BuildingPart;
    }
    if tags.has("building") {
        return AreaKind::Building;
    }
    water(tags)
        .map(AreaKind::Water)
        .or_else(|| green(tags).map(AreaKind::Green))
        .or_else(|| landuse(tags).map(AreaKind::Landuse))
        .unwrap_or(AreaKind::Other)
}

fn water(tags: TagView<'_>) -> Option<&'static str> {
    if tags.is("location", "underground") || tags.has("tunnel") {
        return None;
    }
    if tags.is("natural", "water") || tags.is("natural", "bay") {
        return Some(match tags.get("water") {
            Some("river" | "canal" | "stream" | "oxbow") => "river",
            _ => "lake",
        });
    }
    match (
        tags.get("waterway"),
        tags.get("landuse"),
        tags.get("leisure"),
    ) {
        (Some("riverbank" | "dock"), ..) => Some("river"),
        (_, Some("reservoir" | "basin"), _) => Some("lake"),
        (.., Some("swimming_pool")) => Some("pool"),
        _ => None,
    }
}

fn green(tags: TagView<'_>) -> Option<&'static str> {
    let leisure = tags.get("leisure").and_then(|v| match v {
        "park" | "nature_reserve" | "golf_course" | "dog_park" => Some("park"),
        "garden" => Some("garden"),
        "pitch" | "track" | "playground" => Some("pitch"),
        _ => None,
    });
    let landuse = || {
        tags.get("landuse").and_then(|v| match v {
            "grass" | "meadow" | "village_green" | "recreation_ground" | "greenfield"
            | "flowerbed" => Some("grass"),
            "forest" => Some("wood"),
            "cemetery" => Some("cemetery"),
            "farmland" | "orchard" | "vineyard" | "allotments" | "plant_nursery" | "farmyard" => {
                Some("farmland")
            }
            _ => None,
        })
    };
    let natural = || {
        tags.get("natural").and_then(|v| match v {
            "wood" => Some("wood"),
            "grassland" | "scrub" | "heath" | "fell" => Some("grass"),
            "wetland" => Some("wetland"),
            _ => None,
        })
    };
    leisure.or_else(landuse).or_else(natural)
}

fn landuse(tags: TagView<'_>) -> Option<&'static str> {
    let amenity = tags.get("amenity").and_then(|v| match v {
        "school" | "university" | "college" | "kindergarten" => Some("education"),
        "hospital" | "clinic" => Some("hospital"),
        "townhall" | "courthouse" | "police" | "fire_station" | "library" => Some("civic"),
        "parking" => Some("parking"),
        "marketplace" => Some("commercial"),
        _ => None,
    });
    let landuse = || {
        tags.get("landuse").and_then(|v| match v {
            "commercial" => Some("commercial"),
            "retail" => Some("retail"),
            "residential" => Some("residential"),
            "industrial" | "port" | "depot" => Some("industrial"),
            "education" => Some("education"),
            "civic_admin" | "institutional" | "religious" => Some("civic"),
            "military" => Some("military"),
            "railway" => Some("railway"),
            "construction" | "brownfield" => Some("construction"),
            _ => None,
        })
    };
    let other = || {
        if matches!(tags.get("leisure"), Some("sports_centre" | "stadium")) {
            Some("sports")
        } else if tags.is("place", "square") || tags.is("highway", "pedestrian") {
            Some("square")
        } else if tags.has("military") {
            Some("military")
        } else {
            None
        }
    };
    amenity.or_else(landuse).or_else(other)
}
