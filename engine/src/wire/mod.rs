//! What server and clients say to each other. The version is the WebSocket subprotocol.

pub mod v1;
