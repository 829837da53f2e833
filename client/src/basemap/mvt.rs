//! Decodes Mapbox Vector Tiles, version 2, without copying names or values.
//!
//! Specification: <https://github.com/mapbox/vector-tile-spec/tree/master/2.1>

use std::borrow::Cow;

/// Why a tile cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MvtError {
    /// It ends inside a value.
    #[error("the tile ends too early")]
    Truncated,
    /// A wire type or a length that cannot be.
    #[error("the tile is not protocol-buffer data")]
    Wire,
    /// A geometry command that cannot be.
    #[error("a geometry in the tile is broken")]
    Geometry,
}

/// One layer of a tile.
#[derive(Debug, Default)]
pub struct Layer<'a> {
    /// Its name.
    pub name: Cow<'a, str>,
    /// Units along a side of the tile.
    pub extent: u32,
    keys: Vec<Cow<'a, str>>,
    values: Vec<Value<'a>>,
    /// Its features.
    pub features: Vec<Feature<'a>>,
}

/// A property's value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// Text.
    Text(Cow<'a, str>),
    /// Any number.
    Number(f64),
    /// True or false.
    Bool(bool),
}

/// What a feature's geometry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GeomType {
    /// Not said.
    #[default]
    Unknown,
    /// Points.
    Point,
    /// Lines.
    Line,
    /// Polygons.
    Polygon,
}

/// One feature, its geometry still packed.
#[derive(Debug, Default)]
pub struct Feature<'a> {
    /// What its geometry is.
    pub kind: GeomType,
    tags: &'a [u8],
    geometry: &'a [u8],
}

/// Points of a line or ring in tile units.
pub type Points = Vec<[i32; 2]>;

impl<'a> Layer<'a> {
    /// The value of a feature's property.
    pub fn property(&self, feature: &Feature<'_>, name: &str) -> Option<&Value<'a>> {
        let mut tags = feature.tags;
        while !tags.is_empty() {
            let key = varint(&mut tags).ok()?;
            let value = varint(&mut tags).ok()?;
            if self.keys.get(key as usize).is_some_and(|k| k == name) {
                return self.values.get(value as usize);
            }
        }
        None
    }
}

impl Feature<'_> {
    /// The lines (or rings, unclosed, or points as lines of one) of the geometry.
    ///
    /// # Errors
    /// [`MvtError`] when it is broken.
    pub fn lines(&self) -> Result<Vec<Points>, MvtError> {
        let mut data = self.geometry;
        let mut lines: Vec<Points> = Vec::new();
        let mut at = [0i32; 2];
        while !data.is_empty() {
            let head = varint(&mut data)?;
            let (command, count) = (head & 7, head >> 3);
            if count as usize > data.len() + 1 {
                return Err(MvtError::Geometry);
            }
            match command {
                1 | 2 => {
                    for _ in 0..count {
                        at[0] = at[0].wrapping_add(zigzag(varint(&mut data)?));
                        at[1] = at[1].wrapping_add(zigzag(varint(&mut data)?));
                        if command == 1 {
                            lines.push(vec![at]);
                        } else {
                            lines.last_mut().ok_or(MvtError::Geometry)?.push(at);
                        }
                    }
                }
                7 => {}
                _ => return Err(MvtError::Geometry),
            }
        }
        Ok(lines)
    }
}

/// Twice the signed area of a ring: positive for outer rings (y down).
pub fn signed_area2(ring: &[[i32; 2]]) -> i64 {
    let mut sum = 0i64;
    for (i, p) in ring.iter().enumerate() {
        let q = ring[(i + 1) % ring.len()];
        sum += i64::from(p[0]) * i64::from(q[1]) - i64::from(q[0]) * i64::from(p[1]);
    }
    sum
}

/// Groups rings to polygons: each begins with an outer ring, the others are its holes.
pub fn polygons(rings: Vec<Points>) -> Vec<Vec<Points>> {
    let mut out: Vec<Vec<Points>> = Vec::new();
    for ring in rings {
        if ring.len() < 3 {
            continue;
        }
        match signed_area2(&ring) {
            0 => {}
            a if a > 0 => out.push(vec![ring]),
            _ => {
                if let Some(polygon) = out.last_mut() {
                    polygon.push(ring);
                }
            }
        }
    }
    out
}

/// Decodes a tile's layers.
///
/// # Errors
/// [`MvtError`].
pub fn decode(data: &[u8]) -> Result<Vec<Layer<'_>>, MvtError> {
    let mut layers = Vec::new();
    for_each_field(data, |field, value| {
        if let (3, Field::Bytes(bytes)) = (field, value) {
            layers.push(layer(bytes)?);
        }
        Ok(())
    })?;
    Ok(layers)
}

enum Field<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed32([u8; 4]),
    Fixed64([u8; 8]),
}

fn for_each_field<'a>(
    mut data: &'a [u8],
    mut visit: impl FnMut(u64, Field<'a>) -> Result<(), MvtError>,
) -> Result<(), MvtError> {
    while !data.is_empty() {
        let head = varint(&mut data)?;
        let value = match head & 7 {
            0 => Field::Varint(varint(&mut data)?),
            1 => Field::Fixed64(
                take(&mut data, 8)?
                    .try_into()
                    .map_err(|_| MvtError::Truncated)?,
            ),
            2 => {
                let length = usize::try_from(varint(&mut data)?).map_err(|_| MvtError::Wire)?;
                Field::Bytes(take(&mut data, length)?)
            }
            5 => Field::Fixed32(
                take(&mut data, 4)?
                    .try_into()
                    .map_err(|_| MvtError::Truncated)?,
            ),
            _ => return Err(MvtError::Wire),
        };
        visit(head >> 3, value)?;
    }
    Ok(())
}

