use crate::labels::{ATLAS_PX, FontError, GLYPH_PAD, GLYPH_PX, GlyphAtlas};
use bevy::math::{UVec2, Vec2};
use bevy::prelude::Resource;

/// Letters of markers: the same kind of atlas that names are written from, kept apart because markers change every
/// frame and names rarely.
#[derive(Resource)]
pub struct Letters {
    atlas: GlyphAtlas,
}

/// A letter in the atlas. Lengths in ems.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letter {
    /// Upper left and lower right corner in the atlas, as shares of its sides.
    pub uv: [f32; 4],
    /// From the pen's place on the middle line of the text to the middle of the field, y down.
    pub middle: Vec2,
    /// Half the size of the field; nothing for a space.
    pub half: Vec2,
    /// How far the pen moves on.
    pub advance: f32,
}

impl Letters {
    /// Reads the shipped fonts.
    ///
    /// # Errors
    /// [`FontError`] naming the file.
    pub fn load() -> Result<Self, FontError> {
        Ok(Self {
            atlas: GlyphAtlas::new()?,
        })
    }

    /// One unit of the field for a text of this size, in the text's pixels.
    pub fn field_px(size_px: f32) -> f32 {
        2.0 * GLYPH_PAD as f32 * size_px / GLYPH_PX
    }

    #[cfg(test)]
    pub(crate) fn atlas(&mut self) -> &mut GlyphAtlas {
        &mut self.atlas
    }

    /// Size of the atlas.
    pub fn size() -> UVec2 {
        UVec2::splat(ATLAS_PX as u32)
    }

    /// The atlas, one byte a pixel.
    pub fn pixels(&self) -> &[u8] {
        &self.atlas.pixels
    }

    /// Counts changes of the atlas.
    pub fn version(&self) -> u64 {
        self.atlas.version
    }

    /// Makes room where the last frame found none; before a frame's first letter.
    pub fn begin_frame(&mut self) {
        if self.atlas.is_full() {
            self.atlas.clear();
        }
    }

    /// A letter; drawn into the atlas where it is new.
    pub fn get(&mut self, c: char, bold: bool) -> Letter {
        let glyph = self.atlas.glyph(bold, c);
        Letter {
            uv: glyph.uv,
            middle: glyph.middle.into(),
            half: glyph.half.into(),
            advance: glyph.advance,
        }
    }

    /// Width of a line of text, in pixels of its size.
    pub fn width(&mut self, text: &str, size_px: f32, bold: bool) -> f32 {
        self.atlas.width(text, bold, 0.0) * size_px
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_equal_width_so_that_counts_do_not_tremble() {
        let mut letters = Letters::load().unwrap();
        let widths: Vec<f32> = "0123456789"
            .chars()
            .map(|c| letters.get(c, true).advance)
            .collect();
        assert!(
            widths.iter().all(|w| (w - widths[0]).abs() < 1e-3),
            "{widths:?}"
        );
        assert!((letters.width("排水", 20.0, false) - 40.0).abs() < 0.5);
    }

    #[test]
    fn a_full_atlas_begins_anew_with_the_next_frame() {
        let mut letters = Letters::load().unwrap();
        let all = ('\u{4e00}'..'\u{9fff}').flat_map(|c| [(c, false), (c, true)]);
        for (c, bold) in all {
            letters.get(c, bold);
            if letters.atlas.is_full() {
                break;
            }
        }
        assert!(letters.atlas.is_full());
        letters.begin_frame();
        assert!(!letters.atlas.is_full() && letters.get('城', false).half.x > 0.0);
    }
}
