//! A vector tile made ready for drawing: triangles per style layer, and the names in it.

mod area;
mod build;
mod clip;
mod feature;
mod line;
mod names;
mod symbols;

pub use area::{EdgeVertex, FillMesh, FillVertex, SolidMesh, SolidVertex};
pub use build::{Bucket, BucketKind, TileMesh, build};
pub use clip::EXTENT;
pub use line::{LineMesh, LineVertex};
pub use names::{Name, NameShape};
