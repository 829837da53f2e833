//! What server and clients say to each other: WebSocket subprotocols, the bytes of every message, stable numbers.
//!
//! Messages are the engine's own types ([`chengtu_engine::stream`]); how they are written is private to this crate, and
//! a change of a type of the engine is no change of the bytes.

pub mod codes;
mod encoding;
mod error;
mod frame;
mod subprotocol;
mod v1;

pub use encoding::{
    command_id, decode_client, decode_server, encode_changes, encode_client, encode_frame,
    encode_server, encode_tile,
};
pub use error::DecodeError;
pub use frame::FrameHeader;
pub use subprotocol::{Encoding, Subprotocol};
