use crate::look::{AssetsError, asset_path};
use crate::render::distance_field;
use bevy::math::{UVec2, Vec2};
use bevy::prelude::Resource;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Size that letters are drawn at before they become distance fields, atlas pixels.
const EM_PX: f32 = 32.0;
/// Margin of the field, atlas pixels.
const PAD: usize = 6;
/// Side of the atlas.
const SIDE: usize = 1024;

/// Why text cannot be drawn in markers.
#[derive(Debug, thiserror::Error)]
pub enum LettersError {
    /// The program's own files are not there.
    #[error(transparent)]
    Assets(#[from] AssetsError),
    /// A font cannot be read.
    #[error("{path}: cannot read the font: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// A file is no font.
    #[error("{path}: not a usable font: {reason}")]
    Font {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        reason: &'static str,
    },
}

/// A letter in the atlas. Lengths in ems.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Letter {
    /// Upper left and lower right corner in the atlas, as shares of its sides.
    pub uv: [f32; 4],
    /// From the pen's place on the base line to the upper left corner of the field, y down.
    pub corner: Vec2,
    /// Size of the field.
    pub size: Vec2,
    /// How far the pen moves on.
    pub advance: f32,
}

/// Letters of both weights as distance fields in one texture, made when first asked for.
#[derive(Resource)]
pub struct Letters {
    fonts: [fontdue::Font; 2],
    known: BTreeMap<(char, bool), Letter>,
    pixels: Vec<u8>,
    /// Left edge, top and height of the row that is being filled.
    row: [usize; 3],
    version: u64,
}

impl Letters {
    /// Reads the shipped fonts.
    ///
    /// # Errors
    /// [`LettersError`] naming the file.
    pub fn load() -> Result<Self, LettersError> {
        let font = |file: &str| {
            let path = asset_path(file)?;
            let bytes = std::fs::read(&path).map_err(|source| LettersError::Read { path: path.clone(), source })?;
            let settings = fontdue::FontSettings { load_substitutions: false, ..Default::default() };
            fontdue::Font::from_bytes(bytes, settings).map_err(|reason| LettersError::Font { path, reason })
        };
        let fonts = [font("fonts/NotoSansSC-Regular.ttf")?, font("fonts/NotoSansSC-Bold.ttf")?];
        Ok(Self { fonts, known: BTreeMap::new(), pixels: vec![0; SIDE * SIDE], row: [0, 0, 0], version: 1 })
    }

    /// One unit of the field for a text of this size, in the text's pixels.
    pub fn field_px(size_px: f32) -> f32 {
        2.0 * PAD as f32 * size_px / EM_PX
    }

    /// Size of the atlas.
    pub fn size() -> UVec2 {
        UVec2::splat(SIDE as u32)
    }

    /// The atlas, one byte a pixel.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// Counts changes of the atlas.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// A letter; drawn into the atlas where it is new.
    pub fn get(&mut self, c: char, bold: bool) -> Letter {
        if let Some(known) = self.known.get(&(c, bold)) {
            return *known;
        }
        let (metrics, coverage) = self.fonts[usize::from(bold)].rasterize(c, EM_PX);
        let (field, [w, h]) = if metrics.width * metrics.height == 0 {
            (Vec::new(), [0, 0])
        } else {
            distance_field(&coverage, metrics.width, metrics.height, PAD)
        };
        let [left, top] = self.place(w, h);
        for y in 0..h {
            let to = (top + y) * SIDE + left;
            self.pixels[to..to + w].copy_from_slice(&field[y * w..(y + 1) * w]);
        }
        let side = SIDE as f32;
        let letter = Letter {
            uv: [left as f32 / side, top as f32 / side, (left + w) as f32 / side, (top + h) as f32 / side],
            corner: Vec2::new(
                (metrics.xmin as f32 - PAD as f32) / EM_PX,
                -(metrics.ymin as f32 + metrics.height as f32 + PAD as f32) / EM_PX,
            ),
            size: Vec2::new(w as f32, h as f32) / EM_PX,
            advance: metrics.advance_width / EM_PX,
        };
        self.known.insert((c, bold), letter);
        self.version += 1;
        letter
    }

    /// A free place; when the atlas is full it begins anew, and the letters of this frame are drawn again.
    fn place(&mut self, w: usize, h: usize) -> [usize; 2] {
        let [mut left, mut top, mut height] = self.row;
        if left + w > SIDE {
            (left, top, height) = (0, top + height, 0);
        }
        if top + h > SIDE {
            self.known.clear();
            self.pixels.fill(0);
            (left, top, height) = (0, 0, 0);
        }
        self.row = [left + w, top, height.max(h)];
        [left, top]
    }

    /// Width of a line of text, in pixels of its size.
    pub fn width(&mut self, text: &str, size_px: f32, bold: bool) -> f32 {
        text.chars().map(|c| self.get(c, bold).advance).sum::<f32>() * size_px
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_equal_width_and_chinese_letters_are_square() {
        let mut letters = Letters::load().unwrap();
        let widths: Vec<f32> = "0123456789".chars().map(|c| letters.get(c, true).advance).collect();
        assert!(widths.iter().all(|w| (w - widths[0]).abs() < 1e-3), "{widths:?}");
        assert_eq!(letters.width("排水", 20.0, false), 40.0);
        let version = letters.version();
        letters.get('排', false);
        assert_eq!(letters.version(), version);
    }

    #[test]
    fn a_full_atlas_begins_anew() {
        let mut letters = Letters::load().unwrap();
        for c in ('\u{4e00}'..'\u{5e00}').step_by(3) {
            let letter = letters.get(c, false);
            assert!(letter.uv.iter().all(|v| (0.0..=1.0).contains(v)), "{letter:?}");
        }
    }
}
