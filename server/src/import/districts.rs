//! Which district each cell of the city lies in, from whatever an extract knows about it.
//!
//! A border whose ring is complete fills its inside. At an extract's edge rings are cut off; then the pieces of border
//! at hand part the city into faces, and a face belongs to the district that all the border around it has in common.

use super::areas;
use super::extract::{Extract, Relation};
use super::grid::Raster;
use super::rings::Polygon;
use super::tags::TagView;
use chengtu_engine::geo::{GeoBox, Position, distance_m};
use std::collections::{BTreeMap, BTreeSet};

/// A district.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct District {
    /// Six digits.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its name in English; may be empty.
    pub name_en: String,
    /// True where the code is an official one, false where it was made up.
    pub official: bool,
}

/// The districts of a city and the one of each cell.
#[derive(Clone, Debug)]
pub struct Districts {
    /// By code.
    pub list: Vec<District>,
    /// Index into `list` of each cell of the raster.
    of_cell: Vec<u16>,
    raster: Raster,
    /// False where the whole city stands in for districts that nobody has mapped.
    mapped: bool,
}

const NONE: u16 = u16::MAX;
/// Official codes of districts (GB/T 2260) by name and whereabouts.
const KNOWN_CODES: &str = include_str!("../../../data/standards/district_codes.csv");
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
                fill(&raster, areas, i as u16, &mut of_cell);
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
        spread(&raster, &found, &mut of_cell);
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
                (1..)
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
        let cells = |d: usize| {
            let all = (0..self.raster.rows)
                .flat_map(|row| (0..self.raster.columns).map(move |column| (column, row)));
            all.filter(move |(column, row)| self.of_cell(*column, *row) == d)
        };
        let middle = |d: usize| {
            let (x, y, n) = cells(d).fold((0_u64, 0_u64, 0_u64), |(x, y, n), (c, r)| {
                (x + u64::from(c), y + u64::from(r), n + 1)
            });
            let (x, y) = (x / n.max(1), y / n.max(1));
            let off = |(c, r): &(u32, u32)| {
                u64::from(*c).abs_diff(x).pow(2) + u64::from(*r).abs_diff(y).pow(2)
            };
            let (column, row) = cells(d).min_by_key(off)?;
            Some(Position::new(
                self.raster.middle_lon_e7(column),
                self.raster.middle_lat_e7(row),
            ))
        };
        let mapped = self.list.iter().enumerate().filter(|_| self.mapped);
        mapped
            .filter_map(|(d, district)| Some((district, middle(d)?)))
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

/// Gives a district the cells whose middle lies inside its polygons.
fn fill(raster: &Raster, polygons: &[Polygon], district: u16, of_cell: &mut [u16]) {
    let rings: Vec<_> = polygons
        .iter()
        .flat_map(|p| std::iter::once(&p.outer).chain(&p.holes))
        .collect();
    for row in 0..raster.rows {
        let lat = raster.middle_lat_e7(row);
        let mut crossings: Vec<i32> = Vec::new();
        for ring in &rings {
            for (i, a) in ring.iter().enumerate() {
                crossings.extend(crossing(*a, ring[(i + 1) % ring.len()], lat));
            }
        }
        crossings.sort_unstable();
        for pair in crossings.chunks_exact(2) {
            for column in 0..raster.columns {
                if (pair[0]..pair[1]).contains(&raster.middle_lon_e7(column)) {
                    of_cell[raster.index(column, row)] = district;
                }
            }
        }
    }
}

/// Longitude at which a segment crosses a latitude.
fn crossing(a: Position, b: Position, lat_e7: i32) -> Option<i32> {
    ((a.lat_e7 > lat_e7) != (b.lat_e7 > lat_e7)).then(|| {
        let [ax, ay, bx, by, y] = [a.lon_e7, a.lat_e7, b.lon_e7, b.lat_e7, lat_e7].map(f64::from);
        libm::round(ax + (bx - ax) * (y - ay) / (by - ay)) as i32
    })
}

fn transposed(p: Position) -> Position {
    Position::new(p.lat_e7, p.lon_e7)
}

/// The city cut along pieces of border.
struct Faces {
    /// Border way between a cell and its eastern neighbour, and its southern one.
    east: BTreeMap<usize, i64>,
    south: BTreeMap<usize, i64>,
    /// Districts (as relation indices) that each border way bounds.
    sides: BTreeMap<i64, BTreeSet<u16>>,
}

