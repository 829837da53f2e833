use super::area::{FillMesh, SolidMesh};
use super::clip::{EXTENT, clip_line};
use super::feature::TileFeature;
use super::line::LineMesh;
use super::names::{Name, NameShape};
use super::symbols;
use crate::basemap::style::{Expr, LineCap, LineJoin, Paint, Scope, Style, StyleLayer, StyleValue};
use chengtu_engine::geo::TileId;
use chengtu_tiles::{GeometryType, Layer, TileError};
use std::collections::BTreeMap;
use std::ops::Range;

/// Everything drawn of one tile.
#[derive(Debug)]
pub struct TileMesh {
    /// The tile that it was made of.
    pub id: TileId,
    /// Triangles of areas.
    pub fill: FillMesh,
    /// Triangles of lines and banks.
    pub line: LineMesh,
    /// Triangles of buildings and of their outlines.
    pub solid: SolidMesh,
    /// Which triangles belong to which layer.
    pub buckets: Vec<Bucket>,
    /// What is written, in the order of the style's layers.
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
    /// [`TileMesh::fill`].
    Fill,
    /// [`TileMesh::line`].
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

/// Decodes a tile and makes its triangles and names. Runs on any thread.
///
/// # Errors
/// [`TileError`] when the tile is broken; a feature with a broken geometry is left out.
pub fn build(id: TileId, data: &[u8], style: &Style) -> Result<TileMesh, TileError> {
    let layers = chengtu_tiles::decode(data)?;
    let mut mesh = TileMesh {
        id,
        fill: FillMesh::default(),
        line: LineMesh::default(),
        solid: SolidMesh::default(),
        buckets: Vec::new(),
        names: Vec::new(),
    };
    for (index, styled) in style.layers.iter().enumerate() {
        let Some(layer) = layers.iter().find(|l| l.name() == styled.source_layer) else {
            continue;
        };
        if styled.minzoom > f64::from(id.z) + 1.0 + COARSER_ZOOMS && id.z < 15 {
            continue;
        }
        for group in groups(styled, layer, f64::from(id.z)) {
            match &styled.paint {
                Paint::Background { .. } => {}
                Paint::Fill { .. } => mesh.add_fill(index, group),
                Paint::Line { cap, join, .. } => mesh.add_lines(index, group, *cap, *join),
                Paint::Extrusion { height, base, .. } => {
                    mesh.add_extrusion(index, group, height, base);
                }
                Paint::Symbol(symbol) => {
                    let names = symbols::names(id, index, symbol, &group.features);
                    mesh.names.extend(names);
                }
            }
        }
    }
    Ok(mesh)
}

/// Features of a style's layer that are painted alike.
struct Group<'a> {
    key: Vec<StyleValue>,
    features: Vec<TileFeature<'a>>,
}

/// The features that a style's layer draws, by what its paint depends on.
fn groups<'a>(
    styled: &StyleLayer,
    layer: &'a Layer<'a>,
    zoom: f64,
) -> impl Iterator<Item = Group<'a>> + use<'a> {
    let scale = EXTENT / layer.extent() as f32;
    let mut groups: BTreeMap<String, Group<'a>> = BTreeMap::new();
    for feature in layer.features() {
        let feature = TileFeature {
            feature,
            scale,
            zoom,
        };
        let filter = styled.filter.as_ref();
        if filter.is_some_and(|f| !f.eval(&feature).truth()) {
            continue;
        }
        let names = styled.depends_on.iter();
        let key: Vec<StyleValue> = names.map(|name| property_or_type(&feature, name)).collect();
        let name = if key.is_empty() {
            String::new()
        } else {
            format!("{key:?}")
        };
        let group = groups.entry(name).or_insert_with(|| Group {
            key,
            features: Vec::new(),
        });
        group.features.push(feature);
    }
    groups.into_values()
}

fn property_or_type(feature: &TileFeature<'_>, name: &str) -> StyleValue {
    if name == "$type" {
        return StyleValue::Text(feature.geometry_type().into());
    }
    feature.property(name).unwrap_or(StyleValue::Null)
}

impl TileMesh {
    fn add_fill(&mut self, layer: usize, group: Group<'_>) {
        let first = self.fill.indices.len() as u32;
        for feature in &group.features {
            for polygon in feature.polygons() {
                self.fill.add(&polygon);
            }
        }
        let range = first..self.fill.indices.len() as u32;
        self.bucket(layer, group.key, BucketKind::Fill, range);
    }

    fn add_lines(&mut self, layer: usize, group: Group<'_>, cap: LineCap, join: LineJoin) {
        let first = self.line.indices.len() as u32;
        for feature in &group.features {
            // The bank of a lake: its ring, without the parts where the tile cuts it.
            let ring = feature.kind() == GeometryType::Polygon;
            let overlap = if ring { 0.0 } else { LINE_OVERLAP };
            for mut line in feature.lines() {
                if ring && line.len() > 2 {
                    line.push(line[0]);
                }
                let pieces = clip_line(&line, -overlap, EXTENT + overlap);
                let whole = ring && pieces.len() == 1 && pieces[0].1.len() == line.len();
                for (along, piece) in pieces {
                    self.line.add(&piece, along, whole, cap, join);
                }
            }
        }
        let range = first..self.line.indices.len() as u32;
        self.bucket(layer, group.key, BucketKind::Line, range);
    }

    fn add_extrusion(&mut self, layer: usize, group: Group<'_>, height: &Expr, base: &Expr) {
        let ends = |solid: &SolidMesh| [solid.indices.len(), solid.edge_indices.len()];
        let first = ends(&self.solid);
        for feature in &group.features {
            let metres = |e: &Expr| e.eval(feature).number().unwrap_or(0.0) as f32;
            let (base_m, top_m) = (metres(base).max(0.0), metres(height));
            for polygon in feature.polygons() {
                self.solid.add(&polygon, base_m, top_m);
            }
        }
        let last = ends(&self.solid);
        let range = |i: usize| first[i] as u32..last[i] as u32;
        self.bucket(layer, group.key.clone(), BucketKind::Solid, range(0));
        self.bucket(layer, group.key, BucketKind::Edge, range(1));
    }

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
