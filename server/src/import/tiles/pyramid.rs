//! Which features go into which tile, and their shapes there.

use super::clip::{self, Unit, UnitBox};
use super::schema::{Feature, Layer, Shape, Value, ZOOMS};
use super::simplify;
use super::world::{WorldPoint, world_from_position};
use chengtu_engine::geo::GeoBox;
use chengtu_tiles::LayerWriter;
use pmtiles::{TileCoord, TileId};
use std::collections::BTreeMap;

/// Units along a tile's edge.
const EXTENT: i64 = chengtu_tiles::EXTENT as i64;
/// How far beyond a tile's edge its lines and areas go on, in tile units.
const BUFFER: i64 = 80;
/// Tiles of one block are built together: 2^5 × 2^5 of them, so that memory does not grow with the extract.
const BLOCK_ZOOMS: u8 = 5;

/// The layers of a tile, in drawing order.
pub type Layers = [LayerWriter<Value>; Layer::ALL.len()];

/// A shape in tile units of one zoom, counted from the world's north-west corner.
#[derive(Clone, Debug)]
enum WorldShape {
    Point(Unit),
    Lines(Vec<Vec<Unit>>),
    /// Each an outline and its holes.
    Areas(Vec<Vec<Vec<Unit>>>),
}

/// Least and greatest x and y of a feature in world units.
pub fn world_box(feature: &Feature) -> [u32; 4] {
    let mut b = [u32::MAX, u32::MAX, 0, 0];
    let grow = |p: &WorldPoint| {
        b = [
            b[0].min(p[0]),
            b[1].min(p[1]),
            b[2].max(p[0]),
            b[3].max(p[1]),
        ];
    };
    match &feature.shape {
        Shape::Point(p) => std::iter::once(p).for_each(grow),
        Shape::Lines(lines) => lines.iter().flatten().for_each(grow),
        Shape::Areas(areas) => areas
            .iter()
            .filter_map(|a| a.first())
            .flatten()
            .for_each(grow),
    }
    b
}

/// A square of tiles of one zoom with the features that touch it.
#[derive(Debug)]
pub struct Block {
    x: u32,
    y: u32,
    features: Vec<u32>,
}

/// One zoom of the base map.
pub struct Pyramid<'f> {
    features: &'f [Feature],
    boxes: &'f [[u32; 4]],
    zoom: u8,
    /// First and last tile column and row that touch the city.
    x: [i64; 2],
    y: [i64; 2],
}

impl<'f> Pyramid<'f> {
    /// The zoom `zoom` of a map of `features` (`boxes`: their [`world_box`]es), within `bounds`.
    pub fn new(features: &'f [Feature], boxes: &'f [[u32; 4]], bounds: GeoBox, zoom: u8) -> Self {
        let (a, b) = (
            world_from_position(bounds.min),
            world_from_position(bounds.max),
        );
        let tile = |v: u32| i64::from(v >> (32 - u32::from(zoom)));
        Self {
            features,
            boxes,
            zoom,
            x: [tile(a[0]), tile(b[0])],
            y: [tile(b[1]), tile(a[1])],
        }
    }

    /// The blocks that hold anything, in the archive's order.
    pub fn blocks(&self) -> Vec<Block> {
        let block_zoom = self.zoom.saturating_sub(BLOCK_ZOOMS);
        let within = u32::from(self.zoom - block_zoom);
        let mut blocks: BTreeMap<u64, Block> = BTreeMap::new();
        for (i, feature) in self.features.iter().enumerate() {
            if feature.min_zoom > self.zoom || self.boxes[i][0] > self.boxes[i][2] {
                continue;
            }
            let (columns, rows) = self.tiles(world_units(self.boxes[i], self.zoom), &feature.shape);
            for y in rows[0] >> within..=rows[1] >> within {
                for x in columns[0] >> within..=columns[1] >> within {
                    let Ok(coord) = TileCoord::new(block_zoom, x as u32, y as u32) else {
                        continue;
                    };
                    let new = || Block {
                        x: x as u32,
                        y: y as u32,
                        features: Vec::new(),
                    };
                    blocks
                        .entry(TileId::from(coord).value())
                        .or_insert_with(new)
                        .features
                        .push(i as u32);
                }
            }
        }
        blocks.into_values().collect()
    }

    /// Columns and rows of tiles that a box reaches with its buffer; an empty range where it reaches none.
    fn tiles(&self, b: UnitBox, shape: &Shape) -> ([i64; 2], [i64; 2]) {
        // A label is in one tile only, or it would be drawn twice.
        let buffer = if matches!(shape, Shape::Point(_)) {
            0
        } else {
            BUFFER
        };
        let range = |axis: usize, limits: [i64; 2]| {
            let low = (b.min[axis] - buffer).div_euclid(EXTENT);
            let high = (b.max[axis] + buffer).div_euclid(EXTENT);
            [low.max(limits[0]), high.min(limits[1])]
        };
        (range(0, self.x), range(1, self.y))
    }

