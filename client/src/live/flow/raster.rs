//! Vehicles drawn into cells of the ground: how much traffic is in each, and how fast it is.

use bevy::math::{DVec2, UVec2, Vec2};

/// Side of a cell in logical pixels at a whole zoom; twice as many just before the next.
const CELL_PX: f64 = 1.6;
/// Ground beyond the edges of the screen, as a share of what is seen.
const MARGIN: f64 = 0.2;
/// Most cells along a side.
const SIDE_MAX: f64 = 2_048.0;
/// As fast as this is as fast as can be told apart, metres a second.
pub const FAST_MPS: f32 = 12.0;
/// Cells along a side of a block: what has no traffic in it is not drawn. Streets are a few cells wide.
pub const BLOCK: u32 = 4;
/// Bits of a column, of a row and of a length in [`Raster::runs`]: all blocks of the widest region.
const RUN_BITS: u32 = 10;
/// How soon a cell is full.
const FILL: f32 = 0.8;
/// Most steps of a streak: no vehicle is drawn across a city.
const STEPS_MAX: usize = 24;

/// A rectangle of the ground in cells. Cells lie at the same places of the ground however the map is moved.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Region {
    /// Mercator of the corner with the least x and y.
    from: DVec2,
    /// Cells across and down.
    size: UVec2,
    /// Cells around the world: a power of two.
    per_world: f64,
}

impl Region {
    /// The cells between two corners, mercator, least first, with a margin around them.
    pub fn around(min: DVec2, max: DVec2, zoom: f64) -> Self {
        let pad = (max - min) * MARGIN;
        let (min, max) = (min - pad, max + pad);
        let widest = (max - min).max_element().max(1e-12);
        let per_world = (512.0 * zoom.floor().exp2() / CELL_PX)
            .log2()
            .round()
            .exp2();
        // So many cells that a screen of any size has few enough of them.
        let most = (SIDE_MAX / widest).log2().floor().exp2();
        let per_world = per_world.min(most).max(1.0);
        let (a, b) = ((min * per_world).floor(), (max * per_world).ceil());
        Self {
            from: a / per_world,
            size: (b - a).max(DVec2::ONE).as_uvec2(),
            per_world,
        }
    }

    /// Side of a cell, mercator.
    pub fn cell(&self) -> f64 {
        1.0 / self.per_world
    }

    /// Mercator of both corners, least first.
    pub fn corners(&self) -> [DVec2; 2] {
        [self.from, self.from + self.size.as_dvec2() * self.cell()]
    }

    /// A place in cells from the corner.
    pub fn cells(&self, at: DVec2) -> DVec2 {
        (at - self.from) * self.per_world
    }

    /// Metres on the ground by metres at the equator, in the middle of the region.
    pub fn shrink(&self) -> f64 {
        let [a, b] = self.corners();
        let y = f64::midpoint(a.y, b.y);
        1.0 / ((0.5 - y) * std::f64::consts::TAU).cosh()
    }

    /// True where a place lies within.
    pub fn holds(&self, at: DVec2) -> bool {
        let p = self.cells(at);
        p.cmpge(DVec2::ZERO).all() && p.cmplt(self.size.as_dvec2()).all()
    }

    /// True where a picture of this region serves for what another one is for: as fine, and all that is seen of the
    /// other without its margin lies in it.
    pub fn is_enough(&self, other: &Self) -> bool {
        let [a, b] = other.corners();
        let pad = (b - a) * (MARGIN / (1.0 + 2.0 * MARGIN));
        let inner = Rect {
            min: a + pad,
            max: b - pad,
        };
        let [min, max] = self.corners();
        self.per_world == other.per_world
            && inner.min.cmpge(min).all()
            && inner.max.cmple(max).all()
    }
}

struct Rect {
    min: DVec2,
    max: DVec2,
}

/// What a vehicle leaves on the ground.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Streak {
    /// Where it is, cells from the corner of the region.
    pub at: Vec2,
    /// From there to where the streak begins, cells.
    pub back: Vec2,
    /// Its speed, metres a second.
    pub speed_mps: f32,
}

