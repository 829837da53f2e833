use super::graph::{RoadGraph, Standing};
use super::segments::{Placed, Segment};
use super::water::{Barred, Shore};

/// How much nearer than the ground a bridge or tunnel must be to be meant, metres.
const OFF_GROUND_M: f64 = 8.0;
/// What speaks against a road that a vehicle crosses at a right angle, metres; driven against, twice that.
const ACROSS_M: f64 = 15.0;

/// A place on a road: edge, number of the segment, part 0 … 1 of the segment, distance in metres.
type Found = (u32, u32, f64, f64);

/// The places on roads near a position, as they come, nearest first; the best of each kind.
pub(super) struct Nearby<'a> {
    graph: &'a RoadGraph,
    shore: Shore,
    /// Where a vehicle drives: east and north of a step of length 1.
    course: Option<[f64; 2]>,
    /// Of roads from which one gets anywhere: with a free way there, and around water; then of all others.
    best: [Option<(f64, Found)>; 4],
}

impl<'a> Nearby<'a> {
    pub(super) fn new(graph: &'a RoadGraph, at: [f32; 2], bearing_deg: Option<f64>) -> Self {
        let course = bearing_deg.filter(|b| b.is_finite()).map(|bearing_deg| {
            let turned = bearing_deg * core::f64::consts::PI / 180.0;
            [libm::sin(turned), libm::cos(turned)]
        });
        Self {
            graph,
            shore: Shore::new(at),
            course,
            best: [None; 4],
        }
    }

    /// True where nothing farther than this can be better.
    pub(super) fn is_settled(&self, distance_m: f64) -> bool {
        self.best[0].is_some_and(|(metres, _)| metres < distance_m)
    }

    pub(super) fn best(&self) -> Option<Found> {
        self.best.iter().flatten().next().map(|(_, found)| *found)
    }

    /// Takes a segment of an edge: its nearest place as a part of it and a distance.
    pub(super) fn offer(&mut self, placed: Placed, part: f64, distance_m: f64) {
        let Placed {
            segment,
            line: edge,
            number,
        } = placed;
        let standing = self.graph.standings[edge as usize];
        let metres = distance_m + self.against(standing, segment);
        let mut rank = if standing.in_main { 0 } else { 2 };
        let better = |known: &Option<(f64, Found)>| known.is_none_or(|(best, _)| metres < best);
        if !better(&self.best[rank]) {
            return;
        }
        if !self.graph.water.is_empty() && distance_m > 0.0 {
            match self.graph.water.bars(&mut self.shore, place(segment, part)) {
                Barred::No => {}
                Barred::Detour => rank += 1,
                Barred::Yes => return,
            }
        }
        if better(&self.best[rank]) {
            self.best[rank] = Some((metres, (edge, number, part, distance_m)));
        }
    }

    /// What speaks against an edge, as metres.
    fn against(&self, Standing { level, oneway, .. }: Standing, segment: Segment) -> f64 {
        let Some(course) = self.course else {
            return if level == 0 { 0.0 } else { OFF_GROUND_M };
        };
        // A vehicle that drives is as likely above as on the ground; below no satellite tells it where it is.
        let below_m = if level < 0 { OFF_GROUND_M } else { 0.0 };
        let step = |i: usize| f64::from(segment.b[i]) - f64::from(segment.a[i]);
        let length_m = libm::sqrt(step(0) * step(0) + step(1) * step(1));
        if length_m <= 0.0 {
            return below_m;
        }
        let along = (step(0) * course[0] + step(1) * course[1]) / length_m;
        below_m + ACROSS_M * (1.0 - if oneway { along } else { along.abs() })
    }
}

fn place(segment: Segment, part: f64) -> [f32; 2] {
    let at = |i: usize| {
        let (a, b) = (f64::from(segment.a[i]), f64::from(segment.b[i]));
        (a + (b - a) * part) as f32
    };
    [at(0), at(1)]
}
