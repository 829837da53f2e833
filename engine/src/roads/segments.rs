use super::flat::flat_point;
use crate::geo::{LocalFrame, Position};

/// A straight piece of an edge's course, in flat metres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment {
    pub(super) a: [f32; 2],
    pub(super) b: [f32; 2],
}

impl Segment {
    /// The nearest place on the segment as a part 0 … 1 of its length, and its squared distance.
    pub(super) fn nearest(&self, p: [f32; 2]) -> (f64, f64) {
        let to_f64 = |v: [f32; 2]| [f64::from(v[0]), f64::from(v[1])];
        let ([ax, ay], [bx, by], [px, py]) = (to_f64(self.a), to_f64(self.b), to_f64(p));
        let (dx, dy) = (bx - ax, by - ay);
        let length_2 = dx * dx + dy * dy;
        let part = if length_2 > 0.0 {
            (((px - ax) * dx + (py - ay) * dy) / length_2).clamp(0.0, 1.0)
        } else {
            0.0
        };
        let (ex, ey) = (ax + part * dx - px, ay + part * dy - py);
        (part, ex * ex + ey * ey)
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            low: [self.a[0].min(self.b[0]), self.a[1].min(self.b[1])],
            high: [self.a[0].max(self.b[0]), self.a[1].max(self.b[1])],
        }
    }
}

/// A rectangle in flat metres, its edges included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub(super) low: [f32; 2],
    pub(super) high: [f32; 2],
}

/// What every rectangle is larger than.
const EMPTY: Bounds = Bounds {
    low: [f32::INFINITY; 2],
    high: [f32::NEG_INFINITY; 2],
};

impl Bounds {
    /// All that lies within a distance of a place, and a hair more.
    pub(super) fn around(at: [f32; 2], metres: f64) -> Self {
        let off = |to: f64| at.map(|m| (f64::from(m) + to) as f32);
        let more = metres * (1.0 + 1e-6) + 0.01;
        Self {
            low: off(-more),
            high: off(more),
        }
    }

    fn meets(&self, other: &Self) -> bool {
        self.low[0] <= other.high[0]
            && other.low[0] <= self.high[0]
            && self.low[1] <= other.high[1]
            && other.low[1] <= self.high[1]
    }

    fn and(self, other: Self) -> Self {
        let each =
            |f: fn(f32, f32) -> f32, a: [f32; 2], b: [f32; 2]| [f(a[0], b[0]), f(a[1], b[1])];
        Self {
            low: each(f32::min, self.low, other.low),
            high: each(f32::max, self.high, other.high),
        }
    }
}

/// A segment, the line (edge, bank) that it belongs to, and its number within the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Placed {
    pub(super) segment: Segment,
    pub(super) line: u32,
    pub(super) number: u32,
}

/// So many segments, or rectangles around them, lie in one rectangle.
const FAN: usize = 8;

/// All segments of all lines, packed: sorted along a curve that keeps together what is near, every eight of them in a
/// rectangle, every eight rectangles in a larger one. Nothing is added later.
///
/// Source: Kamel and Faloutsos 1993, "On Packing R-trees". Memory: 27 bytes a segment.
#[derive(Debug, Default)]
pub(super) struct SegmentTree {
    segments: Vec<Placed>,
    /// Rectangles, the smallest first.
    levels: Vec<Vec<Bounds>>,
}

impl SegmentTree {
    pub(super) fn new(frame: &LocalFrame, shape_starts: &[u32], shapes: &[Position]) -> Self {
        let mut segments = Vec::with_capacity(shapes.len());
        for (line, bounds) in shape_starts.windows(2).enumerate() {
            let shape = &shapes[bounds[0] as usize..bounds[1] as usize];
            for (number, ends) in shape.windows(2).enumerate() {
                let [a, b] = [ends[0], ends[1]].map(|p| flat_point(frame.metres(p)));
                segments.push(Placed {
                    segment: Segment { a, b },
                    line: line as u32,
                    number: number as u32,
                });
            }
        }
        let all = segments.iter().map(|s| s.segment.bounds());
        let all = all.fold(EMPTY, Bounds::and);
        segments.sort_by_cached_key(|s| along_curve(&all, &s.segment));
        let mut levels: Vec<Vec<Bounds>> = Vec::new();
        let whole = |part: &[Placed]| {
            part.iter()
                .map(|s| s.segment.bounds())
                .fold(EMPTY, Bounds::and)
        };
        let mut level: Vec<Bounds> = segments.chunks(FAN).map(whole).collect();
        while !level.is_empty() {
            let whole = |part: &[Bounds]| part.iter().copied().fold(EMPTY, Bounds::and);
            let above: Vec<Bounds> = level.chunks(FAN).map(whole).collect();
            let is_last = level.len() == 1;
            levels.push(level);
            if is_last {
                break;
            }
            level = above;
        }
        Self { segments, levels }
    }

    /// The rectangle around all segments; nothing where there are none.
    pub(super) fn bounds(&self) -> Option<Bounds> {
        self.levels.last()?.first().copied()
    }

    /// True where a rectangle has all segments in it.
    pub(super) fn lie_within(&self, window: &Bounds) -> bool {
        self.bounds().is_none_or(|all| all.and(*window) == *window)
    }

