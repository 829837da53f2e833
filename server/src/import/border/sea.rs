//! The sea, from coastlines: land lies to the left of them, water to the right.

use super::frame::{Frame, Piece, ring};
use super::stands::Stands;
use crate::import::extract::Extract;
use crate::import::rings::{self, Chain, Polygon, Ring};
use chengtu_engine::geo::{GeoBox, Position, distance_m};

/// More of what stands in a city than this part of it cannot stand in the sea.
const IN_SEA_MAX: f64 = 0.04;

/// Of more loose ends than this only the first are tried towards every side.
const LOOSE_MAX: usize = 8;

/// What is known of the sea.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sea {
    /// No coastline in the extract.
    None,
    /// The sea.
    Known(Vec<Polygon>),
    /// There is a coast, but however it is closed, the city stands in the water.
    Unknown,
}

/// The sea of a city: coastlines closed along its edge, and checked against what stands on it.
pub fn sea(extract: &Extract, bounds: GeoBox, stands: &Stands) -> Sea {
    let coast = extract
        .ways
        .iter()
        .filter(|w| extract.way_tags(w).is("natural", "coastline"));
    let lines: Vec<Chain> = coast.flat_map(|w| extract.chains(w)).collect();
    if lines.is_empty() {
        return Sea::None;
    }
    let directed: Vec<Vec<Position>> = lines
        .iter()
        .map(|l| l.iter().rev().map(|(_, p)| *p).collect())
        .collect();
    let frame = Frame::new(bounds);
    let (closed, _) = rings::join(lines);
    // Coastline that closes within a city goes around an island.
    let islands: Vec<Ring> = closed
        .iter()
        .filter_map(|c| rings::ring(c))
        .filter(|r| r.iter().all(|p| bounds.contains(*p)))
        .collect();
    let coasts = merged(directed);
    let mended = mended(coasts.clone(), frame);
    let mut found = Sea::None;
    for coasts in [drawn_on(&mended, frame, &islands, stands), coasts] {
        let water = waters(frame, &coasts, &islands);
        if water.as_ref().is_some_and(Vec::is_empty) {
            continue;
        }
        found = Sea::Unknown;
        let dry = |w: &Vec<Polygon>| stands.part_inside(w) <= IN_SEA_MAX;
        if let Some(water) = water.filter(dry) {
            return Sea::Known(water);
        }
    }
    found
}

/// The water of coasts and islands; `None` where coasts contradict each other.
fn waters(frame: Frame, coasts: &[Vec<Position>], islands: &[Ring]) -> Option<Vec<Polygon>> {
    let mut water = join_leftward(frame, frame.pieces(coasts))?;
    if water.is_empty() && !islands.is_empty() {
        water.extend(ring(frame.corners().to_vec()));
    }
    Some(rings::polygons(water, islands.to_vec()))
}

/// Coasts whose loose ends are joined to the next loose beginning, where that is nearer than the edge: between them a way is
/// missing.
fn mended(mut coasts: Vec<Vec<Position>>, frame: Frame) -> Vec<Vec<Position>> {
    let edge = |p: Position| distance_m(p, frame.nearest(p).0);
    coasts.retain(|l| l.len() >= 2);
    loop {
        let mut best: Option<(f64, usize, usize)> = None;
        for (i, a) in coasts.iter().enumerate() {
            let end = a[a.len() - 1];
            if !frame.holds(end) || a[0] == end {
                continue;
            }
            for (j, b) in coasts.iter().enumerate() {
                let start = b[0];
                if !frame.holds(start) || b[b.len() - 1] == start {
                    continue;
                }
                let apart = distance_m(end, start);
                // Of one coast, the ends of a bay may be as near; of two, whichever way is shorter in all.
                let nearer = if i == j {
                    apart < edge(end).min(edge(start))
                } else {
                    apart < edge(end) + edge(start)
                };
                if nearer && best.is_none_or(|(least, ..)| apart < least) {
                    best = Some((apart, i, j));
                }
            }
        }
        let Some((_, i, j)) = best else {
            break;
        };
        if i == j {
            let first = coasts[i][0];
            coasts[i].push(first);
        } else {
            let more = coasts[j].clone();
            coasts[i].extend(more);
            coasts.remove(j);
        }
    }
    coasts
}

/// A loose end: of which coast, whether at its beginning, and where the city's edge is on its four sides.
type Loose = (usize, bool, [(i64, Position); 4]);

