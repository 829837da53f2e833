//! What a reader may see: of which ground, of which kinds of data, and what they hold themselves.
//!
//! A [`Sight`] is the rule, the same for all who share it; a [`Lens`] is the rule over a city's grid. Everything that is
//! sent, answered or counted for a reader goes through their lens before it is written as bytes, so that what is hidden
//! is never encoded. One rule for all of it: *whatever is told to a reader is made of what that reader sees*; a count
//! counts what they see, a ranking drives to the place that they see.

mod area;
mod cells;
mod commands;
mod data;
mod lens;
mod mask;
mod rule;

pub use area::{Area, Cover};
pub use cells::{Cell, Cells};
pub use data::{DataClass, DataClasses};
pub use lens::{Clarity, Lens, Policy};
pub use mask::{masked_name, masked_telephone, masked_words};
pub use rule::{Holds, Sight};
