//! The part of the city that is exported.

use super::ExportError;
use crate::import::cases::areas::polygons;
use crate::import::rings::{self, Polygon};
use chengtu_engine::geo::{GeoBox, LonLat, Position};
use geojson::GeoJson;
use std::path::Path;

/// Where an export looks.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Area {
    /// The whole city.
    #[default]
    All,
    /// In a rectangle.
    Box(GeoBox),
    /// Inside any of these polygons; their holes are outside.
    Polygons(Vec<Polygon>),
}

impl Area {
    /// `west,south,east,north` in degrees, or the name of a GeoJSON file of polygons.
    ///
    /// # Errors
    /// [`ExportError::Asked`] for a text that is no area, [`ExportError::Read`] for a file that cannot be read.
    pub fn parse(text: &str) -> Result<Self, ExportError> {
        let numbers: Option<Vec<f64>> = text.split(',').map(|n| n.trim().parse().ok()).collect();
        let asked = |detail: String| ExportError::Asked(format!("--area {text}: {detail}"));
        if let Some(numbers) = numbers {
            let [w, s, e, n] = numbers[..] else {
                return Err(asked(
                    "four numbers are expected: west,south,east,north".into(),
                ));
            };
            let corner = |lon, lat| {
                LonLat::new(lon, lat)
                    .position()
                    .map_err(|e| asked(e.to_string()))
            };
            let (min, max) = (corner(w, s)?, corner(e, n)?);
            if min.lon_e7 >= max.lon_e7 || min.lat_e7 >= max.lat_e7 {
                return Err(asked(
                    "west must lie west of east and south of north".into(),
                ));
            }
            return Ok(Self::Box(GeoBox::new(min, max)));
        }
        let path = Path::new(text);
        let json = std::fs::read_to_string(path).map_err(|source| ExportError::Read {
            path: path.to_owned(),
            source,
        })?;
        let json: GeoJson = json.parse().map_err(|e| asked(format!("{e}")))?;
        let geometries: Vec<_> = match json {
            GeoJson::Geometry(g) => vec![Some(g)],
            GeoJson::Feature(f) => vec![f.geometry],
            GeoJson::FeatureCollection(c) => c.features.into_iter().map(|f| f.geometry).collect(),
        };
        let mut all = Vec::new();
        for g in &geometries {
            all.extend(polygons(g.as_ref().map(|g| &g.value)).map_err(asked)?);
        }
        if all.is_empty() {
            return Err(asked("holds no polygon".into()));
        }
        Ok(Self::Polygons(all))
    }

    /// True where a position lies inside.
    pub fn contains(&self, p: Position) -> bool {
        match self {
            Self::All => true,
            Self::Box(b) => b.contains(p),
            Self::Polygons(all) => all.iter().any(|a| {
                rings::contains(&a.outer, p) && !a.holes.iter().any(|h| rings::contains(h, p))
            }),
        }
    }

    /// Its rectangle in degrees: west, south, east, north; `None` for everywhere.
    pub fn bounds_deg(&self) -> Option<[f64; 4]> {
        let degrees = |a: Position, b: Position| {
            let (a, b) = (a.lon_lat(), b.lon_lat());
            [a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg]
        };
        match self {
            Self::All => None,
            Self::Box(b) => Some(degrees(b.min, b.max)),
            Self::Polygons(all) => {
                let mut corners = all.iter().flat_map(|a| &a.outer);
                let first = *corners.next()?;
                let (min, max) = corners.fold((first, first), |(lo, hi), p| {
                    (
                        Position::new(lo.lon_e7.min(p.lon_e7), lo.lat_e7.min(p.lat_e7)),
                        Position::new(hi.lon_e7.max(p.lon_e7), hi.lat_e7.max(p.lat_e7)),
                    )
                });
                Some(degrees(min, max))
            }
        }
    }
}
