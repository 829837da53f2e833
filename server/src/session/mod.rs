//! Sessions over WebSocket: who is there, what they say, and what waits for them.

mod access;
mod outbox;
mod socket;
mod travel;

pub use chengtu_protocol::{Encoding, encode_changes, encode_server, encode_tile};

pub use access::{Access, AccessError, Feed, Rights, UNITS_FEED, Who};
pub use outbox::{Closing, Out, Outbox, Pushed};
pub use socket::{SessionLimits, upgrade};
