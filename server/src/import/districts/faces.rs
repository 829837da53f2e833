//! The city cut along pieces of border, where borders are not whole.

use crate::import::extract::{Extract, Relation};
use crate::import::fill::{NONE, crossing};
use crate::import::grid::Raster;
use crate::import::rings::Chain;
use crate::import::tags::TagView;
use chengtu_engine::geo::{Position, distance_m};
use std::collections::{BTreeMap, BTreeSet};

fn transposed(p: Position) -> Position {
    Position::new(p.lat_e7, p.lon_e7)
}

/// The city cut along pieces of border.
pub struct Faces {
    /// Border way between a cell and its eastern neighbour, and its southern one.
    east: BTreeMap<usize, i64>,
    south: BTreeMap<usize, i64>,
    /// Districts (as relation indices) that each border way bounds.
    sides: BTreeMap<i64, BTreeSet<u16>>,
}

impl Faces {
    pub fn new(extract: &Extract, relations: &[&Relation], raster: &Raster) -> Self {
        let mut sides: BTreeMap<i64, BTreeSet<u16>> = BTreeMap::new();
        for (i, r) in relations.iter().enumerate() {
            for (way, _) in r.ways.iter().filter(|(id, _)| extract.way(*id).is_some()) {
                sides.entry(*way).or_default().insert(i as u16);
            }
        }
        let mut ends: BTreeMap<i64, usize> = BTreeMap::new();
        let ways: Vec<i64> = sides.keys().copied().collect();
        let chains: Vec<(i64, Chain)> = ways
            .iter()
            .filter_map(|id| Some((*id, extract.chains(extract.way(*id)?))))
            .flat_map(|(id, chains)| chains.into_iter().map(move |c| (id, c)))
            .collect();
        for (_, chain) in &chains {
            for end in [chain.first(), chain.last()].into_iter().flatten() {
                *ends.entry(end.0).or_default() += 1;
            }
        }
        let mut faces = Self {
            east: BTreeMap::new(),
            south: BTreeMap::new(),
            sides,
        };
        for (id, chain) in chains {
            let mut line: Vec<Position> = chain.iter().map(|(_, p)| *p).collect();
            let alone = |end: Option<&(i64, Position)>| end.is_some_and(|(n, _)| ends[n] == 1);
            // A border that breaks off inside the city is drawn on to the city's edge the way it was going.
            if alone(chain.last()) {
                line.extend(continued(&line));
            }
            line.reverse();
            if alone(chain.first()) {
                line.extend(continued(&line));
            }
            faces.wall(&line, id, raster);
        }
        faces
    }

    fn wall(&mut self, line: &[Position], way: i64, raster: &Raster) {
        // Two crossings of one pair of neighbours cancel out.
        let toggle = |walls: &mut BTreeMap<usize, i64>, at: usize| {
            if walls.remove(&at).is_none() {
                walls.insert(at, way);
            }
        };
        for w in line.windows(2) {
            for row in raster.rows_between(w[0].lat_e7, w[1].lat_e7) {
                if let Some(lon) = crossing(w[0], w[1], raster.middle_lat_e7(row)) {
                    let before = raster.columns_before(lon);
                    if (1..raster.columns).contains(&before) {
                        toggle(&mut self.east, raster.index(before - 1, row));
                    }
                }
            }
            let (a, b) = (transposed(w[0]), transposed(w[1]));
            for column in raster.columns_between(w[0].lon_e7, w[1].lon_e7) {
                if let Some(lat) = crossing(a, b, raster.middle_lon_e7(column)) {
                    let before = raster.rows_before(lat);
                    if (1..raster.rows).contains(&before) {
                        toggle(&mut self.south, raster.index(column, before - 1));
                    }
                }
            }
        }
    }

    /// Gives each face that no complete border has filled to the district of its border, or else to the one that most
    /// of the evidence in it names.
    pub fn settle(
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

/// Evidence in each cell for a district: its label, addresses, and names that begin with its name.
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
