//! What lives on the map: traffic, units, cases, sensors, density, significant areas, routes and alarms.
//!
//! Everything here is a picture of [`crate::net::City`] and can be rebuilt from it at any moment. Traffic is one draw
//! from one storage buffer, moved by the vertex shader; all other markers are a few thousand primitives (discs, rings,
//! glyphs) laid out anew each frame in screen pixels, so that what is drawn and what can be picked are the same list.

mod layers;
mod selection;

pub use layers::LayerVisibility;
pub use selection::{ContextAt, Hover, Selection};

use bevy::prelude::*;

/// When the live layers are laid out, inside `Update`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub enum LiveSystems {
    /// Selection follows what happened to what is selected.
    Select,
    /// Markers are laid out for this frame.
    Layout,
}

/// Draws what lives.
pub struct LivePlugin;

impl Plugin for LivePlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Selection>()
            .init_resource::<Hover>()
            .init_resource::<LayerVisibility>()
            .add_message::<ContextAt>()
            .configure_sets(
                Update,
                (LiveSystems::Select, LiveSystems::Layout).chain().after(crate::camera::CameraSystems::Move),
            );
    }
}