    /// The tiles of a block by their id in the archive.
    pub fn build(&self, block: &Block) -> BTreeMap<u64, Layers> {
        let within = self.zoom - self.zoom.saturating_sub(BLOCK_ZOOMS);
        let first = [i64::from(block.x) << within, i64::from(block.y) << within];
        let last = first.map(|v| v + (1 << within) - 1);
        let mut tiles: BTreeMap<u64, Layers> = BTreeMap::new();
        for feature in block.features.iter().map(|i| &self.features[*i as usize]) {
            let Some(shape) = self.at_zoom(feature) else {
                continue;
            };
            let Some(bounds) = shape_box(&shape) else {
                continue;
            };
            let (columns, rows) = self.tiles(bounds, &feature.shape);
            let columns = [columns[0].max(first[0]), columns[1].min(last[0])];
            for y in rows[0].max(first[1])..=rows[1].min(last[1]) {
                // Cutting to the row first keeps a lake of a thousand tiles from being walked around a thousand times.
                let Some(row) = cut(&shape, frame([columns[0], y], [columns[1], y])) else {
                    continue;
                };
                for x in columns[0]..=columns[1] {
                    let Ok(coord) = TileCoord::new(self.zoom, x as u32, y as u32) else {
                        continue;
                    };
                    let Some(shape) = cut(&row, frame([x, y], [x, y])) else {
                        continue;
                    };
                    let layers = tiles.entry(TileId::from(coord).value()).or_default();
                    let local = within_tile(&shape, [x * EXTENT, y * EXTENT]);
                    layers[feature.layer as usize].add(feature.id, &feature.values, &local);
                }
            }
        }
        tiles
    }

    /// A feature's shape in this zoom's units, simplified; `None` where it is too small to be seen.
    fn at_zoom(&self, feature: &Feature) -> Option<WorldShape> {
        let last = self.zoom == *ZOOMS.end();
        // Eight units are about a pixel of a screen.
        let tolerance = if last {
            0.0
        } else if self.zoom + 1 == *ZOOMS.end() {
            3.0
        } else {
            6.0
        };
        let smallest_area = match (last, feature.layer) {
            (true, _) => 0,
            (false, Layer::Building) => 64 * if self.zoom <= 13 { 12 } else { 4 },
            (false, _) => 64 * 4,
        };
        let units = |points: &[WorldPoint]| {
            points
                .iter()
                .map(|p| unit(*p, self.zoom))
                .collect::<Vec<_>>()
        };
        match &feature.shape {
            Shape::Point(p) => Some(WorldShape::Point(unit(*p, self.zoom))),
            Shape::Lines(lines) => {
                let lines: Vec<_> = lines
                    .iter()
                    .map(|l| simplify::line(&units(l), tolerance))
                    .collect();
                let lines: Vec<_> = lines.into_iter().filter(|l| l.len() >= 2).collect();
                (!lines.is_empty()).then_some(WorldShape::Lines(lines))
            }
            Shape::Areas(areas) => {
                let big = |r: &Vec<Unit>| {
                    !r.is_empty() && clip::doubled_area(r).abs() >= 2 * smallest_area
                };
                let areas = areas.iter().filter_map(|area| {
                    let mut rings = area.iter().map(|r| simplify::ring(&units(r), tolerance));
                    let outer = rings.next().filter(big)?;
                    Some(std::iter::once(outer).chain(rings.filter(big)).collect())
                });
                let areas: Vec<Vec<Vec<Unit>>> = areas.collect();
                (!areas.is_empty()).then_some(WorldShape::Areas(areas))
            }
        }
    }
}

/// A world point in tile units of a zoom, rounded.
fn unit(p: WorldPoint, zoom: u8) -> Unit {
    let shift = 20 - u32::from(zoom);
    p.map(|v| (i64::from(v) + (1 << (shift - 1))) >> shift)
}

fn world_units(b: [u32; 4], zoom: u8) -> UnitBox {
    UnitBox {
        min: unit([b[0], b[1]], zoom),
        max: unit([b[2], b[3]], zoom),
    }
}

fn shape_box(shape: &WorldShape) -> Option<UnitBox> {
    match shape {
        WorldShape::Point(p) => UnitBox::around([p]),
        WorldShape::Lines(lines) => UnitBox::around(lines.iter().flatten()),
        WorldShape::Areas(areas) => {
            UnitBox::around(areas.iter().filter_map(|a| a.first()).flatten())
        }
    }
}

/// The units of a range of tiles with the buffer around them.
fn frame(first: [i64; 2], last: [i64; 2]) -> UnitBox {
    UnitBox {
        min: first.map(|v| v * EXTENT - BUFFER),
        max: last.map(|v| (v + 1) * EXTENT + BUFFER),
    }
}