fn layer(data: &[u8]) -> Result<Layer<'_>, MvtError> {
    let mut layer = Layer {
        extent: 4096,
        ..Layer::default()
    };
    for_each_field(data, |field, value| {
        match (field, value) {
            (1, Field::Bytes(b)) => layer.name = String::from_utf8_lossy(b),
            (2, Field::Bytes(b)) => layer.features.push(feature(b)?),
            (3, Field::Bytes(b)) => layer.keys.push(String::from_utf8_lossy(b)),
            (4, Field::Bytes(b)) => layer.values.push(self::value(b)?),
            (5, Field::Varint(v)) => {
                layer.extent = u32::try_from(v).map_err(|_| MvtError::Wire)?.max(1);
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(layer)
}

fn feature(data: &[u8]) -> Result<Feature<'_>, MvtError> {
    let mut feature = Feature::default();
    for_each_field(data, |field, value| {
        match (field, value) {
            (2, Field::Bytes(b)) => feature.tags = b,
            (3, Field::Varint(v)) => {
                feature.kind = match v {
                    1 => GeomType::Point,
                    2 => GeomType::Line,
                    3 => GeomType::Polygon,
                    _ => GeomType::Unknown,
                }
            }
            (4, Field::Bytes(b)) => feature.geometry = b,
            _ => {}
        }
        Ok(())
    })?;
    Ok(feature)
}

fn value(data: &[u8]) -> Result<Value<'_>, MvtError> {
    let mut out = Value::Text(Cow::Borrowed(""));
    for_each_field(data, |field, value| {
        out = match (field, value) {
            (1, Field::Bytes(b)) => Value::Text(String::from_utf8_lossy(b)),
            (2, Field::Fixed32(b)) => Value::Number(f64::from(f32::from_le_bytes(b))),
            (3, Field::Fixed64(b)) => Value::Number(f64::from_le_bytes(b)),
            (4, Field::Varint(v)) => Value::Number(v as i64 as f64),
            (5, Field::Varint(v)) => Value::Number(v as f64),
            (6, Field::Varint(v)) => Value::Number(((v >> 1) as i64 ^ -((v & 1) as i64)) as f64),
            (7, Field::Varint(v)) => Value::Bool(v != 0),
            _ => return Ok(()),
        };
        Ok(())
    })?;
    Ok(out)
}

fn take<'a>(data: &mut &'a [u8], length: usize) -> Result<&'a [u8], MvtError> {
    let (head, rest) = data.split_at_checked(length).ok_or(MvtError::Truncated)?;
    *data = rest;
    Ok(head)
}

fn varint(data: &mut &[u8]) -> Result<u64, MvtError> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = data.split_first().ok_or(MvtError::Truncated)?;
        *data = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(MvtError::Wire)
}

fn zigzag(v: u64) -> i32 {
    let v = v as u32;
    (v >> 1) as i32 ^ -((v & 1) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification, section 4.3.5: a polygon, a hole, a second polygon.
    const RINGS: [u8; 42] = [
        9, 0, 0, 26, 20, 0, 0, 20, 19, 0, 15, 9, 22, 2, 26, 18, 0, 0, 18, 17, 0, 15, 9, 4, 13, 26,
        0, 8, 8, 0, 0, 7, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    fn tile() -> Vec<u8> {
        let field = |n: u8, bytes: &[u8]| {
            let mut out = vec![n << 3 | 2, bytes.len() as u8];
            out.extend(bytes);
            out
        };
        let mut feature = field(2, &[0, 0, 1, 1]);
        feature.extend([3 << 3, 3]);
        feature.extend(field(4, &RINGS[..33]));
        let mut layer = field(1, b"water");
        layer.extend(field(2, &feature));
        layer.extend(field(3, b"name"));
        layer.extend(field(3, b"depth"));
        layer.extend(field(4, &field(1, "秦淮河".as_bytes())));
        layer.extend(field(4, &[6 << 3, 5]));
        layer.extend([5 << 3, 0x80, 0x20]);
        field(3, &layer)
    }

    #[test]
    fn a_tile_is_decoded() {
        let bytes = tile();
        let layers = decode(&bytes).unwrap();
        let layer = &layers[0];
        assert_eq!((&*layer.name, layer.extent), ("water", 4096));
        let feature = &layer.features[0];
        assert_eq!(
            layer.property(feature, "name"),
            Some(&Value::Text("秦淮河".into()))
        );
        assert_eq!(layer.property(feature, "depth"), Some(&Value::Number(-3.0)));
        assert_eq!(layer.property(feature, "length"), None);
        let polygons = polygons(feature.lines().unwrap());
        assert_eq!(polygons.len(), 2);
        assert_eq!(polygons[0][0], [[0, 0], [10, 0], [10, 10], [0, 10]]);
        assert_eq!(polygons[1].len(), 2);
    }

    #[test]
    fn every_cut_of_a_tile_is_an_error_or_less_never_a_panic() {
        let bytes = tile();
        for end in 0..bytes.len() {
            if let Ok(layers) = decode(&bytes[..end]) {
                for layer in &layers {
                    layer.features.iter().for_each(|f| drop(f.lines()));
                }
            }
        }
        for i in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[i] ^= 0xff;
            if let Ok(layers) = decode(&broken) {
                for layer in &layers {
                    layer.features.iter().for_each(|f| {
                        drop(f.lines());
                        layer.property(f, "name");
                    });
                }
            }
        }
    }
}
