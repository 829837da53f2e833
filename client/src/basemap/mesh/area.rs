//! Areas and buildings as triangles.

use super::clip::{EXTENT, P, clip_ring, is_cut};
use super::line::pack_position;

/// Position (two 16-bit).
pub type FillVertex = [u32; 1];
/// Position (two 16-bit), height in metres (f32), normal x and y and 127 for roofs (8-bit each).
pub type SolidVertex = [u32; 3];
/// Position and the edge's other end (two 16-bit each), height in metres (f32), side (f32).
pub type EdgeVertex = [u32; 4];

/// Areas of one tile.
#[derive(Default, Debug)]
pub struct FillMesh {
    /// Corners of the areas and where the tile cuts them.
    pub vertices: Vec<FillVertex>,
    /// Three indices of vertices for each triangle.
    pub indices: Vec<u32>,
}

/// Buildings of one tile.
#[derive(Default, Debug)]
pub struct SolidMesh {
    /// Roofs and walls.
    pub vertices: Vec<SolidVertex>,
    /// Three indices of vertices for each triangle of roofs and walls.
    pub indices: Vec<u32>,
    /// Outlines of roofs, four vertices for each edge.
    pub edges: Vec<EdgeVertex>,
    /// Three indices of edges for each triangle of the outlines.
    pub edge_indices: Vec<u32>,
}

/// Buildings lower than this have no outline; nothing would be seen of it.
const EDGE_HEIGHT_MIN_M: f32 = 2.0;

/// Triangles of a polygon given as rings, outer first; indices count from 0 over all rings.
fn triangles(rings: &[Vec<P>]) -> Vec<u32> {
    let mut flat = Vec::with_capacity(rings.iter().map(Vec::len).sum::<usize>() * 2);
    let mut holes = Vec::new();
    for (i, ring) in rings.iter().enumerate() {
        if i > 0 {
            holes.push(flat.len() / 2);
        }
        flat.extend(ring.iter().flatten().copied());
    }
    earcutr::earcut(&flat, &holes, 2)
        .unwrap_or_default()
        .into_iter()
        .map(|i| i as u32)
        .collect()
}

/// The rings of a polygon inside the tile; empty when nothing is.
fn inside(rings: &[Vec<P>], overlap: f32) -> Vec<Vec<P>> {
    let mut out: Vec<Vec<P>> = Vec::with_capacity(rings.len());
    for ring in rings {
        let cut = clip_ring(ring, -overlap, EXTENT + overlap);
        if cut.len() >= 3 {
            out.push(cut);
        } else if out.is_empty() {
            return out;
        }
    }
    out
}

impl FillMesh {
    /// Adds a polygon: outer ring first, then holes.
    pub fn add(&mut self, rings: &[Vec<P>]) {
        // A hair of overlap, so that no gap shows between tiles; areas are opaque.
        let rings = inside(rings, 2.0);
        let first = self.vertices.len() as u32;
        self.indices
            .extend(triangles(&rings).into_iter().map(|i| first + i));
        self.vertices
            .extend(rings.iter().flatten().map(|p| [pack_position(*p)]));
    }
}

impl SolidMesh {
    /// Adds a building between two heights in metres.
    pub fn add(&mut self, rings: &[Vec<P>], base_m: f32, top_m: f32) {
        let rings = inside(rings, 0.0);
        if rings.is_empty() || !base_m.is_finite() || !top_m.is_finite() || top_m <= base_m {
            return;
        }
        let roof = 127u32 << 16;
        let first = self.vertices.len() as u32;
        self.indices
            .extend(triangles(&rings).into_iter().map(|i| first + i));
        self.vertices.extend(
            rings
                .iter()
                .flatten()
                .map(|p| [pack_position(*p), top_m.to_bits(), roof]),
        );
        for ring in &rings {
            for (i, a) in ring.iter().enumerate() {
                let b = ring[(i + 1) % ring.len()];
                if is_cut(*a, b, 0.0, EXTENT) {
                    continue;
                }
                self.wall(*a, b, base_m, top_m);
                if top_m - base_m >= EDGE_HEIGHT_MIN_M {
                    self.edge(*a, b, top_m);
                }
            }
        }
    }

    fn wall(&mut self, a: P, b: P, base_m: f32, top_m: f32) {
        let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
        let length = dx.hypot(dy);
        if length < 0.1 {
            return;
        }
        // Outwards: rings run clockwise on the screen, holes the other way.
        let part = |v: f32| (v / length * 127.0).round() as i8 as u8 as u32;
        let normal = part(dy) | part(-dx) << 8;
        let first = self.vertices.len() as u32;
        for (p, z) in [(a, base_m), (b, base_m), (a, top_m), (b, top_m)] {
            self.vertices.push([pack_position(p), z.to_bits(), normal]);
        }
        self.indices.extend([0, 1, 2, 2, 1, 3].map(|i| first + i));
    }

    fn edge(&mut self, a: P, b: P, top_m: f32) {
        let first = self.edges.len() as u32;
        let (pa, pb) = (pack_position(a), pack_position(b));
        for (p, q, side) in [
            (pa, pb, 1.0f32),
            (pa, pb, -1.0),
            (pb, pa, -1.0),
            (pb, pa, 1.0),
        ] {
            self.edges.push([p, q, top_m.to_bits(), side.to_bits()]);
        }
        self.edge_indices
            .extend([0, 1, 2, 2, 1, 3].map(|i| first + i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f32, y: f32, side: f32) -> Vec<P> {
        vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]
    }

    fn area(mesh: &FillMesh) -> f32 {
        let at = |i: u32| {
            let v = mesh.vertices[i as usize][0];
            [
                f32::from(v as u16 as i16),
                f32::from((v >> 16) as u16 as i16),
            ]
        };
        mesh.indices
            .chunks(3)
            .map(|t| {
                let [a, b, c] = [at(t[0]), at(t[1]), at(t[2])];
                ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0
            })
            .sum()
    }

    #[test]
    fn a_polygon_with_a_hole_covers_the_difference() {
        let mut mesh = FillMesh::default();
        let hole: Vec<P> = square(20.0, 20.0, 10.0).into_iter().rev().collect();
        mesh.add(&[square(0.0, 0.0, 100.0), hole]);
        assert_eq!(area(&mesh), 100.0 * 100.0 - 10.0 * 10.0);
    }

    #[test]
    fn a_building_on_the_border_has_no_wall_there() {
        let mut mesh = SolidMesh::default();
        mesh.add(&[square(-50.0, 10.0, 100.0)], 0.0, 20.0);
        // Roof of four corners and three walls of four.
        assert_eq!(mesh.vertices.len(), 4 + 3 * 4);
        assert_eq!(mesh.edges.len(), 3 * 4);
        mesh.add(&[square(10.0, 10.0, 10.0)], 5.0, 5.0);
        mesh.add(&[square(10.0, 10.0, 10.0)], 0.0, f32::NAN);
        assert_eq!(mesh.vertices.len(), 16);
    }

    #[test]
    fn walls_face_outwards() {
        let mut mesh = SolidMesh::default();
        mesh.add(&[square(100.0, 100.0, 10.0)], 0.0, 20.0);
        // The first wall is the northern one (y down).
        let normal = mesh.vertices[4][2];
        assert_eq!([normal as u8 as i8, (normal >> 8) as u8 as i8], [0, -127]);
    }
}
