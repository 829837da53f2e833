//! The unit grid (单元网格): hairlines around its cells, near.

use super::LayerVisibility;
use super::lines::{Line, LineLayer, LineStyle, Lines};
use super::style::LiveStyle;
use crate::basemap::source::fetch_pack_file;
use crate::camera::MapCamera;
use crate::cli::Cli;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::tasks::{IoTaskPool, Task, futures::check_ready};
use chengtu_engine::geo::{LonLat, mercator_from_lon_lat};
use std::path::PathBuf;

const FILE: &str = "grid.geojson";
/// Zoom from which cells are large enough to be told apart.
const GRID_ZOOM: f64 = 14.6;
/// Most cells drawn at once.
const CELLS_MAX: usize = 6_000;

/// The cells' outlines, mercator, once they have been asked for.
#[derive(Resource, Default)]
pub(super) struct Grid {
    loading: Option<Task<Result<Vec<Vec<DVec2>>, String>>>,
    cells: Option<Vec<Vec<DVec2>>>,
    drawn_for: Option<(MapCamera, bool)>,
}

/// Loads the grid when it is first switched on, and lays the cells in view.
pub(super) fn lay(
    cli: Option<Res<Cli>>,
    layers: Res<LayerVisibility>,
    camera: Res<MapCamera>,
    style: Res<LiveStyle>,
    mut grid: ResMut<Grid>,
    mut lines: ResMut<Lines>,
) {
    let Some(cli) = cli else { return };
    if layers.grid && grid.cells.is_none() && grid.loading.is_none() {
        let (city, server) = (cli.city.clone(), cli.server.clone());
        grid.loading = Some(IoTaskPool::get().spawn(async move { load(city, &server) }));
    }
    if let Some(loaded) = grid.loading.as_mut().and_then(check_ready) {
        grid.loading = None;
        grid.drawn_for = None;
        grid.cells = Some(loaded.unwrap_or_else(|error| {
            error!("no unit grid: {error}");
            Vec::new()
        }));
    }
    let shown = layers.grid && camera.zoom >= GRID_ZOOM;
    let same = grid
        .drawn_for
        .as_ref()
        .is_some_and(|(c, was)| *was == shown && (!shown || c == &*camera));
    if same || grid.cells.is_none() {
        return;
    }
    grid.drawn_for = Some((camera.clone(), shown));
    let line = LineStyle::plain(style.t4.with_alpha(0.7), 1.0);
    let seen = camera.visible();
    let (a, b) = (
        DVec2::from(mercator_from_lon_lat(seen.min.lon_lat())),
        DVec2::from(mercator_from_lon_lat(seen.max.lon_lat())),
    );
    let (min, max) = (a.min(b), a.max(b));
    let cells = grid.cells.iter().flatten().filter(|_| shown);
    let inside = cells.filter(|c| c.iter().any(|p| p.cmpge(min).all() && p.cmple(max).all()));
    let out = inside
        .take(CELLS_MAX)
        .map(|course| Line {
            course: course.clone(),
            style: line,
            layer: LineLayer::Ground,
        })
        .collect();
    lines.set("grid", out);
}

fn load(city: Option<PathBuf>, server: &str) -> Result<Vec<Vec<DVec2>>, String> {
    let path = match city {
        Some(folder) => folder.join(FILE),
        None => fetch_pack_file(server, FILE).map_err(|e| e.to_string())?,
    };
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    outlines(&text).map_err(|e| format!("{}: {e}", path.display()))
}

/// Outer rings of a GeoJSON collection of polygons.
fn outlines(text: &str) -> Result<Vec<Vec<DVec2>>, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let features = value["features"]
        .as_array()
        .ok_or("there are no features in it")?;
    let ring = |f: &serde_json::Value| {
        let points = f["geometry"]["coordinates"][0].as_array()?;
        let place = |p: &serde_json::Value| {
            Some(DVec2::from(mercator_from_lon_lat(LonLat::new(
                p[0].as_f64()?,
                p[1].as_f64()?,
            ))))
        };
        points.iter().map(place).collect::<Option<Vec<_>>>()
    };
    Ok(features.iter().filter_map(ring).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_and_what_is_no_grid_is_explained() {
        let text = r#"{"type":"FeatureCollection","features":[{"geometry":{"type":"Polygon","coordinates":[[[118.7,32.0],[118.8,32.0],[118.8,32.1],[118.7,32.0]]]}},{"geometry":null}]}"#;
        let cells = outlines(text).unwrap();
        assert_eq!((cells.len(), cells[0].len()), (1, 4));
        assert!(outlines("{}").unwrap_err().contains("features"));
        assert!(outlines("{").is_err());
    }
}
