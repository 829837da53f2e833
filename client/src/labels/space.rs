//! Which part of the screen is taken.

use bevy::math::{Rect, Vec2};

/// Rectangles on the screen, found by place.
#[derive(Debug)]
pub struct Space {
    cells: Vec<Vec<u32>>,
    rects: Vec<Rect>,
    columns: i32,
    rows: i32,
}

const CELL_PX: f32 = 64.0;

impl Space {
    /// An empty screen of this size in logical pixels.
    pub fn new(size: Vec2) -> Self {
        let count = |v: f32| (v / CELL_PX).ceil().max(1.0) as i32;
        let (columns, rows) = (count(size.x), count(size.y));
        Self {
            cells: vec![Vec::new(); (columns * rows) as usize],
            rects: Vec::new(),
            columns,
            rows,
        }
    }

    fn cells(&self, rect: Rect) -> impl Iterator<Item = usize> + use<> {
        let (columns, rows) = (self.columns, self.rows);
        let cell = |v: f32, count: i32| ((v / CELL_PX).floor() as i32).clamp(0, count - 1);
        let (x0, x1) = (cell(rect.min.x, columns), cell(rect.max.x, columns));
        let (y0, y1) = (cell(rect.min.y, rows), cell(rect.max.y, rows));
        (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| (y * columns + x) as usize))
    }

    /// True when nothing lies there.
    pub fn is_free(&self, rect: Rect) -> bool {
        let overlaps = |other: &Rect| {
            rect.min.x < other.max.x
                && rect.max.x > other.min.x
                && rect.min.y < other.max.y
                && rect.max.y > other.min.y
        };
        !self.cells(rect).any(|cell| {
            self.cells[cell]
                .iter()
                .any(|i| overlaps(&self.rects[*i as usize]))
        })
    }

    /// Takes a rectangle.
    pub fn occupy(&mut self, rect: Rect) {
        let number = self.rects.len() as u32;
        self.rects.push(rect);
        for cell in self.cells(rect) {
            self.cells[cell].push(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_not_free_and_what_touches_is() {
        let mut space = Space::new(Vec2::new(1000.0, 500.0));
        space.occupy(Rect::new(100.0, 100.0, 300.0, 140.0));
        assert!(!space.is_free(Rect::new(290.0, 130.0, 400.0, 200.0)));
        assert!(space.is_free(Rect::new(300.0, 100.0, 400.0, 140.0)));
        assert!(space.is_free(Rect::new(100.0, 141.0, 300.0, 160.0)));
    }

    #[test]
    fn agrees_with_brute_force() {
        let mut space = Space::new(Vec2::new(640.0, 480.0));
        let mut all: Vec<Rect> = Vec::new();
        let mut seed = 7u32;
        let mut next = |max: f32| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / 16_777_216.0 * max
        };
        for _ in 0..400 {
            let min = Vec2::new(next(640.0), next(480.0));
            let rect = Rect::from_corners(min, min + Vec2::new(next(90.0) + 1.0, next(20.0) + 1.0));
            let free = all.iter().all(|o| {
                rect.min.x >= o.max.x
                    || rect.max.x <= o.min.x
                    || rect.min.y >= o.max.y
                    || rect.max.y <= o.min.y
            });
            assert_eq!(space.is_free(rect), free);
            if free {
                space.occupy(rect);
                all.push(rect);
            }
        }
        assert!(all.len() > 50);
    }
}
