use crate::message;

/// The value of a feature's property, in the type that the tile stores it in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Text.
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

impl Value<'_> {
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
}

impl<'a> From<&'a message::Value> for Value<'a> {
    /// A value without content, which the specification forbids, is an empty text.
    fn from(m: &'a message::Value) -> Self {
        None.or(m.text.as_deref().map(Self::Text))
            .or(m.float.map(Self::Float))
            .or(m.double.map(Self::Double))
            .or(m.int.map(Self::Int))
            .or(m.uint.map(Self::Uint))
            .or(m.sint.map(Self::Sint))
            .or(m.truth.map(Self::Bool))
            .unwrap_or(Self::Text(""))
    }
}

impl From<Value<'_>> for message::Value {
    fn from(value: Value<'_>) -> Self {
        let mut m = Self::default();
        match value {
            Value::Text(v) => m.text = Some(v.to_owned()),
            Value::Float(v) => m.float = Some(v),
            Value::Double(v) => m.double = Some(v),
            Value::Int(v) => m.int = Some(v),
            Value::Uint(v) => m.uint = Some(v),
            Value::Sint(v) => m.sint = Some(v),
            Value::Bool(v) => m.truth = Some(v),
        }
        m
    }
}
