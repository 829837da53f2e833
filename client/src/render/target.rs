use bevy::camera::ImageRenderTarget;
use bevy::prelude::Resource;

/// What the map is drawn into.
#[derive(Resource, Clone, Debug)]
pub enum MapTarget {
    /// The window.
    Window,
    /// An image of its own scale factor, when there is no window.
    Image(ImageRenderTarget),
}
