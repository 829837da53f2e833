//! Panels drawn as they are written: in sRGB from the vertex to the target, like the map below them. See
//! `assets/shaders/panels.wgsl` for why.

use crate::render::SCENE_FORMAT;
use bevy::asset::Assets;
use bevy::image::{Image, ImageSampler};
use bevy::prelude::{
    App, IntoScheduleConfigs, Plugin, PostUpdate, Query, Res, ResMut, With, error,
};
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_resource::{
    PipelineCache, SpecializedRenderPipelines, TextureViewDescriptor,
};
use bevy::render::{Render, RenderApp, RenderSystems};
use bevy::shader::Shader;
use bevy_egui::render::systems::EguiPipelines;
use bevy_egui::render::{EGUI_SHADER_HANDLE, EguiPipeline, EguiPipelineKey};
use bevy_egui::{EguiManagedTextures, EguiPostUpdateSet};

/// Number of the texture that egui writes letters from.
const LETTERS: u64 = 0;

/// Draws what `EguiPlugin` lays out; to be added after it.
pub struct PanelsDrawPlugin;

impl Plugin for PanelsDrawPlugin {
    fn build(&self, app: &mut App) {
        let text = include_str!("../../../assets/shaders/panels.wgsl");
        let shader = Shader::from_wgsl(text, "panels.wgsl");
        let mut shaders = app.world_mut().resource_mut::<Assets<Shader>>();
        if let Err(error) = shaders.insert(&EGUI_SHADER_HANDLE, shader) {
            error!("the panels' shader cannot be registered: {error}");
        }
        app.add_systems(
            PostUpdate,
            read_as_written.after(EguiPostUpdateSet::ProcessOutput),
        );
        if let Some(render_app) = app.get_sub_app_mut(RenderApp) {
            render_app.add_systems(Render, into_srgb.in_set(RenderSystems::PrepareResources));
        }
    }
}

/// Letters and icons are read without decoding. Letters lie on whole pixels, as does the one white pixel that plain areas
/// are filled from: they are read one for one, which costs a processor a third of what smoothing does.
fn read_as_written(textures: Res<EguiManagedTextures>, mut images: ResMut<Assets<Image>>) {
    for ((_, number), texture) in &textures.0 {
        let id = texture.handle.id();
        if images
            .get(id)
            .is_some_and(|i| i.texture_view_descriptor.is_none())
            && let Some(mut image) = images.get_mut(id)
        {
            if *number == LETTERS {
                image.sampler = ImageSampler::nearest();
            }
            image.texture_descriptor.view_formats = &[SCENE_FORMAT];
            image.texture_view_descriptor = Some(TextureViewDescriptor {
                format: Some(SCENE_FORMAT),
                ..TextureViewDescriptor::default()
            });
        }
    }
}

/// The pipelines that fit the camera's texture, which stores sRGB as written; `EguiPlugin` thinks of another.
fn into_srgb(
    cameras: Query<(), With<ExtractedCamera>>,
    cache: Res<PipelineCache>,
    pipeline: Res<EguiPipeline>,
    mut made: ResMut<SpecializedRenderPipelines<EguiPipeline>>,
    pipelines: Option<ResMut<EguiPipelines>>,
) {
    let Some(mut pipelines) = pipelines.filter(|_| !cameras.is_empty()) else {
        return;
    };
    let key = EguiPipelineKey {
        target_format: SCENE_FORMAT,
    };
    for id in pipelines.0.values_mut() {
        *id = made.specialize(&cache, &pipeline, key);
    }
}
