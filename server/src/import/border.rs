//! Closing, along the city's edge, of areas that the edge of an extract has cut open: the sea, rivers, parks.

use super::extract::Extract;
use super::rings::{self, Chain, Polygon, Ring};
use super::tiles::{UnitBox, clip_line};
use chengtu_engine::geo::{GeoBox, Position};

/// A stretch of outline that runs from edge to edge.
type Piece = Vec<[i64; 2]>;

/// The city's edge.
#[derive(Clone, Copy, Debug)]
struct Frame {
    west: i64,
    south: i64,
    east: i64,
    north: i64,
}

impl Frame {
    fn new(bounds: GeoBox) -> Self {
        let [west, south] = [bounds.min.lon_e7, bounds.min.lat_e7].map(i64::from);
        let [east, north] = [bounds.max.lon_e7, bounds.max.lat_e7].map(i64::from);
        Self {
            west,
            south,
            east,
            north,
        }
    }

    fn corners(self) -> [[i64; 2]; 4] {
        [
            [self.west, self.south],
            [self.east, self.south],
            [self.east, self.north],
            [self.west, self.north],
        ]
    }

    fn length(self) -> i64 {
        2 * (self.east - self.west + self.north - self.south)
    }

    /// How far along the edge a point lies, counter-clockwise from the south-west; `None` off the edge.
    fn along(self, [x, y]: [i64; 2]) -> Option<i64> {
        let (width, height) = (self.east - self.west, self.north - self.south);
        if !(self.west..=self.east).contains(&x) || !(self.south..=self.north).contains(&y) {
            None
        } else if y == self.south {
            Some(x - self.west)
        } else if x == self.east {
            Some(width + y - self.south)
        } else if y == self.north {
            Some(width + height + self.east - x)
        } else if x == self.west {
            Some(2 * width + height + self.north - y)
        } else {
            None
        }
    }

    /// The corners passed when walking counter-clockwise along the edge from one point to another.
    fn corners_between(self, from: i64, to: i64) -> Vec<[i64; 2]> {
        let step = (to - from).rem_euclid(self.length());
        let mut passed: Vec<(i64, [i64; 2])> = self
            .corners()
            .into_iter()
            .filter_map(|c| Some(((self.along(c)? - from).rem_euclid(self.length()), c)))
            .filter(|(at, _)| (1..step).contains(at))
            .collect();
        passed.sort_unstable();
        passed.into_iter().map(|(_, c)| c).collect()
    }

    /// The stretches of lines inside, from edge to edge. What begins or ends inside is left out: there the data itself
    /// breaks off, and nobody can say which side is which.
    fn pieces(self, lines: &[Vec<Position>]) -> Vec<Piece> {
        let frame = UnitBox {
            min: [self.west, self.south],
            max: [self.east, self.north],
        };
        let units = |l: &Vec<Position>| {
            l.iter()
                .map(|p| [i64::from(p.lon_e7), i64::from(p.lat_e7)])
                .collect::<Vec<_>>()
        };
        let pieces = lines.iter().flat_map(|l| clip_line(&units(l), &frame));
        let ends = |p: &Piece| Some((self.along(*p.first()?)?, self.along(*p.last()?)?));
        pieces
            .filter(|p| ends(p).is_some_and(|(a, b)| a != b))
            .collect()
    }
}

fn ring(points: Vec<[i64; 2]>) -> Option<Ring> {
    let mut ring: Ring = points
        .into_iter()
        .map(|[x, y]| Position::new(x as i32, y as i32))
        .collect();
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    (ring.len() >= 3 && rings::doubled_area(&ring) != 0).then_some(ring)
}

/// Joins pieces whose inside lies to their left: from the end of each, counter-clockwise along the edge to the next
/// beginning.
fn join_leftward(frame: Frame, pieces: Vec<Piece>) -> Vec<Ring> {
    let ends: Vec<(i64, i64)> = pieces
        .iter()
        .map(|p| {
            (
                frame.along(p[0]).unwrap_or(0),
                frame.along(p[p.len() - 1]).unwrap_or(0),
            )
        })
        .collect();
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
    found
}

/// Closes open outlines of an area of which it is not known which side is inside.
///
/// Along the edge inside and outside take turns, so there are two ways to close; the one that covers less ground is
/// taken.
pub fn close(open: &[Chain], bounds: GeoBox) -> Vec<Ring> {
    let frame = Frame::new(bounds);
    let lines: Vec<Vec<Position>> = open
        .iter()
        .map(|c| c.iter().map(|(_, p)| *p).collect())
        .collect();
    let pieces = frame.pieces(&lines);
    // Numbered ends along the edge: joining each even one to the next is one way, each odd one the other.
    let mut ends: Vec<(i64, usize, bool)> = Vec::new();
    for (i, p) in pieces.iter().enumerate() {
        ends.push((frame.along(p[0]).unwrap_or(0), i, true));
        ends.push((frame.along(p[p.len() - 1]).unwrap_or(0), i, false));
    }
    ends.sort_unstable();
    let ways = [0, 1].map(|shift| paired(frame, &pieces, &ends, shift));
    let area = |rings: &Vec<Ring>| {
        rings
            .iter()
            .map(|r| rings::doubled_area(r).unsigned_abs())
            .sum::<u128>()
    };
    ways.into_iter().min_by_key(area).unwrap_or_default()
}

