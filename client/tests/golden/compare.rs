//! Compares two pictures tile by tile, so that a small fault in a large picture counts in full where it lies.

use image::{Rgb, RgbImage};

/// Side of a tile in pixels. Tiles overlap by half, so that a fault on a border lies whole in a tile.
const TILE_PX: u32 = 16;
/// A channel that differs by no more than this is the same: drivers round the last shade differently.
const NOISE: f64 = 2.0;
/// A channel that differs by this is wholly different.
const DIFFERENCE_FULL: f64 = 32.0;
/// Least similarity of every tile. A glyph exchanged comes to 0.76, a thin line moved by two pixels to 0.91.
const TILE_SIMILARITY_MIN: f64 = 0.95;
/// Most pixels of a picture that are wholly different.
const DIFFERENT_MAX: usize = 40;

/// How one picture differs from another of the same size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Comparison {
    /// Similarity of the worst tile: 1 for equal pixels (but for noise), 0 for wholly different ones.
    pub worst_tile: f64,
    /// Upper left corner of the worst tile in pixels.
    pub worst_at: [u32; 2],
    /// Pixels of which a channel differs by [`DIFFERENCE_FULL`] or more.
    pub different: usize,
}

impl Comparison {
    /// Compares two pictures of the same size.
    pub fn of(a: &RgbImage, b: &RgbImage) -> Self {
        assert_eq!(a.dimensions(), b.dimensions(), "not the same size");
        let differences: Vec<f64> = a
            .pixels()
            .zip(b.pixels())
            .map(|(p, q)| difference(*p, *q))
            .collect();
        let (width, height) = a.dimensions();
        let mut found = Self {
            worst_tile: 1.0,
            worst_at: [0, 0],
            different: differences
                .iter()
                .filter(|d| **d >= DIFFERENCE_FULL)
                .count(),
        };
        for y in starts(height) {
            for x in starts(width) {
                let similarity = tile_similarity(&differences, [width, height], [x, y]);
                if similarity < found.worst_tile {
                    (found.worst_tile, found.worst_at) = (similarity, [x, y]);
                }
            }
        }
        found
    }

    /// Whether the pictures pass as the same.
    pub fn is_same(&self) -> bool {
        self.worst_tile >= TILE_SIMILARITY_MIN && self.different <= DIFFERENT_MAX
    }
}

impl std::fmt::Display for Comparison {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [x, y] = self.worst_at;
        write!(
            f,
            "the tile at {x},{y} is similar by {:.4} (at least {TILE_SIMILARITY_MIN}), {} pixels are wholly different \
             (at most {DIFFERENT_MAX})",
            self.worst_tile, self.different
        )
    }
}

/// Where tiles begin along a side; the last one ends at the border.
fn starts(length: u32) -> impl Iterator<Item = u32> {
    let last = length.saturating_sub(TILE_PX);
    (0..last).step_by(TILE_PX as usize / 2).chain([last])
}

/// The largest difference of a channel, 0 to 255.
fn difference(a: Rgb<u8>, b: Rgb<u8>) -> f64 {
    a.0.iter()
        .zip(b.0)
        .map(|(x, y)| f64::from(x.abs_diff(y)))
        .fold(0.0, f64::max)
}

/// 1 less the mean share by which the pixels of one tile differ.
fn tile_similarity(differences: &[f64], [width, height]: [u32; 2], [x0, y0]: [u32; 2]) -> f64 {
    let (x1, y1) = ((x0 + TILE_PX).min(width), (y0 + TILE_PX).min(height));
    let mut sum = 0.0;
    for y in y0..y1 {
        let row = (y * width) as usize;
        for d in &differences[row + x0 as usize..row + x1 as usize] {
            sum += ((d - NOISE) / (DIFFERENCE_FULL - NOISE)).clamp(0.0, 1.0);
        }
    }
    1.0 - sum / f64::from((x1 - x0) * (y1 - y0))
}

mod tests {
    use super::*;
    use std::path::Path;

    /// Land of the flat map.
    const LAND: Rgb<u8> = Rgb([0x19, 0x1d, 0x23]);

    fn kept(name: &str) -> RgbImage {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{name}.png"));
        image::open(path).expect("a kept picture").to_rgb8()
    }

