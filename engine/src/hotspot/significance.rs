use super::getis_ord::{BANDS, GetisOrd};

/// How far a window reaches around its cell, and what chance its cases are held against.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// The cell alone; every case could be in any cell.
    Cell,
    /// Everything within the shortest band; every case could be in any cell.
    Near,
    /// Everything within the band of this number, from 1; the counts of the other cells could be dealt anew among them.
    Band(usize),
}

/// All ways to look at a cell. The shortest band is looked at in one way, as [`Reach::Near`].
const REACHES: [Reach; BANDS + 1] = [Reach::Cell, Reach::Near, Reach::Band(1), Reach::Band(2)];

/// What a window gathers against the rest of the city follows its probability by chance to within about this, in natural
/// logarithms, so that the probability of others need not be calculated.
const SLACK: f64 = 4.0;

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

/// A cell with what is around it, where there are more cases than on average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    pub cell: u32,
    pub reach: Reach,
    /// Cells of the city in it, and their cases.
    pub within: u32,
    pub cases: u32,
    /// By how much likelier the cases are if they gather there than if they are anywhere: natural logarithm.
    pub gathers: f64,
}

/// The windows of a city that may hold more cases than chance explains.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Windows {
    /// The one that gathers most first.
    pub unusual: Vec<Window>,
    /// How many windows there are in the city, all others included.
    pub tests: f64,
    /// The accepted rate of false discoveries, 0 … 1.
    pub rate: f64,
    /// Windows with fewer cases are not looked at.
    cases_min: u32,
    /// Nor those that gather less than this.
    gathers_min: f64,
}

impl Windows {
    /// True where so many cases in so many cells of the city may be more than chance explains.
    pub fn is_unusual(&self, counts: &GetisOrd, within: u32, cases: u32) -> bool {
        cases >= self.cases_min && gathers(counts, within, cases) >= self.gathers_min
    }
}

/// The windows that may become areas at a rate of false discoveries, with at least so many cases.
///
/// Source: the likelihood ratio of Kulldorff 1997, which serves here to order them. Cost: linear in the cells.
pub(super) fn unusual(counts: &GetisOrd, rate: f64, cases_min: u32) -> Windows {
    let tests = f64::from(counts.cells()) * REACHES.len() as f64;
    // No city has more areas than fit its cases.
    let areas_max = (counts.total() / u64::from(cases_min.max(1))) as f64;
    let likely = libm::log(tests / (rate * areas_max).max(f64::MIN_POSITIVE));
    let gathers_min = (likely - SLACK).max(f64::MIN_POSITIVE);
    let mut unusual = Vec::new();
    for reach in REACHES {
        let window = |(cell, near): (u32, &u32)| {
            if *near < cases_min || !counts.is_city(cell) {
                return None;
            }
            let (within, cases) = match reach.band() {
                None => (1, counts.count(cell)),
                Some(band) => counts.around(band, cell),
            };
            let gathers = gathers(counts, within, cases);
            let many = cases >= cases_min && gathers >= gathers_min;
            many.then_some(Window {
                cell,
                reach,
                within,
                cases,
                gathers,
            })
        };
        let all = (0..).zip(counts.near(reach.band().unwrap_or(0)));
        unusual.extend(all.filter_map(window));
    }
    unusual.sort_unstable_by(|a, b| {
        let by_weight = b.gathers.total_cmp(&a.gathers);
        by_weight.then((a.reach, a.cell).cmp(&(b.reach, b.cell)))
    });
    Windows {
        unusual,
        tests,
        rate,
        cases_min,
        gathers_min,
    }
}

/// By how much likelier it is that so many of the city's cases are in so many of its cells if these have a rate of their
/// own: natural logarithm; 0 where they have no more than their share.
fn gathers(counts: &GetisOrd, within: u32, cases: u32) -> f64 {
    let (cells, total) = (f64::from(counts.cells().max(1)), counts.total() as f64);
    let (within, cases) = (f64::from(within), f64::from(cases));
    let expected = total * within / cells;
    if cases <= expected {
        return 0.0;
    }
    let part = |n: f64, expected: f64| {
        if n > 0.0 {
            n * libm::log(n / expected)
        } else {
            0.0
        }
    };
    part(cases, expected) + part(total - cases, total - expected)
}
