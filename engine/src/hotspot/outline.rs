use super::lattice::{Corner, Lattice};
use std::collections::{BTreeMap, BTreeSet};

/// The rings around a set of cells: outer ones counter-clockwise, holes clockwise, each closed implicitly.
///
/// Sides between two cells of the set cancel out; what is left is chained. Where two cells meet only at a corner the
/// rings stay apart.
pub(super) fn rings(lattice: &Lattice, cells: &[u32]) -> Vec<Vec<Corner>> {
    let mut sides: BTreeSet<(Corner, Corner)> = BTreeSet::new();
    for cell in cells {
        let corners = lattice.corners(*cell);
        for (i, a) in corners.iter().enumerate() {
            let b = corners[(i + 1) % corners.len()];
            if !sides.remove(&(b, *a)) {
                sides.insert((*a, b));
            }
        }
    }
    let mut next: BTreeMap<Corner, Vec<Corner>> = BTreeMap::new();
    for (a, b) in &sides {
        next.entry(*a).or_default().push(*b);
    }
    let mut rings = Vec::new();
    while let Some((start, _)) = next.first_key_value() {
        let start = *start;
        let mut ring: Vec<Corner> = vec![start];
        let mut at = start;
        loop {
            let before = ring.len().checked_sub(2).map(|i| ring[i]);
            let Some(to) = step(&mut next, before, at) else {
                break;
            };
            if to == start {
                break;
            }
            ring.push(to);
            at = to;
        }
        rings.push(without_straight_corners(&ring));
    }
    rings
}

/// Takes a side leaving `at`: of several the one farthest to the left.
fn step(
    next: &mut BTreeMap<Corner, Vec<Corner>>,
    before: Option<Corner>,
    at: Corner,
) -> Option<Corner> {
    let ways = next.get_mut(&at)?;
    let best = match before {
        Some(before) => (0..ways.len()).max_by_key(|i| turn(before, at, ways[*i]))?,
        None => 0,
    };
    let to = ways.swap_remove(best);
    if ways.is_empty() {
        next.remove(&at);
    }
    Some(to)
}

/// Positive for a turn to the left, negative to the right, 0 straight on.
fn turn(a: Corner, b: Corner, c: Corner) -> i64 {
    let d = |p: Corner, q: Corner| {
        (
            i64::from(q.0) - i64::from(p.0),
            i64::from(q.1) - i64::from(p.1),
        )
    };
    let ((ux, uy), (vx, vy)) = (d(a, b), d(b, c));
    ux * vy - uy * vx
}

fn without_straight_corners(ring: &[Corner]) -> Vec<Corner> {
    let n = ring.len();
    (0..n)
        .filter(|i| turn(ring[(i + n - 1) % n], ring[*i], ring[(i + 1) % n]) != 0)
        .map(|i| ring[i])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::config::LatticeKind;
    use super::*;
    use crate::geo::Metres;

    fn lattice(kind: LatticeKind) -> Lattice {
        Lattice::new(kind, 100.0, Metres::default(), 1000.0, 1000.0).unwrap()
    }

    /// Twice the area; positive counter-clockwise.
    fn area_2(ring: &[Corner]) -> i64 {
        let n = ring.len();
        let cross = |a: Corner, b: Corner| {
            i64::from(a.0) * i64::from(b.1) - i64::from(b.0) * i64::from(a.1)
        };
        (0..n).map(|i| cross(ring[i], ring[(i + 1) % n])).sum()
    }

    #[test]
    fn a_block_is_one_square_and_a_ring_has_a_hole() {
        let l = lattice(LatticeKind::Square);
        assert_eq!(
            rings(&l, &[0, 1, 10, 11]),
            [vec![(0, 0), (2, 0), (2, 2), (0, 2)]]
        );
        let around: Vec<u32> = [0, 1, 2, 10, 12, 20, 21, 22].to_vec();
        let found = rings(&l, &around);
        let mut areas: Vec<i64> = found.iter().map(|r| area_2(r)).collect();
        areas.sort_unstable();
        assert_eq!(areas, [-2, 18]);
    }

    #[test]
    fn cells_that_meet_at_a_corner_keep_rings_of_their_own() {
        let l = lattice(LatticeKind::Square);
        let found = rings(&l, &[0, 11]);
        assert_eq!(
            found
                .iter()
                .map(|r| (r.len(), area_2(r)))
                .collect::<Vec<_>>(),
            [(4, 2), (4, 2)]
        );
    }

    #[test]
    fn the_area_is_that_of_the_cells() {
        for (kind, one) in [(LatticeKind::Square, 2), (LatticeKind::Hexagon, 12)] {
            let l = lattice(kind);
            for seed in 1..60u32 {
                let cells: Vec<u32> = (0..l.len() as u32)
                    .filter(|c| (c * c * seed + c) % 7 < 3)
                    .collect();
                let whole: i64 = rings(&l, &cells).iter().map(|r| area_2(r)).sum();
                assert_eq!(whole, one * cells.len() as i64, "{kind:?} {seed}");
            }
        }
    }
}
