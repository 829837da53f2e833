//! Encoding of Mapbox Vector Tiles 2.1. Source: <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>.

use super::clip::Unit;
use super::schema::Value;
use prost::Message;
use std::collections::BTreeMap;

/// Units along a tile's edge.
pub const EXTENT: i64 = 4096;

#[derive(Clone, PartialEq, prost::Message)]
struct TileMessage {
    #[prost(message, repeated, tag = "3")]
    layers: Vec<LayerMessage>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct LayerMessage {
    #[prost(uint32, required, tag = "15")]
    version: u32,
    #[prost(string, required, tag = "1")]
    name: String,
    #[prost(message, repeated, tag = "2")]
    features: Vec<FeatureMessage>,
    #[prost(string, repeated, tag = "3")]
    keys: Vec<String>,
    #[prost(message, repeated, tag = "4")]
    values: Vec<ValueMessage>,
    #[prost(uint32, optional, tag = "5")]
    extent: Option<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct FeatureMessage {
    #[prost(uint64, optional, tag = "1")]
    id: Option<u64>,
    #[prost(uint32, repeated, tag = "2")]
    tags: Vec<u32>,
    #[prost(int32, optional, tag = "3")]
    kind: Option<i32>,
    #[prost(uint32, repeated, tag = "4")]
    geometry: Vec<u32>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct ValueMessage {
    #[prost(string, optional, tag = "1")]
    text: Option<String>,
    #[prost(float, optional, tag = "2")]
    float: Option<f32>,
    #[prost(sint64, optional, tag = "6")]
    sint: Option<i64>,
    #[prost(bool, optional, tag = "7")]
    truth: Option<bool>,
}

/// A shape in tile units.
#[derive(Clone, Debug)]
pub enum TileShape {
    /// A point.
    Point(Unit),
    /// Lines of two points or more.
    Lines(Vec<Vec<Unit>>),
    /// Areas: each an outline and its holes.
    Areas(Vec<Vec<Vec<Unit>>>),
}

/// One layer of one tile, being filled.
#[derive(Debug, Default)]
pub struct LayerBuilder {
    message: LayerMessage,
    keys: BTreeMap<&'static str, u32>,
    values: BTreeMap<Value, u32>,
}

impl LayerBuilder {
    /// Adds a feature; `id` 0 is none. Shapes without extent are left out.
    pub fn add(&mut self, id: u64, values: &[(&'static str, Value)], shape: &TileShape) {
        let (kind, geometry) = encode_shape(shape);
        if geometry.is_empty() {
            return;
        }
        let mut tags = Vec::with_capacity(values.len() * 2);
        for (key, value) in values {
            let next = self.keys.len() as u32;
            tags.push(*self.keys.entry(key).or_insert_with(|| {
                self.message.keys.push((*key).to_owned());
                next
            }));
            let next = self.values.len() as u32;
            tags.push(*self.values.entry(value.clone()).or_insert_with(|| {
                self.message.values.push(value_message(value));
                next
            }));
        }
        let id = (id != 0).then_some(id);
        self.message.features.push(FeatureMessage {
            id,
            tags,
            kind: Some(kind),
            geometry,
        });
    }
}

#[cfg(test)]
impl LayerBuilder {
    /// How many features it holds.
    pub fn feature_count(&self) -> usize {
        self.message.features.len()
    }
}

fn value_message(value: &Value) -> ValueMessage {
    let mut m = ValueMessage::default();
    match value {
        Value::Text(t) => m.text = Some(t.to_string()),
        Value::Word(w) => m.text = Some((*w).to_owned()),
        Value::Int(i) => m.sint = Some(*i),
        Value::Tenths(t) => m.float = Some(*t as f32 / 10.0),
        Value::Bool(b) => m.truth = Some(*b),
    }
    m
}

/// The bytes of a tile; empty where no layer holds a feature.
pub fn tile(layers: impl IntoIterator<Item = (&'static str, LayerBuilder)>) -> Vec<u8> {
    let layers = layers
        .into_iter()
        .filter(|(_, l)| !l.message.features.is_empty())
        .map(|(name, mut l)| {
            l.message.version = 2;
            name.clone_into(&mut l.message.name);
            l.message.extent = Some(EXTENT as u32);
            l.message
        });
    TileMessage {
        layers: layers.collect(),
    }
    .encode_to_vec()
}

fn encode_shape(shape: &TileShape) -> (i32, Vec<u32>) {
    let mut pen = Pen::default();
    match shape {
        TileShape::Point(p) => {
            pen.command(1, 1);
            pen.go(*p);
            (1, pen.commands)
        }
        TileShape::Lines(lines) => {
            for line in lines {
                pen.path(line);
            }
            (2, pen.commands)
        }
        TileShape::Areas(areas) => {
            for area in areas {
                for (i, ring) in area.iter().enumerate() {
                    // Outlines run clockwise on the screen, holes the other way.
                    if (super::clip::doubled_area(ring) > 0) == (i == 0) {
                        pen.path(ring);
                    } else {
                        let turned: Vec<Unit> = ring.iter().rev().copied().collect();
                        pen.path(&turned);
                    }
                    pen.command(7, 1);
                }
            }
            (3, pen.commands)
        }
    }
}

#[derive(Default)]
struct Pen {
    at: Unit,
    commands: Vec<u32>,
}

impl Pen {
    fn command(&mut self, id: u32, count: usize) {
        self.commands.push(id | (count as u32) << 3);
    }

    fn go(&mut self, to: Unit) {
        for (to, from) in to.iter().zip(self.at) {
            let d = (to - from) as i32;
            self.commands.push(((d << 1) ^ (d >> 31)) as u32);
        }
        self.at = to;
    }

    fn path(&mut self, points: &[Unit]) {
        let Some((first, rest)) = points.split_first() else {
            return;
        };
        self.command(1, 1);
        self.go(*first);
        self.command(2, rest.len());
        for p in rest {
            self.go(*p);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_encoded_as_the_specification_shows() {
        // Examples of section 4.3.5 of the specification.
        assert_eq!(
            encode_shape(&TileShape::Point([25, 17])),
            (1, vec![9, 50, 34])
        );
        let line = TileShape::Lines(vec![vec![[2, 2], [2, 10], [10, 10]]]);
        assert_eq!(encode_shape(&line), (2, vec![9, 4, 4, 18, 0, 16, 16, 0]));
        let area = TileShape::Areas(vec![vec![vec![[3, 6], [8, 12], [20, 34]]]]);
        assert_eq!(
            encode_shape(&area),
            (3, vec![9, 6, 12, 18, 10, 12, 24, 44, 15])
        );
    }

    #[test]
    fn keys_and_values_are_stored_once() {
        let mut layer = LayerBuilder::default();
        for x in 0..3 {
            layer.add(
                0,
                &[("class", Value::Word("park"))],
                &TileShape::Point([x, x]),
            );
        }
        assert_eq!(
            (
                layer.message.keys.len(),
                layer.message.values.len(),
                layer.message.features.len()
            ),
            (1, 1, 3)
        );
        assert!(!tile([("green", layer)]).is_empty());
        assert!(tile([("water", LayerBuilder::default())]).is_empty());
    }
}
