//! Which part of the screen is taken. Marks, plates and texts claim their places here, the weightiest first; who comes
//! later looks for another place or gives way.

use bevy::math::{Rect, Vec2};
use std::collections::HashMap;

/// Side of a cell, logical pixels.
const CELL_PX: f32 = 64.0;

/// A place on the screen, logical pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Middle and radius.
    Disc(Vec2, f32),
    /// A rectangle.
    Rect(Rect),
}

impl Shape {
    /// The rectangle around it.
    pub fn bounds(self) -> Rect {
        match self {
            Self::Disc(centre, radius) => Rect::from_center_half_size(centre, Vec2::splat(radius)),
            Self::Rect(rect) => rect,
        }
    }

    /// True where two share more than an edge. Discs are counted as smaller by `share`, 0 … 1.
    fn meets(self, other: Self, share: f32) -> bool {
        match (self, other) {
            (Self::Disc(a, ra), Self::Disc(b, rb)) => {
                let apart = (ra + rb) * share;
                a.distance_squared(b) < apart * apart
            }
            (Self::Disc(c, r), Self::Rect(rect)) | (Self::Rect(rect), Self::Disc(c, r)) => {
                let reach = r * share;
                c.clamp(rect.min, rect.max).distance_squared(c) < reach * reach
            }
            (Self::Rect(a), Self::Rect(b)) => {
                a.min.x < b.max.x && a.max.x > b.min.x && a.min.y < b.max.y && a.max.y > b.min.y
            }
        }
    }
}

/// Shapes on the screen, found by place.
#[derive(Clone, Debug, Default)]
pub struct Space {
    cells: HashMap<(i32, i32), Vec<u32>>,
    shapes: Vec<(Shape, u64)>,
}

/// Nobody's own place.
const NOBODY: u64 = u64::MAX;

impl Space {
    /// Takes a place.
    pub fn claim(&mut self, shape: Shape) {
        self.claim_for(NOBODY, shape);
    }

    /// Takes a place for somebody, who does not stand in the way of its own parts.
    pub fn claim_for(&mut self, owner: u64, shape: Shape) {
        let number = self.shapes.len() as u32;
        self.shapes.push((shape, owner));
        for cell in cells(shape.bounds()) {
            self.cells.entry(cell).or_default().push(number);
        }
    }

    /// True where nothing lies there.
    pub fn is_free(&self, shape: Shape) -> bool {
        self.is_free_but(NOBODY, shape, 1.0)
    }

    /// True where nothing of others lies there.
    pub fn is_free_for(&self, owner: u64, shape: Shape) -> bool {
        self.is_free_but(owner, shape, 1.0)
    }

    /// True where nothing lies there; `share` < 1 lets discs overlap by so much of their radii.
    pub fn is_free_by(&self, shape: Shape, share: f32) -> bool {
        self.is_free_but(NOBODY, shape, share)
    }

    fn is_free_but(&self, owner: u64, shape: Shape, share: f32) -> bool {
        cells(shape.bounds()).all(|cell| {
            self.cells.get(&cell).into_iter().flatten().all(|i| {
                let (other, of) = self.shapes[*i as usize];
                (of == owner && owner != NOBODY) || !shape.meets(other, share)
            })
        })
    }

    /// The first place that is free; it is taken.
    pub fn first_free(&mut self, places: impl IntoIterator<Item = Rect>) -> Option<Rect> {
        let mut places = places.into_iter();
        let found = places.find(|rect| self.is_free(Shape::Rect(*rect)))?;
        self.claim(Shape::Rect(found));
        Some(found)
    }
}

/// Farthest cell that is told apart: what lies beyond lies far off any screen.
const CELL_MAX: f32 = 4_096.0;

fn cells(bounds: Rect) -> impl Iterator<Item = (i32, i32)> {
    let cell = |v: f32| (v / CELL_PX).floor().clamp(-CELL_MAX, CELL_MAX) as i32;
    let (x0, x1) = (cell(bounds.min.x), cell(bounds.max.x));
    let (y0, y1) = (cell(bounds.min.y), cell(bounds.max.y));
    (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| (x, y)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_not_free_and_what_touches_is() {
        let mut space = Space::default();
        let rect = |x0, y0, x1, y1| Shape::Rect(Rect::new(x0, y0, x1, y1));
        space.claim(rect(100.0, 100.0, 300.0, 140.0));
        assert!(!space.is_free(rect(290.0, 130.0, 400.0, 200.0)));
        assert!(space.is_free(rect(300.0, 100.0, 400.0, 140.0)));
        assert!(space.is_free(rect(100.0, 141.0, 300.0, 160.0)));
        // A disc at a corner of the rectangle: its bounds meet it, the disc does not.
        assert!(space.is_free(Shape::Disc(Vec2::new(308.0, 148.0), 11.0)));
        assert!(!space.is_free(Shape::Disc(Vec2::new(308.0, 148.0), 12.0)));
    }

    #[test]
    fn nobody_stands_in_the_way_of_its_own_parts() {
        let mut space = Space::default();
        space.claim_for(7, Shape::Disc(Vec2::ZERO, 10.0));
        let pill = Shape::Rect(Rect::new(5.0, -5.0, 30.0, 5.0));
        assert!(space.is_free_for(7, pill) && !space.is_free_for(8, pill));
        assert!(!space.is_free(pill));
        space.claim(pill);
        assert!(!space.is_free_for(7, pill));
    }

    #[test]
    fn agrees_with_trying_all() {
        let mut state = 1u64;
        let mut next = |most: f32| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f32 / (1u64 << 31) as f32 * most
        };
        let mut shape = || {
            let at = Vec2::new(next(2_000.0) - 100.0, next(1_200.0));
            if next(1.0) < 0.5 {
                Shape::Disc(at, 3.0 + next(80.0))
            } else {
                let size = Vec2::new(next(90.0), next(20.0)) + 1.0;
                Shape::Rect(Rect::from_corners(at, at + size))
            }
        };
        let taken: Vec<Shape> = (0..200).map(|_| shape()).collect();
        let mut space = Space::default();
        for s in &taken {
            space.claim(*s);
        }
        for _ in 0..500 {
            let tried = shape();
            let free = taken.iter().all(|s| !s.meets(tried, 1.0));
            assert_eq!(space.is_free(tried), free, "{tried:?}");
        }
    }
}
