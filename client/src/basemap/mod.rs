//! The base map: PMTiles, vector tiles, style, meshes.

use bevy::prelude::*;

/// Loads and draws the base map.
pub struct BasemapPlugin;

impl Plugin for BasemapPlugin {
    fn build(&self, _app: &mut App) {}
}
