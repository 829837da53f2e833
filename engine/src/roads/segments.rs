use super::flat::flat_point;
use crate::geo::{LocalFrame, Position};
use rstar::primitives::GeomWithData;
use rstar::{AABB, PointDistance, RTree, RTreeObject};

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
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f32; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.a, self.b)
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, point: &[f32; 2]) -> f32 {
        self.nearest(*point).1 as f32
    }
}

/// All segments of all lines (edges, banks); each carries its line and its number within the line.
#[derive(Debug, Default)]
pub(super) struct SegmentTree(pub(super) RTree<GeomWithData<Segment, (u32, u32)>>);

impl SegmentTree {
    pub(super) fn new(frame: &LocalFrame, shape_starts: &[u32], shapes: &[Position]) -> Self {
        let mut segments = Vec::with_capacity(shapes.len());
        for (edge, bounds) in shape_starts.windows(2).enumerate() {
            let shape = &shapes[bounds[0] as usize..bounds[1] as usize];
            for (part, ends) in shape.windows(2).enumerate() {
                let (a, b) = (
                    flat_point(frame.metres(ends[0])),
                    flat_point(frame.metres(ends[1])),
                );
                segments.push(GeomWithData::new(
                    Segment { a, b },
                    (edge as u32, part as u32),
                ));
            }
        }
        Self(RTree::bulk_load(segments))
    }
}
