//! The ground that the demo's cases and sensors may stand on: inside the city's bounds, in one of its districts, not in
//! water.

use super::water::Water;
use crate::pack::{Grid, Pack};
use chengtu_engine::geo::{GeoBox, Position};
use chengtu_engine::sim::Land;
use std::collections::{BTreeSet, HashMap};

/// A city's land, by its pack.
#[derive(Debug)]
pub struct CityLand {
    bounds: GeoBox,
    districts: Districts,
    water: Water,
}

impl CityLand {
    /// Of a pack. A base map that cannot be read holds no water.
    pub async fn of(pack: &Pack) -> Self {
        let bounds = pack.rules().bounds;
        Self {
            bounds,
            districts: Districts::of(&pack.grid),
            water: Water::of(&pack.dir, bounds).await,
        }
    }

    /// Code of the district that a place lies in; `None` outside the grid.
    pub fn district(&self, p: Position) -> Option<&str> {
        self.districts.at(p)
    }

    /// Codes of all districts that have cells.
    pub fn districts(&self) -> Vec<String> {
        self.districts.codes.clone()
    }
}

impl Land for CityLand {
    fn holds(&self, p: Position) -> bool {
        let in_district = self.districts.codes.is_empty() || self.districts.at(p).is_some();
        self.bounds.contains(p) && in_district && !self.water.covers(p)
    }
}

/// Which district a place lies in, by the cell of the grid.
#[derive(Debug, Default)]
struct Districts {
    codes: Vec<String>,
    corner: Position,
    /// Width and height of a cell, 1e-7 degree.
    step: (i64, i64),
    of_cell: HashMap<(i64, i64), u16>,
}

impl Districts {
    /// A grid whose cells are not alike is no raster: then no district is known.
    fn of(grid: &Grid) -> Self {
        let Some(first) = grid.cells.first().map(|c| c.bounds) else {
            return Self::default();
        };
        let size = |b: GeoBox| {
            (
                i64::from(b.max.lon_e7) - i64::from(b.min.lon_e7),
                i64::from(b.max.lat_e7) - i64::from(b.min.lat_e7),
            )
        };
        let step = size(first);
        let alike = |b: GeoBox| {
            let own = size(b);
            own.0.abs_diff(step.0) <= 2 && own.1.abs_diff(step.1) <= 2
        };
        if step.0 <= 0 || step.1 <= 0 || !grid.cells.iter().all(|c| alike(c.bounds)) {
            return Self::default();
        }
        let code = |code: &str| code.get(..6).unwrap_or_default().to_owned();
        let codes: BTreeSet<String> = grid.cells.iter().map(|c| code(&c.code)).collect();
        let mut districts = Self {
            codes: codes.into_iter().collect(),
            corner: first.min,
            step,
            of_cell: HashMap::new(),
        };
        for cell in &grid.cells {
            let middle = Position::new(
                i32::midpoint(cell.bounds.min.lon_e7, cell.bounds.max.lon_e7),
                i32::midpoint(cell.bounds.min.lat_e7, cell.bounds.max.lat_e7),
            );
            let own = districts.codes.binary_search(&code(&cell.code));
            let place = districts.cell(middle);
            districts.of_cell.insert(place, own.unwrap_or(0) as u16);
        }
        districts
    }

    fn cell(&self, p: Position) -> (i64, i64) {
        let off =
            |v: i32, corner: i32, step: i64| (i64::from(v) - i64::from(corner)).div_euclid(step);
        (
            off(p.lon_e7, self.corner.lon_e7, self.step.0),
            off(p.lat_e7, self.corner.lat_e7, self.step.1),
        )
    }

    fn at(&self, p: Position) -> Option<&str> {
        if self.codes.is_empty() {
            return None;
        }
        let at = *self.of_cell.get(&self.cell(p))?;
        self.codes.get(usize::from(at)).map(String::as_str)
    }
}
