//! Where water begins: what nobody walks across to a road.

use super::areas::{Area, AreaKind};
use super::border::{Sea, Stands};
use super::extract::Extract;
use super::rings::{self, Polygon, Ring};
use chengtu_engine::geo::{GeoBox, Position, distance_m};
use chengtu_engine::roads::{Bank, BankKind};
use std::collections::HashMap;

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
    let mut seams = Seams::of(kept().map(|(water, _)| *water));
    let mut banks = Vec::new();
    for (water, kind) in kept() {
        for ring in turned(water) {
            for line in seams.lines(&ring) {
                let line = thinned(&line, BESIDE_M);
                banks.push(Bank { kind, line });
            }
        }
    }
    banks.extend(courses(extract));
    banks
}

fn steps(ring: &[Position]) -> impl Iterator<Item = (Position, Position)> + '_ {
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

/// By side of a water, how often it is a bank: as often as waters lie on its left more than on its right.
struct Seams(HashMap<(Position, Position), u32>);

impl Seams {
    fn of<'w>(waters: impl Iterator<Item = &'w Polygon>) -> Self {
        let mut sides: HashMap<(Position, Position), u32> = HashMap::new();
        for ring in waters.flat_map(turned) {
            for (a, b) in steps(&ring) {
                match sides.get_mut(&(b, a)).filter(|n| **n > 0) {
                    Some(opposite) => *opposite -= 1,
                    None => *sides.entry((a, b)).or_default() += 1,
                }
            }
        }
        Self(sides)
    }

    /// The parts of a ring that are no seam with another water; closed where it is whole.
    fn lines(&mut self, ring: &[Position]) -> Vec<Vec<Position>> {
        let mut is_bank = |side| match self.0.get_mut(&side).filter(|n| **n > 0) {
            Some(left) => {
                *left -= 1;
                true
            }
            None => false,
        };
        let sides: Vec<_> = steps(ring).map(|side| (side, is_bank(side))).collect();
        let Some(seam) = sides.iter().position(|(_, is_bank)| !is_bank) else {
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
        for ((a, b), is_bank) in sides.iter().cycle().skip(seam).take(ring.len()) {
            if *is_bank {
                match found.last_mut().filter(|_| begun) {
                    Some(line) => line.push(*b),
                    None => found.push(vec![*a, *b]),
                }
            }
            begun = *is_bank;
        }
        found
    }
}

/// By water: what its banks bar; `None` for one that bars nothing. Waters that touch are as large as all of them.
fn kinds(waters: &[&Polygon]) -> Vec<Option<BankKind>> {
    let mut groups = Groups((0..waters.len()).collect());
    let mut at: HashMap<Position, usize> = HashMap::new();
    for (i, water) in waters.iter().enumerate() {
        for p in water.holes.iter().chain([&water.outer]).flatten() {
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
        let mut seams = Seams::of(waters.into_iter());
        let mut lines = |w: &Polygon| seams.lines(&turned(w)[0]);
        // The water lies on the left: eastward in the south, westward in the north.
        assert_eq!(
            lines(&a),
            [[p(90_000, 9_000), p(0, 9_000), p(0, 0), p(90_000, 0)]]
        );
        assert_eq!(lines(&b)[0].len(), 4);
    }

    #[test]
    fn every_water_is_closed_however_often_it_is_mapped() {
        let (a, b) = (
            square([0, 0, 90_000, 9_000]),
            square([90_000, 0, 99_000, 9_000]),
        );
        // The first is there twice: its seam with the other is a bank once.
        let waters = [&a, &b, &a];
        let mut seams = Seams::of(waters.into_iter());
        let mut open: HashMap<Position, i32> = HashMap::new();
        for water in waters {
            for line in seams.lines(&turned(water)[0]) {
                *open.entry(line[0]).or_default() += 1;
                *open.entry(line[line.len() - 1]).or_default() -= 1;
            }
        }
        assert!(
            !open.is_empty() && open.values().all(|n| *n == 0),
            "{open:?}"
        );
    }

    #[test]
    fn a_pond_that_fills_a_hole_of_a_river_is_the_river() {
        let pond = square([40_000, 3_000, 50_000, 6_000]);
        let mut river = square([0, 0, 90_000, 9_000]);
        river.holes.push(pond.outer.clone());
        let waters = [&river, &pond];
        assert_eq!(kinds(&waters), [Some(BankKind::Wide); 2]);
        let mut seams = Seams::of(waters.into_iter());
        let rings = waters.iter().flat_map(|w| turned(w));
        let banks: usize = rings.map(|ring| seams.lines(&ring).len()).sum();
        assert_eq!(banks, 1, "only the river's own");
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
