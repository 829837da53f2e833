//! A city made of nothing but a layer of areas: borders and names, no streets.

use super::Language;
use super::areas::Areas;
use crate::import::ImportError;
use crate::import::city::to_toml;
use crate::import::fill;
use crate::import::grid::{self, Raster};
use crate::import::progress::Progress;
use crate::import::staging::Staging;
use crate::import::tiles::{
    self, About, Feature, Layer, Shape, Value, world_from_position, world_line,
};
use crate::pack::{
    self, Bounds, Calendar, Centre, CityConfig, ClassTable, Department, District, Limits, Pack,
    Place,
};
use chengtu_engine::geo::{GeoBox, Position, distance_m};
use chengtu_engine::roads::RoadGraph;
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

/// Key of the only department of a city that is made from records.
pub const DEPARTMENT: &str = "records";
/// Kept free around the areas, 1e-7 degree: about a kilometre.
const MARGIN_E7: i32 = 100_000;
/// No more cells than this in the unit grid; a larger region gets larger cells.
const CELLS_MAX: usize = 500_000;

/// What is said of a city that is being made.
#[derive(Clone, Debug)]
pub struct CityWords {
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Language of its names.
    pub language: Language,
    /// IANA time zone.
    pub time_zone: String,
    /// Whom its borders are from.
    pub attribution: String,
    /// What is uncertain, in words.
    pub notice: String,
    /// The same in English.
    pub notice_en: String,
    /// Where everything comes from: text of `PROVENANCE.md`.
    pub provenance: String,
}

/// Makes the pack at `out` and opens it; with `replace` in place of a pack that is there.
///
/// # Errors
/// [`ImportError`]; nothing is left at `out` then.
pub fn make(
    (out, replace): (&Path, bool),
    areas: &Areas,
    classes: &ClassTable,
    words: &CityWords,
) -> Result<Pack, ImportError> {
    let staging = Staging::beside(out, replace)?;
    let tight = areas.bounds();
    let corner = |p: Position, margin: i32| {
        Position::new(
            (p.lon_e7 + margin).clamp(-1_800_000_000, 1_800_000_000),
            (p.lat_e7 + margin).clamp(-900_000_000, 900_000_000),
        )
    };
    let bounds = GeoBox::new(corner(tight.min, -MARGIN_E7), corner(tight.max, MARGIN_E7));
    let groups = groups(areas, &words.name);
    let city = describe(words, bounds, &groups);
    staging.write(pack::CITY_FILE, to_toml(&city).as_bytes())?;
    staging.write(pack::CLASSES_FILE, &classes.to_pack_csv())?;
    let roads = RoadGraph::build(Vec::new(), Vec::new(), Vec::new())?;
    staging.write(pack::ROADS_FILE, &roads.encode())?;
    staging.write_text(pack::PLACES_FILE, &places(areas, &groups))?;
    staging.write_text(pack::GRID_FILE, cells(areas, bounds, &groups).as_bytes())?;
    staging.write(pack::PROVENANCE_FILE, words.provenance.as_bytes())?;
    let path = staging.dir().join(pack::BASEMAP_FILE);
    let map = std::fs::File::create(&path).map_err(|source| ImportError::Write { path, source })?;
    let about = About {
        name: words.name.clone(),
        bounds,
        attribution: words.attribution.clone(),
    };
    tiles::write(&features(areas, &groups), &about, map, &Progress::hidden())?;
    Pack::open(staging.dir()).map_err(Box::new)?;
    staging.publish()?;
    Ok(Pack::open(out).map_err(Box::new)?)
}

/// A district: what several areas belong to.
struct Group {
    code: String,
    name: String,
    label: Position,
}

