//! Lines as triangles whose width the vertex shader gives: each vertex carries the way it moves per half width.

use super::clip::P;
use crate::basemap::style::{LineCap, LineJoin};

/// Position (two 16-bit), offset per half width (two 16-bit, ±4), distance along the line (f32, tile units) and
/// side (f32, −1 … 1).
pub type LineVertex = [u32; 4];

/// Lines of one tile.
#[derive(Default, Debug)]
pub struct LineMesh {
    /// Both sides of each line, corners and ends.
    pub vertices: Vec<LineVertex>,
    /// Three indices of vertices for each triangle.
    pub indices: Vec<u32>,
}

/// Corners flatter than this share their vertices (cosine of the turn).
const SMOOTH_COS: f32 = 0.86;
/// Angle of a step of a round corner.
const ROUND_STEP_RAD: f32 = 0.45;

/// Packs a position in tile units.
pub fn pack_position(p: P) -> u32 {
    let unit = |v: f32| v.round().clamp(-32768.0, 32767.0) as i16 as u16 as u32;
    unit(p[0]) | unit(p[1]) << 16
}

fn pack_offset(offset: P) -> u32 {
    let part = |v: f32| ((v / 4.0).clamp(-1.0, 1.0) * 32767.0).round() as i16 as u16 as u32;
    part(offset[0]) | part(offset[1]) << 16
}

impl LineMesh {
    fn push(&mut self, p: P, offset: P, along: f32, side: f32) -> u32 {
        self.vertices.push([
            pack_position(p),
            pack_offset(offset),
            along.to_bits(),
            side.to_bits(),
        ]);
        (self.vertices.len() - 1) as u32
    }

    /// Adds a line; `along` is the distance at its first point, for dashes.
    pub fn add(&mut self, points: &[P], along: f32, closed: bool, cap: LineCap, join: LineJoin) {
        let mut line: Vec<P> = Vec::with_capacity(points.len() + 1);
        for p in points {
            if line
                .last()
                .is_none_or(|q| (p[0] - q[0]).abs() + (p[1] - q[1]).abs() > 0.4)
            {
                line.push(*p);
            }
        }
        if closed && line.len() > 2 && line.first() != line.last() {
            line.push(line[0]);
        }
        if line.len() < 2 {
            return;
        }
        let closed = closed && line.len() > 3;
        let segments: Vec<(P, f32)> = line
            .windows(2)
            .map(|w| {
                let (dx, dy) = (w[1][0] - w[0][0], w[1][1] - w[0][1]);
                let length = dx.hypot(dy).max(1e-6);
                ([dx / length, dy / length], length)
            })
            .collect();
        let last = segments.len() - 1;
        let mut along = along;
        for (i, (direction, length)) in segments.iter().enumerate() {
            let before = if i > 0 {
                Some(segments[i - 1].0)
            } else {
                closed.then(|| segments[last].0)
            };
            let after = if i < last {
                Some(segments[i + 1].0)
            } else {
                closed.then(|| segments[0].0)
            };
            let (a, b) = (line[i], line[i + 1]);
            let start = corner(before, *direction);
            let end = corner(after, *direction);
            let quad = [
                self.push(a, start, along, 1.0),
                self.push(a, [-start[0], -start[1]], along, -1.0),
                self.push(b, end, along + length, 1.0),
                self.push(b, [-end[0], -end[1]], along + length, -1.0),
            ];
            self.indices
                .extend([quad[0], quad[1], quad[2], quad[2], quad[1], quad[3]]);
            along += length;
            if let Some(next) = after
                && dot(*direction, next) < SMOOTH_COS
            {
                self.turn(b, *direction, next, along, join);
            }
        }
        if cap == LineCap::Round && !closed {
            let (first, end) = (segments[0].0, segments[last].0);
            self.fan(
                line[0],
                normal(first),
                std::f32::consts::PI,
                along - segments.iter().map(|s| s.1).sum::<f32>(),
            );
            self.fan(
                line[last + 1],
                normal([-end[0], -end[1]]),
                std::f32::consts::PI,
                along,
            );
        }
    }

