//! Worlds beside the running city: replays, forks, drills. Each has a thread of its own at a lower priority, an
//! [`Audience`](crate::audience::Audience), and connections to the log that only read.
//!
//! A kind of world is a type with [`OtherWorld`]; [`Worlds::open`] gives it a number, a thread and a door.

mod bookmarks;
mod drill;
mod drill_open;
pub mod fork;
mod ghost;
mod past;
mod priority;
mod record;
mod registry;
mod replay;
mod run;

pub use drill_open::open_drill;
pub use past::answer_past;
pub use registry::{Door, NewWorld, Worlds};
pub use run::OtherWorld;

use crate::codes;
use crate::log::LogStore;
use chengtu_engine::replay::History;

/// The log's past, for whoever asks.
fn history(store: &dyn LogStore) -> Result<Box<dyn History>, Refusal> {
    let history = store.history();
    history.map_err(|e| Refusal::new(codes::NO_PAST, e.to_string()))
}

/// Why somebody cannot have a world, or not do something there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Refusal {
    /// Stable number, see [`crate::codes`].
    pub code: u16,
    /// In words.
    pub text: String,
}

impl Refusal {
    /// With a code of [`crate::codes`].
    pub fn new(code: u16, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { code, text }
    }
}