/// In the order of the layer; a layer that names none is one district of the city's name.
fn groups(areas: &Areas, city: &str) -> Vec<Group> {
    let mut members: Vec<(&str, Vec<Position>)> = Vec::new();
    for area in &areas.list {
        let at = members.iter().position(|(name, _)| *name == area.group);
        let at = at.unwrap_or_else(|| {
            members.push((&area.group, Vec::new()));
            members.len() - 1
        });
        members[at].1.push(area.label());
    }
    let middle = |labels: &[Position]| {
        let mean = |of: fn(&Position) -> i32| {
            (labels.iter().map(|p| i64::from(of(p))).sum::<i64>() / labels.len().max(1) as i64)
                as i32
        };
        let mean = Position::new(mean(|p| p.lon_e7), mean(|p| p.lat_e7));
        let nearest = labels
            .iter()
            .min_by(|a, b| distance_m(**a, mean).total_cmp(&distance_m(**b, mean)));
        nearest.copied().unwrap_or(mean)
    };
    // Codes that begin with 9 are given to no place by GB/T 2260.
    let group = |(i, (name, labels)): (usize, &(&str, Vec<Position>))| Group {
        code: format!("9{:05}", i + 1),
        name: if name.is_empty() { city } else { name }.to_owned(),
        label: middle(labels),
    };
    members.iter().enumerate().map(group).collect()
}

fn group_of(area_group: &str, groups: &[Group]) -> usize {
    groups
        .iter()
        .position(|g| g.name == area_group)
        .unwrap_or(0)
}

fn describe(words: &CityWords, bounds: GeoBox, groups: &[Group]) -> CityConfig {
    let (sw, ne) = (bounds.min.lon_lat(), bounds.max.lon_lat());
    CityConfig {
        format: 1,
        name: words.name.clone(),
        name_en: words.name_en.clone(),
        language: words.language.code().into(),
        time_zone: words.time_zone.clone(),
        case_classes: pack::CLASSES_FILE.into(),
        attribution: words.attribution.clone(),
        notice: words.notice.clone(),
        notice_en: words.notice_en.clone(),
        centre: Centre {
            lon: f64::midpoint(sw.lon_deg, ne.lon_deg),
            lat: f64::midpoint(sw.lat_deg, ne.lat_deg),
        },
        bounds: Bounds {
            west: sw.lon_deg,
            south: sw.lat_deg,
            east: ne.lon_deg,
            north: ne.lat_deg,
        },
        limits: Limits {
            duplicate_radius_m: 50,
            duplicate_age_h: 24,
            future_tolerance_s: 60,
            keep_closed_h: 24,
        },
        calendar: Calendar::default(),
        districts: groups
            .iter()
            .map(|g| District {
                code: g.code.clone(),
                name: g.name.clone(),
                name_en: String::new(),
            })
            .collect(),
        departments: vec![Department {
            key: DEPARTMENT.into(),
            name: match words.language {
                Language::Zh => "历史记录".into(),
                Language::En => "Records".into(),
            },
            name_en: "Records".into(),
        }],
        depots: Vec::new(),
        fleets: Vec::new(),
    }
}

fn places(areas: &Areas, groups: &[Group]) -> Vec<u8> {
    let place = |(name, name_en): (&str, &str), kind: &str, rank, at: Position, district: &str| {
        let at = at.lon_lat();
        Place {
            name: name.to_owned(),
            name_en: name_en.to_owned(),
            alt: Vec::new(),
            kind: kind.to_owned(),
            detail: String::new(),
            rank,
            lon: at.lon_deg,
            lat: at.lat_deg,
            district: district.to_owned(),
        }
    };
    let mut all: Vec<Place> = groups
        .iter()
        .map(|g| place((&g.name, ""), "district", 1, g.label, &g.name))
        .collect();
    all.extend(areas.list.iter().filter(|a| !a.name.is_empty()).map(|a| {
        let district = &groups[group_of(&a.group, groups)].name;
        place((&a.name, &a.name_en), "quarter", 4, a.label(), district)
    }));
    serde_json::to_vec(&all).expect("text and numbers can be written as JSON")
}

/// A cell that lies in no area.
const NONE: u16 = u16::MAX;

fn cells(areas: &Areas, bounds: GeoBox, groups: &[Group]) -> String {
    let mut cell_m = 100.0;
    let mut raster = Raster::over(bounds, cell_m);
    while raster.cells() > CELLS_MAX {
        cell_m *= 2.0;
        raster = Raster::over(bounds, cell_m);
    }
    let mut of_cell = vec![NONE; raster.cells()];
    for a in &areas.list {
        let group = group_of(&a.group, groups) as u16;
        fill::inside(&raster, &a.polygons, group, &mut of_cell);
    }
    let codes: Vec<String> = groups.iter().map(|g| g.code.clone()).collect();
    let names: Vec<String> = groups.iter().map(|g| g.name.clone()).collect();
    let cells = grid::number(&raster, &codes, |column, row| {
        let group = of_cell[raster.index(column, row)];
        (group != NONE).then_some(grid::Home {
            district: usize::from(group),
            street: None,
        })
    });
    grid::geojson(&raster, &cells, &names, |_| None)
}

