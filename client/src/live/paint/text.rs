use super::{Letters, Pen, Prim, PrimKind, rgba};
use crate::look::Rgba8;
use bevy::math::Vec2;

/// Which point of a line of text lies at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// The place is its left end.
    Left,
    /// The place is its middle.
    Middle,
    /// The place is its right end.
    Right,
}

/// How a line of text looks. Lengths in logical pixels at scale 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TextStyle {
    /// Height of the type, logical pixels.
    pub size_px: f32,
    /// Bold or regular.
    pub bold: bool,
    /// Colour of the letters.
    pub color: Rgba8,
    /// Halo and its width.
    pub halo: Option<(Rgba8, f32)>,
}

impl TextStyle {
    /// Regular, without halo.
    pub fn new(size_px: f32, color: Rgba8) -> Self {
        Self {
            size_px,
            bold: false,
            color,
            halo: None,
        }
    }

    /// The same in the bold font.
    #[must_use]
    pub fn bold(mut self) -> Self {
        self.bold = true;
        self
    }

    /// With a halo, as text on the map has.
    #[must_use]
    pub fn halo(mut self, color: Rgba8, width_px: f32) -> Self {
        self.halo = Some((color, width_px));
        self
    }
}

impl Pen<'_> {
    /// A line of text whose middle height lies on `at`. Returns its width.
    pub fn text(
        &mut self,
        letters: &mut Letters,
        at: Vec2,
        text: &str,
        style: TextStyle,
        anchor: Anchor,
    ) -> f32 {
        self.turned_text(letters, at, text, style, anchor, 0.0)
    }

    /// As [`Pen::text`], turned about `at` clockwise by an angle in radians.
    pub fn turned_text(
        &mut self,
        letters: &mut Letters,
        at: Vec2,
        text: &str,
        style: TextStyle,
        anchor: Anchor,
        angle: f32,
    ) -> f32 {
        let along = Vec2::from_angle(angle);
        let size = style.size_px * self.scale;
        let width = letters.width(text, size, style.bold);
        let back = match anchor {
            Anchor::Left => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::Right => width,
        };
        let mut place = at - along * back;
        let fill = rgba(style.color, self.opacity);
        for c in text.chars() {
            let letter = letters.get(c, style.bold);
            if letter.half.x > 0.0 {
                let mut prim = Prim::new(
                    PrimKind::Glyph,
                    place + along.rotate(letter.middle) * size,
                    letter.half * size,
                    fill,
                );
                if let Some((halo, halo_px)) = style.halo {
                    prim = prim.outlined(rgba(halo, self.opacity), halo_px * self.scale);
                }
                prim.p[0] = Letters::field_px(size);
                prim.p[1] = angle / std::f32::consts::TAU;
                prim.q = letter.uv;
                self.push(prim);
            }
            place += along * (letter.advance * size);
        }
        width
    }
}
