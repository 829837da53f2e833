//! Areas from ways: closed rings joined end to end, holes given to the ring around them.

use chengtu_engine::geo::{GeoBox, Position};
use std::collections::BTreeMap;

/// A ring of positions; the first is not repeated at the end.
pub type Ring = Vec<Position>;

/// An area with its holes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Polygon {
    /// Outline, closed.
    pub outer: Ring,
    /// Outlines of what it leaves out.
    pub holes: Vec<Ring>,
}

/// A line of node ids with a position each.
pub type Chain = Vec<(i64, Position)>;

/// Twice the signed area in squared 1e-7 degrees; positive where the ring runs counter-clockwise on a north-up map.
pub fn doubled_area(ring: &[Position]) -> i128 {
    let mut sum = 0;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        sum += i128::from(a.lon_e7) * i128::from(b.lat_e7)
            - i128::from(b.lon_e7) * i128::from(a.lat_e7);
    }
    sum
}

/// The rectangle around a ring; `None` where it has no points.
pub fn around(ring: &[Position]) -> Option<GeoBox> {
    let boxes = ring.iter().map(|p| GeoBox::new(*p, *p));
    boxes.reduce(super::keep::around)
}

/// True where `p` lies inside a ring (even-odd rule).
pub fn contains(ring: &[Position], p: Position) -> bool {
    let mut inside = false;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        if (a.lat_e7 > p.lat_e7) != (b.lat_e7 > p.lat_e7) {
            let rise = i128::from(b.lat_e7) - i128::from(a.lat_e7);
            let left = (i128::from(p.lon_e7) - i128::from(a.lon_e7)) * rise;
            let right = (i128::from(p.lat_e7) - i128::from(a.lat_e7))
                * (i128::from(b.lon_e7) - i128::from(a.lon_e7));
            if (left < right) == (rise > 0) {
                inside = !inside;
            }
        }
    }
    inside
}

/// Joins lines that share ends into closed rings. What cannot be closed comes back as open chains.
///
/// Lines are taken in the order given, so that the result does not depend on anything else.
pub fn join(lines: Vec<Chain>) -> (Vec<Chain>, Vec<Chain>) {
    let mut at_end: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (i, line) in lines.iter().enumerate() {
        if let (Some(a), Some(b)) = (line.first(), line.last()) {
            at_end.entry(a.0).or_default().push(i);
            at_end.entry(b.0).or_default().push(i);
        }
    }
    let mut lines: Vec<Option<Chain>> = lines
        .into_iter()
        .map(|l| (l.len() >= 2).then_some(l))
        .collect();
    let (mut closed, mut open) = (Vec::new(), Vec::new());
    for i in 0..lines.len() {
        let Some(mut chain) = lines[i].take() else {
            continue;
        };
        let mut turned = false;
        loop {
            let (first, last) = (chain[0].0, chain[chain.len() - 1].0);
            if first == last {
                closed.extend(apart_at_touches(chain));
                break;
            }
            let next = at_end[&last].iter().copied().find(|n| lines[*n].is_some());
            if let Some(mut more) = next.and_then(|n| lines[n].take()) {
                if more[0].0 != last {
                    more.reverse();
                }
                chain.extend_from_slice(&more[1..]);
            } else if turned {
                open.push(chain);
                break;
            } else {
                // Its other end may go on.
                chain.reverse();
                turned = true;
            }
        }
    }
    (closed, open)
}

/// A closed chain that comes back to one of its nodes before its end, as the rings that touch there.
fn apart_at_touches(chain: Chain) -> Vec<Chain> {
    let mut nodes: Vec<i64> = chain.iter().skip(1).map(|(id, _)| *id).collect();
    nodes.sort_unstable();
    if nodes.windows(2).all(|w| w[0] != w[1]) {
        return vec![chain];
    }
    let mut rings = Vec::new();
    let mut walked: Chain = Vec::new();
    let mut at: BTreeMap<i64, usize> = BTreeMap::new();
    for node in chain {
        if let Some(from) = at.get(&node.0).copied() {
            let mut ring = walked.split_off(from);
            for (id, _) in &ring[1..] {
                at.remove(id);
            }
            walked.push(ring[0]);
            ring.push(node);
            rings.push(ring);
        } else {
            at.insert(node.0, walked.len());
            walked.push(node);
        }
    }
    rings
}

/// A closed chain as a ring; `None` where fewer than three different corners are left.
pub fn ring(chain: &[(i64, Position)]) -> Option<Ring> {
    let mut ring: Ring = chain.iter().map(|(_, p)| *p).collect();
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    (ring.len() >= 3 && doubled_area(&ring) != 0).then_some(ring)
}

