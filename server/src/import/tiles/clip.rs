//! Cutting lines and rings at a tile's edge.

/// A point in tile units of one zoom, counted from the world's north-west corner or the tile's.
pub type Unit = [i64; 2];

/// A rectangle in tile units, edges included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitBox {
    /// Least x and y.
    pub min: Unit,
    /// Greatest x and y.
    pub max: Unit,
}

impl UnitBox {
    /// The smallest box around points; `None` for none.
    pub fn around<'a>(points: impl IntoIterator<Item = &'a Unit>) -> Option<Self> {
        points.into_iter().fold(None, |found: Option<Self>, p| {
            let b = found.unwrap_or(Self { min: *p, max: *p });
            Some(Self {
                min: [b.min[0].min(p[0]), b.min[1].min(p[1])],
                max: [b.max[0].max(p[0]), b.max[1].max(p[1])],
            })
        })
    }

    fn contains(&self, p: Unit) -> bool {
        (0..2).all(|axis| self.min[axis] <= p[axis] && p[axis] <= self.max[axis])
    }

    /// True where `other` lies wholly inside.
    pub fn covers(&self, other: &Self) -> bool {
        self.contains(other.min) && self.contains(other.max)
    }
}

/// The pieces of a line inside a box (Liang–Barsky).
pub fn line(points: &[Unit], to: &UnitBox) -> Vec<Vec<Unit>> {
    let mut pieces: Vec<Vec<Unit>> = Vec::new();
    let mut open: Vec<Unit> = Vec::new();
    for w in points.windows(2) {
        let Some((a, b)) = segment(w[0], w[1], to) else {
            pieces.extend(finished(&mut open));
            continue;
        };
        if open.last() != Some(&a) {
            pieces.extend(finished(&mut open));
            open.push(a);
        }
        if b != a {
            open.push(b);
        }
        if b != w[1] {
            pieces.extend(finished(&mut open));
        }
    }
    pieces.extend(finished(&mut open));
    pieces
}

fn finished(open: &mut Vec<Unit>) -> Option<Vec<Unit>> {
    let piece = std::mem::take(open);
    (piece.len() >= 2).then_some(piece)
}

fn segment(a: Unit, b: Unit, to: &UnitBox) -> Option<(Unit, Unit)> {
    let (mut t0, mut t1) = (0.0_f64, 1.0_f64);
    for axis in 0..2 {
        let d = (b[axis] - a[axis]) as f64;
        for (p, q) in [(-d, a[axis] - to.min[axis]), (d, to.max[axis] - a[axis])] {
            let q = q as f64;
            if p == 0.0 {
                if q < 0.0 {
                    return None;
                }
            } else if p < 0.0 {
                t0 = t0.max(q / p);
            } else {
                t1 = t1.min(q / p);
            }
        }
    }
    if t0 > t1 {
        return None;
    }
    let at =
        |t: f64| [0, 1].map(|axis| a[axis] + libm::round((b[axis] - a[axis]) as f64 * t) as i64);
    Some((
        if t0 > 0.0 { at(t0) } else { a },
        if t1 < 1.0 { at(t1) } else { b },
    ))
}

/// A ring cut to a box (Sutherland–Hodgman): one ring, whose pieces may be joined along the box's edge, which lies
/// in the buffer and is not seen. Empty where nothing is left.
pub fn ring(points: &[Unit], to: &UnitBox) -> Vec<Unit> {
    let mut ring = points.to_vec();
    for (axis, limit, keep_below) in [
        (0, to.min[0], false),
        (0, to.max[0], true),
        (1, to.min[1], false),
        (1, to.max[1], true),
    ] {
        let inside = |p: Unit| {
            if keep_below {
                p[axis] <= limit
            } else {
                p[axis] >= limit
            }
        };
        if ring.iter().all(|p| inside(*p)) {
            continue;
        }
        let mut cut = Vec::with_capacity(ring.len() + 4);
        for (i, b) in ring.iter().enumerate() {
            let a = ring[(i + ring.len() - 1) % ring.len()];
            if inside(a) != inside(*b) {
                let t = (limit - a[axis]) as f64 / (b[axis] - a[axis]) as f64;
                let other = 1 - axis;
                let mut p = [0; 2];
                p[axis] = limit;
                p[other] = a[other] + libm::round((b[other] - a[other]) as f64 * t) as i64;
                cut.push(p);
            }
            if inside(*b) {
                cut.push(*b);
            }
        }
        ring = cut;
        if ring.is_empty() {
            break;
        }
    }
    tidy(ring)
}

/// A ring without repeated corners and spikes; empty where fewer than three corners are left.
pub fn tidy(mut ring: Vec<Unit>) -> Vec<Unit> {
    ring.dedup();
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    if ring.len() < 3 || doubled_area(&ring) == 0 {
        Vec::new()
    } else {
        ring
    }
}

/// Twice the signed area; positive where the ring runs clockwise on the screen (y down), as an MVT outline must.
pub fn doubled_area(ring: &[Unit]) -> i128 {
    let mut sum = 0;
    for (i, a) in ring.iter().enumerate() {
        let b = ring[(i + 1) % ring.len()];
        sum += i128::from(a[0]) * i128::from(b[1]) - i128::from(b[0]) * i128::from(a[1]);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOX: UnitBox = UnitBox {
        min: [0, 0],
        max: [100, 100],
    };

    #[test]
    fn a_line_that_leaves_and_returns_is_two_pieces() {
        let pieces = line(&[[-50, 10], [50, 10], [150, 10], [150, 50], [50, 50]], &BOX);
        assert_eq!(
            pieces,
            [
                vec![[0, 10], [50, 10], [100, 10]],
                vec![[100, 50], [50, 50]]
            ]
        );
    }

    #[test]
    fn a_line_outside_is_nothing_and_inside_is_itself() {
        assert!(line(&[[-5, -5], [-50, 200]], &BOX).is_empty());
        assert_eq!(
            line(&[[1, 1], [2, 2], [3, 1]], &BOX),
            [vec![[1, 1], [2, 2], [3, 1]]]
        );
        assert_eq!(
            line(&[[-10, 50], [110, 50]], &BOX),
            [vec![[0, 50], [100, 50]]]
        );
    }

    #[test]
    fn rings_are_cut_to_the_box() {
        let big = [[-50, -50], [150, -50], [150, 150], [-50, 150]];
        let cut = ring(&big, &BOX);
        assert_eq!(doubled_area(&cut), 20_000);
        assert!(ring(&[[200, 0], [300, 0], [300, 50]], &BOX).is_empty());
        let half = ring(&[[50, 0], [150, 0], [150, 100], [50, 100]], &BOX);
        assert_eq!(doubled_area(&half), 10_000);
    }

    #[test]
    fn cutting_keeps_the_turning_direction() {
        let outline = [[-50, -50], [150, -50], [150, 150], [-50, 150]];
        let hole: Vec<Unit> = outline.iter().rev().copied().collect();
        assert!(doubled_area(&ring(&outline, &BOX)) > 0);
        assert!(doubled_area(&ring(&hole, &BOX)) < 0);
    }
}
