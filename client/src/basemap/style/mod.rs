//! The map's style: a MapLibre style document, of which the parts a base map needs are read.
//!
//! A layer may carry `"metadata": {"chengtu:tokens": {"line-color": "road.trunk.fill"}}`: the value then comes
//! from the design tokens, and the value in the style is for web pages. Widths by zoom (`width_px`) are tokens
//! too. `"chengtu:phase"` says where in the drawing order of the map the layer belongs.

mod expr;
mod layer;
mod parse;
mod read;
mod value;

pub use expr::{Expr, Scope};
pub use layer::{
    LineCap, LineJoin, Paint, PaintValues, Style, StyleLayer, Symbol, SymbolPlacement,
};
pub use parse::ExprError;
pub use read::StyleError;
pub use value::{StyleValue, parse_color};
