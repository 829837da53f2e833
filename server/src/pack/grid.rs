use chengtu_engine::geo::{GeoBox, Position};
use serde::Deserialize;
use std::collections::BTreeSet;

/// A cell of the unit grid (单元网格).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridCell {
    /// 15 digits: 6 district, 3 street, 3 community, 3 serial.
    pub code: String,
    /// Rectangle that the cell covers.
    pub bounds: GeoBox,
}

/// The unit grid of a city.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    /// Its cells, in the order of the file: north to south, west to east.
    pub cells: Vec<GridCell>,
}

#[derive(Deserialize)]
struct Collection {
    features: Vec<Feature>,
}

#[derive(Deserialize)]
struct Feature {
    properties: Properties,
    geometry: Geometry,
}

#[derive(Deserialize)]
struct Properties {
    code: String,
}

#[derive(Deserialize)]
struct Geometry {
    coordinates: Vec<Vec<[f64; 2]>>,
}

impl Grid {
    /// Reads a `grid.geojson`: polygons, each an upright rectangle, with the property `code`.
    ///
    /// # Errors
    /// What is wrong, with the cell's code.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        let read: Collection = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        let mut codes = BTreeSet::new();
        let mut cells = Vec::with_capacity(read.features.len());
        for Feature {
            properties: Properties { code },
            geometry,
        } in read.features
        {
            if code.len() != 15 || !code.bytes().all(|b| b.is_ascii_digit()) {
                return Err(format!("cell {code:?}: a code of 15 digits is expected"));
            }
            let corners = geometry.coordinates.first().map_or(&[][..], |r| &r[..]);
            let bounds = rectangle(corners).ok_or_else(|| {
                format!("cell {code}: an upright rectangle of degrees is expected")
            })?;
            if !codes.insert(code.clone()) {
                return Err(format!("cell {code} stands twice"));
            }
            cells.push(GridCell { code, bounds });
        }
        Ok(Self { cells })
    }
}

/// The rectangle of a closed ring of five corners along two longitudes and two latitudes.
fn rectangle(corners: &[[f64; 2]]) -> Option<GeoBox> {
    let exact = |c: &[f64; 2]| chengtu_engine::geo::LonLat::new(c[0], c[1]).position().ok();
    let corners: Vec<Position> = corners.iter().map(exact).collect::<Option<_>>()?;
    let lons: BTreeSet<i32> = corners.iter().map(|c| c.lon_e7).collect();
    let lats: BTreeSet<i32> = corners.iter().map(|c| c.lat_e7).collect();
    if corners.len() != 5 || corners[0] != corners[4] || lons.len() != 2 || lats.len() != 2 {
        return None;
    }
    Some(GeoBox::new(
        Position::new(*lons.first()?, *lats.first()?),
        Position::new(*lons.last()?, *lats.last()?),
    ))
}
