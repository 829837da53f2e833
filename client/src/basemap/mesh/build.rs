use super::area::{FillMesh, SolidMesh};
use super::clip::{EXTENT, P, clip_line};
use super::line::LineMesh;
use super::names::{self, Name, NameShape};
use crate::basemap::mvt::{self, Feature, GeomType, Layer, MvtError, Value};
use crate::basemap::style::{Expr, Paint, Scope, Style, StyleLayer, StyleValue, SymbolPlacement};
use chengtu_engine::geo::TileId;
use std::collections::BTreeMap;
use std::ops::Range;

/// Everything drawn of one tile.
#[derive(Debug)]
pub struct TileMesh {
    /// Which tile.
    pub id: TileId,
    /// Areas.
    pub fill: FillMesh,
    /// Lines.
    pub line: LineMesh,
    /// Buildings.
    pub solid: SolidMesh,
    /// Which triangles belong to which layer.
    pub buckets: Vec<Bucket>,
    /// Names.
    pub names: Vec<Name>,
}

/// Triangles of one layer whose features are painted alike.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Index of the style's layer.
    pub layer: usize,
    /// What the features share of the properties the paint depends on, as `depends_on` lists them.
    pub key: Vec<StyleValue>,
    /// Which mesh, and which of its indices.
    pub kind: BucketKind,
    /// Range of indices.
    pub range: Range<u32>,
}

/// The mesh a bucket's indices belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BucketKind {
    /// Areas.
    Fill,
    /// Lines.
    Line,
    /// Roofs and walls; a bucket of edges follows.
    Solid,
    /// Outlines of roofs.
    Edge,
}

/// How far lines reach beyond their tile, so that their ends are covered by the neighbour's.
const LINE_OVERLAP: f32 = 10.0;
/// How many zooms below a layer's `minzoom` a tile may still be drawn: far tiles of a tilted view.
const COARSER_ZOOMS: f64 = 2.5;

struct FeatureScope<'a> {
    layer: &'a Layer<'a>,
    feature: &'a Feature<'a>,
    zoom: f64,
}

impl Scope for FeatureScope<'_> {
    fn zoom(&self) -> f64 {
        self.zoom
    }

    fn property(&self, name: &str) -> Option<StyleValue> {
        Some(match self.layer.property(self.feature, name)? {
            Value::Text(t) => StyleValue::Text(t.to_string()),
            Value::Number(n) => StyleValue::Number(*n),
            Value::Bool(b) => StyleValue::Bool(*b),
        })
    }

    fn geometry_type(&self) -> &'static str {
        match self.feature.kind {
            GeomType::Point => "Point",
            GeomType::Line => "LineString",
            GeomType::Polygon => "Polygon",
            GeomType::Unknown => "Unknown",
        }
    }
}

/// Decodes a tile and makes its triangles and names. Runs on any thread.
///
/// # Errors
/// [`MvtError`] when the tile is broken; a feature with a broken geometry is left out.
pub fn build(id: TileId, data: &[u8], style: &Style) -> Result<TileMesh, MvtError> {
    let layers = mvt::decode(data)?;
    let mut mesh = TileMesh {
        id,
        fill: FillMesh::default(),
        line: LineMesh::default(),
        solid: SolidMesh::default(),
        buckets: Vec::new(),
        names: Vec::new(),
    };
    for (index, styled) in style.layers.iter().enumerate() {
        let Some(layer) = layers.iter().find(|l| l.name == styled.source_layer) else {
            continue;
        };
        if styled.minzoom > f64::from(id.z) + 1.0 + COARSER_ZOOMS && id.z < 15 {
            continue;
        }
        add_layer(&mut mesh, index, styled, layer);
    }
    Ok(mesh)
}

