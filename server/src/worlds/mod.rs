//! Worlds beside the running city: replays, forks, drills. Each has a thread of its own at a lower priority, an
//! [`Audience`](crate::audience::Audience), and connections to the log that only read.
//!
//! A kind of world is a type with [`OtherWorld`]; [`Worlds::open`] gives it a number, a thread and a handle.

mod bookmarks;
mod drill;
mod drill_open;
mod drill_past;
mod ending;
pub mod fork;
mod ghost;
mod handle;
mod owner;
mod past;
mod record;
mod registry;
mod replay;
mod run;
mod training;

pub use drill_open::open_drill;
pub use handle::{OtherHandle, WorldHandle};
pub use owner::Owner;
pub use past::answer_past;
pub use registry::{NewWorld, Worlds};
pub use run::OtherWorld;
pub use training::Training;

use crate::log::LogStore;
use crate::refusal::Refusal;
use chengtu_engine::code::Code;
use chengtu_engine::replay::History;

/// The log's past, for whoever asks.
fn history(store: &dyn LogStore) -> Result<Box<dyn History>, Refusal> {
    let history = store.history();
    history.map_err(|e| Refusal::new(Code::NoPast, e.to_string()))
}
