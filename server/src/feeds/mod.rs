//! Data in: formats (how rows are written) × transports (how bytes come), and the gate between them and the city.

mod budget;
pub mod formats;
mod gate;
mod intake;
mod measure;
mod name;
mod packing;
mod transports;
mod turns;

pub use gate::{Gate, GateError};
pub use intake::RowKind;
pub(crate) use transports::http::post;
pub use transports::socket::batch as socket_batch;
