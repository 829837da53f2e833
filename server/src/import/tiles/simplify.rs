use super::clip::Unit;

/// A line with fewer points, nowhere further than `tolerance` units from the full one (Douglas–Peucker).
/// Both ends stay, but of a loop smaller than that one point is left. Zero tolerance drops repeated points only.
pub fn line(points: &[Unit], tolerance: f64) -> Vec<Unit> {
    let mut points = points.to_vec();
    points.dedup();
    if points.len() <= 2 || tolerance <= 0.0 {
        return points;
    }
    let mut keep = vec![false; points.len()];
    keep[0] = true;
    keep[points.len() - 1] = true;
    let mut spans = vec![(0, points.len() - 1)];
    while let Some((from, to)) = spans.pop() {
        let mut worst = (0.0, 0);
        for at in from + 1..to {
            let d = distance_squared(points[at], points[from], points[to]);
            if d > worst.0 {
                worst = (d, at);
            }
        }
        if worst.0 > tolerance * tolerance {
            keep[worst.1] = true;
            spans.push((from, worst.1));
            spans.push((worst.1, to));
        }
    }
    let kept = points.iter().zip(keep).filter(|(_, k)| *k);
    let mut kept: Vec<Unit> = kept.map(|(p, _)| *p).collect();
    kept.dedup();
    kept
}

/// A ring with fewer corners: two far corners stay, the halves between them are simplified as lines.
pub fn ring(corners: &[Unit], tolerance: f64) -> Vec<Unit> {
    if corners.len() <= 4 || tolerance <= 0.0 {
        return super::clip::tidy(corners.to_vec());
    }
    let squared = |a: Unit, b: Unit| (a[0] - b[0]).pow(2) + (a[1] - b[1]).pow(2);
    let far = (1..corners.len())
        .max_by_key(|i| (squared(corners[0], corners[*i]), usize::MAX - i))
        .unwrap_or(1);
    let mut there = line(&corners[..=far], tolerance);
    let mut back: Vec<Unit> = corners[far..].to_vec();
    back.push(corners[0]);
    there.extend_from_slice(&line(&back, tolerance)[1..]);
    super::clip::tidy(there)
}

/// Squared distance of `p` from the segment a–b, in squared units.
fn distance_squared(p: Unit, a: Unit, b: Unit) -> f64 {
    let (dx, dy) = ((b[0] - a[0]) as f64, (b[1] - a[1]) as f64);
    let (px, py) = ((p[0] - a[0]) as f64, (p[1] - a[1]) as f64);
    let length = dx * dx + dy * dy;
    let t = if length > 0.0 {
        ((px * dx + py * dy) / length).clamp(0.0, 1.0)
    } else {
        0.0
    };
    let (ex, ey) = (px - t * dx, py - t * dy);
    ex * ex + ey * ey
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_wiggles_go_and_corners_stay() {
        let wiggly = [[0, 0], [10, 1], [20, -1], [30, 0], [30, 50]];
        assert_eq!(line(&wiggly, 2.0), [[0, 0], [30, 0], [30, 50]]);
        assert_eq!(line(&wiggly, 0.0).len(), 5);
    }

    #[test]
    fn a_loop_too_small_to_be_seen_is_no_line_without_length() {
        let island = [[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]];
        assert_eq!(line(&island, 3.0), [[0, 0]]);
        assert_eq!(line(&island, 0.0).len(), 5);
    }

    #[test]
    fn a_ring_keeps_its_shape_or_vanishes() {
        let square = [[0, 0], [50, 1], [100, 0], [100, 100], [0, 100]];
        assert_eq!(ring(&square, 3.0), [[0, 0], [100, 0], [100, 100], [0, 100]]);
        let sliver = [[0, 0], [50, 1], [100, 0], [50, -1], [20, 0]];
        assert!(ring(&sliver, 5.0).is_empty());
    }
}
