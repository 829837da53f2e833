use crate::look::Rgba8;
use bevy::math::Vec2;
use bytemuck::{Pod, Zeroable};

/// What a primitive is. The numbers are known to `live_prims.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum PrimKind {
    /// Ellipse with half axes `half`, outline inside `p.xy` = dash, gap (0 = solid).
    Disc = 0,
    /// Rectangle with corner radius `p.z`, outline dashed as `p.xy`.
    Box = 1,
    /// Square on its corner, `half` to its corners.
    Diamond = 2,
    /// Triangle with its point up, `half` = radius about its middle.
    Triangle = 3,
    /// Part of a ring of radius `half.x`, `stroke_px` wide, clockwise from `p.x` to `p.y` turns after twelve o'clock.
    Arc = 4,
    /// Line from `-q.xy` to `+q.xy`, `stroke_px` wide, dashed as `p.xy`.
    Line = 5,
    /// Glyph at `q` in the glyph texture; one unit of the field is `p.x` px; outline = halo; turned clockwise by `p.y`
    /// turns.
    Glyph = 6,
    /// Icon at `q` in the icon texture; one unit of the field is `p.x` px; outline = halo.
    Icon = 7,
    /// Arrowhead pointing `p.x` turns clockwise from up, `half.x` long to its point, `p.y` half as wide at its base
    /// that lies `p.z` from the middle.
    Nose = 8,
    /// Lower half of a disc.
    LowerHalf = 9,
    /// Outline of a square on its corner, `stroke_px` wide.
    DiamondRing = 10,
}

/// Which pipeline draws a primitive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PrimClass {
    /// All of it is a distance.
    Shape,
    /// A shape with dashes along its outline, which cost more than the shape.
    Dashed,
    /// From the texture of glyphs.
    Glyph,
    /// From the texture of icons.
    Icon,
}

/// One primitive on the screen, as the GPU reads it. Logical pixels, y down.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct Prim {
    /// Middle, from the upper left corner of the screen.
    pub centre: [f32; 2],
    /// Half its size.
    pub half: [f32; 2],
    /// sRGB, straight alpha, one byte a channel.
    pub fill: u32,
    /// Outline, the same.
    pub stroke: u32,
    /// A [`PrimKind`].
    pub kind: u32,
    /// Width of the outline.
    pub stroke_px: f32,
    /// First four values, which mean what the kind says.
    pub p: [f32; 4],
    /// Last four values, which mean what the kind says.
    pub q: [f32; 4],
}

impl Prim {
    /// A filled primitive without outline.
    pub fn new(kind: PrimKind, centre: Vec2, half: Vec2, fill: u32) -> Self {
        Self {
            centre: centre.to_array(),
            half: half.to_array(),
            fill,
            stroke: 0,
            kind: kind as u32,
            stroke_px: 0.0,
            p: [0.0; 4],
            q: [0.0; 4],
        }
    }

    /// Which pipeline draws it.
    pub fn class(&self) -> PrimClass {
        let is = |kind: PrimKind| self.kind == kind as u32;
        if is(PrimKind::Glyph) {
            PrimClass::Glyph
        } else if is(PrimKind::Icon) {
            PrimClass::Icon
        } else if self.p[0] > 0.0 && (is(PrimKind::Disc) || is(PrimKind::Box) || is(PrimKind::Line))
        {
            PrimClass::Dashed
        } else {
            PrimClass::Shape
        }
    }

    /// With an outline.
    #[must_use]
    pub fn outlined(mut self, stroke: u32, stroke_px: f32) -> Self {
        (self.stroke, self.stroke_px) = (stroke, stroke_px);
        self
    }
}

/// A colour with its opacity multiplied, as the GPU reads it.
pub fn rgba(color: Rgba8, opacity: f32) -> u32 {
    let [r, g, b, a] = color.0;
    let a = (f32::from(a) * opacity.clamp(0.0, 1.0)).round() as u8;
    u32::from_le_bytes([r, g, b, a])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_textures_and_plain_shapes_are_told_apart() {
        let prim = |kind, first: f32| Prim {
            p: [first, 2.0, 0.0, 0.0],
            ..Prim::new(kind, Vec2::ZERO, Vec2::ONE, 0)
        };
        for kind in [PrimKind::Disc, PrimKind::Box, PrimKind::Line] {
            assert_eq!(prim(kind, 3.0).class(), PrimClass::Dashed);
            assert_eq!(prim(kind, 0.0).class(), PrimClass::Shape);
        }
        // The first value of others means something else.
        for kind in [PrimKind::Arc, PrimKind::Nose, PrimKind::Diamond] {
            assert_eq!(prim(kind, 0.4).class(), PrimClass::Shape);
        }
        assert_eq!(prim(PrimKind::Glyph, 3.0).class(), PrimClass::Glyph);
        assert_eq!(prim(PrimKind::Icon, 3.0).class(), PrimClass::Icon);
    }

    #[test]
    fn a_primitive_is_64_bytes_and_colours_lie_as_unpack4x8unorm_reads_them() {
        assert_eq!(size_of::<Prim>(), 64);
        assert_eq!(
            rgba(Rgba8([1, 2, 3, 200]), 0.5),
            100 << 24 | 3 << 16 | 2 << 8 | 1
        );
    }
}
