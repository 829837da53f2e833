use crate::error::TileError;
use crate::wire::{Content, for_each_field, put, unzigzag, zigzag};

/// The value of a feature's property, in the type that the tile stores it in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text in UTF-8.
    Text(&'a str),
    /// A number of 32 bits.
    Float(f32),
    /// A number of 64 bits.
    Double(f64),
    /// A whole number; negative ones take ten bytes.
    Int(i64),
    /// A whole number from 0 on.
    Uint(u64),
    /// A whole number; small negative ones take few bytes.
    Sint(i64),
    /// True or false.
    Bool(bool),
}

impl<'a> Value<'a> {
    /// The value as a number; `None` for text and truths. Whole numbers beyond 2⁵³ are rounded.
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Text(_) | Self::Bool(_) => None,
            Self::Float(v) => Some(f64::from(v)),
            Self::Double(v) => Some(v),
            Self::Int(v) | Self::Sint(v) => Some(v as f64),
            Self::Uint(v) => Some(v as f64),
        }
    }

    /// Reads the message of a value. One without content, which the specification forbids, is an empty text.
    pub(crate) fn decode(message: &'a [u8]) -> Result<Self, TileError> {
        let mut value = Self::Text("");
        for_each_field(message, |number, content| {
            value = match (number, content) {
                (1, Content::Bytes(b)) => Self::Text(text(b)?),
                (2, Content::Fixed32(b)) => Self::Float(f32::from_le_bytes(b)),
                (3, Content::Fixed64(b)) => Self::Double(f64::from_le_bytes(b)),
                (4, Content::Varint(v)) => Self::Int(v as i64),
                (5, Content::Varint(v)) => Self::Uint(v),
                (6, Content::Varint(v)) => Self::Sint(unzigzag(v)),
                (7, Content::Varint(v)) => Self::Bool(v != 0),
                _ => value,
            };
            Ok(())
        })?;
        Ok(value)
    }

    /// The message of the value.
    pub(crate) fn encode(self) -> Vec<u8> {
        let (number, content) = match self {
            Self::Text(v) => (1, Content::Bytes(v.as_bytes())),
            Self::Float(v) => (2, Content::Fixed32(v.to_le_bytes())),
            Self::Double(v) => (3, Content::Fixed64(v.to_le_bytes())),
            Self::Int(v) => (4, Content::Varint(v as u64)),
            Self::Uint(v) => (5, Content::Varint(v)),
            Self::Sint(v) => (6, Content::Varint(zigzag(v))),
            Self::Bool(v) => (7, Content::Varint(u64::from(v))),
        };
        let mut message = Vec::new();
        put(&mut message, number, content);
        message
    }
}

/// Bytes as text.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, TileError> {
    std::str::from_utf8(bytes).map_err(|_| TileError::Text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_type() {
        for value in [
            Value::Text("秦淮河"),
            Value::Float(-0.5),
            Value::Double(1e300),
            Value::Int(-3),
            Value::Uint(u64::MAX),
            Value::Sint(i64::MIN),
            Value::Bool(true),
        ] {
            assert_eq!(Value::decode(&value.encode()), Ok(value));
        }
        assert_eq!(Value::Int(-3).number(), Some(-3.0));
        assert_eq!(Value::Bool(true).number(), None);
        assert_eq!(Value::decode(&[]), Ok(Value::Text("")));
        assert_eq!(Value::decode(&[0x0a, 1, 0xff]), Err(TileError::Text));
    }
}
