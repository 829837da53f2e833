use super::segments::{Bounds, Segment, SegmentTree};
use crate::geo::{LocalFrame, Position};
use serde::{Deserialize, Serialize};

/// What of the way from a place to a road water bars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum BankKind {
    /// The bank of a river, a sea or a large lake: nobody walks around it.
    Wide = 0,
    /// The bank of a pond: one walks around it where there is nothing else.
    Pond = 1,
    /// The course of a river or canal of unknown width. It has no sides.
    Course = 2,
}

/// A line where water begins; the water lies on its left. Banks of one body of water close around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bank {
    /// Of which kind of water.
    pub kind: BankKind,
    /// Its points, at least two.
    pub line: Vec<Position>,
}

/// So much water on the way to a road is none, metres: banks are drawn to a metre or two.
const DAMP_M: f64 = 3.0;
/// How wide a course without width is taken to be, metres.
const COURSE_M: f64 = 6.0;
/// Water that begins again after less dry ground than this goes on, metres.
const SEAM_M: f64 = 0.5;
/// Who is in the water belongs to a bank or bridge up to so much farther than the nearest bank: a part of that, and metres.
const AFLOAT: (f64, f64) = (1.5, 10.0);
/// The nearest bank is looked for within this first, metres.
const NEAR_M: f64 = 60.0;

/// How much the water between a place and a road bars the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Barred {
    /// Not at all.
    No,
    /// One has to walk around a pond, or over a stream.
    Detour,
    /// There is no way.
    Yes,
}

/// The banks of all waters.
#[derive(Debug, Default)]
pub(super) struct Water {
    banks: SegmentTree,
    /// By segment number of the tree: kinds of banks.
    kinds: Vec<BankKind>,
}

/// A place that ways to roads begin at, with what is asked of it once.
pub(super) struct Shore {
    at: [f64; 2],
    /// In how many wide waters and in how many ponds it lies.
    wet: Option<[i32; 2]>,
    /// How far the nearest bank may be exceeded, metres.
    afloat_m: Option<f64>,
}

impl Shore {
    pub(super) fn new(at: [f32; 2]) -> Self {
        Self {
            // A hair beside: never on a bank itself, where it would be on both sides of it.
            at: [f64::from(at[0]) + 0.003_71, f64::from(at[1]) + 0.002_17],
            wet: None,
            afloat_m: None,
        }
    }
}