/// True where most corners of `ring` lie inside `around`: one may lie on its outline.
fn mostly_inside(ring: &[Position], around: &[Position]) -> bool {
    let inside = ring.iter().filter(|c| contains(around, **c)).count();
    inside * 2 > ring.len()
}

/// Outlines and holes as polygons: a hole belongs to the smallest outline around it. An outline within an outline is a
/// hole too, whatever its role says, unless it stands in a hole of it.
///
/// Holes without an outline are left out.
pub fn polygons(outers: Vec<Ring>, holes: Vec<Ring>) -> Vec<Polygon> {
    let nested = |i: usize| {
        let own = doubled_area(&outers[i]).abs();
        let around = |o: &&Ring| doubled_area(o).abs() > own && mostly_inside(&outers[i], o);
        let outlines = outers.iter().filter(around).count();
        let hollows = holes.iter().filter(around).count();
        outlines > hollows
    };
    let inner: Vec<bool> = if outers.len() > 1 {
        (0..outers.len()).map(nested).collect()
    } else {
        vec![false; outers.len()]
    };
    let mut holes = holes;
    let mut polygons: Vec<Polygon> = Vec::new();
    for (outer, inner) in outers.into_iter().zip(inner) {
        if inner {
            holes.push(outer);
        } else {
            polygons.push(Polygon {
                outer,
                holes: Vec::new(),
            });
        }
    }
    for hole in holes {
        let around = polygons
            .iter_mut()
            .filter(|p| mostly_inside(&hole, &p.outer));
        if let Some(p) = around.min_by_key(|p| doubled_area(&p.outer).abs()) {
            p.holes.push(hole);
        }
    }
    polygons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chain(ids: &[i64]) -> Chain {
        // Node n lies on a square spiral so that any four make an area.
        ids.iter()
            .map(|n| (*n, Position::new((n * 10) as i32, (n * n) as i32)))
            .collect()
    }

    fn square(x: i32, y: i32, side: i32) -> Ring {
        [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
            .map(|(a, b)| Position::new(a, b))
            .to_vec()
    }

    #[test]
    fn lines_in_any_order_and_direction_close() {
        let (closed, open) = join(vec![
            chain(&[1, 2]),
            chain(&[4, 3]),
            chain(&[2, 3]),
            chain(&[1, 4]),
        ]);
        assert_eq!((closed.len(), open.len()), (1, 0));
        assert_eq!(ring(&closed[0]).unwrap().len(), 4);
    }

    #[test]
    fn what_does_not_close_comes_back_open_and_whole() {
        let (closed, open) = join(vec![chain(&[2, 3]), chain(&[1, 2]), chain(&[7, 8, 9, 7])]);
        assert_eq!(closed.len(), 1);
        assert_eq!(open.iter().map(Vec::len).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn holes_go_to_the_smallest_outline_around_them() {
        let p = polygons(
            vec![square(0, 0, 100), square(20, 20, 30)],
            vec![square(10, 10, 50), square(30, 30, 5), square(500, 500, 5)],
        );
        assert_eq!((p[0].holes.len(), p[1].holes.len()), (1, 1));
    }

    #[test]
    fn an_outline_within_an_outline_is_a_hole_and_within_its_hole_an_island() {
        let p = polygons(vec![square(0, 0, 100), square(10, 10, 50)], vec![]);
        assert_eq!((p.len(), p[0].holes.len()), (1, 1));
        let p = polygons(
            vec![square(0, 0, 100), square(20, 20, 5)],
            vec![square(10, 10, 50)],
        );
        assert_eq!((p.len(), p[0].holes.len()), (2, 1));
    }

    #[test]
    fn rings_that_touch_at_a_node_stay_two_whatever_way_they_are_walked() {
        let at = |id: i64, x: i32, y: i32| (id, Position::new(x, y));
        let [a, b, c, x] = [at(1, 0, 0), at(2, 10, 0), at(3, 0, 10), at(9, 10, 10)];
        let [d, e, f] = [at(4, 20, 10), at(5, 20, 20), at(6, 10, 20)];
        let (closed, open) = join(vec![
            vec![c, a, b, x],
            vec![x, d, e],
            vec![x, f, e],
            vec![x, c],
        ]);
        assert!(open.is_empty());
        let areas: Vec<i128> = closed
            .iter()
            .filter_map(|c| ring(c))
            .map(|r| doubled_area(&r).abs())
            .collect();
        assert_eq!(areas, [200, 200]);
    }

    #[test]
    fn inside_and_outside() {
        let s = square(0, 0, 10);
        assert!(contains(&s, Position::new(5, 5)));
        assert!(!contains(&s, Position::new(15, 5)));
        assert_eq!(doubled_area(&s), 200);
    }

    #[test]
    fn degenerate_rings_are_none() {
        assert_eq!(ring(&chain(&[1, 2, 1])), None);
        assert_eq!(ring(&chain(&[1])), None);
    }
}