fn paired(frame: Frame, pieces: &[Piece], ends: &[(i64, usize, bool)], shift: usize) -> Vec<Ring> {
    let n = ends.len();
    let place = |piece: usize, start: bool| {
        ends.iter()
            .position(|e| (e.1, e.2) == (piece, start))
            .unwrap_or(0)
    };
    let partner = |at: usize| {
        if at % 2 == shift {
            (at + 1) % n
        } else {
            (at + n - 1) % n
        }
    };
    let mut used = vec![false; pieces.len()];
    let mut found = Vec::new();
    for first in 0..pieces.len() {
        let (mut piece, mut forward) = (first, true);
        let mut points = Vec::new();
        while !used[piece] {
            used[piece] = true;
            let mut stretch = pieces[piece].clone();
            if !forward {
                stretch.reverse();
            }
            points.extend(stretch);
            let at = place(piece, !forward);
            let to = partner(at);
            if at % 2 == shift {
                points.extend(frame.corners_between(ends[at].0, ends[to].0));
            } else {
                points.extend(
                    frame
                        .corners_between(ends[to].0, ends[at].0)
                        .into_iter()
                        .rev(),
                );
            }
            (piece, forward) = (ends[to].1, ends[to].2);
        }
        found.extend(ring(points));
    }
    found
}

/// The sea, from coastlines: land lies to the left of them, water to the right.
pub fn sea(extract: &Extract, bounds: GeoBox) -> Vec<Polygon> {
    let coast = extract
        .ways
        .iter()
        .filter(|w| extract.way_tags(w).is("natural", "coastline"));
    let lines: Vec<Chain> = coast
        .map(|w| {
            extract
                .refs(w)
                .iter()
                .filter_map(|r| Some((*r, extract.position(*r)?)))
                .collect()
        })
        .collect();
    if lines.is_empty() {
        return Vec::new();
    }
    let directed: Vec<Vec<Position>> = lines
        .iter()
        .map(|l| l.iter().rev().map(|(_, p)| *p).collect())
        .collect();
    let frame = Frame::new(bounds);
    let (closed, _) = rings::join(lines);
    let inside = |r: &Ring| r.iter().all(|p| bounds.contains(*p));
    // Coastline that closes within a city goes around an island.
    let islands: Vec<Ring> = closed
        .iter()
        .filter_map(|c| rings::ring(c))
        .filter(inside)
        .collect();
    let mut water = join_leftward(frame, frame.pieces(&merged(directed)));
    if water.is_empty() && !islands.is_empty() {
        water.extend(ring(frame.corners().to_vec()));
    }
    rings::polygons(water, islands)
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

    fn bounds() -> GeoBox {
        GeoBox::new(Position::new(0, 0), Position::new(1_000, 1_000))
    }

    fn chain(points: &[(i32, i32)]) -> Chain {
        points
            .iter()
            .enumerate()
            .map(|(i, (x, y))| (i as i64, Position::new(*x, *y)))
            .collect()
    }

    fn area(rings: &[Ring]) -> u128 {
        rings
            .iter()
            .map(|r| rings::doubled_area(r).unsigned_abs())
            .sum::<u128>()
            / 2
    }

    #[test]
    fn two_banks_of_a_river_enclose_the_river() {
        let north = chain(&[(-100, 600), (1_100, 600)]);
        let south = chain(&[(1_100, 400), (-100, 400)]);
        for banks in [vec![north.clone(), south.clone()], vec![south, north]] {
            assert_eq!(area(&close(&banks, bounds())), 200 * 1_000);
        }
    }

    #[test]
    fn a_park_cut_at_a_corner_is_closed_around_the_corner() {
        let rings = close(
            &[chain(&[(700, 1_100), (700, 700), (1_100, 700)])],
            bounds(),
        );
        assert_eq!(area(&rings), 300 * 300);
        assert_eq!(rings[0].len(), 4);
    }

    #[test]
    fn a_line_that_breaks_off_inside_is_left_out() {
        assert!(close(&[chain(&[(-100, 500), (500, 500)])], bounds()).is_empty());
        assert!(close(&[], bounds()).is_empty());
    }

    /// A coast along y = 500 of a city from 0 to 1000 (1e-7 degrees × 1000), walked in the given order of nodes.
    fn coast(order: &[&[i32]]) -> Vec<Polygon> {
        let node = |id: i32, x: f64, y: f64| format!("<node id=\"{id}\" lon=\"{x}\" lat=\"{y}\"/>");
        let mut text: String = [
            (1, -0.1, 0.5),
            (2, 0.5, 0.5),
            (3, 1.1, 0.5),
            (4, 0.4, 0.2),
            (5, 0.6, 0.2),
            (6, 0.6, 0.3),
        ]
        .map(|(i, x, y)| node(i, x, y))
        .concat();
        for (i, refs) in order.iter().enumerate() {
            let refs: String = refs.iter().map(nd).collect::<Vec<_>>().concat();
            text.extend([
                format!("<way id=\"{i}\">"),
                refs,
                tag(&("natural", "coastline")),
                "</way>".into(),
            ]);
        }
        sea(
            &extract_of(&text),
            GeoBox::new(Position::new(0, 0), Position::new(10_000_000, 10_000_000)),
        )
    }

    #[test]
    fn the_sea_lies_to_the_right_of_the_coast() {
        let y = |p: &[Polygon]| {
            p[0].outer.iter().map(|p| i64::from(p.lat_e7)).sum::<i64>() / p[0].outer.len() as i64
        };
        let south = coast(&[&[1, 2], &[2, 3]]);
        assert!(south.len() == 1 && y(&south) < 5_000_000, "{south:?}");
        let north = coast(&[&[2, 1], &[3, 2]]);
        assert!(north.len() == 1 && y(&north) > 5_000_000, "{north:?}");
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
