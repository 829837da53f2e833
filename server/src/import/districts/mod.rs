//! Which district each cell of the city lies in, from whatever an extract knows about it.
//!
//! A border whose ring is complete fills its inside. At an extract's edge rings are cut off; then the available pieces
//! of border divide the city into faces, and a face belongs to the district that all the border around it has in
//! common.

mod faces;
pub(in crate::import) mod fill;

use super::areas;
use super::extract::{Extract, Relation};
use super::grid::Raster;
use super::rings::Polygon;
use super::tags::TagView;
use chengtu_engine::geo::{GeoBox, Position, distance_m};
use faces::Faces;
use std::collections::{BTreeMap, BTreeSet};

/// A district of the city, mapped or made up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// Six digits, those of the state where it has them.
    pub code: String,
    /// Name in the city's own language.
    pub name: String,
    /// Its name in English; may be empty.
    pub name_en: String,
    /// True where the code is an official one, false where it was made up.
    pub official: bool,
}

/// The districts of a city and the one of each cell.
#[derive(Clone, Debug)]
pub struct Districts {
    /// Districts, by code.
    pub list: Vec<District>,
    /// Index into `list` of each cell of the raster.
    of_cell: Vec<u16>,
    raster: Raster,
    /// False if the whole city is one district, because none are mapped.
    mapped: bool,
}

const NONE: u16 = u16::MAX;
/// Official codes of districts (GB/T 2260) by name and whereabouts.
const KNOWN_CODES: &str = include_str!("../../../../data/standards/district_codes.csv");
/// A name in that table counts within this distance only: 鼓楼区 exists in four cities.
const KNOWN_WITHIN_M: f64 = 60_000.0;