impl Water {
    pub(super) fn new(frame: &LocalFrame, banks: &[Bank]) -> Self {
        let kinds = banks.iter().map(|b| b.kind).collect();
        let mut starts = vec![0u32];
        let mut points = Vec::new();
        for bank in banks {
            points.extend_from_slice(&bank.line);
            starts.push(points.len() as u32);
        }
        Self {
            banks: SegmentTree::new(frame, &starts, &points),
            kinds,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// How much bars the way from a shore straight to a place on a road.
    ///
    /// Cost: the banks in the rectangle around the way; once per shore those due east of it.
    pub(super) fn bars(&self, shore: &mut Shore, to: [f32; 2]) -> Barred {
        let to = to.map(f64::from);
        let way = minus(to, shore.at);
        let length_m = libm::hypot(way[0], way[1]);
        let mut crossings = [Vec::new(), Vec::new()];
        let mut courses = 0;
        self.banks.for_each_in(&rectangle(shore.at, to), |bank| {
            let kind = self.kinds[bank.line as usize];
            if let Some((part, into)) = crossing(shore.at, way, bank.segment) {
                match kind {
                    BankKind::Course => courses += 1,
                    _ => crossings[kind as usize].push((part, into)),
                }
            }
        });
        let dry = crossings.iter().all(Vec::is_empty);
        if dry && courses == 0 && length_m <= AFLOAT.1 {
            return Barred::No;
        }
        let wet = *shore.wet.get_or_insert_with(|| self.waters_at(shore.at));
        let mut wet_m = |kind: usize, first_m: &mut f64| {
            let stretches = stretches(&mut crossings[kind], wet[kind], length_m);
            let (first, others) = match stretches.split_first() {
                Some((first, others)) if wet[kind] > 0 && first.0 <= 0.0 => (Some(first), others),
                _ => (None, &stretches[..]),
            };
            *first_m = first.map_or(0.0, |(from, to)| to - from);
            others.iter().map(|(from, to)| to - from).sum::<f64>()
        };
        let (mut river_m, mut pond_m) = (0.0, 0.0);
        let (wide_m, around_m) = (wet_m(0, &mut river_m), wet_m(1, &mut pond_m));
        if wide_m > DAMP_M || self.is_far_afloat(shore, river_m) {
            Barred::Yes
        } else if around_m + f64::from(courses) * COURSE_M > DAMP_M
            || self.is_far_afloat(shore, pond_m)
        {
            Barred::Detour
        } else {
            Barred::No
        }
    }

    /// Whether somebody in the water has so far to the end of it that another bank or bridge is nearer.
    fn is_far_afloat(&self, shore: &mut Shore, water_m: f64) -> bool {
        let (times, more_m) = AFLOAT;
        water_m > more_m
            && water_m
                > *shore
                    .afloat_m
                    .get_or_insert_with(|| self.bank_m(shore.at) * times + more_m)
    }

    /// In how many wide waters a place lies, and in how many ponds: how often their banks turn around it.
    fn waters_at(&self, at: [f64; 2]) -> [i32; 2] {
        let mut turns = [0i32; 2];
        let east_m = self
            .banks
            .bounds()
            .map_or(at[0], |all| f64::from(all.high[0]));
        let ray = rectangle(at, [east_m.max(at[0]), at[1]]);
        self.banks.for_each_in(&ray, |bank| {
            let [a, b] = [bank.segment.a, bank.segment.b].map(|end| end.map(f64::from));
            let kind = self.kinds[bank.line as usize] as usize;
            if kind < turns.len() && (a[1] > at[1]) != (b[1] > at[1]) {
                let up = b[1] > a[1];
                let left = cross(minus(b, a), minus(at, a)) > 0.0;
                if left == up {
                    turns[kind] += if up { 1 } else { -1 };
                }
            }
        });
        turns.map(|t| t.max(0))
    }

    /// How far it is to the nearest bank of any water that has sides.
    fn bank_m(&self, at: [f64; 2]) -> f64 {
        let at = at.map(|m| m as f32);
        let mut within_m = NEAR_M;
        loop {
            let mut nearest_2 = f64::INFINITY;
            let window = Bounds::around(at, within_m);
            self.banks.for_each_in(&window, |bank| {
                if self.kinds[bank.line as usize] != BankKind::Course {
                    nearest_2 = nearest_2.min(bank.segment.nearest(at).1);
                }
            });
            if nearest_2 <= within_m * within_m || self.banks.lie_within(&window) {
                return libm::sqrt(nearest_2);
            }
            within_m *= 4.0;
        }
    }
}

fn minus(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

/// The rectangle around two places, a hair wider: segments are kept in single precision.
fn rectangle(a: [f64; 2], b: [f64; 2]) -> Bounds {
    let low = |i: usize| (a[i].min(b[i]) - 0.01) as f32;
    let high = |i: usize| (a[i].max(b[i]) + 0.01) as f32;
    Bounds {
        low: [low(0), low(1)],
        high: [high(0), high(1)],
    }
}

fn cross(a: [f64; 2], b: [f64; 2]) -> f64 {
    a[0] * b[1] - a[1] * b[0]
}

/// Where a way from a place crosses a bank, as a part 0 … 1 of its length, and whether into the water.
fn crossing(from: [f64; 2], way: [f64; 2], bank: Segment) -> Option<(f64, bool)> {
    let [a, b] = [bank.a, bank.b].map(|end| minus(end.map(f64::from), from));
    // A point of the bank exactly on the way counts as on its left, for both segments that meet there.
    if (cross(way, a) >= 0.0) == (cross(way, b) >= 0.0) {
        return None;
    }
    let course = minus(b, a);
    let across = cross(way, course);
    let part = cross(a, course) / across;
    (0.0..=1.0).contains(&part).then_some((part, across < 0.0))
}

/// The stretches of a way that lie in water, metres from its beginning.
fn stretches(crossings: &mut [(f64, bool)], wet: i32, length_m: f64) -> Vec<(f64, f64)> {
    crossings.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)));
    let mut found: Vec<(f64, f64)> = Vec::new();
    let mut note = |from: f64, to: f64| match found.last_mut() {
        Some(last) if from - last.1 < SEAM_M => last.1 = to,
        _ => found.push((from, to)),
    };
    let (mut depth, mut since) = (wet, 0.0);
    for (part, into) in crossings {
        let at = *part * length_m;
        if *into {
            if depth <= 0 {
                since = at;
            }
            depth += 1;
        } else {
            if depth == 1 {
                note(since, at);
            }
            depth -= 1;
        }
    }
    if depth > 0 {
        note(since, length_m);
    }
    found
}
