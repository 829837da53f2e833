//! The panels: everything that is read and pressed around the map.
//!
//! What is shown is calculated from the mirror by plain functions ([`model`], [`crate::facts`]). Each panel is a plugin
//! in a folder of its own with its state, what it asks for, its keys and its drawing; [`console`] is the base that
//! they are built on. Everything is placed by [`layout::Layout`], the design's grid, and drawn with [`skin::Skin`], the
//! design's values.

#[cfg(test)]
mod acts_seen;
#[cfg(test)]
mod acts_table;
#[cfg(test)]
mod added;
mod alarms;
#[cfg(test)]
mod answers;
mod browser;
mod bundling;
mod city_alarms;
mod confirm;
pub mod console;
#[cfg(test)]
mod desk;
mod detail;
mod director;
mod dispatch;
mod elsewhere;
mod fork;
#[cfg(test)]
mod hand;
mod help;
mod icons;
#[cfg(test)]
mod inks;
#[cfg(test)]
mod kept;
mod language;
pub mod layout;
mod log_in;
#[cfg(test)]
mod looks;
mod map;
mod marks;
mod me;
mod menu;
pub mod model;
mod notice;
mod options;
#[cfg(test)]
mod others;
#[cfg(test)]
mod overlaps;
mod overview;
mod pen;
#[cfg(test)]
mod pictures;
mod plugin;
mod privacy;
mod queue;
#[cfg(test)]
mod reading;
mod refusal;
mod search;
#[cfg(test)]
mod seen;
#[cfg(test)]
mod seen_pictures;
mod sensor;
mod shader;
pub mod skin;
mod text_size;
mod time;
mod topbar;
#[cfg(test)]
mod under_hand;
mod unit;
mod users;
mod welcome;
mod whole;
mod widgets;
pub mod world;
mod worlds;

pub use console::PanelsSystems;
pub use icons::Icons;
pub use map::attribution_of;
pub use options::PanelOptions;
pub use pen::{Pen, Span, span};
#[cfg(test)]
pub(crate) use pictures::texts_of;
pub use plugin::PanelsPlugin;
pub use shader::PanelsDrawPlugin;
pub use welcome::Welcome;
