//! Which district each cell of the city lies in, from whatever an extract knows about it.
//!
//! A border whose ring is complete fills its inside. At an extract's edge rings are cut off; then the available pieces
//! of border divide the city into faces, and a face belongs to the district that all the border around it has in
//! common.

mod choose;
mod codes;
mod faces;
mod streets;

pub use streets::Street;

use super::admin::{Area, Survey};
use super::extract::{Extract, Relation};
use super::fill::{self, NONE};
use super::grid::Raster;
use super::outline::{self, Outline};
use super::tags::TagView;
use chengtu_engine::geo::{GeoBox, Position};
use faces::Faces;
use std::collections::{BTreeMap, BTreeSet};
use streets::Streets;

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
    /// Which cells lie within their district's border, and were not only given to the nearest.
    within: Vec<bool>,
    raster: Raster,
    /// What parts the districts, where borders of it are mapped.
    streets: Streets,
    /// Names of districts whose border could not be made out.
    pub lost: Vec<String>,
    /// False if the whole city is one district, because none are mapped.
    mapped: bool,
}

/// What is called a district, before it has a code.
type Found<'e> = Vec<(TagView<'e>, Option<Position>)>;

impl Districts {
    /// Finds the districts of the raster; a city without any is one district of code 000000.
    pub fn find(
        extract: &Extract,
        survey: &Survey<'_>,
        bounds: GeoBox,
        raster: Raster,
        city: (&str, &str),
    ) -> Self {
        let mut of_cell = vec![NONE; raster.cells()];
        let chosen = choose::districts(survey, city.0);
        let mut lost = Vec::new();
        let found = if chosen.is_empty() {
            Self::from_pieces(extract, survey, bounds, &raster, &mut of_cell)
        } else {
            Self::from_areas(extract, survey, &chosen, &raster, &mut of_cell, &mut lost)
        };
        let within = of_cell.iter().map(|c| *c != NONE).collect();
        fill::spread(&raster, &found, &mut of_cell);
        let around = codes::surroundings(extract, city.0);
        let mut districts = Self::listed(found, of_cell, raster, &around, city);
        let parts = choose::parts(survey, &chosen);
        districts.streets = Streets::new(&parts, &districts.list, &raster, &mut districts.of_cell);
        districts.lost = lost;
        districts.within = within;
        districts
    }

