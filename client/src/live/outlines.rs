//! Outlines of significant areas from one reckoning to the next: each grows into the one that follows it, what is new
//! comes and what is gone goes. Nothing flashes.

use bevy::math::DVec2;
use bevy::prelude::Resource;

/// Points that an outline on its way is drawn with.
const POINTS: usize = 120;

/// A closed outline, mercator.
type Ring = Vec<DVec2>;

#[derive(Debug, PartialEq)]
enum Course {
    /// As it is.
    Stands(Ring),
    /// From one to another, point by point.
    Changes { from: Ring, to: Ring, then: Ring },
    /// Comes.
    Comes(Ring),
    /// Goes.
    Goes(Ring),
}

/// The outlines that are shown, and how far on their way.
#[derive(Resource, Debug, Default)]
pub struct Outlines {
    now: Vec<Ring>,
    courses: Vec<Course>,
    elapsed_s: f32,
    length_s: f32,
    discontinuities: u64,
}

impl Outlines {
    /// True where the moment shown does not follow from the one before.
    pub(super) fn is_cut(&mut self, frozen: Option<u64>, discontinuities: u64) -> bool {
        let cut = frozen.is_some() || discontinuities != self.discontinuities;
        self.discontinuities = discontinuities;
        cut
    }

    /// Takes over what the outlines are now; they are that after so many seconds.
    pub(super) fn follow(&mut self, rings: Vec<Ring>, length_s: f32) {
        if rings == self.now && (length_s > 0.0 || self.share() >= 1.0) {
            return;
        }
        // What is on its way goes on from where it is shown.
        let mut old: Vec<Ring> = if length_s > 0.0 {
            self.shown().map(|(ring, _)| ring).collect()
        } else {
            Vec::new()
        };
        let course = |to: &Ring| {
            if length_s <= 0.0 {
                return Course::Stands(to.clone());
            }
            let nearest = old
                .iter()
                .enumerate()
                .filter(|(_, from)| is_akin(from, to))
                .min_by(|(_, a), (_, b)| apart(a, to).total_cmp(&apart(b, to)))
                .map(|(i, _)| i);
            match nearest.map(|i| old.swap_remove(i)) {
                Some(from) if from == *to => Course::Stands(from),
                Some(from) => {
                    let (from, to, then) = (even(&from), even(to), to.clone());
                    let to = turned(&from, to);
                    Course::Changes { from, to, then }
                }
                None => Course::Comes(to.clone()),
            }
        };
        self.courses = rings.iter().map(course).collect();
        self.courses.extend(old.into_iter().map(Course::Goes));
        self.now = rings;
        (self.elapsed_s, self.length_s) = (0.0, length_s);
    }

    /// So many seconds pass.
    pub(super) fn advance(&mut self, dt_s: f32) {
        self.elapsed_s = (self.elapsed_s + dt_s).min(self.length_s);
    }

    fn share(&self) -> f32 {
        if self.length_s > 0.0 {
            self.elapsed_s / self.length_s
        } else {
            1.0
        }
    }

    /// Each outline as it is shown now, with its opacity, 0 … 1.
    pub(super) fn shown(&self) -> impl Iterator<Item = (Ring, f32)> + '_ {
        let share = self.share();
        let smooth = share * share * (3.0 - 2.0 * share);
        self.courses.iter().filter_map(move |c| match c {
            Course::Stands(ring) => Some((ring.clone(), 1.0)),
            Course::Changes { then, .. } if share >= 1.0 => Some((then.clone(), 1.0)),
            Course::Changes { from, to, .. } => {
                let points = from.iter().zip(to);
                let ring = points.map(|(a, b)| a.lerp(*b, f64::from(smooth)));
                Some((ring.collect(), 1.0))
            }
            Course::Comes(ring) => Some((ring.clone(), smooth)),
            Course::Goes(ring) => (share < 1.0).then(|| (ring.clone(), 1.0 - smooth)),
        })
    }
}

fn bounds(ring: &[DVec2]) -> (DVec2, DVec2) {
    let first = ring.first().copied().unwrap_or_default();
    ring.iter()
        .fold((first, first), |(a, b), p| (a.min(*p), b.max(*p)))
}

/// True where the one may have become the other: they lie over one another.
fn is_akin(a: &[DVec2], b: &[DVec2]) -> bool {
    let ((a0, a1), (b0, b1)) = (bounds(a), bounds(b));
    a0.cmple(b1).all() && b0.cmple(a1).all()
}

/// How far corners of their bounds are apart.
fn apart(a: &[DVec2], b: &[DVec2]) -> f64 {
    let ((a0, a1), (b0, b1)) = (bounds(a), bounds(b));
    a0.distance(b0) + a1.distance(b1)
}

