//! Cuts shapes to a tile, so that neighbouring tiles meet without overlapping.

/// A point in tile units.
pub type P = [f32; 2];

/// Units along a side of a tile, whatever the tile's own extent was.
pub const EXTENT: f32 = 4096.0;

/// Cuts a ring to the square `min … max` (Sutherland–Hodgman). The result may run along the square's edges.
pub fn clip_ring(ring: &[P], min: f32, max: f32) -> Vec<P> {
    let inside = |p: &P| p.iter().all(|v| (min..=max).contains(v));
    if ring.iter().all(inside) {
        return ring.to_vec();
    }
    let mut points = ring.to_vec();
    for (axis, limit, sign) in [
        (0, min, 1.0),
        (0, max, -1.0),
        (1, min, 1.0),
        (1, max, -1.0f32),
    ] {
        let kept = |p: &P| (p[axis] - limit) * sign >= 0.0;
        let mut out = Vec::with_capacity(points.len() + 4);
        for (i, p) in points.iter().enumerate() {
            let q = &points[(i + 1) % points.len()];
            if kept(p) {
                out.push(*p);
            }
            if kept(p) != kept(q) {
                let t = (limit - p[axis]) / (q[axis] - p[axis]);
                let mut cut = [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t];
                cut[axis] = limit;
                out.push(cut);
            }
        }
        points = out;
        if points.len() < 3 {
            return Vec::new();
        }
    }
    points.dedup();
    points
}

/// True where an edge runs along the border of the square and is therefore a cut, not an edge of the shape.
pub fn is_cut(a: P, b: P, min: f32, max: f32) -> bool {
    (0..2).any(|axis| (a[axis] <= min && b[axis] <= min) || (a[axis] >= max && b[axis] >= max))
}

/// The pieces of a line inside the square `min … max`, each with the distance along the line at which it begins.
pub fn clip_line(line: &[P], min: f32, max: f32) -> Vec<(f32, Vec<P>)> {
    let mut pieces: Vec<(f32, Vec<P>)> = Vec::new();
    let mut open = false;
    let mut along = 0.0f32;
    for pair in line.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let length = (b[0] - a[0]).hypot(b[1] - a[1]);
        let (mut t0, mut t1) = (0.0f32, 1.0f32);
        for axis in 0..2 {
            let d = b[axis] - a[axis];
            if d == 0.0 {
                if a[axis] < min || a[axis] > max {
                    (t0, t1) = (1.0, 0.0);
                }
                continue;
            }
            let (u, v) = ((min - a[axis]) / d, (max - a[axis]) / d);
            t0 = t0.max(u.min(v));
            t1 = t1.min(u.max(v));
        }
        let at = |t: f32| [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t];
        if t0 < t1 {
            let start = at(t0);
            match pieces.last_mut() {
                Some((_, piece)) if open && t0 == 0.0 => piece.push(at(t1)),
                _ => pieces.push((along + length * t0, vec![start, at(t1)])),
            }
            open = t1 == 1.0;
        } else {
            open = false;
        }
        along += length;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_cut_at_the_border() {
        let ring = [[-10.0, -10.0], [10.0, -10.0], [10.0, 10.0], [-10.0, 10.0]];
        let cut = clip_ring(&ring, 0.0, 100.0);
        assert_eq!(cut.len(), 4);
        assert!(cut.contains(&[0.0, 0.0]) && cut.contains(&[10.0, 10.0]));
        assert!(clip_ring(&ring, 50.0, 100.0).is_empty());
        assert_eq!(clip_ring(&ring, -20.0, 20.0), ring);
    }

    #[test]
    fn a_cut_is_no_edge() {
        assert!(is_cut([0.0, 5.0], [0.0, 9.0], 0.0, 100.0));
        assert!(!is_cut([0.0, 5.0], [1.0, 9.0], 0.0, 100.0));
        assert!(is_cut([100.0, 5.0], [101.0, 9.0], 0.0, 100.0));
    }

    #[test]
    fn a_line_that_leaves_and_returns_is_two_pieces() {
        let line = [
            [-5.0, 5.0],
            [5.0, 5.0],
            [5.0, -5.0],
            [7.0, -5.0],
            [7.0, 5.0],
        ];
        let pieces = clip_line(&line, 0.0, 10.0);
        assert_eq!(pieces.len(), 2);
        assert_eq!(pieces[0], (5.0, vec![[0.0, 5.0], [5.0, 5.0], [5.0, 0.0]]));
        assert_eq!(pieces[1].1, vec![[7.0, 0.0], [7.0, 5.0]]);
        assert_eq!(pieces[1].0, 27.0);
    }
}
