//! The flow as a texture on the ground.

use super::raster::{BLOCK, Raster};
use super::{Flow, share};
use crate::camera::MapCamera;
use crate::live::LayerVisibility;
use crate::live::paint::GrowBuffer;
use crate::look::Tokens;
use crate::render::{
    AddMapDraw, KeptChanges, MapPhase, MapPipeline, linear_sampler, upload_texture,
};
use bevy::asset::uuid_handle;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries,
    CachedRenderPipelineId, PipelineCache, Sampler, SamplerBindingType, ShaderStages, ShaderType,
    TextureFormat, TextureSampleType, TextureView, UniformBuffer,
    binding_types::{sampler, storage_buffer_read_only_sized, texture_2d, uniform_buffer},
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;
use std::sync::Arc;

const SHADER: Handle<Shader> = uuid_handle!("0f1f5d52-5a43-4d0c-93b5-6b9a5f1f6b09");

pub(super) struct FlowGpuPlugin;

impl Plugin for FlowGpuPlugin {
    fn build(&self, app: &mut App) {
        app.add_map_shader(
            SHADER,
            include_str!("../../../../assets/shaders/live_flow.wgsl"),
            "live_flow.wgsl",
        );
        app.add_map_draw(MapPhase::Flow, "flow", draw);
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .add_systems(RenderStartup, init)
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, upload.in_set(RenderSystems::PrepareBindGroups));
    }
}

/// `live_flow.wgsl` reads it.
#[derive(ShaderType, Clone, Default, PartialEq)]
struct Params {
    slow: Vec4,
    fast: Vec4,
    /// Mercator relative to the anchor: least corner, greatest corner.
    corners: Vec4,
    /// Opacity; cells of a block across and down, as shares of all cells.
    share: Vec4,
}

#[derive(Resource)]
struct FlowGpu {
    pipeline: CachedRenderPipelineId,
    layout: BindGroupLayoutDescriptor,
    params: UniformBuffer<Params>,
    sampler: Option<Sampler>,
    view: Option<TextureView>,
    runs: GrowBuffer,
    count: u32,
    size: Vec2,
    group: Option<BindGroup>,
    version: u64,
    new: Option<Arc<Raster>>,
    /// Mercator of what is in the texture.
    corners: [DVec2; 2],
    anchor: DVec2,
    shown: bool,
}

fn init(mut commands: Commands, cache: Res<PipelineCache>) {
    let layout = BindGroupLayoutDescriptor::new(
        "flow",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                uniform_buffer::<Params>(false),
                texture_2d(TextureSampleType::Float { filterable: true }),
                sampler(SamplerBindingType::Filtering),
                storage_buffer_read_only_sized(false, None),
            ),
        ),
    );
    let pipeline = cache.queue_render_pipeline(
        MapPipeline {
            layouts: vec![layout.clone()],
            ..MapPipeline::new("flow", SHADER, MapPhase::Flow)
        }
        .descriptor(),
    );
    commands.insert_resource(FlowGpu {
        pipeline,
        layout,
        params: UniformBuffer::default(),
        sampler: None,
        view: None,
        runs: GrowBuffer::new("flow runs"),
        count: 0,
        size: Vec2::ONE,
        group: None,
        version: 0,
        new: None,
        corners: [DVec2::ZERO; 2],
        anchor: DVec2::ZERO,
        shown: false,
    });
}

fn extract(
    flow: Extract<Res<Flow>>,
    layers: Extract<Res<LayerVisibility>>,
    camera: Extract<Res<MapCamera>>,
    tokens: Extract<Res<Tokens>>,
    mut gpu: ResMut<FlowGpu>,
    mut kept: ResMut<KeptChanges>,
) {
    let share = share(camera.zoom);
    gpu.shown = layers.traffic && share > 0.0 && flow.version > 0;
    if flow.version != gpu.version {
        gpu.version = flow.version;
        gpu.corners = flow.raster.corners;
        gpu.size = flow.raster.size.as_vec2().max(Vec2::ONE);
        gpu.new = Some(flow.raster.clone());
    }
    gpu.anchor = camera.anchor;
    let [a, b] = gpu.corners.map(|c| (c - camera.anchor).as_vec2());
    let color = |name: &str| Vec4::from(tokens.color(name).srgb());
    let params = Params {
        slow: color("flow.slow"),
        fast: color("flow.fast"),
        corners: Vec4::new(a.x, a.y, b.x, b.y),
        share: {
            let block = Vec2::splat(BLOCK as f32) / gpu.size;
            Vec4::new(share, block.x, block.y, 0.0)
        },
    };
    if *gpu.params.get() != params {
        gpu.params.set(params);
        kept.mark();
    }
}

fn upload(
    mut gpu: ResMut<FlowGpu>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    mut kept: ResMut<KeptChanges>,
) {
    let gpu = &mut *gpu;
    if let Some(raster) = gpu.new.take() {
        kept.mark();
        gpu.count = raster.runs.len() as u32;
        if raster.runs.is_empty() {
            return kept.show(false);
        }
        if gpu
            .runs
            .reserve(&device, size_of_val(raster.runs.as_slice()))
        {
            gpu.group = None;
        }
        gpu.runs.write(&queue, 0, &raster.runs);
        let format = TextureFormat::Rg8Unorm;
        let (_, view) = upload_texture(
            (&device, &queue),
            "flow",
            raster.size,
            format,
            &raster.bytes,
        );
        gpu.view = Some(view);
        gpu.group = None;
    }
    gpu.params.write_buffer(&device, &queue);
    let sampler = gpu
        .sampler
        .get_or_insert_with(|| linear_sampler(&device, "flow"));
    if gpu.group.is_none()
        && let (Some(params), Some(view)) = (gpu.params.binding(), &gpu.view)
        && let Some(runs) = gpu.runs.get()
    {
        let layout = cache.get_bind_group_layout(&gpu.layout);
        let entries =
            BindGroupEntries::sequential((params, view, &*sampler, runs.as_entire_binding()));
        gpu.group = Some(device.create_bind_group("flow", &layout, &entries));
    }
    let is_made = gpu.group.is_some() && cache.get_render_pipeline(gpu.pipeline).is_some();
    kept.show(gpu.shown && gpu.count > 0 && is_made);
}

fn draw<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>) {
    let (gpu, cache) = (
        world.resource::<FlowGpu>(),
        world.resource::<PipelineCache>(),
    );
    let (Some(pipeline), Some(group)) = (cache.get_render_pipeline(gpu.pipeline), &gpu.group)
    else {
        return;
    };
    if gpu.shown && gpu.count > 0 {
        pass.set_render_pipeline(pipeline);
        pass.set_bind_group(1, group, &[]);
        pass.draw(0..6 * gpu.count, 0..1);
    }
}
