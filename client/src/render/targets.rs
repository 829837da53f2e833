use super::phase::KeptChanges;
use super::target::SceneDetail;
use super::view::ExtractedMapView;
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
    pub(super) whole: SceneTextures,
    /// Half as wide and high; made when it is asked for first.
    pub(super) half: Option<SceneTextures>,
    /// The scene with what is kept on it; made when there is any.
    pub(super) kept: Option<(Texture, TextureView)>,
    pub(super) frame: Texture,
    pub(super) frame_view: TextureView,
}

/// What a scene is drawn into.
pub(super) struct SceneTextures {
    pub(super) multisampled: TextureView,
    pub(super) depth: TextureView,
    pub(super) scene: Texture,
    pub(super) view: TextureView,
}

impl SceneTextures {
    fn new(device: &RenderDevice, size: UVec2) -> Self {
        let drawn = TextureUsages::RENDER_ATTACHMENT;
        let kept = drawn | TextureUsages::COPY_SRC | TextureUsages::TEXTURE_BINDING;
        let (label, many) = ("map scene, multisampled", SCENE_SAMPLES);
        let (_, multisampled) = make(device, label, size, many, SCENE_FORMAT, drawn);
        let (_, depth) = make(device, "map scene depth", size, many, SCENE_DEPTH, drawn);
        let (scene, view) = make(device, "map scene", size, 1, SCENE_FORMAT, kept);
        Self {
            multisampled,
            depth,
            scene,
            view,
        }
    }
}

fn make(
    device: &RenderDevice,
    label: &'static str,
    size: UVec2,
    sample_count: u32,
    format: TextureFormat,
    usage: TextureUsages,
) -> (Texture, TextureView) {
    let texture = device.create_texture(&TextureDescriptor {
        label: Some(label),
        size: Extent3d {
            width: size.x,
            height: size.y,
            depth_or_array_layers: 1,
        },
        mip_level_count: 1,
        sample_count,
        dimension: TextureDimension::D2,
        format,
        usage,
        view_formats: &[],
    });
    let view = texture.create_view(&TextureViewDescriptor::default());
    (texture, view)
}

/// Makes the textures anew when the camera's size changed.
pub(super) fn prepare(
    device: Res<RenderDevice>,
    cameras: Query<&ExtractedCamera, With<bevy::camera::Camera2d>>,
    view: Option<Res<ExtractedMapView>>,
    kept: Res<KeptChanges>,
    mut targets: ResMut<MapTargets>,
) {
    let Some(size) = cameras.iter().find_map(|c| c.physical_target_size) else {
        return;
    };
    if size.min_element() == 0 {
        return;
    }
    if targets.size != size || targets.textures.is_none() {
        let (label, usage) = (
            "map, to be dimmed",
            TextureUsages::COPY_DST | TextureUsages::TEXTURE_BINDING,
        );
        let (frame, frame_view) = make(&device, label, size, 1, SCENE_FORMAT, usage);
        targets.size = size;
        targets.textures = Some(Textures {
            whole: SceneTextures::new(&device, size),
            half: None,
            kept: None,
            frame,
            frame_view,
        });
    }
    if let Some(textures) = &mut targets.textures
        && textures.kept.is_none()
        && kept.is_shown()
    {
        let usage =
            TextureUsages::RENDER_ATTACHMENT | TextureUsages::COPY_DST | TextureUsages::COPY_SRC;
        textures.kept = Some(make(&device, "map, kept", size, 1, SCENE_FORMAT, usage));
    }
    if let Some(textures) = &mut targets.textures
        && textures.half.is_none()
        && view.is_some_and(|v| v.detail == SceneDetail::Half)
    {
        let half = size.map(|side| side.div_ceil(2));
        textures.half = Some(SceneTextures::new(&device, half));
    }
}
