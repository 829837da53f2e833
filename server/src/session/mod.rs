//! Sessions over WebSocket: who is there, what they say, and what waits for them.

mod access;
mod encode;
mod outbox;
mod socket;
mod travel;

pub use access::{Access, AccessError, Feed, Rights, UNITS_FEED, Who};
pub use encode::{ENCODINGS, Encoding, changes_part, frame_from_parts, message, tile_part};
pub use outbox::{Closing, Out, Outbox, Pushed};
pub use socket::{SessionLimits, upgrade};
