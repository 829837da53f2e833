//! Sessions over WebSocket: who is there, what they say, and what waits for them.

mod desks;
mod messages;
mod places;
mod reader;
mod socket;
mod travel;

pub use socket::SessionLimits;
pub(crate) use socket::upgrade;
