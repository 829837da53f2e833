use crate::EXTENT;
use crate::geometry::{Shape, encode_shape};
use crate::value::Value;
use crate::wire::{Content, put, put_varint};
use std::collections::BTreeMap;

/// One layer of one tile, being filled. Each key and each value of type `V` is stored once, in the order of first use.
#[derive(Debug)]
pub struct LayerWriter<V> {
    /// The fields of the layer's message that hold the features, the keys and the values.
    features: Vec<u8>,
    keys: Vec<u8>,
    values: Vec<u8>,
    feature_count: usize,
    key_indices: BTreeMap<&'static str, u64>,
    value_indices: BTreeMap<V, u64>,
}

impl<V> Default for LayerWriter<V> {
    fn default() -> Self {
        Self {
            features: Vec::new(),
            keys: Vec::new(),
            values: Vec::new(),
            feature_count: 0,
            key_indices: BTreeMap::new(),
            value_indices: BTreeMap::new(),
        }
    }
}

impl<V> LayerWriter<V> {
    /// How many features it holds.
    pub fn feature_count(&self) -> usize {
        self.feature_count
    }

    /// The layer's message.
    fn encode(&self, name: &str) -> Vec<u8> {
        let mut message = Vec::new();
        put(&mut message, 1, Content::Bytes(name.as_bytes()));
        for fields in [&self.features, &self.keys, &self.values] {
            message.extend(fields);
        }
        put(&mut message, 5, Content::Varint(u64::from(EXTENT)));
        put(&mut message, 15, Content::Varint(VERSION));
        message
    }
}

/// The version of the specification.
const VERSION: u64 = 2;

impl<V: Ord + Clone> LayerWriter<V>
where
    for<'v> Value<'v>: From<&'v V>,
{
    /// Adds a feature; `id` 0 is none. A shape without points is left out.
    pub fn add(&mut self, id: u64, properties: &[(&'static str, V)], shape: &Shape) {
        let (kind, geometry) = encode_shape(shape);
        if geometry.is_empty() {
            return;
        }
        let mut tags = Vec::with_capacity(properties.len() * 2);
        for (key, value) in properties {
            put_varint(&mut tags, self.key(key));
            put_varint(&mut tags, self.value(value));
        }
        let mut feature = Vec::with_capacity(geometry.len() + tags.len() + 16);
        if id != 0 {
            put(&mut feature, 1, Content::Varint(id));
        }
        if !tags.is_empty() {
            put(&mut feature, 2, Content::Bytes(&tags));
        }
        put(&mut feature, 3, Content::Varint(kind));
        put(&mut feature, 4, Content::Bytes(&geometry));
        put(&mut self.features, 2, Content::Bytes(&feature));
        self.feature_count += 1;
    }

    /// The index of a key, which is stored if it is new.
    fn key(&mut self, key: &'static str) -> u64 {
        let next = self.key_indices.len() as u64;
        *self.key_indices.entry(key).or_insert_with(|| {
            put(&mut self.keys, 3, Content::Bytes(key.as_bytes()));
            next
        })
    }

    /// The index of a value, which is stored if it is new.
    fn value(&mut self, value: &V) -> u64 {
        if let Some(index) = self.value_indices.get(value) {
            return *index;
        }
        let next = self.value_indices.len() as u64;
        let message = Value::from(value).encode();
        put(&mut self.values, 4, Content::Bytes(&message));
        self.value_indices.insert(value.clone(), next);
        next
    }
}

/// The bytes of a tile of named layers, [`EXTENT`] units a side. Layers without a feature are left out; no bytes where
/// none is left.
pub fn encode<V>(layers: impl IntoIterator<Item = (&'static str, LayerWriter<V>)>) -> Vec<u8> {
    let mut tile = Vec::new();
    for (name, layer) in layers {
        if layer.feature_count > 0 {
            put(&mut tile, 3, Content::Bytes(&layer.encode(name)));
        }
    }
    tile
}

#[cfg(test)]
mod tests {
    use super::*;

    impl<'v> From<&'v u32> for Value<'v> {
        fn from(value: &'v u32) -> Self {
            Value::Uint(u64::from(*value))
        }
    }

    #[test]
    fn keys_and_values_are_stored_once() {
        let mut layer = LayerWriter::default();
        for x in 0..3 {
            layer.add(0, &[("class", 5u32)], &Shape::Point([x, x]));
        }
        let stored = (layer.key_indices.len(), layer.value_indices.len());
        assert_eq!((stored, layer.feature_count()), ((1, 1), 3));
        assert!(!encode([("green", layer)]).is_empty());
        assert!(encode([("water", LayerWriter::<u32>::default())]).is_empty());
    }
}
