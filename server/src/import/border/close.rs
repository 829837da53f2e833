//! Closing open outlines of which it is not known on which side their inside lies.

use super::frame::{Frame, Piece, ring};
use crate::import::rings::{self, Chain, Ring};
use chengtu_engine::geo::{GeoBox, Position, distance_m};
use std::collections::BTreeSet;

/// What is known about the ends of open outlines.
#[derive(Clone, Debug, Default)]
pub struct Cut {
    /// Nodes after which the file lacks others: it was cut right behind them.
    pub ends: BTreeSet<i64>,
    /// True where nothing may be guessed: an end in the middle of the city, where a whole way is missing, leaves
    /// everything open.
    pub only_at_edge: bool,
    /// True for the way that covers more ground, of two that cost the same.
    pub larger: bool,
}

/// An end this near to the edge, as a part of the shorter side, was cut off there.
const NEAR: i64 = 50;

/// Closes open outlines of an area along the edge of `bounds`.
///
/// Along the edge inside and outside take turns, so there are two ways to close; the one of less `cost` is taken, of two
/// that cost the same the one that covers less ground. `None` where an outline breaks off in the middle and nothing may
/// be guessed.
pub fn close(
    open: &[Chain],
    bounds: GeoBox,
    cut: &Cut,
    cost: &dyn Fn(&[Ring]) -> u64,
) -> Option<Vec<Ring>> {
    let frame = Frame::new(bounds);
    let mut open = open.to_vec();
    let mut rings = Vec::new();
    if !cut.only_at_edge {
        rings = mend(&mut open, frame, cut);
    }
    let lines: Vec<Vec<Position>> = open
        .iter()
        .map(|c| to_edge(c, frame, cut))
        .collect::<Option<_>>()?;
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
    let size = |rings: &Vec<Ring>| {
        if cut.larger {
            u128::MAX - area(rings)
        } else {
            area(rings)
        }
    };
    rings.extend(
        ways.into_iter()
            .min_by_key(|r| (cost(r), size(r)))
            .unwrap_or_default(),
    );
    Some(rings)
}

/// A chain drawn on to the edge where it was cut off; `None` where it breaks off elsewhere and nothing may be guessed.
fn to_edge(chain: &Chain, frame: Frame, cut: &Cut) -> Option<Vec<Position>> {
    let mut line: Vec<Position> = chain.iter().map(|(_, p)| *p).collect();
    for _ in 0..2 {
        line.reverse();
        let (last, id) = (*line.last()?, chain_end(chain, *line.last()?));
        if frame.holds(last) {
            let (edge, far) = frame.nearest(last);
            let cut_here = cut.ends.contains(&id) || far * NEAR <= frame.breadth();
            if cut.only_at_edge && !cut_here {
                return None;
            }
            line.push(edge);
        }
    }
    Some(line)
}

fn chain_end(chain: &Chain, at: Position) -> i64 {
    let ends = [chain.first(), chain.last()];
    ends.into_iter()
        .flatten()
        .find(|(_, p)| *p == at)
        .map_or(0, |(id, _)| *id)
}

/// Joins ends that are nearer to each other than to the edge: between them a way is missing. Returns the chains that
/// are closed thereby.
fn mend(open: &mut Vec<Chain>, frame: Frame, cut: &Cut) -> Vec<Ring> {
    let mut closed = Vec::new();
    loop {
        let mut ends: Vec<(usize, bool, Position)> = Vec::new();
        for (i, chain) in open.iter().enumerate() {
            for (first, end) in [(true, chain.first()), (false, chain.last())] {
                let inside = end.filter(|(id, p)| frame.holds(*p) && !cut.ends.contains(id));
                ends.extend(inside.map(|(_, p)| (i, first, *p)));
            }
        }
        let mut best: Option<(f64, usize, usize)> = None;
        for (n, a) in ends.iter().enumerate() {
            for (m, b) in ends.iter().enumerate().skip(n + 1) {
                let apart = distance_m(a.2, b.2);
                let edge = |p: Position| distance_m(p, frame.nearest(p).0);
                let nearer = apart < edge(a.2).min(edge(b.2));
                if nearer && best.is_none_or(|(least, ..)| apart < least) {
                    best = Some((apart, n, m));
                }
            }
        }
        let Some((_, n, m)) = best else {
            return closed;
        };
        let ((i, at_start, _), (j, other_start, _)) = (ends[n], ends[m]);
        if i == j {
            closed.extend(rings::ring(&open.remove(i)));
            continue;
        }
        let mut more = open[j].clone();
        if at_start {
            open[i].reverse();
        }
        if !other_start {
            more.reverse();
        }
        open[i].extend(more);
        open.remove(j);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn bounds() -> GeoBox {
        GeoBox::new(Position::new(0, 0), Position::new(1_000, 1_000))
    }

    fn chain(points: &[(i32, i32)]) -> Chain {
        let id = |x: i32, y: i32| i64::from(x) * 10_000 + i64::from(y);
        points
            .iter()
            .map(|(x, y)| (id(*x, *y), Position::new(*x, *y)))
            .collect()
    }

    fn area(rings: &[Ring]) -> u128 {
        rings
            .iter()
            .map(|r| rings::doubled_area(r).unsigned_abs())
            .sum::<u128>()
            / 2
    }

    fn closed(open: &[Chain]) -> Vec<Ring> {
        close(open, bounds(), &Cut::default(), &|_| 0).unwrap()
    }

    #[test]
    fn two_banks_of_a_river_enclose_the_river() {
        let north = chain(&[(-100, 600), (1_100, 600)]);
        let south = chain(&[(1_100, 400), (-100, 400)]);
        for banks in [vec![north.clone(), south.clone()], vec![south, north]] {
            assert_eq!(area(&closed(&banks)), 200 * 1_000);
        }
    }

    #[test]
    fn a_park_cut_at_a_corner_is_closed_around_the_corner() {
        let rings = closed(&[chain(&[(700, 1_100), (700, 700), (1_100, 700)])]);
        assert_eq!(area(&rings), 300 * 300);
        assert_eq!(rings[0].len(), 4);
    }

    #[test]
    fn banks_that_a_cut_has_ended_before_the_edge_are_drawn_on_to_it() {
        let north = chain(&[(80, 600), (930, 600)]);
        let south = chain(&[(940, 400), (60, 400)]);
        assert_eq!(area(&closed(&[north, south])), 200 * 1_000);
    }

    #[test]
    fn an_outline_that_lacks_a_way_in_the_middle_is_mended_or_left_open() {
        let one = chain(&[(300, 300), (600, 300), (600, 600), (340, 600)]);
        assert_eq!(closed(std::slice::from_ref(&one)).len(), 1);
        let strict = Cut {
            only_at_edge: true,
            ..Cut::default()
        };
        assert!(close(&[one], bounds(), &strict, &|_| 0).is_none());
        assert!(close(&[], bounds(), &strict, &|_| 0).unwrap().is_empty());
    }

    #[test]
    fn evidence_goes_before_size() {
        // The district is what lies west of x = 800, although that is the larger part.
        let border = [chain(&[(800, -50), (800, 1_050)])];
        let seat = Position::new(300, 500);
        let cost = |rings: &[Ring]| u64::from(!rings.iter().any(|r| rings::contains(r, seat)));
        let rings = close(&border, bounds(), &Cut::default(), &cost).unwrap();
        assert_eq!(area(&rings), 800 * 1_000);
    }
}
