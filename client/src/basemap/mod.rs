//! The base map: PMTiles, vector tiles, style, meshes.

pub mod cover;
mod draw;
pub mod mesh;
pub mod mvt;
mod open;
pub mod pmtiles;
pub mod source;
pub mod style;
mod tiles;

pub use tiles::{TileSource, Tiles};

use crate::camera::CameraSystems;
use crate::headless::Readiness;
use bevy::prelude::*;

/// Gate a picture waits for: every tile of the view is there.
pub const TILES_GATE: &str = "base map";

/// Loads and draws the base map.
pub struct BasemapPlugin;

impl Plugin for BasemapPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Tiles>()
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