/// Traffic in cells, ready for the GPU.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raster {
    /// Cells across and down.
    pub size: UVec2,
    /// Two bytes a cell, row by row from the north: how much traffic, and its speed as a share of [`FAST_MPS`].
    pub bytes: Vec<u8>,
    /// Blocks of [`BLOCK`] cells that hold any of it or border on some, row by row, those beside one another together: the
    /// first one's column, the row, and how many they are, of ten bits each from the lowest on.
    pub runs: Vec<u32>,
    /// Mercator of both corners, least first.
    pub corners: [DVec2; 2],
}

/// Draws streaks into the cells of a region. A streak is full where the vehicle is and fades out behind it; where many
/// drive, cells fill up, and their speed is the mean of those that pass.
pub fn draw(streaks: &[Streak], region: Region) -> Raster {
    let size = region.size;
    let mut cells = vec![[0.0f32; 2]; (size.x * size.y) as usize];
    for s in streaks {
        let steps = (s.back.length().ceil() as usize).clamp(1, STEPS_MAX);
        for k in 0..steps {
            let behind = k as f32 / steps as f32;
            splat(
                &mut cells,
                size,
                s.at + s.back * behind,
                1.0 - 0.7 * behind,
                s.speed_mps,
            );
        }
    }
    let bytes = cells.iter().flat_map(|[amount, speed]| {
        let full = 1.0 - (-amount * FILL).exp();
        let mean = if *amount > 0.0 { speed / amount } else { 0.0 };
        [full, mean / FAST_MPS].map(|v| (v.clamp(0.0, 1.0) * 255.0) as u8)
    });
    let bytes: Vec<u8> = bytes.collect();
    Raster {
        size,
        runs: runs(&bytes, size),
        bytes,
        corners: region.corners(),
    }
}

/// See [`Raster::runs`]. Between cells it is smoothed: a block is drawn for a cell beside it as well.
fn runs(bytes: &[u8], size: UVec2) -> Vec<u32> {
    let count = size.map(|v| v.div_ceil(BLOCK));
    let mut full = vec![false; (count.x * count.y) as usize];
    let least = |v: u32| v.saturating_sub(1) / BLOCK;
    let last = |v: u32, of: u32| ((v + 1) / BLOCK).min(of - 1);
    let cells = (0..size.y).flat_map(|y| (0..size.x).map(move |x| (x, y)));
    for ((x, y), _) in cells.zip(bytes.chunks_exact(2)).filter(|(_, c)| c[0] > 0) {
        for row in least(y)..=last(y, count.y) {
            for column in least(x)..=last(x, count.x) {
                full[(row * count.x + column) as usize] = true;
            }
        }
    }
    let mut runs: Vec<u32> = Vec::new();
    for (row, blocks) in (0..count.y).zip(full.chunks_exact(count.x.max(1) as usize)) {
        let mut column = 0;
        for together in blocks.chunk_by(|a, b| a == b) {
            let length = together.len() as u32;
            if together[0] {
                runs.push(column | row << RUN_BITS | length << (2 * RUN_BITS));
            }
            column += length;
        }
    }
    runs
}

