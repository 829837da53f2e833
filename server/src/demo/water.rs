//! Water as the base map draws it.

use crate::pack::BASEMAP_FILE;
use chengtu_engine::geo::{GeoBox, Position, TileId, mercator_from_lon_lat};
use chengtu_tiles::{GeometryType, decode, polygons};
use pmtiles::{AsyncPmTilesReader, MmapBackend, TileCoord};
use std::collections::HashMap;
use std::path::Path;

/// Water is looked up at this zoom, where a metre is a unit of a tile; farther out in a city of more tiles than the limit.
const ZOOM: u8 = 14;
/// So many tiles are read at most.
const TILES_MAX: usize = 2_048;
/// Farthest zoom that is read.
const ZOOM_MIN: u8 = 9;

/// Corners of an area, parts of a tile's width and height.
type Ring = Vec<[f64; 2]>;

/// The water of a city.
#[derive(Debug, Default)]
pub struct Water {
    zoom: u8,
    /// Areas by tile: an outer ring, then holes.
    tiles: HashMap<(u32, u32), Vec<Vec<Ring>>>,
}

impl Water {
    /// Of a pack's base map within `city`; none where it cannot be read.
    pub async fn of(pack: &Path, city: GeoBox) -> Self {
        let mut zoom = ZOOM;
        while zoom > ZOOM_MIN && city.tiles(zoom, TILES_MAX + 1).len() > TILES_MAX {
            zoom -= 1;
        }
        let path = pack.join(BASEMAP_FILE);
        let reader = match AsyncPmTilesReader::<MmapBackend>::new_with_path(&path).await {
            Ok(reader) => reader,
            Err(e) => {
                tracing::warn!("{}: {e}; no water is known", path.display());
                return Self::default();
            }
        };
        let mut water = Self {
            zoom,
            tiles: HashMap::new(),
        };
        for tile in city.tiles(zoom, TILES_MAX) {
            let Ok(coord) = TileCoord::new(tile.z, tile.x, tile.y) else {
                continue;
            };
            if let Ok(Some(bytes)) = reader.get_tile_decompressed(coord).await {
                let areas = areas(&bytes);
                if !areas.is_empty() {
                    water.tiles.insert((tile.x, tile.y), areas);
                }
            }
        }
        water
    }

    /// True where a place lies in water.
    pub fn covers(&self, p: Position) -> bool {
        if self.tiles.is_empty() {
            return false;
        }
        let tile = TileId::containing(p, self.zoom);
        let Some(areas) = self.tiles.get(&(tile.x, tile.y)) else {
            return false;
        };
        let [x, y] = mercator_from_lon_lat(p.lon_lat());
        let across = f64::from(1_u32 << self.zoom);
        let at = [
            x * across - f64::from(tile.x),
            y * across - f64::from(tile.y),
        ];
        areas.iter().any(|area| inside(area, at))
    }
}

fn areas(tile: &[u8]) -> Vec<Vec<Ring>> {
    let layers = decode(tile).unwrap_or_default();
    let mut areas = Vec::new();
    for layer in layers.iter().filter(|l| l.name() == "water") {
        let extent = f64::from(layer.extent().max(1));
        let features = layer.features();
        for feature in features.filter(|f| f.geometry_type() == GeometryType::Polygon) {
            let rings = feature.lines().unwrap_or_default();
            let ring = |points: Vec<chengtu_tiles::Point>| -> Ring {
                let part =
                    |p: chengtu_tiles::Point| [f64::from(p[0]) / extent, f64::from(p[1]) / extent];
                points.into_iter().map(part).collect()
            };
            let found = polygons(rings).into_iter();
            areas.extend(found.map(|rings| rings.into_iter().map(ring).collect::<Vec<Ring>>()));
        }
    }
    areas
}

/// By the even-odd rule over all rings.
fn inside(rings: &[Ring], [x, y]: [f64; 2]) -> bool {
    let mut odd = false;
    for ring in rings {
        for (i, a) in ring.iter().enumerate() {
            let b = ring[(i + 1) % ring.len()];
            if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
                odd = !odd;
            }
        }
    }
    odd
}