/// The ground of the areas, borders of districts and of areas, and their names.
fn features(areas: &Areas, groups: &[Group]) -> Vec<Feature> {
    let mut all: Vec<Feature> = areas.list.iter().map(ground).collect();
    all.extend(borders(areas));
    let label = |(name, english): (&str, &str), class, rank: i64, min_zoom, at| {
        let mut values = vec![("name", Value::Text(Rc::from(name)))];
        if !english.is_empty() && english != name {
            values.push(("name_en", Value::Text(Rc::from(english))));
        }
        values.extend([("class", Value::Word(class)), ("rank", Value::Int(rank))]);
        Feature {
            layer: Layer::Place,
            id: 0,
            min_zoom,
            values: values.into(),
            shape: Shape::Point(world_from_position(at)),
        }
    };
    all.extend(
        groups
            .iter()
            .map(|g| label((&g.name, ""), "district", 1, 8, g.label)),
    );
    all.extend(
        areas
            .list
            .iter()
            .filter(|a| !a.name.is_empty())
            .map(|a| label((&a.name, &a.name_en), "quarter", 4, 12, a.label())),
    );
    all
}

fn ground(area: &super::areas::Area) -> Feature {
    let rings = |p: &crate::import::rings::Polygon| {
        std::iter::once(&p.outer)
            .chain(&p.holes)
            .map(|r| world_line(r))
            .collect()
    };
    Feature {
        layer: Layer::Landuse,
        id: 0,
        min_zoom: Layer::Landuse.min_zoom(),
        values: Box::new([("class", Value::Word("residential"))]),
        shape: Shape::Areas(area.polygons.iter().map(rings).collect()),
    }
}

/// Every border once: level 6 between districts and around the whole, level 9 within a district.
fn borders(areas: &Areas) -> Vec<Feature> {
    let along = |a: Position, b: Position| if a < b { (a, b) } else { (b, a) };
    let rings: Vec<(&str, &[Position])> = areas
        .list
        .iter()
        .flat_map(|a| a.polygons.iter().map(move |p| (a.group.as_str(), p)))
        .flat_map(|(group, p)| {
            std::iter::once(&p.outer)
                .chain(&p.holes)
                .map(move |r| (group, r.as_slice()))
        })
        .collect();
    let mut sides: BTreeMap<(Position, Position), Vec<&str>> = BTreeMap::new();
    for (group, ring) in &rings {
        for (a, b) in corners(ring) {
            sides.entry(along(a, b)).or_default().push(group);
        }
    }
    let mut lines: BTreeMap<i64, Vec<Vec<Position>>> = BTreeMap::new();
    for (_, ring) in &rings {
        let mut open: Option<(i64, Vec<Position>)> = None;
        for (a, b) in corners(ring) {
            // Taken out when drawn, so that the neighbour does not draw it again.
            let level = sides.remove(&along(a, b)).map(|s| match s.as_slice() {
                [one, other] if one == other => 9,
                _ => 6,
            });
            match (&mut open, level) {
                (Some((of, line)), Some(l)) if *of == l => line.push(b),
                _ => {
                    let next = level.map(|l| (l, vec![a, b]));
                    if let Some((l, line)) = std::mem::replace(&mut open, next) {
                        lines.entry(l).or_default().push(line);
                    }
                }
            }
        }
        if let Some((l, line)) = open {
            lines.entry(l).or_default().push(line);
        }
    }
    let feature = |(level, lines): (i64, Vec<Vec<Position>>)| Feature {
        layer: Layer::Boundary,
        id: 0,
        min_zoom: if level == 6 { 8 } else { 11 },
        values: Box::new([("admin_level", Value::Int(level))]),
        shape: Shape::Lines(lines.iter().map(|l| world_line(l)).collect()),
    };
    lines.into_iter().map(feature).collect()
}

/// The sides of a ring.
fn corners(ring: &[Position]) -> impl Iterator<Item = (Position, Position)> + '_ {
    let next = ring.iter().skip(1).chain(ring.first());
    ring.iter().copied().zip(next.copied())
}