impl Faces {
    fn new(extract: &Extract, relations: &[&Relation], raster: &Raster) -> Self {
        let mut sides: BTreeMap<i64, BTreeSet<u16>> = BTreeMap::new();
        for (i, r) in relations.iter().enumerate() {
            for (way, _) in r.ways.iter().filter(|(id, _)| extract.way(*id).is_some()) {
                sides.entry(*way).or_default().insert(i as u16);
            }
        }
        let mut ends: BTreeMap<i64, usize> = BTreeMap::new();
        for way in sides.keys().filter_map(|id| extract.way(*id)) {
            let refs = extract.refs(way);
            for end in [refs[0], refs[refs.len() - 1]] {
                *ends.entry(end).or_default() += 1;
            }
        }
        let mut faces = Self {
            east: BTreeMap::new(),
            south: BTreeMap::new(),
            sides,
        };
        let ways: Vec<i64> = faces.sides.keys().copied().collect();
        for id in ways {
            let Some(way) = extract.way(id) else { continue };
            let (refs, mut line) = (extract.refs(way), extract.line(way));
            // A border that breaks off inside the city is drawn on to the city's edge the way it was going.
            if ends[&refs[refs.len() - 1]] == 1 {
                line.extend(continued(&line));
            }
            line.reverse();
            if ends[&refs[0]] == 1 {
                line.extend(continued(&line));
            }
            faces.wall(&line, id, raster);
        }
        faces
    }

    fn wall(&mut self, line: &[Position], way: i64, raster: &Raster) {
        // Two crossings of one pair of neighbours are none.
        let toggle = |walls: &mut BTreeMap<usize, i64>, at: usize| {
            if walls.remove(&at).is_none() {
                walls.insert(at, way);
            }
        };
        for w in line.windows(2) {
            for row in 0..raster.rows {
                if let Some(lon) = crossing(w[0], w[1], raster.middle_lat_e7(row)) {
                    let after = (0..raster.columns).find(|c| raster.middle_lon_e7(*c) >= lon);
                    if let Some(column) = after.and_then(|c| c.checked_sub(1)) {
                        toggle(&mut self.east, raster.index(column, row));
                    }
                }
            }
            for column in 0..raster.columns {
                if let Some(lat) = crossing(
                    transposed(w[0]),
                    transposed(w[1]),
                    raster.middle_lon_e7(column),
                ) {
                    let after = (0..raster.rows).find(|r| raster.middle_lat_e7(*r) <= lat);
                    if let Some(row) = after.and_then(|r| r.checked_sub(1)) {
                        toggle(&mut self.south, raster.index(column, row));
                    }
                }
            }
        }
    }

    /// Gives each face that no complete border has filled to the district that its border, or else what stands in it,
    /// speaks for.
    fn settle(
        &self,
        extract: &Extract,
        relations: &[&Relation],
        raster: &Raster,
        of_cell: &mut [u16],
    ) {
        let evidence = evidence(extract, relations, raster);
        let mut seen = vec![false; of_cell.len()];
        for start in 0..of_cell.len() {
            if seen[start] || of_cell[start] != NONE {
                continue;
            }
            let mut face = Vec::new();
            let mut shared: Option<BTreeSet<u16>> = None;
            let mut votes: BTreeMap<u16, u32> = BTreeMap::new();
            let mut queue = vec![start];
            seen[start] = true;
            while let Some(at) = queue.pop() {
                face.push(at);
                for (district, weight) in evidence.get(&at).into_iter().flatten() {
                    *votes.entry(*district).or_default() += weight;
                }
                for (next, wall) in self.neighbours(at, raster) {
                    if let Some(sides) = wall.and_then(|w| self.sides.get(&w)) {
                        shared = Some(shared.map_or_else(
                            || sides.clone(),
                            |s| s.intersection(sides).copied().collect(),
                        ));
                    } else if !seen[next] && of_cell[next] == NONE {
                        seen[next] = true;
                        queue.push(next);
                    }
                }
            }
            let shared = shared.unwrap_or_default();
            let allowed = |d: &u16| shared.is_empty() || shared.contains(d);
            let voted = votes
                .iter()
                .filter(|(d, _)| allowed(d))
                .max_by_key(|(d, n)| (**n, u16::MAX - **d))
                .map(|(d, _)| *d);
            let only = shared.first().copied().filter(|_| shared.len() == 1);
            if let Some(district) = only.or(voted) {
                for at in face {
                    of_cell[at] = district;
                }
            }
        }
    }

