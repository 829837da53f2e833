//! What the base map of a pack shows at a place.

use anyhow::{Context, Result};
use chengtu_engine::geo::{LonLat, TileId};
use chengtu_tiles::{decode, polygons};
use pmtiles::{AsyncPmTilesReader, MmapBackend, TileCoord};
use std::path::Path;

/// The zoom that is looked at: the finest of the archive.
const ZOOM: u8 = 15;

/// A base map that can be asked.
pub struct Map(AsyncPmTilesReader<MmapBackend>);

impl Map {
    /// Opens the map of the pack in `dir`.
    ///
    /// # Errors
    /// When there is none.
    pub async fn open(dir: &Path) -> Result<Self> {
        let file = MmapBackend::try_from(dir.join("basemap.pmtiles")).await?;
        Ok(Self(AsyncPmTilesReader::try_from_source(file).await?))
    }

    /// Classes of the water at a place, degrees; empty on land.
    ///
    /// # Errors
    /// When the tile there cannot be read.
    pub async fn water_at(&self, lon: f64, lat: f64) -> Result<Vec<String>> {
        let position = LonLat::new(lon, lat).position()?;
        let id = TileId::containing(position, ZOOM);
        let coord = TileCoord::new(ZOOM, id.x, id.y).context("a tile of its zoom")?;
        let Some(tile) = self.0.get_tile_decompressed(coord).await? else {
            return Ok(Vec::new());
        };
        let layers = decode(&tile)?;
        let mut found = Vec::new();
        for layer in layers.iter().filter(|l| l.name() == "water") {
            let [x, y] = within(position.lon_lat(), id, f64::from(layer.extent()));
            for feature in layer.features() {
                let areas = polygons(feature.lines()?);
                let inside = |rings: &Vec<Vec<_>>| {
                    let crossed: usize = rings.iter().map(|r| crossings(r, x, y)).sum();
                    crossed % 2 == 1
                };
                if areas.iter().any(inside) {
                    found.push(format!("{:?}", feature.property("class")));
                }
            }
        }
        Ok(found)
    }
}

/// A place in the units of a tile.
fn within(at: LonLat, tile: TileId, extent: f64) -> [f64; 2] {
    let tiles = f64::from(1_u32 << tile.z);
    let x = (at.lon_deg + 180.0) / 360.0 * tiles;
    let lat = at.lat_deg.to_radians();
    let y = (1.0 - (lat.tan() + 1.0 / lat.cos()).ln() / std::f64::consts::PI) / 2.0 * tiles;
    [
        (x - f64::from(tile.x)) * extent,
        (y - f64::from(tile.y)) * extent,
    ]
}

/// How often a ring is crossed on the way east from a point.
fn crossings(ring: &[[i32; 2]], x: f64, y: f64) -> usize {
    let sides = ring.iter().zip(ring.iter().cycle().skip(1));
    sides
        .filter(|(a, b)| {
            let [ax, ay, bx, by] = [a[0], a[1], b[0], b[1]].map(f64::from);
            (ay > y) != (by > y) && x < ax + (bx - ax) * (y - ay) / (by - ay)
        })
        .count()
}
