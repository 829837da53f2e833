use super::lattice::Lattice;
use super::outline::rings;
use crate::geo::{LocalFrame, Position};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A cell in which, with its neighbours, there are more or fewer cases than chance explains.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignificantCell {
    /// Number of the cell in the lattice.
    pub cell: u32,
    /// Open cases in the cell itself.
    pub cases: u32,
    /// Gi* z-score: positive hot, negative cold.
    pub z: f64,
    /// Two-sided probability of such a z-score by chance.
    pub p: f64,
    /// The probability adjusted for the number of cells (false-discovery rate).
    pub q: f64,
    /// Since when it has been so, µs UTC; for cold cells the time of the evaluation.
    pub since: i64,
}

/// Hot cells that touch each other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hotspot {
    /// The cell it began in: stays the same while that cell is hot.
    pub id: u32,
    /// Open cases in its cells.
    pub cases: u32,
    /// Since when its oldest cell has been hot, µs UTC.
    pub since: i64,
    /// Middle of its open cases, or of its cells where these hold none.
    pub centre: Position,
    /// Highest z-score of its cells.
    pub peak_z: f64,
    /// Smallest adjusted probability of its cells.
    pub q: f64,
    /// Its cells, sorted.
    pub cells: Vec<u32>,
    /// Rings around it: outer ones counter-clockwise, holes clockwise; the first point is not repeated.
    pub outline: Vec<Vec<Position>>,
}

/// What an evaluation found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hotspots {
    /// When, µs UTC.
    pub evaluated_at: i64,
    /// All significant cells, by number.
    pub cells: Vec<SignificantCell>,
    /// Hotspots, the strongest first: by peak z-score, then cases, then id.
    pub ranked: Vec<Hotspot>,
}

/// Joins touching hot cells, leaves out groups with fewer than `cases_min` cases, and ranks them.
///
/// `cases`: cell and position of every open case inside the lattice.
pub(super) fn ranked(
    lattice: &Lattice,
    frame: &LocalFrame,
    cells: &[SignificantCell],
    cases: impl Iterator<Item = (u32, Position)>,
    cases_min: u32,
) -> Vec<Hotspot> {
    let hot: BTreeMap<u32, &SignificantCell> = cells
        .iter()
        .filter(|c| c.z > 0.0)
        .map(|c| (c.cell, c))
        .collect();
    let touching = lattice.touching();
    let mut group_of: BTreeMap<u32, usize> = BTreeMap::new();
    let mut groups: Vec<BTreeSet<u32>> = Vec::new();
    for cell in hot.keys() {
        if group_of.contains_key(cell) {
            continue;
        }
        let mut members = BTreeSet::new();
        let mut open = vec![*cell];
        while let Some(at) = open.pop() {
            if members.insert(at) {
                group_of.insert(at, groups.len());
                open.extend(
                    lattice
                        .reached(at, &touching)
                        .filter(|c| hot.contains_key(c)),
                );
            }
        }
        groups.push(members);
    }
    let mut sums = vec![(0i64, 0i64, 0u32); groups.len()];
    for (cell, p) in cases {
        if let Some(group) = group_of.get(&cell) {
            let sum = &mut sums[*group];
            *sum = (
                sum.0 + i64::from(p.lon_e7),
                sum.1 + i64::from(p.lat_e7),
                sum.2 + 1,
            );
        }
    }
    let listed = groups
        .iter()
        .zip(&sums)
        .filter(|(_, sum)| sum.2 >= cases_min);
    let mut found: Vec<Hotspot> = listed
        .map(|(members, sum)| hotspot(lattice, frame, &hot, members, *sum))
        .collect();
    found.sort_by(|a, b| {
        b.peak_z
            .total_cmp(&a.peak_z)
            .then(b.cases.cmp(&a.cases))
            .then(a.id.cmp(&b.id))
    });
    found
}

fn hotspot(
    lattice: &Lattice,
    frame: &LocalFrame,
    hot: &BTreeMap<u32, &SignificantCell>,
    members: &BTreeSet<u32>,
    (lon, lat, cases): (i64, i64, u32),
) -> Hotspot {
    let cells: Vec<u32> = members.iter().copied().collect();
    let (mut since, mut id, mut peak_z, mut q) = (i64::MAX, u32::MAX, f64::MIN, f64::MAX);
    for cell in cells.iter().filter_map(|c| hot.get(c)) {
        (since, id) = (since, id).min((cell.since, cell.cell));
        (peak_z, q) = (peak_z.max(cell.z), q.min(cell.q));
    }
    let centre = if cases > 0 {
        let n = i64::from(cases);
        Position::new((lon / n) as i32, (lat / n) as i32)
    } else {
        let middle = cells[cells.len() / 2];
        frame.position(lattice.centre(middle))
    };
    let place = |ring: Vec<_>| {
        ring.into_iter()
            .map(|c| frame.position(lattice.corner(c)))
            .collect()
    };
    let outline = rings(lattice, &cells).into_iter().map(place).collect();
    Hotspot {
        id,
        cases,
        since,
        centre,
        peak_z,
        q,
        cells,
        outline,
    }
}