fn add_layer(mesh: &mut TileMesh, index: usize, styled: &StyleLayer, layer: &Layer<'_>) {
    let zoom = f64::from(mesh.id.z);
    let scale = EXTENT / layer.extent as f32;
    let mut groups: BTreeMap<String, (Vec<StyleValue>, Vec<&Feature<'_>>)> = BTreeMap::new();
    for feature in &layer.features {
        let scope = FeatureScope {
            layer,
            feature,
            zoom,
        };
        if styled
            .filter
            .as_ref()
            .is_some_and(|f| !f.eval(&scope).truth())
        {
            continue;
        }
        let key: Vec<StyleValue> = styled
            .depends_on
            .iter()
            .map(|name| property_or_type(&scope, name))
            .collect();
        let name = if key.is_empty() {
            String::new()
        } else {
            format!("{key:?}")
        };
        groups
            .entry(name)
            .or_insert_with(|| (key, Vec::new()))
            .1
            .push(feature);
    }
    let shapes = |feature: &Feature<'_>| -> Vec<Vec<P>> {
        let lines = feature.lines().unwrap_or_default();
        lines
            .into_iter()
            .map(|l| {
                l.into_iter()
                    .map(|p| [p[0] as f32 * scale, p[1] as f32 * scale])
                    .collect()
            })
            .collect()
    };
    let polygons = |feature: &Feature<'_>| -> Vec<Vec<Vec<P>>> {
        let rings = feature.lines().unwrap_or_default();
        let scaled = |ring: Vec<[i32; 2]>| {
            ring.into_iter()
                .map(|p| [p[0] as f32 * scale, p[1] as f32 * scale])
                .collect()
        };
        mvt::polygons(rings)
            .into_iter()
            .map(|p| p.into_iter().map(scaled).collect())
            .collect()
    };
    for (key, features) in groups.into_values() {
        match &styled.paint {
            Paint::Background { .. } => {}
            Paint::Fill { .. } => {
                let first = mesh.fill.indices.len() as u32;
                for feature in features.iter().filter(|f| f.kind == GeomType::Polygon) {
                    for polygon in polygons(feature) {
                        mesh.fill.add(&polygon);
                    }
                }
                mesh.bucket(
                    index,
                    key,
                    BucketKind::Fill,
                    first..mesh.fill.indices.len() as u32,
                );
            }
            Paint::Line { cap, join, .. } => {
                let first = mesh.line.indices.len() as u32;
                for feature in features {
                    add_lines(&mut mesh.line, feature.kind, shapes(feature), *cap, *join);
                }
                mesh.bucket(
                    index,
                    key,
                    BucketKind::Line,
                    first..mesh.line.indices.len() as u32,
                );
            }
            Paint::Extrusion { height, base, .. } => {
                let first = [
                    mesh.solid.indices.len() as u32,
                    mesh.solid.edge_indices.len() as u32,
                ];
                for feature in features.iter().filter(|f| f.kind == GeomType::Polygon) {
                    let scope = FeatureScope {
                        layer,
                        feature,
                        zoom,
                    };
                    let metres = |e: &Expr| e.eval(&scope).number().unwrap_or(0.0) as f32;
                    let (base_m, top_m) = (metres(base).max(0.0), metres(height));
                    for polygon in polygons(feature) {
                        mesh.solid.add(&polygon, base_m, top_m);
                    }
                }
                let last = [
                    mesh.solid.indices.len() as u32,
                    mesh.solid.edge_indices.len() as u32,
                ];
                mesh.bucket(index, key.clone(), BucketKind::Solid, first[0]..last[0]);
                mesh.bucket(index, key, BucketKind::Edge, first[1]..last[1]);
            }
            Paint::Symbol(symbol) => {
                let mut by_name: BTreeMap<(String, String), (f32, String, Vec<Vec<P>>)> =
                    BTreeMap::new();
                for feature in features {
                    let scope = FeatureScope {
                        layer,
                        feature,
                        zoom,
                    };
                    let zh = symbol.field.eval(&scope).text();
                    if zh.trim().is_empty() {
                        continue;
                    }
                    let en = scope
                        .property("name_en")
                        .map_or_else(|| zh.clone(), |v| v.text());
                    let number =
                        |v: Option<StyleValue>| v.and_then(|v| v.number()).unwrap_or(0.0) as f32;
                    let rank = number(Some(symbol.sort_key.eval(&scope))) * 100.0
                        + number(scope.property("rank"));
                    let icon = symbol.icon.eval(&scope).text();
                    if symbol.placement == SymbolPlacement::Line {
                        by_name
                            .entry((zh, en))
                            .or_insert_with(|| (rank, icon, Vec::new()))
                            .2
                            .extend(shapes(feature));
                    } else {
                        let at = shapes(feature).into_iter().next().and_then(|l| middle(&l));
                        if let Some(at) = at.filter(|p| names::belongs(*p)) {
                            let shape = NameShape::Point(names::mercator(mesh.id, at));
                            mesh.names.push(Name {
                                layer: index,
                                zh,
                                en,
                                rank,
                                icon,
                                shape,
                            });
                        }
                    }
                }
                for ((zh, en), (rank, icon, lines)) in by_name {
                    for line in names::joined(lines) {
                        let shape = NameShape::Line(
                            line.into_iter()
                                .map(|p| names::mercator(mesh.id, p))
                                .collect(),
                        );
                        let (zh, en, icon) = (zh.clone(), en.clone(), icon.clone());
                        mesh.names.push(Name {
                            layer: index,
                            zh,
                            en,
                            rank,
                            icon,
                            shape,
                        });
                    }
                }
            }
        }
    }
}

