//! Where water begins: what nobody walks across to a road.

use super::areas::{Area, AreaKind};
use super::border::{Sea, Stands};
use super::extract::Extract;
use super::rings::{self, Polygon, Ring};
use chengtu_engine::geo::{GeoBox, Position, distance_m};
use chengtu_engine::roads::{Bank, BankKind};
use std::collections::{HashMap, HashSet};

/// Water that reaches less far than this is walked around without a thought, metres.
const POOL_M: f64 = 40.0;
/// Water that reaches farther than this nobody walks around.
const WIDE_M: f64 = 500.0;
/// Of more of a city's buildings and streets than this part no water is.
const ON_LAND_MAX: f64 = 0.02;
/// How far a bank may be drawn beside where it is, metres.
const BESIDE_M: f64 = 1.5;
const COURSE_BESIDE_M: f64 = 5.0;

/// The banks of a city's waters, and the courses of rivers and canals that are mapped as lines.
///
/// Waters that touch are one; where they do there is no bank. Cost: n log n in the points of all waters.
pub fn of(extract: &Extract, areas: &[Area<'_>], sea: &Sea, stands: &Stands) -> Vec<Bank> {
    let inland = areas
        .iter()
        .filter(|a| matches!(a.kind, AreaKind::Water("river" | "lake")))
        // A bay is sea; where its edge lies is known from the coast, or not at all.
        .filter(|a| !a.tags.is("natural", "bay"))
        .flat_map(|a| &a.polygons);
    let sea = match sea {
        Sea::Known(water) => &water[..],
        Sea::None | Sea::Unknown => &[],
    };
    let waters: Vec<&Polygon> = inland
        .filter(|p| stands.part_in(p) <= ON_LAND_MAX)
        .chain(sea)
        .collect();
    let kinds = kinds(&waters);
    let kept = || {
        waters
            .iter()
            .zip(&kinds)
            .filter_map(|(w, k)| Some((w, (*k)?)))
    };
    let mut sides = HashSet::new();
    for (water, _) in kept() {
        for ring in turned(water) {
            sides.extend(steps(&ring));
        }
    }
    let mut banks = Vec::new();
    for (water, kind) in kept() {
        for ring in turned(water) {
            for line in lines(&ring, &sides) {
                let line = thinned(&line, BESIDE_M);
                banks.push(Bank { kind, line });
            }
        }
    }
    banks.extend(courses(extract));
    banks
}

fn steps(ring: &[Position]) -> impl Iterator<Item = (Position, Position)> + Clone + '_ {
    let next = ring.iter().cycle().skip(1);
    ring.iter().copied().zip(next.copied())
}

/// The rings of a water, each with the water on its left.
fn turned(water: &Polygon) -> Vec<Ring> {
    let outer = std::iter::once((&water.outer, true));
    let holes = water.holes.iter().map(|h| (h, false));
    let turn = |(ring, left): (&Ring, bool)| {
        let mut ring = ring.clone();
        ring.dedup();
        if (rings::doubled_area(&ring) > 0) != left {
            ring.reverse();
        }
        ring
    };
    outer.chain(holes).map(turn).collect()
}

/// The parts of a ring that are no seam with another water; closed where it is whole.
fn lines(ring: &[Position], sides: &HashSet<(Position, Position)>) -> Vec<Vec<Position>> {
    let is_bank = |(a, b): (Position, Position)| !sides.contains(&(b, a));
    let Some(seam) = steps(ring).position(|s| !is_bank(s)) else {
        let mut whole = ring.to_vec();
        whole.extend(ring.first());
        return if whole.len() > 3 {
            vec![whole]
        } else {
            Vec::new()
        };
    };
    let mut found: Vec<Vec<Position>> = Vec::new();
    let mut begun = false;
    for step in steps(ring).cycle().skip(seam).take(ring.len()) {
        if !is_bank(step) {
            begun = false;
            continue;
        }
        match found.last_mut().filter(|_| begun) {
            Some(line) => line.push(step.1),
            None => found.push(vec![step.0, step.1]),
        }
        begun = true;
    }
    found
}

/// By water: what its banks bar; `None` for one that bars nothing. Waters that touch are as large as all of them.
fn kinds(waters: &[&Polygon]) -> Vec<Option<BankKind>> {
    let mut groups = Groups((0..waters.len()).collect());
    let mut at: HashMap<Position, usize> = HashMap::new();
    for (i, water) in waters.iter().enumerate() {
        for p in &water.outer {
            groups.join(*at.entry(*p).or_insert(i), i);
        }
    }
    let mut boxes: HashMap<usize, GeoBox> = HashMap::new();
    for (i, water) in waters.iter().enumerate() {
        let group = groups.of(i);
        for p in &water.outer {
            let grown = boxes.entry(group).or_insert(GeoBox::new(*p, *p));
            *grown = super::keep::around(*grown, GeoBox::new(*p, *p));
        }
    }
    (0..waters.len())
        .map(|i| {
            let reach_m = boxes
                .get(&groups.of(i))
                .map_or(0.0, |b| distance_m(b.min, b.max));
            match reach_m {
                m if m < POOL_M => None,
                m if m < WIDE_M => Some(BankKind::Pond),
                _ => Some(BankKind::Wide),
            }
        })
        .collect()
}

