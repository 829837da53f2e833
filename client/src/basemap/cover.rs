//! Which tiles a view needs: fine ones near the camera, coarser ones far away.

use crate::camera::MapCamera;
use bevy::math::{DVec2, Vec2};
use chengtu_engine::geo::{GeoBox, TileId};

/// Most tiles a view may ask for; reached only by absurd viewports.
const TILES_MAX: usize = 400;
/// Most tiles of one zoom that are kept of the whole city.
const OVERVIEW_TILES_MAX: usize = 24;
/// Logical pixels around the screen that are covered too: roofs reach in from below, and a pan finds them ready.
const MARGIN_PX: f32 = 90.0;

/// The tiles that cover the ground on the screen, nearest first, of zooms `zooms[0] … zooms[1]`.
pub fn cover(camera: &MapCamera, zooms: [u8; 2]) -> Vec<TileId> {
    let v = camera.viewport;
    let corner = |x: f32, y: f32| {
        camera
            .mercator_from_screen(Vec2::new(x, y))
            .unwrap_or(camera.centre)
    };
    let m = MARGIN_PX;
    let view = [
        corner(-m, -m / 3.0),
        corner(v.x + m, -m / 3.0),
        corner(v.x + m, v.y + m * 1.5),
        corner(-m, v.y + m * 1.5),
    ];
    let finest = (camera.zoom.floor() as i64).clamp(i64::from(zooms[0]), i64::from(zooms[1])) as u8;
    let mut tiles = Vec::new();
    descend(
        TileId { z: 0, x: 0, y: 0 },
        camera,
        &view,
        [zooms[0], finest],
        &mut tiles,
    );
    let distance = |t: &TileId| {
        let side = 1.0 / f64::from(1u32 << t.z);
        let middle = DVec2::from(t.north_west_mercator()) + side / 2.0;
        middle.distance_squared(camera.centre)
    };
    tiles.sort_by(|a, b| distance(a).total_cmp(&distance(b)).then(a.cmp(b)));
    tiles
}

fn descend(
    tile: TileId,
    camera: &MapCamera,
    view: &[DVec2; 4],
    zooms: [u8; 2],
    out: &mut Vec<TileId>,
) {
    let min = DVec2::from(tile.north_west_mercator());
    let max = min + 1.0 / f64::from(1u32 << tile.z);
    if out.len() >= TILES_MAX || !touches(min, max, view) {
        return;
    }
    let enough = tile.z >= zooms[0] && {
        // Depth is linear over the ground, so the nearest point is a corner.
        let corners = [min, max, DVec2::new(min.x, max.y), DVec2::new(max.x, min.y)];
        let nearest = corners.map(|c| {
            camera
                .screen_from_mercator(c)
                .map_or(f32::INFINITY, |p| p.nearness)
        });
        let nearness = f64::from(nearest.into_iter().fold(0.0, f32::max)).min(1.0);
        f64::from(tile.z) >= (camera.zoom + nearness.log2()).floor()
    };
    if enough || tile.z >= zooms[1] {
        out.push(tile);
        return;
    }
    for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
        let child = TileId {
            z: tile.z + 1,
            x: tile.x * 2 + dx,
            y: tile.y * 2 + dy,
        };
        descend(child, camera, view, zooms, out);
    }
}

/// True where a box and a convex quadrilateral overlap (separating axes).
fn touches(min: DVec2, max: DVec2, quad: &[DVec2; 4]) -> bool {
    let low = quad.iter().copied().fold(DVec2::INFINITY, DVec2::min);
    let high = quad.iter().copied().fold(DVec2::NEG_INFINITY, DVec2::max);
    if low.x > max.x || low.y > max.y || high.x < min.x || high.y < min.y {
        return false;
    }
    let corners = [min, DVec2::new(max.x, min.y), max, DVec2::new(min.x, max.y)];
    let middle = quad.iter().sum::<DVec2>() / 4.0;
    (0..4).all(|i| {
        let (a, b) = (quad[i], quad[(i + 1) % 4]);
        let inwards = (b - a).perp_dot(middle - a).signum();
        corners
            .iter()
            .any(|c| (b - a).perp_dot(*c - a) * inwards >= 0.0)
    })
}

/// The coarse tiles of the whole city, coarsest first: those of the finest zoom of which it has few, and of all above.
pub fn overview(bounds: GeoBox, zooms: [u8; 2]) -> Vec<TileId> {
    let few = |z: &u8| bounds.tiles(*z, OVERVIEW_TILES_MAX + 1).len() <= OVERVIEW_TILES_MAX;
    (zooms[0]..=zooms[1])
        .take_while(few)
        .flat_map(|z| bounds.tiles(z, OVERVIEW_TILES_MAX))
        .collect()
}

