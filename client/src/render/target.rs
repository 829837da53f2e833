use bevy::camera::ImageRenderTarget;
use bevy::prelude::Resource;

/// What the map is drawn into.
#[derive(Resource, Clone, Debug)]
pub enum MapTarget {
    /// The primary window, with the scale factor of its display.
    Window,
    /// An image of its own scale factor, when there is no window.
    Image(ImageRenderTarget),
}