/// The same closed ring with [`POINTS`] points, evenly apart, the first once more at the end.
fn even(ring: &[DVec2]) -> Ring {
    let lengths: Vec<f64> = ring.windows(2).map(|w| w[0].distance(w[1])).collect();
    let whole: f64 = lengths.iter().sum();
    let (mut i, mut gone) = (0, 0.0);
    let mut points: Ring = (0..POINTS)
        .filter_map(|k| {
            let at = whole * k as f64 / POINTS as f64;
            while i + 1 < lengths.len() && gone + lengths[i] < at {
                gone += lengths[i];
                i += 1;
            }
            let t = (at - gone) / lengths.get(i)?.max(f64::MIN_POSITIVE);
            Some(ring[i].lerp(ring[i + 1], t.clamp(0.0, 1.0)))
        })
        .collect();
    points.extend(points.first().copied());
    points
}

/// `to`, begun at the point and in the direction that lie nearest to `from`'s.
fn turned(from: &[DVec2], mut to: Ring) -> Ring {
    if from.len() != to.len() || to.len() < 2 {
        return to;
    }
    to.pop();
    let n = to.len();
    let at = |to: &Ring, by: usize, back: bool, i: usize| {
        to[if back { (by + n - i) % n } else { (by + i) % n }]
    };
    let cost = |by: usize, back: bool| -> f64 {
        let points = (0..n).step_by(4);
        points
            .map(|i| at(&to, by, back, i).distance_squared(from[i]))
            .sum()
    };
    let all = (0..n).flat_map(|by| [(by, false), (by, true)]);
    let best = all.min_by(|a, b| cost(a.0, a.1).total_cmp(&cost(b.0, b.1)));
    let (by, back) = best.unwrap_or_default();
    (0..=n).map(|i| at(&to, by, back, i % n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(x: f64, y: f64, r: f64, first: usize) -> Ring {
        let at = |i: usize| DVec2::from_angle((i % 40) as f64 / 40.0 * std::f64::consts::TAU);
        (0..=40)
            .map(|i| DVec2::new(x, y) + at(i + first) * r)
            .collect()
    }

    fn shown(o: &Outlines) -> Vec<(Ring, f32)> {
        o.shown().collect()
    }

    /// Middle and mean distance from it.
    fn measure(ring: &[DVec2]) -> (DVec2, f64) {
        let open = &ring[1..];
        let n = open.len() as f64;
        let middle = open.iter().sum::<DVec2>() / n;
        let radius = open.iter().map(|p| p.distance(middle)).sum::<f64>() / n;
        (middle, radius)
    }

    #[test]
    fn an_outline_grows_into_the_one_that_follows_and_is_never_less_than_opaque() {
        let mut o = Outlines::default();
        o.follow(vec![ring(0.0, 0.0, 10.0, 0)], 0.0);
        assert_eq!(shown(&o), [(ring(0.0, 0.0, 10.0, 0), 1.0)]);
        // Larger, a little off, and told from another corner on.
        let next = ring(2.0, 0.0, 14.0, 17);
        o.follow(vec![next.clone()], 0.6);
        let mut last = 10.0;
        for _ in 0..12 {
            o.advance(0.05);
            let all = shown(&o);
            assert_eq!((all.len(), all[0].1), (1, 1.0));
            let (_, radius) = measure(&all[0].0);
            assert!(
                radius > last - 0.1 && radius - last < 1.0,
                "{last} {radius}"
            );
            last = radius;
        }
        assert_eq!(shown(&o), [(next, 1.0)]);
    }

    #[test]
    fn what_is_new_comes_and_what_is_gone_goes_and_the_same_stands() {
        let (a, b) = (ring(0.0, 0.0, 10.0, 0), ring(100.0, 0.0, 10.0, 0));
        let c = ring(0.0, 100.0, 10.0, 0);
        let mut o = Outlines::default();
        o.follow(vec![a.clone(), b], 0.0);
        o.follow(vec![a.clone(), c.clone()], 0.6);
        let opacities = |o: &Outlines| shown(o).iter().map(|s| s.1).collect::<Vec<_>>();
        assert_eq!(opacities(&o), [1.0, 0.0, 1.0]);
        o.advance(0.3);
        assert_eq!(opacities(&o), [1.0, 0.5, 0.5]);
        o.advance(0.4);
        assert_eq!(shown(&o), [(a, 1.0), (c, 1.0)]);
    }

    #[test]
    fn a_moment_that_stands_shows_its_own_outlines_at_once() {
        let (a, b) = (ring(0.0, 0.0, 10.0, 0), ring(3.0, 0.0, 12.0, 0));
        let mut o = Outlines::default();
        o.follow(vec![a], 0.0);
        o.follow(vec![b.clone()], 0.6);
        o.advance(0.1);
        assert!(o.is_cut(Some(1), 0));
        o.follow(vec![b.clone()], 0.0);
        assert_eq!(shown(&o), [(b, 1.0)]);
    }
}