impl Districts {
    /// Finds the districts of the raster; a city without any is one district of code 000000.
    pub fn find(extract: &Extract, bounds: GeoBox, raster: Raster, city: (&str, &str)) -> Self {
        let relations = district_relations(extract);
        let centre = Position::new(
            i32::midpoint(bounds.min.lon_e7, bounds.max.lon_e7),
            i32::midpoint(bounds.min.lat_e7, bounds.max.lat_e7),
        );
        let mut of_cell = vec![NONE; raster.cells()];
        let mut found: Vec<(TagView<'_>, Option<Position>)> = Vec::new();
        if relations.is_empty() {
            for point in &extract.points {
                let tags = extract.point_tags(point);
                let is_district = tags.is("china_class", "district")
                    || matches!(tags.get("place"), Some("borough" | "district"));
                if is_district && tags.get("name").is_some() && bounds.contains(point.position) {
                    found.push((tags, Some(point.position)));
                }
            }
        } else {
            let polygons: Vec<(Vec<Polygon>, bool)> = relations
                .iter()
                .map(|r| areas::relation_polygons(extract, r, None))
                .collect();
            for (i, (areas, _)) in polygons.iter().enumerate() {
                fill::inside(&raster, areas, i as u16, &mut of_cell);
            }
            if polygons.iter().any(|(_, complete)| !complete) {
                let faces = Faces::new(extract, &relations, &raster);
                faces.settle(extract, &relations, &raster, &mut of_cell);
            }
            found.extend(relations.iter().map(|r| {
                (
                    extract.relation_tags(r),
                    r.label.and_then(|l| extract.position(l)),
                )
            }));
        }
        fill::spread(&raster, &found, &mut of_cell);
        Self::listed(found, of_cell, raster, centre, city)
    }

    fn listed(
        found: Vec<(TagView<'_>, Option<Position>)>,
        of_cell: Vec<u16>,
        raster: Raster,
        centre: Position,
        city: (&str, &str),
    ) -> Self {
        let used: BTreeSet<u16> = of_cell.iter().copied().filter(|c| *c != NONE).collect();
        if used.is_empty() {
            let only = District {
                code: "000000".into(),
                name: city.0.into(),
                name_en: city.1.into(),
                official: false,
            };
            return Self {
                list: vec![only],
                of_cell: vec![0; raster.cells()],
                raster,
                mapped: false,
            };
        }
        let mut taken = BTreeSet::new();
        let mut list: Vec<(District, u16)> = Vec::new();
        for i in used {
            let (tags, at) = &found[usize::from(i)];
            let name = tags.get("name").unwrap_or_default();
            let official = official_code(*tags, name, at.unwrap_or(centre))
                .filter(|c| taken.insert(c.clone()));
            let is_official = official.is_some();
            // Codes that begin with 9 are given to no place by GB/T 2260.
            let made_up = || {
                (1..=99_999)
                    .map(|n| format!("9{n:05}"))
                    .find(|c| taken.insert(c.clone()))
                    .unwrap_or_default()
            };
            let code = official.unwrap_or_else(made_up);
            let name_en = tags.get("name:en").unwrap_or_default().to_owned();
            list.push((
                District {
                    code,
                    name: name.to_owned(),
                    name_en,
                    official: is_official,
                },
                i,
            ));
        }
        list.sort_by(|a, b| a.0.code.cmp(&b.0.code));
        let new_index: BTreeMap<u16, u16> = list
            .iter()
            .enumerate()
            .map(|(n, (_, old))| (*old, n as u16))
            .collect();
        let of_cell = of_cell
            .iter()
            .map(|c| new_index.get(c).copied().unwrap_or(0))
            .collect();
        Self {
            list: list.into_iter().map(|(d, _)| d).collect(),
            of_cell,
            raster,
            mapped: true,
        }
    }

    /// Index of the district of a cell.
    pub fn of_cell(&self, column: u32, row: u32) -> usize {
        self.of_cell
            .get(self.raster.index(column, row))
            .map_or(0, |d| usize::from(*d))
    }

    /// Each mapped district with a place in its middle: of its cells, the one nearest to their mean.
    pub fn middles(&self) -> Vec<(&District, Position)> {
        let cells = || {
            let all =
                (0..self.raster.rows).flat_map(|r| (0..self.raster.columns).map(move |c| (c, r)));
            all.map(|(c, r)| (self.of_cell(c, r), c, r))
        };
        let mut sums = vec![[0_u64; 3]; self.list.len()];
        for (d, column, row) in cells() {
            let s = &mut sums[d];
            *s = [s[0] + u64::from(column), s[1] + u64::from(row), s[2] + 1];
        }
        let mut nearest: Vec<Option<(u64, u32, u32)>> = vec![None; self.list.len()];
        for (d, column, row) in cells() {
            let [x, y, n] = sums[d];
            let off =
                u64::from(column).abs_diff(x / n).pow(2) + u64::from(row).abs_diff(y / n).pow(2);
            if nearest[d].is_none_or(|(least, ..)| off < least) {
                nearest[d] = Some((off, column, row));
            }
        }
        let middle = |(_, column, row)| {
            Position::new(
                self.raster.middle_lon_e7(column),
                self.raster.middle_lat_e7(row),
            )
        };
        let mapped = self.list.iter().zip(nearest).filter(|_| self.mapped);
        mapped
            .filter_map(|(district, n)| Some((district, middle(n?))))
            .collect()
    }

    /// The district at a position; `None` outside the city.
    pub fn at(&self, p: Position) -> Option<&District> {
        let (column, row) = self.raster.cell_at(p)?;
        self.list.get(self.of_cell(column, row))
    }
}

/// The administrative relations that part the city: of level 6 or below, the highest level with two or more of them,
/// else with one.
fn district_relations(extract: &Extract) -> Vec<&Relation> {
    let mut by_level: BTreeMap<u8, Vec<&Relation>> = BTreeMap::new();
    for r in &extract.relations {
        let tags = extract.relation_tags(r);
        let level = tags
            .number("admin_level")
            .filter(|l| (6.0..=10.0).contains(l));
        let reaches_in = r.ways.iter().any(|(id, _)| extract.way(*id).is_some());
        if let (true, Some(level), true) = (
            tags.is("boundary", "administrative"),
            level,
            reaches_in && tags.get("name").is_some(),
        ) {
            by_level.entry(level as u8).or_default().push(r);
        }
    }
    let several = by_level.values().find(|r| r.len() >= 2);
    several
        .or_else(|| by_level.values().next())
        .cloned()
        .unwrap_or_default()
}

fn official_code(tags: TagView<'_>, name: &str, at: Position) -> Option<String> {
    let tagged = ["ref:GB", "ref:GB2260", "gb2260", "gb_code"]
        .iter()
        .find_map(|k| tags.get(k));
    if let Some(code) = tagged.filter(|c| c.len() == 6 && c.bytes().all(|b| b.is_ascii_digit())) {
        return Some(code.to_owned());
    }
    let known = KNOWN_CODES.lines().skip(1).filter_map(|line| {
        let mut fields = line.split(',');
        let (code, known_name) = (fields.next()?, fields.next()?);
        let (lon, lat) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        let known_at = chengtu_engine::geo::LonLat::new(lon, lat).position().ok()?;
        (known_name == name).then(|| (distance_m(known_at, at), code))
    });
    let nearest = known.min_by(|a, b| a.0.total_cmp(&b.0));
    nearest
        .filter(|(d, _)| *d <= KNOWN_WITHIN_M)
        .map(|(_, code)| code.to_owned())
}
