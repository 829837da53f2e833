//! The shape of every message, read from the source of its mirrors: how `docs/protocol.md` comes by it.
//!
//! The mirrors are written in one manner (`protocol/src/v1`): a field a line, attributes before it, names of the engine's
//! types behind. What this reader does not understand makes it fail, and examples are held against what it read.

mod example;
mod read;
mod write;

pub use example::fits;
pub use read::{Shapes, read};
pub use write::document;

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A plain value, in words.
    Word(&'static str),
    /// Something with a shape of its own.
    Named(String),
    /// Any number of one shape.
    List(Box<Shape>),
    /// Several in a fixed order.
    Tuple(Vec<Shape>),
    /// One, or null.
    OrNull(Box<Shape>),
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in JSON.
    pub name: String,
    /// What it is.
    pub shape: Shape,
    /// True where it may be left out.
    pub optional: bool,
}

/// One of several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name in JSON.
    pub name: String,
    /// The version that it is of; empty for the first.
    pub since: String,
    /// What stands behind its name.
    pub content: Content,
}

/// What a variant holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// Nothing: in JSON its name alone.
    Nothing,
    /// One thing, or several as a list.
    Things(Vec<Shape>),
    /// An object.
    Fields(Vec<Field>),
}

/// A type with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// An object.
    Struct(Vec<Field>),
    /// One of several.
    Enum(Vec<Variant>),
}
