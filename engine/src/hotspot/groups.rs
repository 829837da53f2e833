use super::getis_ord::GetisOrd;
use super::lattice::Lattice;
use super::outline::rings;
use super::reference::{Permutations, binomial_tail};
use super::significance::{Reach, Window};
use crate::geo::{LocalFrame, Position};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Cells that touch each other and hold more cases than chance explains.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hotspot {
    /// The cell it began in: stays the same while that cell is hot.
    pub id: u32,
    /// Open cases in its cells.
    pub cases: u32,
    /// Open cases that its cells would hold if they were spread evenly over the city.
    pub expected: f64,
    /// Since when its oldest cell has been hot, µs UTC.
    pub since: i64,
    /// Middle of its open cases.
    pub centre: Position,
    /// Highest z-score of Gi* within the least reach of a cell of it.
    pub peak_z: f64,
    /// Smallest adjusted probability of its windows: the rate of false discoveries at which it would just be listed.
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
    /// Hotspots, the least likely first: by adjusted probability, then cases, then id.
    pub ranked: Vec<Hotspot>,
}

/// Touching cells with what is least likely of the windows that they come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Area {
    pub cells: BTreeSet<u32>,
    pub cases: u32,
    pub q: f64,
}

/// The areas that windows are about, those with fewer than `cases_min` cases left out.
///
/// The least likely window comes first. Another beside it counts only if the cases that it does not share with windows
/// before it are still too many for chance, so that a cluster does not draw in all that lies around it (the secondary
/// clusters of Kulldorff 1997). Of a window those cells are taken that are near its cases; touching cells are one area.
pub(super) fn areas(
    lattice: &Lattice,
    counts: &GetisOrd,
    windows: &[Window],
    cases_min: u32,
) -> Vec<Area> {
    let limit = windows.last().map_or(0.0, |w| w.p);
    let most = windows.iter().map(|w| cases_in(counts, w)).max();
    let mut reference = Permutations::new(counts.histogram(), counts.cells(), most.unwrap_or(0));
    let touching = lattice.stencils_within(1);
    let mut claimed: BTreeSet<u32> = BTreeSet::new();
    let mut q_of: BTreeMap<u32, f64> = BTreeMap::new();
    for window in windows {
        let whole: BTreeSet<u32> = match window.reach.band() {
            None => lattice
                .reached(window.cell, &touching)
                .filter(|c| counts.is_city(*c))
                .collect(),
            Some(band) => counts.window(lattice, band, window.cell).collect(),
        };
        let mut occupied: Vec<u32> = whole.iter().copied().collect();
        occupied.retain(|c| counts.count(*c) > 0);
        let all = occupied.len();
        occupied.retain(|c| !claimed.contains(c));
        let is_whole = occupied.len() == all;
        if !is_whole && !is_new(counts, window, &occupied, limit, &mut reference) {
            continue;
        }
        let near = lattice.stencils_within(1 << window.reach.band().unwrap_or(0));
        for cell in &occupied {
            for c in lattice.reached(*cell, &near).filter(|c| whole.contains(c)) {
                let q = q_of.entry(c).or_insert(window.q);
                *q = q.min(window.q);
            }
        }
        claimed.extend(occupied);
    }
    joined(lattice, counts, &q_of, cases_min)
}

fn cases_in(counts: &GetisOrd, window: &Window) -> u32 {
    let band = window.reach.band();
    band.map_or(0, |band| counts.around(band, window.cell).1)
}

/// True if the cases in `new` alone are too many for chance.
fn is_new(
    counts: &GetisOrd,
    window: &Window,
    new: &[u32],
    limit: f64,
    reference: &mut Permutations<'_>,
) -> bool {
    let near: u32 = new.iter().map(|c| counts.count(*c)).sum();
    let own = if new.contains(&window.cell) {
        counts.count(window.cell)
    } else {
        0
    };
    let p = match window.reach {
        Reach::Cell => return own > 0,
        Reach::Near => {
            let (within, _) = counts.around(0, window.cell);
            let share = f64::from(within) / f64::from(counts.cells().max(1));
            binomial_tail(counts.total(), share, near)
        }
        Reach::Band(band) => {
            let (within, _) = counts.around(band, window.cell);
            reference.tail(own, within, near)
        }
    };
    p <= limit
}

fn joined(
    lattice: &Lattice,
    counts: &GetisOrd,
    q_of: &BTreeMap<u32, f64>,
    cases_min: u32,
) -> Vec<Area> {
    let touching = lattice.stencils_within(1);
    let mut seen: BTreeSet<u32> = BTreeSet::new();
    let mut found = Vec::new();
    for cell in q_of.keys() {
        if seen.contains(cell) {
            continue;
        }
        let mut area = Area {
            cells: BTreeSet::new(),
            cases: 0,
            q: 1.0,
        };
        let mut open = vec![*cell];
        while let Some(at) = open.pop() {
            let Some(q) = q_of.get(&at).filter(|_| seen.insert(at)) else {
                continue;
            };
            area.cells.insert(at);
            area.cases += counts.count(at);
            area.q = area.q.min(*q);
            open.extend(lattice.reached(at, &touching));
        }
        if area.cases >= cases_min {
            found.push(area);
        }
    }
    found
}

/// An area as it is listed, without its place in the order. `since`: since when each of its cells has been hot;
/// `positions`: sums of longitude and latitude of its cases.
pub(super) fn hotspot(
    lattice: &Lattice,
    frame: &LocalFrame,
    counts: &GetisOrd,
    area: &Area,
    since: &BTreeMap<u32, i64>,
    (lon, lat): (i64, i64),
) -> Hotspot {
    let cells: Vec<u32> = area.cells.iter().copied().collect();
    let ages = cells.iter().filter_map(|c| Some((*since.get(c)?, *c)));
    let (since, id) = ages.min().unwrap_or((i64::MAX, cells[0]));
    let peak_z = cells
        .iter()
        .map(|c| counts.z_score(0, *c))
        .fold(f64::MIN, f64::max);
    let n = i64::from(area.cases.max(1));
    let place = |ring: Vec<_>| {
        ring.into_iter()
            .map(|c| frame.position(lattice.corner(c)))
            .collect()
    };
    Hotspot {
        id,
        cases: area.cases,
        expected: counts.total() as f64 * cells.len() as f64 / f64::from(counts.cells().max(1)),
        since,
        centre: Position::new((lon / n) as i32, (lat / n) as i32),
        peak_z,
        q: area.q,
        outline: rings(lattice, &cells).into_iter().map(place).collect(),
        cells,
    }
}

/// The least likely first.
pub(super) fn rank(found: &mut [Hotspot]) {
    found.sort_by(|a, b| {
        let by_chance = a.q.total_cmp(&b.q);
        by_chance.then(b.cases.cmp(&a.cases)).then(a.id.cmp(&b.id))
    });
}