/// Coasts whose loose ends are drawn on to the edge: straight to the nearest side, or to another where less of the city
/// would stand in the sea. An extract that is cut by a polygon has such ends in the middle of its rectangle.
fn drawn_on(
    coasts: &[Vec<Position>],
    frame: Frame,
    islands: &[Ring],
    stands: &Stands,
) -> Vec<Vec<Position>> {
    let mut loose: Vec<Loose> = Vec::new();
    for (i, line) in coasts.iter().enumerate() {
        let (start, end) = (line[0], line[line.len() - 1]);
        for (at_start, p) in [(true, start), (false, end)] {
            if start != end && frame.holds(p) {
                loose.push((i, at_start, frame.ahead(p)));
            }
        }
    }
    let drawn = |sides: &[usize]| {
        let mut coasts = coasts.to_vec();
        for ((i, at_start, ahead), side) in loose.iter().zip(sides) {
            let to = ahead[*side].1;
            if *at_start {
                coasts[*i].insert(0, to);
            } else {
                coasts[*i].push(to);
            }
        }
        coasts
    };
    let wet = |sides: &[usize]| {
        let water = waters(frame, &drawn(sides), islands);
        water.map_or(1.0, |w| stands.part_inside(&w))
    };
    let mut sides = vec![0; loose.len()];
    let mut least = wet(&sides);
    for end in 0..loose.len().min(LOOSE_MAX) {
        for side in 1..4 {
            if least == 0.0 {
                break;
            }
            let mut other = sides.clone();
            other[end] = side;
            let part = wet(&other);
            if part < least {
                (least, sides) = (part, other);
            }
        }
    }
    drawn(&sides)
}

/// Joins pieces whose inside lies to their left: from the end of each, counter-clockwise along the edge to the next
/// beginning. `None` where ends and beginnings do not take turns along the edge: then a place lies on both sides.
fn join_leftward(frame: Frame, pieces: Vec<Piece>) -> Option<Vec<Ring>> {
    let at = |p: Option<&[i64; 2]>| p.and_then(|p| frame.along(*p)).unwrap_or(0);
    let ends: Vec<(i64, i64)> = pieces
        .iter()
        .map(|p| (at(p.first()), at(p.last())))
        .collect();
    let begins = ends.iter().map(|(first, _)| (*first, true));
    let mut turns: Vec<(i64, bool)> = begins
        .chain(ends.iter().map(|(_, l)| (*l, false)))
        .collect();
    turns.sort_unstable();
    let same = |w: &[(i64, bool)]| w[0].1 == w[1].1 && w[0].0 != w[1].0;
    if turns.windows(2).any(same) {
        return None;
    }
    let mut used = vec![false; pieces.len()];
    let mut found = Vec::new();
    for first in 0..pieces.len() {
        if used[first] {
            continue;
        }
        let mut points = Vec::new();
        let mut at = first;
        loop {
            used[at] = true;
            points.extend_from_slice(&pieces[at]);
            let ahead = |n: &usize| (ends[*n].0 - ends[at].1).rem_euclid(frame.length());
            let next = (0..pieces.len())
                .filter(|n| !used[*n] || *n == first)
                .min_by_key(ahead)
                .unwrap_or(first);
            points.extend(frame.corners_between(ends[at].1, ends[next].0));
            if next == first {
                break;
            }
            at = next;
        }
        found.extend(ring(points));
    }
    Some(found)
}

