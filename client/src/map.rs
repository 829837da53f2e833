//! The map by itself: camera, renderer, base map. A window and each branch of a fork have one.

use crate::basemap::{BasemapOptions, BasemapPlugin};
use crate::camera::MapCameraPlugin;
use crate::render::MapRenderPlugin;
use bevy::prelude::*;

/// Everything about the map but what lives on it. Names are [`crate::labels::LabelsPlugin`].
#[derive(Clone, Debug)]
pub struct MapPlugin {
    /// How the base map is drawn.
    pub basemap: BasemapOptions,
}

impl Plugin for MapPlugin {
    fn build(&self, app: &mut App) {
        let basemap = BasemapPlugin {
            options: self.basemap.clone(),
        };
        app.add_plugins((MapCameraPlugin, MapRenderPlugin, basemap));
    }
}
