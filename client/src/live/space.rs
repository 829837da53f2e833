use bevy::math::Vec2;
use std::collections::BTreeMap;

/// Side of a cell, logical pixels.
const CELL_PX: f32 = 64.0;

/// Which part of the screen is taken by markers, as circles.
#[derive(Debug, Default)]
pub struct Space {
    cells: BTreeMap<(i32, i32), Vec<(Vec2, f32)>>,
    largest: f32,
}

impl Space {
    /// Takes a circle.
    pub fn occupy(&mut self, centre: Vec2, radius: f32) {
        self.largest = self.largest.max(radius);
        self.cells
            .entry(cell(centre))
            .or_default()
            .push((centre, radius));
    }

    /// True where a circle touches nothing taken; `share` < 1 lets it overlap by so much of the radii.
    pub fn is_free(&self, centre: Vec2, radius: f32, share: f32) -> bool {
        let reach = ((radius + self.largest) / CELL_PX).ceil() as i32;
        let (x, y) = cell(centre);
        (-reach..=reach)
            .flat_map(|dx| (-reach..=reach).map(move |dy| (x + dx, y + dy)))
            .all(|at| {
                self.cells.get(&at).into_iter().flatten().all(|(c, r)| {
                    let apart = (radius + r) * share;
                    c.distance_squared(centre) >= apart * apart
                })
            })
    }
}

fn cell(p: Vec2) -> (i32, i32) {
    (
        (p.x / CELL_PX).floor() as i32,
        (p.y / CELL_PX).floor() as i32,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_trying_all() {
        let mut state = 1u64;
        let mut next = || {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) as f32 / (1u64 << 31) as f32
        };
        let circles: Vec<(Vec2, f32)> = (0..200)
            .map(|_| {
                (
                    Vec2::new(next() * 2000.0 - 100.0, next() * 1200.0),
                    3.0 + next() * 80.0,
                )
            })
            .collect();
        let mut space = Space::default();
        for (c, r) in &circles {
            space.occupy(*c, *r);
        }
        for _ in 0..500 {
            let (p, r) = (
                Vec2::new(next() * 2000.0 - 100.0, next() * 1200.0),
                next() * 30.0,
            );
            let expected = circles.iter().all(|(c, taken)| c.distance(p) >= r + taken);
            assert_eq!(space.is_free(p, r, 1.0), expected);
        }
    }
}