/// Lines joined head to tail, so that a coast of many ways crosses the edge as one.
fn merged(lines: Vec<Vec<Position>>) -> Vec<Vec<Position>> {
    let mut lines: Vec<Option<Vec<Position>>> = lines.into_iter().map(Some).collect();
    let starts: std::collections::BTreeMap<Position, usize> = lines
        .iter()
        .enumerate()
        .filter_map(|(i, l)| Some((*l.as_ref()?.first()?, i)))
        .collect();
    let ends: std::collections::BTreeSet<Position> = lines
        .iter()
        .filter_map(|l| l.as_ref()?.last().copied())
        .collect();
    // Heads of open coasts first, then whatever is left: rings.
    let mut order: Vec<usize> = (0..lines.len()).collect();
    order.sort_by_key(|i| {
        lines[*i]
            .as_ref()
            .and_then(|l| l.first())
            .is_none_or(|p| ends.contains(p))
    });
    let mut found = Vec::new();
    for i in order {
        let Some(mut line) = lines[i].take() else {
            continue;
        };
        while let Some(more) = line
            .last()
            .and_then(|p| starts.get(p))
            .and_then(|n| lines[*n].take())
        {
            line.extend_from_slice(&more[1..]);
        }
        found.push(line);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tests::{extract_of, nd, tag};

    const NODES: [(i32, f64, f64); 14] = [
        (1, -0.1, 0.5),
        (2, 0.5, 0.5),
        (3, 1.1, 0.5),
        (4, 0.4, 0.2),
        (5, 0.6, 0.2),
        (6, 0.6, 0.3),
        (7, 0.1, 0.9),
        (8, 0.2, 0.8),
        (9, 0.3, 0.9),
        (10, 0.9, 0.5),
        (11, 0.4, 0.1),
        (12, 0.4, -0.1),
        (13, 0.3, -0.1),
        (14, 0.35, 0.02),
    ];

    /// A city from 0 to 1 degree with coasts and streets along the given nodes.
    fn of(coasts: &[&[i32]], streets: &[&[i32]]) -> Sea {
        let mut text: String = NODES
            .map(|(id, x, y)| format!("<node id=\"{id}\" lon=\"{x}\" lat=\"{y}\"/>"))
            .concat();
        let coast = ("natural", "coastline");
        let street = ("highway", "residential");
        let ways = coasts.iter().map(|c| (c, coast));
        let ways = ways.chain(streets.iter().map(|s| (s, street)));
        for (i, (refs, tagged)) in ways.enumerate() {
            let refs: String = refs.iter().map(nd).collect::<Vec<_>>().concat();
            text.extend([
                format!("<way id=\"{i}\">"),
                refs,
                tag(&tagged),
                "</way>".into(),
            ]);
        }
        let bounds = GeoBox::new(Position::new(0, 0), Position::new(10_000_000, 10_000_000));
        let extract = extract_of(&text);
        sea(&extract, bounds, &Stands::of(&extract, bounds))
    }

    fn coast(order: &[&[i32]]) -> Vec<Polygon> {
        match of(order, &[]) {
            Sea::Known(water) => water,
            other => panic!("{other:?}"),
        }
    }

    fn middle_lat(p: &[Polygon]) -> i64 {
        p[0].outer.iter().map(|p| i64::from(p.lat_e7)).sum::<i64>() / p[0].outer.len() as i64
    }

    #[test]
    fn the_sea_lies_to_the_right_of_the_coast() {
        let south = coast(&[&[1, 2], &[2, 3]]);
        assert!(south.len() == 1 && middle_lat(&south) < 5_000_000);
        let north = coast(&[&[2, 1], &[3, 2]]);
        assert!(north.len() == 1 && middle_lat(&north) > 5_000_000);
    }

    #[test]
    fn a_coast_that_breaks_off_inside_is_drawn_on_to_the_edge() {
        // Cut by a polygon: the coast comes in from the west and ends at a tenth of the way before the east.
        let south = coast(&[&[1, 2], &[2, 10]]);
        assert!(south.len() == 1 && middle_lat(&south) < 5_000_000);
        // A way is missing between two others.
        let mended = coast(&[&[1, 2], &[10, 3]]);
        assert!(mended.len() == 1 && middle_lat(&mended) < 5_000_000);
    }

    #[test]
    fn a_loose_end_goes_to_the_side_where_the_coast_makes_sense() {
        // The coast begins just above the southern edge, leaves there, comes back and goes east.
        let sea = of(&[&[14, 13, 12, 11, 10, 3]], &[&[7, 8, 9]]);
        let Sea::Known(water) = sea else {
            panic!("{sea:?}")
        };
        let corner = Position::new(100_000, 100_000);
        assert!(water.iter().any(|w| rings::contains(&w.outer, corner)));
        let town = Position::new(2_000_000, 8_500_000);
        assert!(!water.iter().any(|w| rings::contains(&w.outer, town)));
    }

    #[test]
    fn a_sea_in_which_the_city_stands_is_not_drawn() {
        let town: &[&[i32]] = &[&[7, 8, 9]];
        assert!(matches!(of(&[&[1, 2], &[2, 3]], town), Sea::Known(_)));
        assert_eq!(of(&[&[2, 1], &[3, 2]], town), Sea::Unknown);
        assert_eq!(of(&[], town), Sea::None);
    }

    #[test]
    fn islands_are_holes_and_an_island_alone_lies_in_the_sea() {
        let with_coast = coast(&[&[1, 2], &[2, 3], &[4, 5, 6, 4]]);
        assert_eq!(with_coast[0].holes.len(), 1);
        let alone = coast(&[&[4, 5, 6, 4]]);
        assert_eq!(
            (alone.len(), alone[0].holes.len(), alone[0].outer.len()),
            (1, 1, 4)
        );
    }
}