/// For each tile wanted, what can be shown of it: itself, else its nearest loaded ancestor, else loaded parts.
/// The result covers whatever can be covered, without overlaps.
pub fn shown(wanted: &[TileId], loaded: &dyn Fn(TileId) -> bool) -> Vec<TileId> {
    let mut tiles: Vec<TileId> = Vec::new();
    for tile in wanted {
        if loaded(*tile) {
            tiles.push(*tile);
        } else if let Some(ancestor) = (0..tile.z)
            .rev()
            .map(|z| tile.parent(z))
            .find(|t| loaded(*t))
        {
            tiles.push(ancestor);
        } else if tile.z < 24 {
            let children = [(0, 0), (1, 0), (0, 1), (1, 1)];
            let children = children.map(|(dx, dy)| TileId {
                z: tile.z + 1,
                x: tile.x * 2 + dx,
                y: tile.y * 2 + dy,
            });
            tiles.extend(children.into_iter().filter(|t| loaded(*t)));
        }
    }
    tiles.sort_unstable();
    tiles.dedup();
    let all = tiles.clone();
    tiles.retain(|t| {
        !all.iter()
            .any(|other| other.z < t.z && t.parent(other.z) == *other)
    });
    tiles
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::math::DVec2;

    fn covers(tiles: &[TileId], mercator: DVec2) -> usize {
        tiles
            .iter()
            .filter(|t| {
                let min = DVec2::from(t.north_west_mercator());
                let max = min + 1.0 / f64::from(1u32 << t.z);
                mercator.cmpge(min).all() && mercator.cmplt(max).all()
            })
            .count()
    }

    #[test]
    fn every_point_of_the_screen_is_covered_exactly_once() {
        for (zoom, pitch_deg, bearing_deg) in [
            (13.2, 0.0, 0.0),
            (15.5, 50.0, 331.0),
            (17.3, 60.0, 120.0),
            (10.0, 60.0, 45.0),
        ] {
            let camera = MapCamera {
                zoom,
                pitch_deg,
                bearing_deg,
                viewport: Vec2::new(1920.0, 1080.0),
                ..MapCamera::default()
            };
            let tiles = cover(&camera, [8, 15]);
            assert!(tiles.len() < 90, "{} tiles at zoom {zoom}", tiles.len());
            for i in 0..=20 {
                for j in 0..=20 {
                    let at = camera
                        .mercator_from_screen(Vec2::new(i as f32 * 96.0, j as f32 * 54.0))
                        .unwrap();
                    assert_eq!(
                        covers(&tiles, at),
                        1,
                        "zoom {zoom} pitch {pitch_deg} at {i},{j}"
                    );
                }
            }
        }
    }

    #[test]
    fn far_tiles_are_coarser_and_near_ones_come_first() {
        let camera = MapCamera {
            zoom: 15.2,
            pitch_deg: 60.0,
            viewport: Vec2::new(1920.0, 1080.0),
            ..MapCamera::default()
        };
        let tiles = cover(&camera, [8, 15]);
        assert_eq!(tiles[0].z, 15);
        assert!(tiles.iter().any(|t| t.z <= 14));
    }

    #[test]
    fn the_overview_of_any_city_is_a_few_tiles_that_cover_it() {
        use chengtu_engine::geo::Position;
        for side_e7 in [100_000, 3_000_000, 30_000_000] {
            let corner = Position::new(1_264_000_000, 456_000_000);
            let far = Position::new(corner.lon_e7 + side_e7, corner.lat_e7 + side_e7);
            let bounds = GeoBox::new(corner, far);
            let tiles = overview(bounds, [8, 15]);
            assert!((1..=40).contains(&tiles.len()), "{}", tiles.len());
            let finest = tiles.last().unwrap().z;
            for p in [corner, far] {
                assert!(tiles.contains(&TileId::containing(p, finest)));
            }
            // The next zoom would be more than a few.
            assert!(finest == 15 || bounds.tiles(finest + 1, 100).len() > OVERVIEW_TILES_MAX);
        }
        // A country in which no zoom has few tiles.
        let all = GeoBox::new(
            Position::new(-1_799_999_999, -850_000_000),
            Position::new(1_799_999_999, 850_000_000),
        );
        assert!(overview(all, [8, 15]).is_empty());
    }

    #[test]
    fn a_parent_stands_in_without_overlap_until_its_children_are_there() {
        let parent = TileId {
            z: 14,
            x: 100,
            y: 100,
        };
        let children: Vec<TileId> = [(0, 0), (0, 1), (1, 0), (1, 1)]
            .map(|(dx, dy)| TileId {
                z: 15,
                x: 200 + dx,
                y: 200 + dy,
            })
            .to_vec();
        let have = |list: Vec<TileId>| move |t: TileId| list.contains(&t);
        let all_but_one: Vec<_> = children[..3].iter().copied().chain([parent]).collect();
        assert_eq!(shown(&children, &have(all_but_one)), [parent]);
        assert_eq!(shown(&children, &have(children.clone())), children);
        // Zooming out: the parent is not there yet, its parts are.
        assert_eq!(
            shown(&[parent], &have(children[..2].to_vec())),
            children[..2]
        );
        assert!(shown(&children, &have(vec![])).is_empty());
    }
}