fn property_or_type(scope: &FeatureScope<'_>, name: &str) -> StyleValue {
    if name == "$type" {
        return StyleValue::Text(scope.geometry_type().into());
    }
    scope.property(name).unwrap_or(StyleValue::Null)
}

fn middle(points: &[P]) -> Option<P> {
    let n = points.len() as f32;
    (n > 0.0).then(|| {
        points
            .iter()
            .fold([0.0, 0.0], |s, p| [s[0] + p[0] / n, s[1] + p[1] / n])
    })
}

fn add_lines(
    mesh: &mut LineMesh,
    kind: GeomType,
    lines: Vec<Vec<P>>,
    cap: crate::basemap::style::LineCap,
    join: crate::basemap::style::LineJoin,
) {
    for mut line in lines {
        // The bank of a lake: its ring, without the parts where the tile cuts it.
        let (overlap, ring) = if kind == GeomType::Polygon {
            (0.0, true)
        } else {
            (LINE_OVERLAP, false)
        };
        if ring && line.len() > 2 {
            line.push(line[0]);
        }
        let pieces = clip_line(&line, -overlap, EXTENT + overlap);
        let whole = ring && pieces.len() == 1 && pieces[0].1.len() == line.len();
        for (along, piece) in pieces {
            mesh.add(&piece, along, whole, cap, join);
        }
    }
}

impl TileMesh {
    fn bucket(&mut self, layer: usize, key: Vec<StyleValue>, kind: BucketKind, range: Range<u32>) {
        if !range.is_empty() {
            self.buckets.push(Bucket {
                layer,
                key,
                kind,
                range,
            });
        }
    }

    /// Bytes it takes, about.
    pub fn bytes(&self) -> usize {
        let indices = self.fill.indices.len()
            + self.line.indices.len()
            + self.solid.indices.len()
            + self.solid.edge_indices.len();
        let names: usize = self
            .names
            .iter()
            .map(|n| {
                120 + n.zh.len()
                    + n.en.len()
                    + match &n.shape {
                        NameShape::Point(_) => 0,
                        NameShape::Line(l) => l.len() * 16,
                    }
            })
            .sum();
        indices * 4
            + self.fill.vertices.len() * 4
            + self.line.vertices.len() * 16
            + self.solid.vertices.len() * 12
            + self.solid.edges.len() * 16
            + names
    }
}
