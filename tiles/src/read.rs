use crate::EXTENT;
use crate::error::TileError;
use crate::geometry::{GeometryType, Point, decode_lines};
use crate::value::{Value, text};
use crate::wire::{Content, for_each_field, varint};

/// One layer of a tile. Names and texts are those of the tile's bytes.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer<'a> {
    name: &'a str,
    extent: u32,
    keys: Vec<&'a str>,
    values: Vec<Value<'a>>,
    features: Vec<Packed<'a>>,
}

/// A feature as it is stored.
#[derive(Debug, Clone, Default, PartialEq)]
struct Packed<'a> {
    id: u64,
    kind: GeometryType,
    /// Pairs of indices into the layer's keys and values, each a varint.
    tags: &'a [u8],
    /// Commands and their parameters, each a varint.
    geometry: &'a [u8],
}

/// One feature of a layer, its properties and geometry still packed.
#[derive(Debug, Clone, Copy)]
pub struct Feature<'a> {
    layer: &'a Layer<'a>,
    packed: &'a Packed<'a>,
}

/// Reads a tile, decompressed. Geometries are read feature by feature: [`Feature::lines`].
///
/// # Errors
/// [`TileError`] but for [`TileError::Geometry`].
pub fn decode(tile: &[u8]) -> Result<Vec<Layer<'_>>, TileError> {
    let mut layers = Vec::new();
    for_each_field(tile, |number, content| {
        if let (3, Content::Bytes(message)) = (number, content) {
            layers.push(decode_layer(message)?);
        }
        Ok(())
    })?;
    Ok(layers)
}

fn decode_layer(message: &[u8]) -> Result<Layer<'_>, TileError> {
    let mut layer = Layer {
        name: "",
        extent: EXTENT,
        keys: Vec::new(),
        values: Vec::new(),
        features: Vec::new(),
    };
    for_each_field(message, |number, content| {
        match (number, content) {
            (1, Content::Bytes(b)) => layer.name = text(b)?,
            (2, Content::Bytes(b)) => layer.features.push(decode_feature(b)?),
            (3, Content::Bytes(b)) => layer.keys.push(text(b)?),
            (4, Content::Bytes(b)) => layer.values.push(Value::decode(b)?),
            (5, Content::Varint(v)) => {
                layer.extent = u32::try_from(v).map_err(|_| TileError::Extent(v))?.max(1);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(layer)
}

fn decode_feature(message: &[u8]) -> Result<Packed<'_>, TileError> {
    let mut feature = Packed::default();
    for_each_field(message, |number, content| {
        match (number, content) {
            (1, Content::Varint(v)) => feature.id = v,
            (2, Content::Bytes(b)) => feature.tags = b,
            (3, Content::Varint(v)) => feature.kind = GeometryType::from_number(v),
            (4, Content::Bytes(b)) => feature.geometry = b,
            _ => {}
        }
        Ok(())
    })?;
    Ok(feature)
}

impl Layer<'_> {
    /// Its name, by which a style asks for it.
    pub fn name(&self) -> &str {
        self.name
    }

    /// Units along a side of the tile, at least 1.
    pub fn extent(&self) -> u32 {
        self.extent
    }

    /// Its features in the tile's order.
    pub fn features(&self) -> impl Iterator<Item = Feature<'_>> {
        let feature = |packed| Feature {
            layer: self,
            packed,
        };
        self.features.iter().map(feature)
    }
}

impl<'a> Feature<'a> {
    /// What its geometry is.
    pub fn geometry_type(&self) -> GeometryType {
        self.packed.kind
    }

    /// Its id; 0 for none.
    pub fn id(&self) -> u64 {
        self.packed.id
    }

    /// The names and values of its properties, up to the first that is broken.
    pub fn properties(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let layer = self.layer;
        let mut tags = self.packed.tags;
        std::iter::from_fn(move || {
            let mut index = || usize::try_from(varint(&mut tags).ok()?).ok();
            Some((*layer.keys.get(index()?)?, *layer.values.get(index()?)?))
        })
    }

    /// The value of a property; `None` where the feature has none of that name.
    pub fn property(&self, name: &str) -> Option<Value<'a>> {
        let mut properties = self.properties();
        properties.find_map(|(key, value)| (key == name).then_some(value))
    }

    /// The lines of the geometry in tile units: rings unclosed (see [`crate::polygons`]), each point as a line of one.
    ///
    /// # Errors
    /// [`TileError`] where the geometry is broken.
    pub fn lines(&self) -> Result<Vec<Vec<Point>>, TileError> {
        decode_lines(self.packed.geometry)
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
    fn tile() -> Vec<u8> {
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
        encode([("water", water), ("road", road)])
    }

    #[test]
    fn what_is_written_is_read() {
        let tile = tile();
        let layers = decode(&tile).unwrap();
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
    fn read_all(tile: &[u8]) {
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
            read_all(&tile[..end]);
        }
        for i in 0..tile.len() {
            for flip in [1, 0x80, 0xff] {
                let mut broken = tile.clone();
                broken[i] ^= flip;
                read_all(&broken);
            }
        }
    }

    #[test]
    fn a_text_that_is_none_is_an_error() {
        let mut broken = tile();
        let at = broken.windows(5).position(|w| w == b"water").unwrap();
        broken[at] = 0xff;
        assert_eq!(decode(&broken), Err(TileError::Text));
    }
}