    /// Replaces each pixel `[x, y]` of the box from `min` to before `max` by what `change` makes of it.
    fn changed(
        picture: &RgbImage,
        [min, max]: [[u32; 2]; 2],
        change: impl Fn(&RgbImage, u32, u32) -> Rgb<u8>,
    ) -> RgbImage {
        let mut out = picture.clone();
        for y in min[1]..max[1] {
            for x in min[0]..max[0] {
                out.put_pixel(x, y, change(picture, x, y));
            }
        }
        out
    }

    #[test]
    fn a_missing_label_is_noticed() {
        let flat = kept("flat");
        // 江苏美术馆, 长江路 and 水巷: the bright pixels of the letters become land.
        for place in [
            [[346, 126], [408, 142]],
            [[260, 116], [312, 144]],
            [[480, 350], [498, 382]],
        ] {
            let without = changed(&flat, place, |p, x, y| {
                let pixel = *p.get_pixel(x, y);
                if pixel.0.iter().all(|c| *c < 90) {
                    pixel
                } else {
                    LAND
                }
            });
            let found = Comparison::of(&flat, &without);
            assert!(
                !found.is_same() && found.worst_tile < 0.8,
                "{place:?}: {found}"
            );
        }
    }

    #[test]
    fn another_glyph_is_noticed() {
        // 江江美术馆 and 江苏美美馆; "Hoongwu" for "Hongwu" is narrower.
        for (name, place, from) in [
            ("flat", [[358, 127], [370, 141]], [-12, 0]),
            ("flat", [[382, 127], [394, 141]], [-12, 0]),
            ("english", [[116, 200], [124, 216]], [8, 0]),
        ] {
            let picture = kept(name);
            let [dx, dy] = from;
            let other = changed(&picture, place, |p, x, y| {
                *p.get_pixel(x.wrapping_add_signed(dx), y.wrapping_add_signed(dy))
            });
            let found = Comparison::of(&picture, &other);
            assert!(
                !found.is_same() && found.worst_tile < 0.8,
                "{place:?}: {found}"
            );
        }
    }

    #[test]
    fn a_line_moved_by_two_pixels_is_noticed() {
        let flat = kept("flat");
        // A thin alley, a piece of it that is as long as a tile, a steeper one, and a wide road.
        for (place, [dx, dy]) in [
            ([[40, 170], [100, 200]], [0, 2]),
            ([[60, 172], [76, 196]], [0, 2]),
            ([[130, 320], [142, 420]], [2, 0]),
            ([[0, 275], [60, 300]], [0, 2]),
        ] {
            let moved = changed(&flat, place, |p, x, y| {
                *p.get_pixel(x.saturating_sub(dx), y - dy)
            });
            let found = Comparison::of(&flat, &moved);
            assert!(!found.is_same(), "{place:?}: {found}");
        }
    }

    #[test]
    fn another_last_shade_of_every_pixel_passes() {
        let flat = kept("flat");
        let whole = [[0, 0], [flat.width(), flat.height()]];
        let noisy = changed(&flat, whole, |p, x, y| {
            // -1, 0 or 1 from a hash of the place and the channel (Weyl sequence, upper bits).
            let mut channel = 0u32;
            Rgb(p.get_pixel(x, y).0.map(|c| {
                channel += 1;
                let hash = (y * 512 + x)
                    .wrapping_mul(0x9e37_79b9)
                    .wrapping_mul(2 * channel + 1);
                c.saturating_add_signed((hash >> 24) as i8 % 2)
            }))
        });
        let found = Comparison::of(&flat, &noisy);
        assert!(found.is_same() && noisy != flat, "{found}");
        assert_eq!(found.worst_tile, 1.0);
    }

    #[test]
    fn a_fault_in_the_last_corner_counts_as_any_other() {
        let flat = kept("flat");
        let [w, h] = [flat.width(), flat.height()];
        let spotted = changed(&flat, [[w - 6, h - 6], [w, h]], |_, _, _| Rgb([255; 3]));
        let found = Comparison::of(&flat, &spotted);
        assert_eq!((found.worst_at, found.different), ([w - 16, h - 16], 36));
        assert!(!found.is_same());
    }
}