    /// Areas whose borders are known fill their insides, the large first.
    fn from_areas<'e>(
        extract: &'e Extract,
        survey: &Survey<'e>,
        chosen: &[&Area<'e>],
        raster: &Raster,
        of_cell: &mut [u16],
        lost: &mut Vec<String>,
    ) -> Found<'e> {
        let mut chosen = chosen.to_vec();
        chosen.sort_by(|a, b| b.share.total_cmp(&a.share));
        let mut relations: Vec<&'e Relation> = chosen.iter().map(|a| a.relation).collect();
        for (i, area) in chosen.iter().enumerate() {
            fill::inside(raster, &area.polygons, i as u16, of_cell);
        }
        // A border that breaks off in the city parts it all the same.
        let level = chosen.iter().map(|a| a.level).max();
        let broken = survey
            .areas
            .iter()
            .filter(|a| Some(a.level) == level && !a.is_known());
        let broken: Vec<_> = broken.collect();
        if !broken.is_empty() && survey.subject().is_none() && survey.share_of(&chosen) < 0.9 {
            relations.extend(broken.iter().map(|a| a.relation));
            let faces = Faces::new(extract, &relations, raster);
            faces.settle(extract, &relations, raster, of_cell);
            let gone = |i: &usize| !of_cell.contains(&(*i as u16));
            let gone = (chosen.len()..relations.len()).filter(gone);
            lost.extend(gone.map(|i| broken[i - chosen.len()].name().to_owned()));
        }
        relations
            .iter()
            .map(|r| (extract.relation_tags(r), centre(extract, r)))
            .collect()
    }

    /// Without whole borders: the city cut along the pieces of border there are, or parted by labels.
    fn from_pieces<'e>(
        extract: &'e Extract,
        survey: &Survey<'_>,
        bounds: GeoBox,
        raster: &Raster,
        of_cell: &mut [u16],
    ) -> Found<'e> {
        // The border of a state that the extract is of is one with neighbours; their districts are not its own.
        let relations = if survey.subject().is_some() {
            Vec::new()
        } else {
            district_relations(extract)
        };
        if relations.is_empty() {
            let mut found = Found::new();
            for point in &extract.points {
                let tags = extract.point_tags(point);
                let is_district = tags.is("china_class", "district")
                    || matches!(tags.get("place"), Some("borough" | "district"));
                if is_district && tags.get("name").is_some() && bounds.contains(point.position) {
                    found.push((tags, Some(point.position)));
                }
            }
            return found;
        }
        let mut whole = true;
        for (i, r) in relations.iter().enumerate() {
            let outline = outline::of_relation(extract, r, None, &|_| 0);
            whole &= matches!(outline, Outline::Whole(_));
            fill::inside(raster, &outline.polygons(), i as u16, of_cell);
        }
        if !whole {
            let faces = Faces::new(extract, &relations, raster);
            faces.settle(extract, &relations, raster, of_cell);
        }
        relations
            .iter()
            .map(|r| (extract.relation_tags(r), centre(extract, r)))
            .collect()
    }

    fn listed(
        found: Found<'_>,
        of_cell: Vec<u16>,
        raster: Raster,
        around: &BTreeSet<String>,
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
                within: Vec::new(),
                raster,
                streets: Streets::default(),
                lost: Vec::new(),
                mapped: false,
            };
        }
        let mut taken = BTreeSet::new();
        let mut list: Vec<(District, u16)> = Vec::new();
        let tags: Vec<TagView<'_>> = used.iter().map(|i| found[usize::from(*i)].0).collect();
        for ((i, tags), official) in used
            .into_iter()
            .zip(&tags)
            .zip(codes::official(&tags, around))
        {
            let name = tags.get("name").unwrap_or_default();
            let official = official.filter(|c| taken.insert(c.clone()));
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
            within: Vec::new(),
            raster,
            streets: Streets::default(),
            lost: Vec::new(),
            mapped: true,
        }
    }

    /// The street of a cell, where the border of one is mapped.
    pub fn street_of_cell(&self, column: u32, row: u32) -> Option<&Street> {
        self.streets.of_cell(self.raster.index(column, row))
    }

    /// How many streets there are.
    pub fn street_count(&self) -> usize {
        self.streets.list.len()
    }

    /// Index of the district of a cell.
    pub fn of_cell(&self, column: u32, row: u32) -> usize {
        self.of_cell
            .get(self.raster.index(column, row))
            .map_or(0, |d| usize::from(*d))
    }

    /// Each mapped district with a place in its middle: of the cells within its border, the one nearest to their mean; of
    /// all that are nearest to it, where it has no border.
    pub fn middles(&self) -> Vec<(&District, Position)> {
        let all =
            || (0..self.raster.rows).flat_map(|r| (0..self.raster.columns).map(move |c| (c, r)));
        let mut bordered = vec![false; self.list.len()];
        let is_within = |c, r| self.within.get(self.raster.index(c, r)) == Some(&true);
        for (c, r) in all().filter(|(c, r)| is_within(*c, *r)) {
            bordered[self.of_cell(c, r)] = true;
        }
        let cells = || {
            let of = |(c, r)| (self.of_cell(c, r), c, r);
            let own = |(d, c, r): &(usize, u32, u32)| !bordered[*d] || is_within(*c, *r);
            all().map(of).filter(own)
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

    /// Index of the district at a position; `None` outside the city.
    pub fn index_at(&self, p: Position) -> Option<usize> {
        let (column, row) = self.raster.cell_at(p)?;
        Some(self.of_cell(column, row)).filter(|d| *d < self.list.len())
    }

    /// The district at a position; `None` outside the city.
    pub fn at(&self, p: Position) -> Option<&District> {
        self.list.get(self.index_at(p)?)
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

/// A node that stands for an area.
fn centre(extract: &Extract, relation: &Relation) -> Option<Position> {
    relation.centres.iter().find_map(|c| extract.position(*c))
}
