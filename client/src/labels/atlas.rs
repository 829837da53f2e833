//! Glyphs as distance fields, made when first needed, in one texture.

use crate::look::{AssetsError, asset_path};
use crate::render::distance_field;
use fontdue::{Font, FontSettings};
use std::collections::HashMap;

/// Side of the atlas in pixels.
pub const ATLAS_PX: usize = 2048;
/// Size at which glyphs are drawn into the atlas, pixels per em.
pub const GLYPH_PX: f32 = 32.0;
/// Margin of the distance field, atlas pixels: room for the halo.
pub const GLYPH_PAD: usize = 10;

/// Why there are no glyphs.
#[derive(Debug, thiserror::Error)]
pub enum FontError {
    /// The font files are nowhere.
    #[error(transparent)]
    Assets(#[from] AssetsError),
    /// A font cannot be read.
    #[error("{file}: cannot read the font: {source}")]
    Read {
        /// The font file that was meant.
        file: String,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// Not a font.
    #[error("{file}: not a usable font: {what}")]
    Font {
        /// The font file that was meant.
        file: String,
        /// What the reader said.
        what: &'static str,
    },
}

/// A glyph in the atlas; lengths in ems, y down, relative to the pen on the middle line of the text.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Glyph {
    /// Middle of the glyph's rectangle, margin included.
    pub middle: [f32; 2],
    /// Half its sides.
    pub half: [f32; 2],
    /// How far the pen moves.
    pub advance: f32,
    /// Its rectangle in the atlas, 0 … 1: left, top, right, bottom.
    pub uv: [f32; 4],
}

/// The two weights and the glyphs made so far.
pub struct GlyphAtlas {
    fonts: [Font; 2],
    glyphs: HashMap<(bool, char), Glyph>,
    /// One byte a pixel.
    pub pixels: Vec<u8>,
    /// Grows with every glyph, so that the GPU's copy knows when it is old.
    pub version: u64,
    pen: [usize; 2],
    row_height: usize,
    full: bool,
}

impl GlyphAtlas {
    /// Reads the shipped fonts.
    ///
    /// # Errors
    /// [`FontError`] naming the file.
    pub fn new() -> Result<Self, FontError> {
        let font = |name: &str| {
            let path = asset_path(&format!("fonts/{name}"))?;
            let file = path.display().to_string();
            let bytes = std::fs::read(&path).map_err(|source| FontError::Read {
                file: file.clone(),
                source,
            })?;
            Font::from_bytes(
                bytes,
                FontSettings {
                    scale: GLYPH_PX,
                    ..FontSettings::default()
                },
            )
            .map_err(|what| FontError::Font { file, what })
        };
        Ok(Self {
            fonts: [
                font("NotoSansSC-Regular.ttf")?,
                font("NotoSansSC-Bold.ttf")?,
            ],
            glyphs: HashMap::new(),
            pixels: vec![0; ATLAS_PX * ATLAS_PX],
            version: 0,
            pen: [0, 0],
            row_height: 0,
            full: false,
        })
    }

    /// The glyph of a character; an empty one once the atlas is full (then [`GlyphAtlas::is_full`]).
    pub fn glyph(&mut self, bold: bool, c: char) -> Glyph {
        if let Some(glyph) = self.glyphs.get(&(bold, c)) {
            return *glyph;
        }
        let font = &self.fonts[usize::from(bold)];
        let (metrics, coverage) = font.rasterize(c, GLYPH_PX);
        let mut glyph = Glyph {
            advance: metrics.advance_width / GLYPH_PX,
            ..Glyph::default()
        };
        if metrics.width > 0 && metrics.height > 0 {
            let (field, [w, h]) =
                distance_field(&coverage, metrics.width, metrics.height, GLYPH_PAD);
            let Some([x, y]) = self.place(w, h) else {
                return glyph;
            };
            for row in 0..h {
                let to = (y + row) * ATLAS_PX + x;
                self.pixels[to..to + w].copy_from_slice(&field[row * w..(row + 1) * w]);
            }
            let (left, bottom) = (metrics.xmin as f32, metrics.ymin as f32);
            let (width, height) = (metrics.width as f32, metrics.height as f32);
            glyph.middle = [
                (left + width / 2.0) / GLYPH_PX,
                MIDDLE_EM - (bottom + height / 2.0) / GLYPH_PX,
            ];
            glyph.half = [w as f32 / 2.0 / GLYPH_PX, h as f32 / 2.0 / GLYPH_PX];
            let side = ATLAS_PX as f32;
            glyph.uv = [
                x as f32 / side,
                y as f32 / side,
                (x + w) as f32 / side,
                (y + h) as f32 / side,
            ];
            self.version += 1;
        }
        self.glyphs.insert((bold, c), glyph);
        glyph
    }

    /// True when a glyph found no room; [`GlyphAtlas::clear`] makes some.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Forgets all glyphs.
    pub fn clear(&mut self) {
        self.glyphs.clear();
        self.pixels.fill(0);
        self.version += 1;
        (self.pen, self.row_height, self.full) = ([0, 0], 0, false);
    }

    /// Width of a line of text in ems, with this much between characters.
    pub fn width(&mut self, text: &str, bold: bool, spacing: f32) -> f32 {
        let sum: f32 = text
            .chars()
            .map(|c| self.glyph(bold, c).advance + spacing)
            .sum();
        (sum - spacing).max(0.0)
    }

    fn place(&mut self, w: usize, h: usize) -> Option<[usize; 2]> {
        if self.pen[0] + w > ATLAS_PX {
            self.pen = [0, self.pen[1] + self.row_height];
            self.row_height = 0;
        }
        if self.pen[1] + h > ATLAS_PX {
            self.full = true;
            return None;
        }
        let at = self.pen;
        self.pen[0] += w;
        self.row_height = self.row_height.max(h);
        Some(at)
    }
}

/// Height of the middle of a Chinese character above the baseline, ems.
const MIDDLE_EM: f32 = 0.38;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_characters_are_square_and_centred() {
        let mut atlas = GlyphAtlas::new().unwrap();
        for c in ['珠', '江', '路'] {
            let g = atlas.glyph(true, c);
            assert!((g.advance - 1.0).abs() < 0.02, "{c} {g:?}");
            assert!(
                (g.middle[0] - 0.5).abs() < 0.1 && g.middle[1].abs() < 0.12,
                "{c} {g:?}"
            );
        }
        assert!((atlas.width("珠江路", true, 0.5) - 4.0).abs() < 0.05);
    }

    #[test]
    fn a_full_atlas_says_so_and_can_be_emptied() {
        let mut atlas = GlyphAtlas::new().unwrap();
        while atlas.place(52, 52).is_some() {}
        assert!(atlas.is_full());
        atlas.clear();
        assert!(!atlas.is_full() && atlas.glyph(false, '城').half[0] > 0.0);
    }
}
