use super::areas::Area;
use super::getis_ord::GetisOrd;
use super::lattice::Lattice;
use super::outline::rings;
use super::saddlepoint::deviate;
use crate::geo::{LocalFrame, Position};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// By how many standard deviations a normal variable would have to be off to be as unlikely as the least likely of its
    /// windows is by chance.
    pub z: f64,
    /// Adjusted probability of that window: the rate of false discoveries at which it would just be listed.
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
        z: deviate(area.p),
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
