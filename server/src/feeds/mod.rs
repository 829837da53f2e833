//! Data in: what feeds post over HTTP and say over sockets, read row by row, in the feed's reference system.

mod body;
mod geojson;
mod post;
mod rows;

pub use post::{FeedsState, post};
pub use rows::socket_batch;
