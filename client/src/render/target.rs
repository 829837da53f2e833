use bevy::camera::ImageRenderTarget;
use bevy::prelude::Resource;
use bevy::render::renderer::RenderAdapterInfo;
use wgpu::DeviceType;

/// What the map is drawn into.
#[derive(Resource, Clone, Debug)]
pub enum MapTarget {
    /// The primary window, with the scale factor of its display.
    Window,
    /// An image of its own scale factor, when there is no window.
    Image(ImageRenderTarget),
}

/// True where no graphics card draws but the processors, which have other things to do as well.
pub fn draws_by_processor(adapter: Option<&RenderAdapterInfo>) -> bool {
    adapter.is_some_and(|a| a.device_type == DeviceType::Cpu)
}

/// How finely the scene (what does not move by itself: ground, roads, buildings) is drawn. Names, markers and panels are
/// always drawn whole.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SceneDetail {
    /// Each pixel of the screen.
    #[default]
    Whole,
    /// Every second one along both sides: for a map in motion where a processor draws.
    Half,
}
