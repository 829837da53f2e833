use super::false_discovery::adjusted;
use super::getis_ord::{BANDS, GetisOrd};
use super::reference::{Permutations, binomial_tail};
use std::collections::BTreeMap;

/// How far a window reaches around its cell, and what chance its cases are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// The cell alone; every case could be in any cell.
    Cell,
    /// Everything within the shortest band; every case could be in any cell.
    Near,
    /// Everything within the band of this number; the counts of the other cells could be dealt anew among them.
    Band(usize),
}

impl Reach {
    /// The band that it reaches over; none for the cell alone.
    pub fn band(self) -> Option<usize> {
        match self {
            Self::Cell => None,
            Self::Near => Some(0),
            Self::Band(band) => Some(band),
        }
    }
}

/// A cell with what is around it, where there are more cases than chance would put.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub cell: u32,
    pub reach: Reach,
    /// Probability of at least as many cases by chance.
    pub p: f64,
    /// The same, adjusted for the number of windows (false-discovery rate).
    pub q: f64,
}

/// Windows in which there are more cases than chance explains, at a rate of false discoveries; the least likely first.
///
/// Two kinds of chance are looked at. Every case could be in any cell of the city (binomial): what a crossing gathers,
/// even in one cell. And the counts of all cells but the one in the middle could be dealt anew among them
/// ([`Permutations`]): what some blocks or a quarter gather, whatever single addresses do. Benjamini and Hochberg's procedure
/// runs over all windows together, so that the rate holds for the city.
///
/// Cost: linear in the cells; a distribution for each of the few counts that occur.
pub(super) fn significant(counts: &GetisOrd, rate: f64) -> Vec<Window> {
    let cells = counts.cells();
    let mut windows = by_cases(counts, rate);
    let candidates = around(counts);
    let most = candidates.iter().map(|(_, _, (own, _, near))| near - own);
    let mut reference = Permutations::new(counts.histogram(), cells, most.max().unwrap_or(0));
    // Few different counts stand in many cells.
    let mut known: BTreeMap<(u32, u32, u32), f64> = BTreeMap::new();
    for (band, cell, at) in candidates {
        let (own, reach, near) = at;
        let p = *known
            .entry(at)
            .or_insert_with(|| reference.tail(own, reach, near));
        if p <= rate {
            let reach = Reach::Band(band);
            windows.push(Window {
                cell,
                reach,
                p,
                q: 1.0,
            });
        }
    }
    let p: Vec<f64> = windows.iter().map(|w| w.p).collect();
    let tests = cells as usize * (BANDS + 2);
    for (window, q) in windows.iter_mut().zip(adjusted(&p, tests)) {
        window.q = q;
    }
    windows.retain(|w| w.q <= rate);
    windows.sort_by(|a, b| {
        let by_chance = a.p.total_cmp(&b.p);
        by_chance.then((a.reach, a.cell).cmp(&(b.reach, b.cell)))
    });
    windows
}

/// Cells, and cells with what is within the shortest band, that hold too many cases if each could be anywhere.
fn by_cases(counts: &GetisOrd, rate: f64) -> Vec<Window> {
    let cells = f64::from(counts.cells().max(1));
    let total = counts.total();
    let mut known: BTreeMap<(u32, u32), f64> = BTreeMap::new();
    let mut windows = Vec::new();
    for cell in (0..).zip(counts.near(0)).filter(|(_, near)| **near > 1) {
        let cell = cell.0;
        let near = counts.around(0, cell);
        for (reach, (within, cases)) in
            [(Reach::Cell, (1, counts.count(cell))), (Reach::Near, near)]
        {
            if cases < 2 || !counts.is_city(cell) {
                continue;
            }
            let p = *known
                .entry((within, cases))
                .or_insert_with(|| binomial_tail(total, f64::from(within) / cells, cases));
            if p <= rate {
                windows.push(Window {
                    cell,
                    reach,
                    p,
                    q: 1.0,
                });
            }
        }
    }
    windows
}

/// Cells around which there are more cases than on average: band, cell, and what is counted there: in the cell, how many
/// cells there are, and cases in these.
fn around(counts: &GetisOrd) -> Vec<(usize, u32, (u32, u32, u32))> {
    let mean = counts.total() as f64 / f64::from(counts.cells().max(1));
    let mut found = Vec::new();
    for band in 0..BANDS {
        for (cell, near) in (0..).zip(counts.near(band)) {
            if *near < 2 || !counts.is_city(cell) {
                continue;
            }
            let (reach, near) = counts.around(band, cell);
            let own = counts.count(cell);
            if near > own && f64::from(near) > mean * f64::from(reach) {
                found.push((band, cell, (own, reach, near)));
            }
        }
    }
    found
}