    /// Fills the outer side of a sharp corner.
    fn turn(&mut self, at: P, from: P, to: P, along: f32, join: LineJoin) {
        let cross = from[0] * to[1] - from[1] * to[0];
        let angle = cross.atan2(dot(from, to));
        // The outer side lies to the left of the walker when the line turns right.
        let start = if angle > 0.0 {
            normal(from)
        } else {
            let n = normal(from);
            [-n[0], -n[1]]
        };
        if join == LineJoin::Round {
            self.fan(at, start, angle, along);
        } else {
            let end = rotate(start, angle);
            let side = if angle > 0.0 { 1.0 } else { -1.0 };
            let triangle = [
                self.push(at, [0.0; 2], along, 0.0),
                self.push(at, start, along, side),
                self.push(at, end, along, side),
            ];
            self.indices.extend(triangle);
        }
    }

    /// A sector of a disc from `start` on, turning by `angle` radians.
    fn fan(&mut self, at: P, start: P, angle: f32, along: f32) {
        let steps = (angle.abs() / ROUND_STEP_RAD).ceil().max(1.0) as u32;
        let centre = self.push(at, [0.0; 2], along, 0.0);
        let mut rim = self.push(at, start, along, 1.0);
        for k in 1..=steps {
            let offset = rotate(start, angle * k as f32 / steps as f32);
            let next = self.push(at, offset, along, 1.0);
            self.indices.extend([centre, rim, next]);
            rim = next;
        }
    }
}

fn dot(a: P, b: P) -> f32 {
    a[0] * b[0] + a[1] * b[1]
}

/// Left of a direction, y down.
fn normal(d: P) -> P {
    [d[1], -d[0]]
}

fn rotate(v: P, angle: f32) -> P {
    let (s, c) = angle.sin_cos();
    [v[0] * c - v[1] * s, v[0] * s + v[1] * c]
}

/// Offset of a segment's end: its normal, or the mitre with its neighbour where the corner is flat.
fn corner(neighbour: Option<P>, direction: P) -> P {
    let n = normal(direction);
    match neighbour {
        Some(other) if dot(other, direction) >= SMOOTH_COS => {
            let m = normal(other);
            let sum = [n[0] + m[0], n[1] + m[1]];
            let scale = 2.0 / dot(sum, sum).max(1e-6);
            [sum[0] * scale, sum[1] * scale]
        }
        _ => n,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(v: &LineVertex) -> P {
        let part = |b: u32| f32::from(b as u16 as i16) / 32767.0 * 4.0;
        [part(v[1]), part(v[1] >> 16)]
    }

    #[test]
    fn a_straight_line_is_a_quad_with_offsets_across_it() {
        let mut mesh = LineMesh::default();
        mesh.add(
            &[[0.0, 0.0], [100.0, 0.0]],
            0.0,
            false,
            LineCap::Butt,
            LineJoin::Miter,
        );
        assert_eq!((mesh.vertices.len(), mesh.indices.len()), (4, 6));
        for v in &mesh.vertices {
            let o = offset(v);
            assert!(
                o[0].abs() < 1e-3 && (o[1].abs() - 1.0).abs() < 1e-3,
                "{o:?}"
            );
        }
        assert_eq!(f32::from_bits(mesh.vertices[2][2]), 100.0);
    }

    #[test]
    fn sharp_corners_are_filled_on_the_outer_side() {
        for (turn, outer) in [([100.0, 100.0], [1.0, -1.0]), ([100.0, -100.0], [1.0, 1.0])] {
            let mut mesh = LineMesh::default();
            mesh.add(
                &[[0.0, 0.0], [100.0, 0.0], turn],
                0.0,
                false,
                LineCap::Butt,
                LineJoin::Round,
            );
            let fan: Vec<P> = mesh.vertices.iter().map(offset).collect();
            let mut out = false;
            for o in fan {
                out |= o[0] * outer[0] > 0.5 && o[1] * outer[1] > 0.5;
            }
            assert!(out, "{turn:?}");
        }
    }

    #[test]
    fn points_on_top_of_each_other_are_no_line() {
        let mut mesh = LineMesh::default();
        mesh.add(
            &[[5.0, 5.0], [5.0, 5.1], [5.0, 5.0]],
            0.0,
            true,
            LineCap::Round,
            LineJoin::Round,
        );
        mesh.add(&[], 0.0, false, LineCap::Round, LineJoin::Round);
        assert!(mesh.vertices.is_empty());
    }
}
