//! Administrative areas of an extract, and how much of the city's streets lies in each.

use super::border::Cut;
use super::drivable::drivable;
use super::extract::{Extract, Relation};
use super::fill;
use super::grid::Raster;
use super::outline::{self, Outline};
use super::places::label_point;
use super::rings::{self, Polygon, Ring};
use super::tags::TagView;
use chengtu_engine::geo::{GeoBox, METRES_PER_DEGREE, Position};

/// Cells along the longer side of the coarse raster on which areas are compared.
const CELLS_ALONG: f64 = 150.0;
/// A border this complete is one of a thing that lies in the extract, and not of one that the extract lies in.
const MOSTLY_HERE: f64 = 0.8;

/// A border this complete of which a way in the middle of the city is missing, as in an extract that is cut by a polygon, is
/// closed straight over the gap.
const MENDED: f64 = 0.6;

/// An administrative area.
#[derive(Debug)]
pub struct Area<'e> {
    /// Its relation.
    pub relation: &'e Relation,
    /// Tags of the relation.
    pub tags: TagView<'e>,
    /// `admin_level`, 2 (country) … 10.
    pub level: u8,
    /// What of it lies in the city, if its border is whole or could be closed along the city's edge.
    pub polygons: Vec<Polygon>,
    /// The part of its ways that the extract holds.
    pub here: f64,
    /// Coarse cells whose middle lies in it, ascending.
    cells: Vec<u32>,
    /// The same closed the other way around the city's edge, where nothing but size speaks for one of the two.
    other: Option<(Vec<Polygon>, Vec<u32>)>,
    /// The part of the city's streets that lies in it.
    pub share: f64,
}

impl<'e> Area<'e> {
    /// Its name; every area that is kept has one.
    pub fn name(&self) -> &'e str {
        self.tags.get("name").unwrap_or_default()
    }

    /// How much ground of the city it covers, in coarse cells.
    pub fn extent(&self) -> usize {
        self.cells.len()
    }

    /// True where its border could be made out.
    pub fn is_known(&self) -> bool {
        !self.polygons.is_empty()
    }
}

/// All administrative areas that reach into the city.
#[derive(Debug)]
pub struct Survey<'e> {
    /// By level, then by id.
    pub areas: Vec<Area<'e>>,
    /// Streets in each coarse cell.
    weights: Vec<u32>,
    total: u64,
}

impl<'e> Survey<'e> {
    /// Looks at every named administrative boundary of which a way is in the extract.
    pub fn new(extract: &'e Extract, bounds: GeoBox) -> Self {
        let raster = coarse(bounds);
        let mut weights = vec![0_u32; raster.cells()];
        for way in &extract.ways {
            if drivable(extract.way_tags(way)).is_some() {
                for at in extract.line(way) {
                    if let Some((column, row)) = raster.cell_at(at) {
                        weights[raster.index(column, row)] += 1;
                    }
                }
            }
        }
        let total = weights.iter().map(|w| u64::from(*w)).sum::<u64>();
        let mut survey = Self {
            areas: Vec::new(),
            weights,
            total,
        };
        let seats = Seats::new(extract);
        for relation in &extract.relations {
            survey
                .areas
                .extend(area(extract, relation, bounds, &raster, &seats));
        }
        survey.settle();
        for i in 0..survey.areas.len() {
            survey.areas[i].share = survey.share(&survey.areas[i].cells);
        }
        survey.areas.sort_by_key(|a| (a.level, a.relation.id));
        survey
    }

    /// Areas of one level lie side by side: what was closed one way for want of evidence is turned around where thereby
    /// fewer places lie in two of them.
    fn settle(&mut self) {
        for level in 2..=10 {
            let mut cover = vec![0_i64; self.weights.len()];
            for area in self.areas.iter().filter(|a| a.level == level) {
                for c in &area.cells {
                    cover[*c as usize] += 1;
                }
            }
            // One more place for every cell, so that fields and water count a little.
            let weight = |c: u32| i64::from(self.weights[c as usize]) + 1;
            let mut turned = true;
            while turned {
                turned = false;
                for area in self.areas.iter_mut().filter(|a| a.level == level) {
                    let Some((polygons, cells)) = &mut area.other else {
                        continue;
                    };
                    // What is gained by leaving the one and entering the other, place by place.
                    let fault = |n: i64| (n - 1).max(0);
                    let mut gain = 0;
                    for c in area
                        .cells
                        .iter()
                        .filter(|c| cells.binary_search(c).is_err())
                    {
                        let n = cover[*c as usize];
                        gain += weight(*c) * (fault(n) - fault(n - 1));
                    }
                    for c in cells
                        .iter()
                        .filter(|c| area.cells.binary_search(c).is_err())
                    {
                        let n = cover[*c as usize];
                        gain += weight(*c) * (fault(n) - fault(n + 1));
                    }
                    if gain > 0 {
                        for c in &area.cells {
                            cover[*c as usize] -= 1;
                        }
                        for c in &*cells {
                            cover[*c as usize] += 1;
                        }
                        std::mem::swap(&mut area.cells, cells);
                        std::mem::swap(&mut area.polygons, polygons);
                        turned = true;
                    }
                }
            }
        }
    }

    /// The part of the city's streets in some cells.
    fn share(&self, cells: &[u32]) -> f64 {
        let within: u64 = cells
            .iter()
            .map(|c| u64::from(self.weights[*c as usize]))
            .sum();
        within as f64 / self.total.max(1) as f64
    }

