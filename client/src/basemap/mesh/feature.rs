use super::clip::P;
use crate::basemap::style::{Scope, StyleValue};
use chengtu_tiles::{Feature, GeometryType, Point, Value};

/// A feature of a tile as a style sees it, at the tile's zoom.
#[derive(Clone, Copy)]
pub struct TileFeature<'a> {
    pub feature: Feature<'a>,
    /// From the tile's own units to [`super::EXTENT`] along a side.
    pub scale: f32,
    pub zoom: f64,
}

impl TileFeature<'_> {
    pub fn kind(&self) -> GeometryType {
        self.feature.geometry_type()
    }

    /// Its lines, rings unclosed or points; empty if the geometry is broken.
    pub fn lines(&self) -> Vec<Vec<P>> {
        let lines = self.feature.lines().unwrap_or_default();
        lines.into_iter().map(|line| self.scaled(line)).collect()
    }

    /// Its areas, each an outline and its holes; empty if it is no polygon or its geometry is broken.
    pub fn polygons(&self) -> Vec<Vec<Vec<P>>> {
        if self.kind() != GeometryType::Polygon {
            return Vec::new();
        }
        let rings = self.feature.lines().unwrap_or_default();
        chengtu_tiles::polygons(rings)
            .into_iter()
            .map(|polygon| polygon.into_iter().map(|ring| self.scaled(ring)).collect())
            .collect()
    }

    fn scaled(&self, line: Vec<Point>) -> Vec<P> {
        let scaled = |p: Point| p.map(|v| v as f32 * self.scale);
        line.into_iter().map(scaled).collect()
    }
}

impl Scope for TileFeature<'_> {
    fn zoom(&self) -> f64 {
        self.zoom
    }

    fn property(&self, name: &str) -> Option<StyleValue> {
        let value = self.feature.property(name)?;
        Some(match value {
            Value::Text(text) => StyleValue::Text(text.to_string()),
            Value::Bool(truth) => StyleValue::Bool(truth),
            _ => StyleValue::Number(value.number()?),
        })
    }

    fn geometry_type(&self) -> &'static str {
        match self.kind() {
            GeometryType::Point => "Point",
            GeometryType::Line => "LineString",
            GeometryType::Polygon => "Polygon",
            GeometryType::Unknown => "Unknown",
        }
    }
}