/// What of a shape lies in a frame; `None` where nothing does.
fn cut(shape: &WorldShape, frame: UnitBox) -> Option<WorldShape> {
    if shape_box(shape).is_some_and(|b| frame.covers(&b)) {
        return Some(shape.clone());
    }
    match shape {
        WorldShape::Point(_) => Some(shape.clone()),
        WorldShape::Lines(lines) => {
            let pieces: Vec<_> = lines.iter().flat_map(|l| clip::line(l, &frame)).collect();
            (!pieces.is_empty()).then_some(WorldShape::Lines(pieces))
        }
        WorldShape::Areas(areas) => {
            let areas = areas.iter().filter_map(|area| {
                let mut rings = area.iter().map(|r| clip::ring(r, &frame));
                // Without its outline a hole is nothing.
                let outer = rings.next().filter(|r| !r.is_empty())?;
                Some(
                    std::iter::once(outer)
                        .chain(rings.filter(|r| !r.is_empty()))
                        .collect(),
                )
            });
            let areas: Vec<Vec<Vec<Unit>>> = areas.collect();
            (!areas.is_empty()).then_some(WorldShape::Areas(areas))
        }
    }
}

/// A shape counted from a tile's corner. What was cut to the tile's frame fits 32 bits.
fn within_tile(shape: &WorldShape, corner: Unit) -> chengtu_tiles::Shape {
    let local = |p: &Unit| [0, 1].map(|axis| (p[axis] - corner[axis]) as i32);
    let line = |points: &Vec<Unit>| points.iter().map(local).collect();
    match shape {
        WorldShape::Point(p) => chengtu_tiles::Shape::Point(local(p)),
        WorldShape::Lines(lines) => chengtu_tiles::Shape::Lines(lines.iter().map(line).collect()),
        WorldShape::Areas(areas) => chengtu_tiles::Shape::Areas(
            areas
                .iter()
                .map(|rings| rings.iter().map(line).collect())
                .collect(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::schema::Value;
    use super::*;
    use chengtu_engine::geo::{Position, lon_lat_from_mercator};

    /// A place given in tiles of zoom 15, counted from tile 26,000 / 13,000.
    fn at(x: f64, y: f64) -> Position {
        let place = lon_lat_from_mercator([(26_000.0 + x) / 32_768.0, (13_000.0 + y) / 32_768.0]);
        place.position().unwrap()
    }

    fn feature(layer: Layer, shape: Shape) -> Feature {
        Feature {
            layer,
            id: 1,
            min_zoom: layer.min_zoom(),
            values: Box::new([("class", Value::Word("x"))]),
            shape,
        }
    }

    fn square(x: f64, y: f64, side: f64) -> Shape {
        let corners = [(x, y), (x + side, y), (x + side, y + side), (x, y + side)];
        Shape::Areas(vec![vec![
            corners.map(|(x, y)| world_from_position(at(x, y))).to_vec(),
        ]])
    }

    /// Features of a layer in each tile of a zoom, in the archive's order.
    fn counts(features: &[Feature], zoom: u8, layer: Layer) -> Vec<usize> {
        let boxes: Vec<_> = features.iter().map(world_box).collect();
        let bounds = GeoBox::new(at(0.0, 0.0), at(3.9, 3.9));
        let pyramid = Pyramid::new(features, &boxes, bounds, zoom);
        let tiles = pyramid
            .blocks()
            .iter()
            .map(|b| pyramid.build(b))
            .collect::<Vec<_>>();
        tiles
            .iter()
            .flat_map(BTreeMap::values)
            .map(|layers| layers[layer as usize].feature_count())
            .filter(|n| *n > 0)
            .collect()
    }

    #[test]
    fn an_area_over_four_tiles_is_in_all_of_them_and_a_label_in_one() {
        let water = feature(Layer::Water, square(0.5, 0.5, 1.0));
        assert_eq!(counts(&[water], 15, Layer::Water), [1, 1, 1, 1]);
        let label = feature(
            Layer::Place,
            Shape::Point(world_from_position(at(0.999_99, 0.5))),
        );
        assert_eq!(counts(&[label], 15, Layer::Place), [1]);
    }

    #[test]
    fn what_is_beyond_the_city_or_too_small_is_left_out() {
        let far = feature(Layer::Water, square(7.0, 7.0, 0.5));
        assert!(counts(&[far], 15, Layer::Water).is_empty());
        let hut = feature(Layer::Building, square(0.5, 0.5, 0.005));
        assert!(counts(std::slice::from_ref(&hut), 13, Layer::Building).is_empty());
        assert_eq!(counts(std::slice::from_ref(&hut), 15, Layer::Building), [1]);
        assert!(counts(&[hut], 12, Layer::Building).is_empty());
    }
}
