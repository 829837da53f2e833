//! The unit grid (单元网格): hairlines around its cells, near, and the code of the cell at a place.

use super::LayerVisibility;
use super::lines::{Line, LineLayer, LineStyle, Lines};
use super::style::LiveStyle;
use crate::camera::MapCamera;
use crate::pack::{Awaited, Pack};
use bevy::math::DVec2;
use bevy::prelude::*;
use chengtu_engine::geo::{LonLat, lon_lat_from_mercator, mercator_from_lon_lat};
use std::time::Instant;

const FILE: &str = "grid.geojson";
/// Zoom from which cells are large enough to be distinguished.
pub const GRID_ZOOM: f64 = 14.6;
/// Most cells drawn at once.
const CELLS_MAX: usize = 6_000;

/// One closed cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    /// Its code, 15 or 16 digits.
    pub code: String,
    /// The district's name; empty where the pack has none.
    pub district: String,
    /// Its outline, mercator.
    outline: Vec<DVec2>,
}

impl Cell {
    /// Middle of the rectangle around it; none where it has no outline.
    pub fn middle(&self) -> Option<LonLat> {
        let first = *self.outline.first()?;
        let (min, max) = self
            .outline
            .iter()
            .fold((first, first), |(a, b), p| (a.min(*p), b.max(*p)));
        Some(lon_lat_from_mercator(((min + max) / 2.0).into()))
    }

    fn contains(&self, p: DVec2) -> bool {
        let ring = &self.outline;
        let mut inside = false;
        let mut last = ring.len().wrapping_sub(1);
        for i in 0..ring.len() {
            let (a, b) = (ring[i], ring[last]);
            if (a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x {
                inside = !inside;
            }
            last = i;
        }
        inside
    }
}

/// The cells, once they have come.
#[derive(Resource, Default)]
pub struct Grid {
    loading: Option<Awaited<Vec<Cell>>>,
    cells: Option<Vec<Cell>>,
    drawn_for: Option<(MapCamera, bool)>,
}

impl Grid {
    /// All cells; none until they have come.
    pub fn cells(&self) -> &[Cell] {
        self.cells.as_deref().unwrap_or_default()
    }

    /// The district that all codes of this beginning lie in; `None` where the pack has no name for it.
    pub fn district_of(&self, code: &str) -> Option<String> {
        let mut inside = self.cells().iter().filter(|c| c.code.starts_with(code));
        let name = inside.next().map(|c| c.district.clone())?;
        (code.len() == 6 && !name.is_empty()).then_some(name)
    }

    /// A grid of one rectangle: code, district, and west, south, east, north in degrees.
    #[cfg(test)]
    pub(crate) fn of(code: &str, district: &str, [w, s, e, n]: [f64; 4]) -> Self {
        let outline = [(w, s), (e, s), (e, n), (w, n), (w, s)]
            .map(|(lon, lat)| mercator_from_lon_lat(LonLat::new(lon, lat)).into());
        let cell = Cell {
            code: code.into(),
            district: district.into(),
            outline: outline.to_vec(),
        };
        Self {
            cells: Some(vec![cell]),
            ..Self::default()
        }
    }

    /// The cell at a place; none outside the grid, and until it has come.
    pub fn cell_at(&self, place: LonLat) -> Option<&Cell> {
        let p = DVec2::from(mercator_from_lon_lat(place));
        self.cells.as_ref()?.iter().find(|c| c.contains(p))
    }
}

/// Asks for the grid.
pub(super) fn load(pack: Option<Res<Pack>>, mut grid: ResMut<Grid>) {
    grid.loading = pack.map(|pack| {
        Awaited::new(&pack, FILE, |bytes| {
            cells(std::str::from_utf8(bytes).map_err(|e| e.to_string())?)
        })
    });
}

/// Lays the cells in view, once they have come.
pub(super) fn lay(
    layers: Res<LayerVisibility>,
    camera: Res<MapCamera>,
    style: Res<LiveStyle>,
    mut grid: ResMut<Grid>,
    mut lines: ResMut<Lines>,
) {
    let now = Instant::now();
    if let Some(cells) = grid.loading.as_mut().and_then(|l| l.poll(now)) {
        grid.loading = None;
        grid.drawn_for = None;
        grid.cells = Some(cells);
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
    let line = LineStyle::plain(style.t4.with_alpha(0.5), 1.0);
    let seen = camera.visible();
    let (a, b) = (
        DVec2::from(mercator_from_lon_lat(seen.min.lon_lat())),
        DVec2::from(mercator_from_lon_lat(seen.max.lon_lat())),
    );
    let (min, max) = (a.min(b), a.max(b));
    let cells = grid.cells.iter().flatten().filter(|_| shown);
    let seen = |p: &DVec2| p.cmpge(min).all() && p.cmple(max).all();
    let inside = cells.filter(|c| c.outline.iter().any(seen));
    let out = inside
        .take(CELLS_MAX)
        .map(|cell| Line {
            course: cell.outline.clone(),
            style: line,
            layer: LineLayer::Ground,
        })
        .collect();
    lines.set("grid", out);
}

/// Codes and outer rings of a GeoJSON collection of polygons.
fn cells(text: &str) -> Result<Vec<Cell>, String> {
    let value: serde_json::Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let features = value["features"]
        .as_array()
        .ok_or("there are no features in it")?;
    let word = |f: &serde_json::Value, key: &str| {
        let text = f["properties"][key].as_str();
        text.unwrap_or_default().to_string()
    };
    let cell = |f: &serde_json::Value| {
        let points = f["geometry"]["coordinates"][0].as_array()?;
        let place = |p: &serde_json::Value| {
            Some(DVec2::from(mercator_from_lon_lat(LonLat::new(
                p[0].as_f64()?,
                p[1].as_f64()?,
            ))))
        };
        Some(Cell {
            code: word(f, "code"),
            district: word(f, "district"),
            outline: points.iter().map(place).collect::<Option<Vec<_>>>()?,
        })
    };
    Ok(features.iter().filter_map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_and_found_and_what_is_no_grid_is_explained() {
        let text = r#"{"type":"FeatureCollection","features":[{"properties":{"code":"320106001001001","district":"鼓楼区"},
            "geometry":{"type":"Polygon","coordinates":[[[118.7,32.0],[118.8,32.0],[118.8,32.1],[118.7,32.0]]]}},{"geometry":null}]}"#;
        let grid = Grid {
            cells: Some(cells(text).unwrap()),
            ..Grid::default()
        };
        let found = grid.cell_at(LonLat::new(118.79, 32.05)).unwrap();
        assert_eq!(
            (&*found.code, &*found.district),
            ("320106001001001", "鼓楼区")
        );
        assert_eq!(grid.cell_at(LonLat::new(118.71, 32.05)), None);
        assert!(cells("{}").unwrap_err().contains("features"));
        assert!(cells("{").is_err());
    }
}