/// Shares a point among the four cells around it.
fn splat(cells: &mut [[f32; 2]], size: UVec2, at: Vec2, weight: f32, speed: f32) {
    let p = at - 0.5;
    let (base, f) = (p.floor(), p - p.floor());
    for (dx, dy, share) in [
        (0.0, 0.0, (1.0 - f.x) * (1.0 - f.y)),
        (1.0, 0.0, f.x * (1.0 - f.y)),
        (0.0, 1.0, (1.0 - f.x) * f.y),
        (1.0, 1.0, f.x * f.y),
    ] {
        let (x, y) = (base.x + dx, base.y + dy);
        if x < 0.0 || y < 0.0 || x >= size.x as f32 || y >= size.y as f32 {
            continue;
        }
        let cell = &mut cells[(y as u32 * size.x + x as u32) as usize];
        cell[0] += weight * share;
        cell[1] += weight * share * speed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region() -> Region {
        let middle = DVec2::new(0.84, 0.36);
        let half = DVec2::splat(0.0004);
        Region::around(middle - half, middle + half, 12.0)
    }

    fn at(raster: &Raster, x: u32, y: u32) -> [u8; 2] {
        let i = 2 * (y * raster.size.x + x) as usize;
        [raster.bytes[i], raster.bytes[i + 1]]
    }

    #[test]
    fn a_street_fills_where_many_drive_and_tells_their_speed() {
        let r = region();
        let y = 20.5;
        let car = |x: f32, speed_mps: f32| Streak {
            at: Vec2::new(x, y),
            back: Vec2::new(-6.0, 0.0),
            speed_mps,
        };
        let one = draw(&[car(40.5, 12.0)], r);
        let many = draw(&[car(40.5, 12.0), car(41.5, 0.0), car(42.5, 3.0)], r);
        let [full, speed] = at(&one, 40, 20);
        assert!(full > 100 && speed == 255, "{full} {speed}");
        assert!(at(&many, 40, 20)[0] > full && at(&many, 40, 20)[1] < 200);
        // It fades out behind, and there is nothing ahead of it and beside it.
        assert!(at(&one, 36, 20)[0] < full && at(&one, 36, 20)[0] > 0);
        assert_eq!(
            [at(&one, 42, 20), at(&one, 40, 23), at(&one, 33, 20)],
            [[0; 2]; 3]
        );
    }

    #[test]
    fn every_cell_with_traffic_lies_in_a_drawn_block_with_its_neighbours_and_empty_ground_in_none()
    {
        let r = region();
        let car = |x: f32, y: f32| Streak {
            at: Vec2::new(x, y),
            back: Vec2::new(-9.0, 4.0),
            speed_mps: 5.0,
        };
        let far = r.size.as_vec2() - 0.5;
        let raster = draw(&[car(40.5, 20.5), car(0.5, 0.5), car(far.x, far.y)], r);
        let part = |run: u32, i: u32| (run >> (RUN_BITS * i)) & ((1 << RUN_BITS) - 1);
        let drawn = |x: u32, y: u32| {
            let mut of_row = raster.runs.iter().filter(|r| part(**r, 1) == y / BLOCK);
            of_row.any(|r| (part(*r, 0)..part(*r, 0) + part(*r, 2)).contains(&(x / BLOCK)))
        };
        for y in 0..r.size.y {
            for x in 0..r.size.x {
                let near = |v: u32, of: u32| v.saturating_sub(1)..=(v + 1).min(of - 1);
                if at(&raster, x, y)[0] > 0 {
                    let mut about =
                        near(y, r.size.y).flat_map(|y| near(x, r.size.x).map(move |x| (x, y)));
                    assert!(about.all(|(x, y)| drawn(x, y)), "{x} {y}");
                }
            }
        }
        let all = r.size.x.div_ceil(BLOCK) * r.size.y.div_ceil(BLOCK);
        let blocks: u32 = raster.runs.iter().map(|r| part(*r, 2)).sum();
        assert!(blocks < all / 4, "{blocks} of {all}");
        assert!(
            (raster.runs.len() as u32) < blocks,
            "those beside one another are one"
        );
        assert!(draw(&[], r).runs.is_empty());
    }

    #[test]
    fn cells_lie_at_the_same_places_of_the_ground_however_the_map_is_moved() {
        let a = region();
        let by = DVec2::new(0.000_037, -0.000_051);
        let [min, max] = a.corners();
        let pad = (max - min) * (MARGIN / (1.0 + 2.0 * MARGIN));
        let b = Region::around(min + pad + by, max - pad + by, 12.4);
        assert_eq!(a.per_world, b.per_world);
        let offset = (b.from - a.from) * a.per_world;
        assert!((offset - offset.round()).length() < 1e-6, "{offset}");
        assert!(a.is_enough(&b), "moved by less than the margin");
        let far = Region::around(min + 20.0 * by, max + 20.0 * by, 12.4);
        assert!(!a.is_enough(&far));
        let nearer = Region::around(min + 4.0 * pad / 3.0, max - 4.0 * pad / 3.0, 13.1);
        assert!(!a.is_enough(&nearer), "not as fine");
    }

    #[test]
    fn nothing_outside_and_no_view_of_the_whole_world_is_too_much() {
        let world = Region::around(DVec2::ZERO, DVec2::ONE, 12.9);
        assert!(world.size.max_element() <= 2_900, "{}", world.size);
        assert!(world.size.max_element().div_ceil(BLOCK) < 1 << RUN_BITS);
        let r = region();
        let end = r.size.as_vec2();
        let streaks = [Vec2::ZERO, end, -end, Vec2::splat(f32::MAX)].map(|at| Streak {
            at,
            back: Vec2::splat(1e9),
            speed_mps: 10.0,
        });
        assert_eq!(
            draw(&streaks, r).bytes.len(),
            2 * (r.size.x * r.size.y) as usize
        );
    }
}