/// Which of many belong together: each points to another of its group, the first to itself.
struct Groups(Vec<usize>);

impl Groups {
    fn of(&mut self, mut i: usize) -> usize {
        while self.0[i] != i {
            self.0[i] = self.0[self.0[i]];
            i = self.0[i];
        }
        i
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.of(a), self.of(b));
        self.0[a.max(b)] = a.min(b);
    }
}

/// Rivers and canals as lines, those under ground left out.
fn courses(extract: &Extract) -> impl Iterator<Item = Bank> + '_ {
    let open = extract.ways.iter().filter(|way| {
        let tags = extract.way_tags(way);
        matches!(tags.get("waterway"), Some("river" | "canal"))
            && !tags.has("tunnel")
            && !tags.is("location", "underground")
    });
    open.flat_map(|way| extract.chains(way)).map(|chain| {
        let line: Vec<Position> = chain.iter().map(|(_, p)| *p).collect();
        Bank {
            kind: BankKind::Course,
            line: thinned(&line, COURSE_BESIDE_M),
        }
    })
}

/// A line with as few points as keep it within `beside_m` of where it was; its ends stay.
///
/// Source: Douglas and Peucker 1973, without recursion.
fn thinned(line: &[Position], beside_m: f64) -> Vec<Position> {
    let mut kept = vec![false; line.len()];
    let last = line.len() - 1;
    (kept[0], kept[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let off = |i: &usize| beside(line[*i], line[from], line[to]);
        let farthest = (from + 1..to).max_by(|a, b| off(a).total_cmp(&off(b)));
        if let Some(at) = farthest.filter(|at| off(at) > beside_m) {
            kept[at] = true;
            open.extend([(from, at), (at, to)]);
        }
    }
    let points = line.iter().zip(&kept).filter(|(_, kept)| **kept);
    points.map(|(p, _)| *p).collect()
}

/// How far a point lies from a straight line between two others, metres.
fn beside(p: Position, a: Position, b: Position) -> f64 {
    let frame = chengtu_engine::geo::LocalFrame::new(a);
    let (p, b) = (frame.metres(p), frame.metres(b));
    let length_2 = b.east_m * b.east_m + b.north_m * b.north_m;
    let part = if length_2 > 0.0 {
        ((p.east_m * b.east_m + p.north_m * b.north_m) / length_2).clamp(0.0, 1.0)
    } else {
        0.0
    };
    libm::hypot(p.east_m - part * b.east_m, p.north_m - part * b.north_m)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn p(lon: i32, lat: i32) -> Position {
        Position::new(1_266_000_000 + lon, 457_000_000 + lat)
    }

    fn square([w, s, e, n]: [i32; 4]) -> Polygon {
        Polygon {
            outer: vec![p(w, s), p(w, n), p(e, n), p(e, s)],
            holes: Vec::new(),
        }
    }

    #[test]
    fn a_line_is_thinned_to_what_is_seen_of_it() {
        let line: Vec<Position> = (0..100).map(|i| p(i * 1_000, i % 2 * 10)).collect();
        assert_eq!(thinned(&line, 1.5), [line[0], line[99]]);
        let bent = [p(0, 0), p(5_000, 2_000), p(10_000, 0), p(0, 0)];
        assert_eq!(thinned(&bent, 1.5), bent);
    }

    #[test]
    fn waters_that_meet_have_no_bank_between_them() {
        let (a, b) = (
            square([0, 0, 90_000, 9_000]),
            square([90_000, 0, 99_000, 9_000]),
        );
        let waters = [&a, &b];
        assert_eq!(kinds(&waters), [Some(BankKind::Wide); 2]);
        let sides: HashSet<_> = waters
            .iter()
            .flat_map(|w| turned(w))
            .flat_map(|r| steps(&r).collect::<Vec<_>>())
            .collect();
        let lines = |w: &Polygon| lines(&turned(w)[0], &sides);
        // The water lies on the left: eastward in the south, westward in the north.
        assert_eq!(
            lines(&a),
            [[p(90_000, 9_000), p(0, 9_000), p(0, 0), p(90_000, 0)]]
        );
        assert_eq!(lines(&b)[0].len(), 4);
    }

    #[test]
    fn a_pool_bars_nothing_and_a_pond_little() {
        let (pool, pond) = (
            square([0, 0, 2_000, 2_000]),
            square([50_000, 0, 60_000, 9_000]),
        );
        assert_eq!(kinds(&[&pool, &pond]), [None, Some(BankKind::Pond)]);
    }
}
