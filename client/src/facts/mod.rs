//! What panels, the wall and the map all say of a thing: in which words, in which order, in which colour.
//!
//! Nothing here draws, and nothing here keeps anything: everything is a function of the mirror and the language.

pub mod alarm;
pub mod case;
pub mod desk;
pub mod drill;
pub mod history;
pub mod hotspot;
pub mod post;
pub mod sensor;
pub mod unit;
pub mod urgency;
pub mod world;

mod selected;
mod severity;
mod skill;

pub use selected::{case_of, place_of};
pub use severity::severity_word;
pub use skill::skill_word;
