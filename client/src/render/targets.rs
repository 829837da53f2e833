use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_resource::{
    Extent3d, Texture, TextureDescriptor, TextureDimension, TextureFormat, TextureUsages,
    TextureView, TextureViewDescriptor,
};
use bevy::render::renderer::RenderDevice;

/// Format of scene and overlay: blended in sRGB, stored as written.
pub const SCENE_FORMAT: TextureFormat = TextureFormat::Rgba8Unorm;
/// Samples a pixel of the scene.
pub const SCENE_SAMPLES: u32 = 4;
pub(super) const SCENE_DEPTH: TextureFormat = TextureFormat::Depth24PlusStencil8;

/// The textures a map of one size is drawn into.
#[derive(Resource, Default)]
pub(super) struct MapTargets {
    pub(super) size: UVec2,
    pub(super) textures: Option<Textures>,
}

pub(super) struct Textures {
    pub(super) multisampled: TextureView,
    pub(super) depth: TextureView,
    pub(super) scene: Texture,
    pub(super) scene_view: TextureView,
    pub(super) frame: Texture,
    pub(super) frame_view: TextureView,
}

/// Makes the textures anew when the camera's size changed.
pub(super) fn prepare(
    device: Res<RenderDevice>,
    cameras: Query<&ExtractedCamera, With<bevy::camera::Camera2d>>,
    mut targets: ResMut<MapTargets>,
) {
    let Some(size) = cameras.iter().find_map(|c| c.physical_target_size) else {
        return;
    };
    if size.min_element() == 0 || (targets.size == size && targets.textures.is_some()) {
        return;
    }
    let make = |label, samples, format, usage| {
        let texture = device.create_texture(&TextureDescriptor {
            label: Some(label),
            size: Extent3d {
                width: size.x,
                height: size.y,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: samples,
            dimension: TextureDimension::D2,
            format,
            usage,
            view_formats: &[],
        });
        let view = texture.create_view(&TextureViewDescriptor::default());
        (texture, view)
    };
    let drawn = TextureUsages::RENDER_ATTACHMENT;
    let (_, multisampled) = make(
        "map scene, multisampled",
        SCENE_SAMPLES,
        SCENE_FORMAT,
        drawn,
    );
    let (_, depth) = make("map scene depth", SCENE_SAMPLES, SCENE_DEPTH, drawn);
    let (scene, scene_view) = make(
        "map scene",
        1,
        SCENE_FORMAT,
        drawn | TextureUsages::COPY_SRC,
    );
    let (frame, frame_view) = make(
        "map, to be dimmed",
        1,
        SCENE_FORMAT,
        TextureUsages::COPY_DST | TextureUsages::TEXTURE_BINDING,
    );
    targets.size = size;
    targets.textures = Some(Textures {
        multisampled,
        depth,
        scene,
        scene_view,
        frame,
        frame_view,
    });
}
