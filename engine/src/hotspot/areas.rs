use super::getis_ord::{BANDS, GetisOrd};
use super::lattice::Lattice;
use super::reference::{Permutations, binomial_tail};
use super::significance::{Reach, Window, Windows};
use std::collections::{BTreeMap, BTreeSet};

/// Areas with so many cells between them are one.
const BETWEEN: u32 = 2;

/// Touching cells with what is least likely of the windows that they come from.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Area {
    pub cells: BTreeSet<u32>,
    pub cases: u32,
    /// Smallest probability of its windows.
    pub p: f64,
    /// The same, adjusted for the number of windows and of areas.
    pub q: f64,
}

/// The areas of a city.
///
/// The window that gathers most comes first. It is an area if so many cases are in it by chance with a probability that,
/// times the number of windows and divided by the number of areas, is at most the rate: a cluster that fills many windows
/// is one discovery, and makes room for one more alone. Of its cells those near its cases are taken. Of every further window
/// the cases that belong to areas before it do not count, so that a cluster does not draw in all that lies around it (the
/// secondary clusters of Kulldorff 1997). Areas with at most two cells between them are one, these cells included.
///
/// Two kinds of chance are looked at. Every case could be in any cell of the city (binomial): what a crossing gathers,
/// even in one cell. And the counts of all cells but the one in the middle could be dealt anew among them
/// ([`Permutations`]): what some blocks or a quarter gather, whatever single addresses do.
///
/// In a city whose cases are anywhere by chance, the probability of any area is at most the rate, however windows depend on
/// each other: one of them would have to be below the rate by their number (Bonferroni).
///
/// Source: Benjamini and Hochberg 1995, their bounds taken from one area on, which is the stricter way. Cost: for every
/// window its cells; probabilities of a few.
pub(super) fn areas(lattice: &Lattice, counts: &GetisOrd, windows: &Windows) -> Vec<Area> {
    let most = windows.unusual.iter().map(|w| w.cases).max();
    let mut made = Making {
        lattice,
        counts,
        windows,
        reference: Permutations::new(counts.histogram(), counts.cells(), most.unwrap_or(0)),
        known: BTreeMap::new(),
        left: core::array::from_fn(|band| counts.near(band).to_vec()),
        claimed: vec![false; lattice.len()],
        found: Vec::new(),
    };
    for window in &windows.unusual {
        made.take(window);
    }
    made.found
}

/// Areas in the making.
struct Making<'a> {
    lattice: &'a Lattice,
    counts: &'a GetisOrd,
    windows: &'a Windows,
    reference: Permutations<'a>,
    /// Probabilities: of a kind of window with so many cases in its middle, so many cells, and so many cases.
    known: BTreeMap<(bool, u32, u32, u32), f64>,
    /// Cases around the cells that belong to no area yet, by band.
    left: [Vec<u32>; BANDS],
    /// Cells that belong to an area.
    claimed: Vec<bool>,
    found: Vec<Area>,
}

impl Making<'_> {
    /// Makes an area of a window, or adds to those beside it, where it holds too many cases for chance.
    fn take(&mut self, window: &Window) {
        let (counts, windows) = (self.counts, self.windows);
        let cases = self.cases_left(window);
        if !windows.is_unusual(counts, window.within, cases) {
            return;
        }
        let p = self.probability(window, cases);
        let q = |areas: usize| p * windows.tests / areas as f64;
        if q(self.found.len() + 1) > windows.rate {
            return;
        }
        let cells = self.around(window);
        let (touched, apart) = self.beside(&cells);
        let q = q(apart.len() + 1);
        if q > windows.rate {
            return;
        }
        let mut area = Area {
            cells,
            cases: 0,
            p,
            q,
        };
        for other in touched {
            area.cells.extend(self.between(&area.cells, &other.cells));
            area.cells.extend(other.cells);
            (area.p, area.q) = (area.p.min(other.p), area.q.min(other.q));
        }
        area.cases = area.cells.iter().map(|c| counts.count(*c)).sum();
        self.claim(&area.cells);
        self.found = apart;
        self.found.push(area);
    }

    /// Cases of a window that belong to no area yet.
    fn cases_left(&self, window: &Window) -> u32 {
        match window.reach.band() {
            Some(band) => self.left[band][window.cell as usize],
            None => self.own(window),
        }
    }

    /// The same in its middle.
    fn own(&self, window: &Window) -> u32 {
        if self.claimed[window.cell as usize] {
            0
        } else {
            self.counts.count(window.cell)
        }
    }

    fn claim(&mut self, cells: &BTreeSet<u32>) {
        let counts = self.counts;
        for cell in cells {
            if core::mem::replace(&mut self.claimed[*cell as usize], true) {
                continue;
            }
            let own = counts.count(*cell);
            if own == 0 {
                continue;
            }
            for (band, left) in self.left.iter_mut().enumerate() {
                for near in counts.window(self.lattice, band, *cell) {
                    left[near as usize] -= own;
                }
            }
        }
    }

    /// Of at least so many cases in a window by chance.
    fn probability(&mut self, window: &Window, cases: u32) -> f64 {
        let own = self.own(window);
        let (counts, reference) = (self.counts, &mut self.reference);
        let within = window.within;
        let is_dealt = matches!(window.reach, Reach::Band(_));
        let own = if is_dealt { own } else { 0 };
        *self
            .known
            .entry((is_dealt, own, within, cases))
            .or_insert_with(|| {
                if is_dealt {
                    return reference.tail(own, within, cases);
                }
                let share = f64::from(within) / f64::from(counts.cells().max(1));
                binomial_tail(counts.total(), share, cases)
            })
    }

    /// The cells of a window near those of its cases that belong to no area: the further it reaches, the further these may
    /// be from each other.
    fn around(&self, window: &Window) -> BTreeSet<u32> {
        let Some(band) = window.reach.band() else {
            return self.grown(&BTreeSet::from([window.cell]), 1);
        };
        let whole = || self.counts.window(self.lattice, band, window.cell);
        let is_new = |c: &u32| self.counts.count(*c) > 0 && !self.claimed[*c as usize];
        let near = self.grown(&whole().filter(is_new).collect(), 1 << band);
        whole().filter(|c| near.contains(c)).collect()
    }

    /// The areas that these cells touch, or nearly, and the others.
    fn beside(&self, cells: &BTreeSet<u32>) -> (Vec<Area>, Vec<Area>) {
        let near = self.grown(cells, BETWEEN + 1);
        let areas = self.found.iter().cloned();
        areas.partition(|a| !a.cells.is_disjoint(&near))
    }

    /// The cells between two areas that are beside each other.
    fn between(&self, a: &BTreeSet<u32>, b: &BTreeSet<u32>) -> Vec<u32> {
        let near = self.grown(a, BETWEEN);
        let between = self.grown(b, BETWEEN).into_iter();
        between.filter(|c| near.contains(c)).collect()
    }

    /// Cells with those of the city within so many rings around them.
    fn grown(&self, cells: &BTreeSet<u32>, rings: u32) -> BTreeSet<u32> {
        let stencils = self.lattice.stencils_within(rings);
        let reached = cells
            .iter()
            .flat_map(|c| self.lattice.reached(*c, &stencils));
        reached.filter(|c| self.counts.is_city(*c)).collect()
    }
}
