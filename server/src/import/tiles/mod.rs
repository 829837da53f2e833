//! The base map: features cut into vector tiles and written as one PMTiles archive.

mod clip;
mod pyramid;
mod schema;
mod simplify;
mod world;

pub use clip::{UnitBox, line as clip_line};
pub use schema::{Feature, Layer, Shape, Value, ZOOMS};
pub use world::{world_from_position, world_line};

use super::progress::Progress;
use chengtu_engine::geo::GeoBox;
use pmtiles::{PmTilesWriter, PmtError, TileCoord, TileId, TileType};
use pyramid::{Pyramid, world_box};
use serde_json::json;
use std::io::{Seek, Write};

/// What is said about the archive inside it.
#[derive(Clone, Debug)]
pub struct About {
    /// The city's name.
    pub name: String,
    /// What the map covers.
    pub bounds: GeoBox,
    /// Who must be named, as HTML.
    pub attribution: String,
}

/// Attribution that must be shown wherever the map is shown.
pub const ATTRIBUTION: &str = "© OpenStreetMap contributors";

/// Writes the features as a PMTiles archive; returns the number of tiles.
///
/// # Errors
/// When the archive cannot be written.
pub fn write<W: Write + Seek>(
    features: &[Feature],
    about: &About,
    out: W,
    progress: &Progress,
) -> Result<u64, PmtError> {
    let (sw, ne) = (about.bounds.min.lon_lat(), about.bounds.max.lon_lat());
    let (lon, lat) = (
        f64::midpoint(sw.lon_deg, ne.lon_deg),
        f64::midpoint(sw.lat_deg, ne.lat_deg),
    );
    let mut archive = PmTilesWriter::new(TileType::Mvt)
        .min_zoom(*ZOOMS.start())
        .max_zoom(*ZOOMS.end())
        .bounds(sw.lon_deg, sw.lat_deg, ne.lon_deg, ne.lat_deg)
        .center(lon, lat)
        .center_zoom(14)
        .metadata(metadata(about))
        .create(out)?;
    let boxes: Vec<_> = features.iter().map(world_box).collect();
    let mut tiles = 0;
    progress.steps(
        "writing tiles",
        ZOOMS.map(|z| 1 << (2 * (z - ZOOMS.start()))).sum(),
    );
    for zoom in ZOOMS {
        let pyramid = Pyramid::new(features, &boxes, about.bounds, zoom);
        for block in pyramid.blocks() {
            for (id, layers) in pyramid.build(&block) {
                let coord = TileId::new(id).map(TileCoord::from)?;
                let bytes =
                    chengtu_tiles::encode(Layer::ALL.into_iter().map(Layer::name).zip(layers));
                if !bytes.is_empty() {
                    archive.add_tile(coord, &bytes)?;
                    tiles += 1;
                }
            }
        }
        progress.advance(1 << (2 * (zoom - ZOOMS.start())));
    }
    archive.finalize()?;
    Ok(tiles)
}

fn metadata(about: &About) -> String {
    let layers: Vec<_> = Layer::ALL
        .into_iter()
        .map(|l| {
            let fields: serde_json::Map<_, _> = l.fields().iter().map(|(n, kind, _)| ((*n).to_owned(), json!(kind))).collect();
            json!({ "id": l.name(), "minzoom": l.min_zoom(), "maxzoom": ZOOMS.end(), "fields": fields })
        })
        .collect();
    json!({
        "name": about.name,
        "description": format!("Base map of {}", about.name),
        "version": "1",
        "type": "baselayer",
        "attribution": about.attribution,
        "vector_layers": layers,
    })
    .to_string()
}