    /// The part of the city's streets that lies in any of some areas.
    pub fn share_of(&self, areas: &[&Area<'_>]) -> f64 {
        let mut cells: Vec<u32> = areas.iter().flat_map(|a| a.cells.iter().copied()).collect();
        cells.sort_unstable();
        cells.dedup();
        self.share(&cells)
    }

    /// The part of an area's streets in the city that lies in any of some others.
    pub fn overlap(&self, area: &Area<'_>, others: &[&Area<'_>]) -> f64 {
        let in_others = |c: &&u32| others.iter().any(|o| o.cells.binary_search(c).is_ok());
        let both: Vec<u32> = area.cells.iter().filter(in_others).copied().collect();
        self.share(&both) / area.share.max(f64::MIN_POSITIVE)
    }

    /// The thing that the extract is of: the smallest area that lies in it and holds nearly all of its streets.
    pub fn subject(&self) -> Option<&Area<'e>> {
        self.areas
            .iter()
            .filter(|a| a.level <= 8 && a.share >= MOSTLY_HERE && a.here >= MOSTLY_HERE)
            .min_by_key(|a| (a.cells.len(), std::cmp::Reverse(a.level)))
    }
}

fn coarse(bounds: GeoBox) -> Raster {
    let degrees = |low: i32, high: i32| (f64::from(high) - f64::from(low)) / 1e7;
    let (min, max) = (bounds.min, bounds.max);
    let squeeze = libm::cos(min.lon_lat().lat_deg.to_radians()).max(0.01);
    let across = degrees(min.lon_e7, max.lon_e7) * squeeze;
    let longest = across.max(degrees(min.lat_e7, max.lat_e7)) * METRES_PER_DEGREE;
    Raster::over(bounds, (longest / CELLS_ALONG).max(5.0))
}

fn area<'e>(
    extract: &'e Extract,
    relation: &'e Relation,
    bounds: GeoBox,
    raster: &Raster,
    seats: &Seats<'e>,
) -> Option<Area<'e>> {
    let tags = extract.relation_tags(relation);
    let level = tags
        .number("admin_level")
        .filter(|l| (2.0..=10.0).contains(l))? as u8;
    let name = tags.get("name")?;
    let here = relation
        .ways
        .iter()
        .filter(|(id, _)| extract.way(*id).is_some())
        .count();
    if !tags.is("boundary", "administrative") || here == 0 {
        return None;
    }
    let here = here as f64 / relation.ways.len() as f64;
    let own = seats.of(extract, relation, name);
    let outside = |rings: &[Ring]| {
        let lost = |p: &&Position| !rings.iter().any(|r| rings::contains(r, **p));
        own.iter().filter(lost).count() as u64
    };
    let closed = |larger: bool| {
        let cut = Cut {
            only_at_edge: true,
            larger,
            ..Cut::default()
        };
        outline::of_relation(extract, relation, Some((bounds, cut)), &outside)
    };
    let mut outline = closed(false);
    if outline == Outline::Broken && here >= MENDED {
        let anywhere = Some((bounds, Cut::default()));
        outline = outline::of_relation(extract, relation, anywhere, &outside);
    }
    let guessed = matches!(outline, Outline::AtEdge(_)) && own.is_empty();
    let other = guessed.then(|| closed(true)).filter(|o| *o != outline);
    let cells = |polygons: &[Polygon]| {
        let mut filled = vec![fill::NONE; raster.cells()];
        fill::inside(raster, polygons, 0, &mut filled);
        let filled = (0..).zip(&filled).filter(|(_, d)| **d == 0);
        filled.map(|(i, _)| i).collect::<Vec<u32>>()
    };
    let polygons = outline.polygons();
    let other = other.map(Outline::polygons);
    Some(Area {
        relation,
        tags,
        level,
        here,
        cells: cells(&polygons),
        other: other.map(|o| {
            let cells = cells(&o);
            (o, cells)
        }),
        polygons,
        share: 0.0,
    })
}

/// Places that say where an area of their name lies.
struct Seats<'e>(Vec<(&'e str, Position)>);

impl<'e> Seats<'e> {
    fn new(extract: &'e Extract) -> Self {
        let mut all: Vec<(&str, Position)> = Vec::new();
        for point in &extract.points {
            let tags = extract.point_tags(point);
            if let (Some(name), true) = (tags.get("name"), tags.has("place")) {
                all.push((name, point.position));
            }
            if let Some(district) = tags.get("addr:district") {
                all.push((district, point.position));
            }
        }
        all.sort_unstable();
        Self(all)
    }

    /// Places that an area of this name must hold.
    fn of(&self, extract: &Extract, relation: &Relation, name: &str) -> Vec<Position> {
        let from = self.0.partition_point(|(n, _)| *n < name);
        let named = self.0[from..].iter().take_while(|(n, _)| *n == name);
        let centres = relation.centres.iter().filter_map(|c| extract.position(*c));
        let parts = relation.subareas.iter().filter_map(|id| {
            let part = extract.relation(*id)?;
            match outline::of_relation(extract, part, None, &|_| 0) {
                Outline::Whole(polygons) => polygons.first().map(label_point),
                _ => None,
            }
        });
        let known = centres.chain(parts);
        known.chain(named.map(|(_, p)| *p)).collect()
    }
}
