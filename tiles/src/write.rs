use crate::geometry::{Shape, encode_shape};
use crate::{EXTENT, Value, message};
use prost::Message;
use prost::encoding::encode_varint;
use std::collections::BTreeMap;

/// One layer of one tile, being filled. Each key and each value of type `V` is stored once, in the order of first use.
#[derive(Debug)]
pub struct LayerWriter<V> {
    message: message::Layer,
    keys: BTreeMap<&'static str, u64>,
    values: BTreeMap<V, u64>,
}

impl<V> Default for LayerWriter<V> {
    fn default() -> Self {
        Self {
            message: message::Layer::default(),
            keys: BTreeMap::new(),
            values: BTreeMap::new(),
        }
    }
}

impl<V> LayerWriter<V> {
    /// How many features it holds.
    pub fn feature_count(&self) -> usize {
        self.message.features.len()
    }
}

impl<V: Ord + Clone> LayerWriter<V>
where
    for<'v> Value<'v>: From<&'v V>,
{
    /// Adds a feature; `id` 0 is none. A shape without points is left out.
    pub fn add(&mut self, id: u64, values: &[(&'static str, V)], shape: &Shape) {
        let (kind, geometry) = encode_shape(shape);
        if geometry.is_empty() {
            return;
        }
        let mut tags = Vec::with_capacity(values.len() * 2);
        for (key, value) in values {
            let next = self.keys.len() as u64;
            let key = *self.keys.entry(key).or_insert_with(|| {
                self.message.keys.push((*key).to_owned());
                next
            });
            let next = self.values.len() as u64;
            let value = *self.values.entry(value.clone()).or_insert_with(|| {
                self.message.values.push(Value::from(value).into());
                next
            });
            encode_varint(key, &mut tags);
            encode_varint(value, &mut tags);
        }
        self.message.features.push(message::Feature {
            id: (id != 0).then_some(id),
            tags: tags.into(),
            kind: Some(kind),
            geometry: geometry.into(),
        });
    }
}

/// The bytes of a tile of named layers, [`EXTENT`] units a side. Layers without a feature are left out; no bytes where
/// none is left.
pub fn encode<V>(layers: impl IntoIterator<Item = (&'static str, LayerWriter<V>)>) -> Vec<u8> {
    let layers = layers
        .into_iter()
        .filter(|(_, layer)| layer.feature_count() > 0);
    let layers = layers.map(|(name, layer)| message::Layer {
        version: 2,
        name: name.to_owned(),
        extent: Some(EXTENT),
        ..layer.message
    });
    message::Tile {
        layers: layers.collect(),
    }
    .encode_to_vec()
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
        let stored = (layer.message.keys.len(), layer.message.values.len());
        assert_eq!((stored, layer.feature_count()), ((1, 1), 3));
        assert!(!encode([("green", layer)]).is_empty());
        assert!(encode([("water", LayerWriter::<u32>::default())]).is_empty());
    }
}