    /// Every segment whose own rectangle meets another, in an order that is always the same.
    pub(super) fn for_each_in(&self, window: &Bounds, mut found: impl FnMut(&Placed)) {
        if let Some(top) = self.levels.len().checked_sub(1) {
            self.visit(top, 0..self.levels[top].len(), window, &mut found);
        }
    }

    fn visit(
        &self,
        level: usize,
        range: core::ops::Range<usize>,
        window: &Bounds,
        found: &mut impl FnMut(&Placed),
    ) {
        for (i, bounds) in range.clone().zip(&self.levels[level][range]) {
            if !bounds.meets(window) {
                continue;
            }
            let first = i * FAN;
            if level > 0 {
                let end = (first + FAN).min(self.levels[level - 1].len());
                self.visit(level - 1, first..end, window, found);
                continue;
            }
            let end = (first + FAN).min(self.segments.len());
            for placed in &self.segments[first..end] {
                if placed.segment.bounds().meets(window) {
                    found(placed);
                }
            }
        }
    }
}

/// How far along Hilbert's curve through all bounds the middle of a segment lies.
///
/// Source: Hilbert 1891, by quadrants from the largest to the smallest.
fn along_curve(all: &Bounds, segment: &Segment) -> u32 {
    const SIDE: u32 = 1 << 16;
    let side_m = (all.high[0] - all.low[0])
        .max(all.high[1] - all.low[1])
        .max(1.0);
    let part = |i: usize| {
        let middle = f32::midpoint(segment.a[i], segment.b[i]) - all.low[i];
        ((middle / side_m * SIDE as f32) as u32).min(SIDE - 1)
    };
    let (mut x, mut y, mut along) = (part(0), part(1), 0);
    let mut half = SIDE / 2;
    while half > 0 {
        let (east, north) = (x & half != 0, y & half != 0);
        along = along << 2
            | match (east, north) {
                (false, false) => 0,
                (false, true) => 1,
                (true, true) => 2,
                (true, false) => 3,
            };
        if !north {
            if east {
                (x, y) = (!x & (SIDE - 1), !y & (SIDE - 1));
            }
            (x, y) = (y, x);
        }
        half /= 2;
    }
    along
}

#[cfg(test)]
mod tests {
    use super::super::oracle::Rng;
    use super::*;
    use crate::geo::Metres;

    #[test]
    fn a_window_finds_what_looking_at_all_finds() {
        let frame = LocalFrame::new(Position::new(1_266_000_000, 457_500_000));
        for count in [0, 1, 2, 7, 8, 9, 64, 65, 3_000] {
            let mut rng = Rng(count);
            let (mut starts, mut shapes) = (vec![0], Vec::new());
            let mut at = Metres::default();
            for _ in 0..count {
                for _ in 0..=rng.below(4) {
                    let far = if rng.below(40) == 0 { 9_000.0 } else { 90.0 };
                    let mut step = || (rng.unit() - 0.5) * far;
                    at = Metres {
                        east_m: at.east_m + step(),
                        north_m: at.north_m + step(),
                    };
                    shapes.push(frame.position(at));
                }
                starts.push(shapes.len() as u32);
            }
            let tree = SegmentTree::new(&frame, &starts, &shapes);
            let expected: usize = starts.windows(2).map(|w| (w[1] - w[0]) as usize - 1).sum();
            assert_eq!(tree.segments.len(), expected);
            assert_eq!(tree.bounds().is_some(), expected > 0);
            for _ in 0..60 {
                let mut some = || ((rng.unit() - 0.5) * 20_000.0) as f32;
                let window = Bounds::around([some(), some()], f64::from(some().abs() / 5.0));
                let meets = |s: &&Placed| s.segment.bounds().meets(&window);
                let name = |s: &Placed| (s.line, s.number);
                let mut expected: Vec<_> = tree.segments.iter().filter(meets).map(name).collect();
                let mut found = Vec::new();
                tree.for_each_in(&window, |s| found.push(name(s)));
                expected.sort_unstable();
                found.sort_unstable();
                assert_eq!(found, expected);
            }
            assert!(tree.lie_within(&Bounds::around([0.0, 0.0], 1e9)));
            assert!(expected == 0 || !tree.lie_within(&Bounds::around([3e8, 0.0], 1.0)));
        }
    }

    #[test]
    fn what_follows_along_the_curve_is_near() {
        let all = Bounds {
            low: [0.0; 2],
            high: [15.0; 2],
        };
        let at = |i: usize| [(i % 16) as f32, (i / 16) as f32];
        let mut order: Vec<usize> = (0..256).collect();
        let all = Bounds {
            high: [16.0; 2],
            ..all
        };
        order.sort_by_key(|i| {
            along_curve(
                &all,
                &Segment {
                    a: at(*i),
                    b: at(*i),
                },
            )
        });
        for w in order.windows(2) {
            let (a, b) = (at(w[0]), at(w[1]));
            assert_eq!(
                (a[0] - b[0]).abs() + (a[1] - b[1]).abs(),
                1.0,
                "{a:?} {b:?}"
            );
        }
    }
}
