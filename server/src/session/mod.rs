//! Sessions over WebSocket: who is there, what they say, and what waits for them.

mod encode;
mod messages;
mod outbox;
mod reader;
mod socket;
mod travel;

pub use encode::{ENCODINGS, Encoding, changes_part, frame_from_parts, message, tile_part};
pub use outbox::{Closing, Out, Outbox, Pushed};
pub use socket::{SessionLimits, upgrade};
