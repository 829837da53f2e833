use crate::geometry::{GeometryType, Point, decode_lines};
use crate::{EXTENT, Value, message};
use bytes::Bytes;
use prost::Message;
use prost::encoding::decode_varint;

/// Why a tile or a geometry in it cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// No protocol buffer, or not of a vector tile.
    #[error("not a vector tile: {0}")]
    Message(#[from] prost::DecodeError),
    /// A command that the specification does not have, or one without its points.
    #[error("a geometry in the tile is broken")]
    Geometry,
}

/// One layer of a tile.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer(message::Layer);

/// One feature of a layer, its properties and geometry still packed.
#[derive(Debug, Clone, Copy)]
pub struct Feature<'a> {
    layer: &'a message::Layer,
    message: &'a message::Feature,
}

/// Reads a tile, decompressed. Geometries are read feature by feature: [`Feature::lines`].
///
/// # Errors
/// [`TileError::Message`].
pub fn decode(tile: Bytes) -> Result<Vec<Layer>, TileError> {
    let tile = message::Tile::decode(tile)?;
    Ok(tile.layers.into_iter().map(Layer).collect())
}

impl Layer {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// Units along a side of the tile, at least 1.
    pub fn extent(&self) -> u32 {
        self.0.extent.unwrap_or(EXTENT).max(1)
    }

    /// Its features in the tile's order.
    pub fn features(&self) -> impl Iterator<Item = Feature<'_>> {
        let feature = |message| Feature {
            layer: &self.0,
            message,
        };
        self.0.features.iter().map(feature)
    }
}

impl<'a> Feature<'a> {
    /// What its geometry is.
    pub fn geometry_type(&self) -> GeometryType {
        GeometryType::from_number(self.message.kind)
    }

    /// The value of a property; `None` where the feature has none of that name, or its tags are broken.
    pub fn property(&self, name: &str) -> Option<Value<'a>> {
        let mut tags = &self.message.tags[..];
        while !tags.is_empty() {
            let key = decode_varint(&mut tags).ok()?;
            let value = decode_varint(&mut tags).ok()?;
            let key = self.layer.keys.get(usize::try_from(key).ok()?);
            if key.is_some_and(|key| key == name) {
                return self
                    .layer
                    .values
                    .get(usize::try_from(value).ok()?)
                    .map(Value::from);
            }
        }
        None
    }

    /// The lines of the geometry in tile units: rings unclosed (see [`crate::polygons`]), each point as a line of one.
    ///
    /// # Errors
    /// [`TileError`] where the geometry is broken.
    pub fn lines(&self) -> Result<Vec<Vec<Point>>, TileError> {
        decode_lines(&self.message.geometry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LayerWriter, Shape, encode, polygons};

    #[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
    enum Property {
        Name(&'static str),
        Depth(i64),
        Open(bool),
    }

    impl<'a> From<&'a Property> for Value<'a> {
        fn from(property: &'a Property) -> Self {
            match property {
                Property::Name(text) => Value::Text(text),
                Property::Depth(number) => Value::Sint(*number),
                Property::Open(open) => Value::Bool(*open),
            }
        }
    }

    /// A layer of a ring with a hole, and one of a line.
    fn tile() -> Bytes {
        let mut water = LayerWriter::default();
        let outline = vec![[0, 0], [10, 0], [10, 10], [0, 10]];
        let hole = vec![[2, 2], [2, 8], [8, 8], [8, 2]];
        let values = [
            ("name", Property::Name("秦淮河")),
            ("depth", Property::Depth(-3)),
            ("open", Property::Open(true)),
        ];
        water.add(7, &values, &Shape::Areas(vec![vec![outline, hole]]));
        let mut road = LayerWriter::default();
        road.add(
            0,
            &values[..1],
            &Shape::Lines(vec![vec![[-80, 5], [4176, 5]]]),
        );
        encode([("water", water), ("road", road)]).into()
    }

    #[test]
    fn what_is_written_is_read() {
        let layers = decode(tile()).unwrap();
        assert_eq!(
            layers.iter().map(Layer::name).collect::<Vec<_>>(),
            ["water", "road"]
        );
        assert_eq!(layers[0].extent(), EXTENT);
        let water = layers[0].features().next().unwrap();
        assert_eq!(water.geometry_type(), GeometryType::Polygon);
        assert_eq!(water.property("name"), Some(Value::Text("秦淮河")));
        assert_eq!(water.property("depth").and_then(Value::number), Some(-3.0));
        assert_eq!(water.property("open"), Some(Value::Bool(true)));
        assert_eq!(water.property("length"), None);
        assert_eq!(polygons(water.lines().unwrap())[0].len(), 2);
        let road = layers[1].features().next().unwrap();
        assert_eq!(road.geometry_type(), GeometryType::Line);
        assert_eq!(road.lines().unwrap(), [vec![[-80, 5], [4176, 5]]]);
    }

    /// Everything that can be asked of a tile.
    fn read_all(tile: Bytes) {
        for layer in decode(tile).unwrap_or_default() {
            assert!(layer.extent() > 0);
            for feature in layer.features() {
                feature.property("depth");
                polygons(feature.lines().unwrap_or_default());
            }
        }
    }

    #[test]
    fn no_cut_and_no_other_byte_of_a_tile_panics() {
        let tile = tile();
        for end in 0..tile.len() {
            read_all(tile.slice(..end));
        }
        for i in 0..tile.len() {
            for flip in [1, 0x80, 0xff] {
                let mut broken = tile.to_vec();
                broken[i] ^= flip;
                read_all(broken.into());
            }
        }
    }

    #[test]
    fn a_text_that_is_none_is_an_error() {
        let mut broken = tile().to_vec();
        let at = broken.windows(5).position(|w| w == b"water").unwrap();
        broken[at] = 0xff;
        assert!(matches!(decode(broken.into()), Err(TileError::Message(_))));
    }
}