    fn neighbours(&self, at: usize, raster: &Raster) -> Vec<(usize, Option<i64>)> {
        let columns = raster.columns as usize;
        let (column, row) = (at % columns, at / columns);
        let mut found = Vec::with_capacity(4);
        if column + 1 < columns {
            found.push((at + 1, self.east.get(&at).copied()));
        }
        if column > 0 {
            found.push((at - 1, self.east.get(&(at - 1)).copied()));
        }
        if row + 1 < raster.rows as usize {
            found.push((at + columns, self.south.get(&at).copied()));
        }
        if row > 0 {
            found.push((at - columns, self.south.get(&(at - columns)).copied()));
        }
        found
    }
}

/// A far point in the direction in which a line ends.
fn continued(line: &[Position]) -> Option<Position> {
    let last = *line.last()?;
    let back = line
        .iter()
        .rev()
        .find(|p| distance_m(**p, last) >= 200.0)
        .or(line.first())?;
    let go = |from: i32, to: i32, limit: f64| {
        (f64::from(to) + (f64::from(to) - f64::from(from)) * 1e4).clamp(-limit, limit) as i32
    };
    let far = Position::new(
        go(back.lon_e7, last.lon_e7, 1.8e9),
        go(back.lat_e7, last.lat_e7, 9e8),
    );
    (far != last).then_some(far)
}

/// What in each cell speaks for which district: its label, addresses, and names that begin with its name.
fn evidence(
    extract: &Extract,
    relations: &[&Relation],
    raster: &Raster,
) -> BTreeMap<usize, Vec<(u16, u32)>> {
    let names: Vec<&str> = relations
        .iter()
        .map(|r| extract.relation_tags(r).get("name").unwrap_or_default())
        .collect();
    let mut evidence: BTreeMap<usize, Vec<(u16, u32)>> = BTreeMap::new();
    let mut speak = |tags: TagView<'_>, at: Position| {
        let Some((column, row)) = raster.cell_at(at) else {
            return;
        };
        for (i, name) in names.iter().enumerate() {
            let own = tags.get("name").unwrap_or_default();
            let weight = if own == *name && tags.has("place") {
                100
            } else if own.starts_with(name) {
                5
            } else {
                u32::from(tags.is("addr:district", name))
            };
            if weight > 0 {
                evidence
                    .entry(raster.index(column, row))
                    .or_default()
                    .push((i as u16, weight));
            }
        }
    };
    for p in &extract.points {
        speak(extract.point_tags(p), p.position);
    }
    for w in &extract.ways {
        if let Some(at) = extract.refs(w).first().and_then(|r| extract.position(*r)) {
            speak(extract.way_tags(w), at);
        }
    }
    evidence
}

/// Gives what is still without a district to the nearest label, or else to the nearest cell that has one.
fn spread(raster: &Raster, found: &[(TagView<'_>, Option<Position>)], of_cell: &mut [u16]) {
    if of_cell.iter().all(|c| *c == NONE) {
        let labels: Vec<(u16, Position)> = found
            .iter()
            .enumerate()
            .filter_map(|(i, (_, at))| Some((i as u16, (*at)?)))
            .collect();
        for row in 0..raster.rows {
            for column in 0..raster.columns {
                let middle = Position::new(raster.middle_lon_e7(column), raster.middle_lat_e7(row));
                let nearest = labels
                    .iter()
                    .min_by(|a, b| distance_m(a.1, middle).total_cmp(&distance_m(b.1, middle)));
                of_cell[raster.index(column, row)] = nearest.map_or(NONE, |(i, _)| *i);
            }
        }
        return;
    }
    let columns = raster.columns as usize;
    let mut front: std::collections::VecDeque<usize> =
        (0..of_cell.len()).filter(|c| of_cell[*c] != NONE).collect();
    while let Some(at) = front.pop_front() {
        let (column, row) = (at % columns, at / columns);
        let next = [
            (column > 0).then(|| at - 1),
            (column + 1 < columns).then(|| at + 1),
            (row > 0).then(|| at - columns),
            (row + 1 < raster.rows as usize).then(|| at + columns),
        ];
        for n in next.into_iter().flatten() {
            if of_cell[n] == NONE {
                of_cell[n] = of_cell[at];
                front.push_back(n);
            }
        }
    }
}
