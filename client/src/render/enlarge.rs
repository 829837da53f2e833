//! A scene of half the width and height, enlarged to the whole: what a processor can draw while the map moves.

use super::full_screen::full_screen;
use super::icons::linear_sampler;
use super::targets::{MapTargets, SCENE_FORMAT};
use bevy::prelude::{Commands, Res, ResMut, Resource, World};
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries,
    CachedRenderPipelineId, PipelineCache, Sampler, SamplerBindingType, ShaderStages,
    TextureSampleType, TextureViewId,
    binding_types::{sampler, texture_2d},
};
use bevy::render::renderer::RenderDevice;

/// Draws the half scene over the whole screen.
#[derive(Resource)]
pub(super) struct Enlarging {
    layout: BindGroupLayoutDescriptor,
    pipeline: CachedRenderPipelineId,
    sampler: Sampler,
    group: Option<(TextureViewId, BindGroup)>,
}

pub(super) fn init(mut commands: Commands, cache: Res<PipelineCache>, device: Res<RenderDevice>) {
    let layout = BindGroupLayoutDescriptor::new(
        "half scene",
        &BindGroupLayoutEntries::with_indices(
            ShaderStages::FRAGMENT,
            (
                (0, texture_2d(TextureSampleType::Float { filterable: true })),
                (2, sampler(SamplerBindingType::Filtering)),
            ),
        ),
    );
    let pipeline = full_screen(&cache, &layout, "enlarged", SCENE_FORMAT);
    commands.insert_resource(Enlarging {
        layout,
        pipeline,
        sampler: linear_sampler(&device, "half scene"),
        group: None,
    });
}

/// The half scene is read from where it is now.
pub(super) fn prepare(
    targets: Res<MapTargets>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    mut enlarging: ResMut<Enlarging>,
) {
    let half = targets.textures.as_ref().and_then(|t| t.half.as_ref());
    let Some(half) = half else {
        enlarging.group = None;
        return;
    };
    let id = half.view.id();
    if enlarging.group.as_ref().is_none_or(|(of, _)| *of != id) {
        let layout = cache.get_bind_group_layout(&enlarging.layout);
        let entries = BindGroupEntries::with_indices(((0, &half.view), (2, &enlarging.sampler)));
        let made = device.create_bind_group("half scene", &layout, &entries);
        enlarging.group = Some((id, made));
    }
}

impl Enlarging {
    /// True when it can be drawn.
    pub(super) fn is_ready(&self, cache: &PipelineCache) -> bool {
        self.group.is_some() && cache.get_render_pipeline(self.pipeline).is_some()
    }

    /// Covers the whole target.
    pub(super) fn draw<'w>(&'w self, world: &'w World, pass: &mut TrackedRenderPass<'w>) {
        let cache = world.resource::<PipelineCache>();
        if let (Some(pipeline), Some((_, group))) =
            (cache.get_render_pipeline(self.pipeline), &self.group)
        {
            pass.set_render_pipeline(pipeline);
            pass.set_bind_group(0, group, &[]);
            pass.draw(0..3, 0..1);
        }
    }
}
