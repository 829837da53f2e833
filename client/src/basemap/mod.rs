//! The base map: PMTiles, vector tiles, style, meshes.

pub mod archive;
pub mod cover;
mod draw;
mod file;
pub mod mesh;
mod open;
pub mod style;
mod tiles;

pub use tiles::{TileSource, Tiles};

use crate::camera::CameraSystems;
use crate::readiness::Readiness;
use bevy::prelude::*;
use std::path::PathBuf;

/// Gate a picture waits for: every tile of the view is there.
pub const TILES_GATE: &str = "base map";

/// How the base map is drawn.
#[derive(Resource, Clone, Debug, Default)]
pub struct BasemapOptions {
    /// Map style (`MapLibre` style JSON) instead of the shipped one.
    pub style: Option<PathBuf>,
    /// Look at the middle of the city once it is known where that is.
    pub first_look: bool,
}

/// Loads the base map from the [`crate::pack::Pack`] and draws it.
pub struct BasemapPlugin {
    /// Which style, and whether the camera goes to the city.
    pub options: BasemapOptions,
}

impl Plugin for BasemapPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Tiles>()
            .insert_resource(self.options.clone())
            .add_plugins(draw::BasemapDrawPlugin)
            .add_systems(Startup, open::start)
            .add_systems(
                Update,
                (open::finish, tiles::update, gate)
                    .chain()
                    .after(CameraSystems::Move),
            );
    }
}

fn gate(tiles: Res<Tiles>, opening: Option<Res<open::Opening>>, mut readiness: ResMut<Readiness>) {
    // A city that cannot be opened is drawn without its map; the reason has been logged.
    readiness.set(
        TILES_GATE,
        opening.is_none_or(|o| o.is_over()) && (tiles.complete || tiles.is_idle()),
    );
}
