//! The map camera: where it looks, how the ground gets onto the screen, and how people move it.
//!
//! Three frames meet here. *Mercator* is the whole world, 0 … 1, y down. *Ground pixels* are logical pixels at
//! the middle of the screen: mercator × [`MapCamera::world_px`] relative to an origin, x east, y south, z up
//! (heights in metres × [`MapCamera::px_per_m`]). *Screen* is logical pixels from the top left corner.

mod at;
mod control;
mod flight;
mod projection;

pub use at::At;
pub use control::{CameraKeys, MapWindow};
pub use flight::{Flight, ease_in_out, ease_out};
pub use projection::{EARTH_CIRCUMFERENCE_M, MapCamera, ScreenPoint, TILE_PX};

use bevy::prelude::*;

/// When camera systems run, inside `Update`.
#[derive(SystemSet, Clone, Debug, PartialEq, Eq, Hash)]
pub enum CameraSystems {
    /// Viewport, input, inertia and flights have been applied after this set.
    Move,
}

/// Moves the camera by pointer, wheel, keys and flights.
pub struct MapCameraPlugin;

impl Plugin for MapCameraPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<MapCamera>()
            .init_resource::<MapWindow>()
            .init_resource::<CameraKeys>()
            .init_resource::<Flight>()
            .init_resource::<control::Throw>()
            .add_systems(
                Update,
                (
                    control::follow_viewport,
                    control::pointer,
                    control::keys,
                    control::advance,
                )
                    .chain()
                    .in_set(CameraSystems::Move),
            );
    }
}
