use super::{MoverRecord, Traffic};
use crate::camera::MapCamera;
use crate::live::LayerVisibility;
use crate::live::paint::GrowBuffer;
use crate::live::style::LiveStyle;
use crate::look::Tokens;
use crate::net::City;
use crate::render::{AddMapDraw, MapPhase, MapPipeline};
use bevy::asset::uuid_handle;
use bevy::prelude::*;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BufferId,
    CachedRenderPipelineId, PipelineCache, ShaderStages, ShaderType, UniformBuffer,
    binding_types::{storage_buffer_read_only_sized, uniform_buffer},
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;
use std::ops::Range;

const SHADER: Handle<Shader> = uuid_handle!("0f1f5d52-5a43-4d0c-93b5-6b9a5f1f6b02");

pub(super) struct TrafficGpuPlugin;

impl Plugin for TrafficGpuPlugin {
    fn build(&self, app: &mut App) {
        app.add_map_shader(
            SHADER,
            include_str!("../../../../assets/shaders/live_movers.wgsl"),
            "live_movers.wgsl",
        );
        app.add_map_draw(MapPhase::Traffic, "traffic", draw);
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .add_systems(RenderStartup, init)
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, upload.in_set(RenderSystems::PrepareBindGroups));
    }
}

/// What all movers have in common in a frame; `live_movers.wgsl` reads it.
#[derive(ShaderType, Clone, Default)]
struct Params {
    colors: [Vec4; 4],
    outline: Vec4,
    /// Half length and half width of each kind on the ground, metres.
    half_m: [Vec4; 4],
    now_s: f32,
    glide_max_s: f32,
    blend_s: f32,
    stale_s: f32,
    offline_s: f32,
    radius_px: f32,
}

#[derive(Resource)]
struct TrafficGpu {
    pipeline: CachedRenderPipelineId,
    layout: BindGroupLayoutDescriptor,
    buffer: GrowBuffer,
    params: UniformBuffer<Params>,
    group: Option<(BindGroup, BufferId)>,
    /// What has to be written of all.
    writes: Vec<Range<usize>>,
    /// Everything that is in the buffer, to fill another one when it grows.
    all: Vec<MoverRecord>,
    /// Changes were not taken over: nothing was shown.
    missed: bool,
    count: u32,
}

fn init(mut commands: Commands, cache: Res<PipelineCache>) {
    let layout = BindGroupLayoutDescriptor::new(
        "traffic",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                storage_buffer_read_only_sized(false, None),
                uniform_buffer::<Params>(false),
            ),
        ),
    );
    let pipeline = cache.queue_render_pipeline(
        MapPipeline {
            layouts: vec![layout.clone()],
            ..MapPipeline::new("traffic", SHADER, MapPhase::Traffic)
        }
        .descriptor(),
    );
    commands.insert_resource(TrafficGpu {
        pipeline,
        layout,
        buffer: GrowBuffer::new("traffic"),
        params: UniformBuffer::default(),
        group: None,
        writes: Vec::new(),
        all: Vec::new(),
        missed: false,
        count: 0,
    });
}

impl TrafficGpu {
    /// Takes over what has changed; everything where it was not followed while it was not shown.
    fn follow(&mut self, traffic: &Traffic, shown: bool) {
        if !shown {
            self.missed = true;
            return;
        }
        let records = traffic.records();
        if std::mem::take(&mut self.missed) {
            self.all.clear();
            self.all.extend_from_slice(records);
            self.writes.clear();
            self.writes.push(0..records.len());
            return;
        }
        self.all.resize(records.len(), MoverRecord::default());
        for range in traffic.dirty_ranges() {
            self.all[range.clone()].copy_from_slice(&records[range.clone()]);
            self.writes.push(range);
        }
    }
}

/// Half length and width of car, taxi, bus, van, metres.
const HALF_M: [[f32; 2]; 4] = [[2.3, 0.9], [2.3, 0.9], [6.0, 1.25], [3.2, 1.05]];

fn extract(
    traffic: Extract<Res<Traffic>>,
    city: Extract<Res<City>>,
    camera: Extract<Res<MapCamera>>,
    style: Extract<Res<LiveStyle>>,
    tokens: Extract<Res<Tokens>>,
    layers: Extract<Res<LayerVisibility>>,
    mut gpu: ResMut<TrafficGpu>,
) {
    // On a far map their flow is drawn instead.
    let share = 1.0 - crate::live::flow::share(camera.zoom);
    let shown = layers.traffic && share > 0.0;
    gpu.count = if shown { traffic.len() as u32 } else { 0 };
    gpu.follow(&traffic, shown);
    let quiet = tokens.color("map_text.road_minor");
    let bus = tokens.color("map_text.road_tertiary");
    let color = |c: crate::look::Rgba8, a: f32| Vec4::from(c.with_alpha(a * share).srgb());
    let grow = ((camera.zoom - 12.0) / 4.0).clamp(0.0, 1.0) as f32;
    gpu.params.set(Params {
        colors: [
            color(quiet, 0.72),
            color(quiet, 0.85),
            color(bus, 0.95),
            color(quiet, 0.72),
        ],
        outline: color(style.marker_body, 0.9),
        half_m: HALF_M.map(|[l, w]| Vec4::new(l, w, 0.0, 0.0)),
        now_s: city.now().seconds_since(traffic.base()) as f32,
        glide_max_s: style.glide_max_s as f32,
        blend_s: style.late_fix_blend_s as f32,
        stale_s: style.stale_s as f32,
        offline_s: style.offline_s as f32,
        radius_px: 1.2 + 0.9 * grow,
    });
}

fn upload(
    mut gpu: ResMut<TrafficGpu>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let gpu = &mut *gpu;
    let writes = std::mem::take(&mut gpu.writes);
    if gpu.buffer.reserve(&device, size_of_val(gpu.all.as_slice())) {
        gpu.buffer.write(&queue, 0, &gpu.all);
    } else {
        for range in writes {
            // A range beyond the end was cut off since it was marked.
            if let Some(records) = gpu.all.get(range.clone()) {
                gpu.buffer.write(&queue, range.start, records);
            }
        }
    }
    gpu.params.write_buffer(&device, &queue);
    let (Some(buffer), Some(params)) = (gpu.buffer.get(), gpu.params.binding()) else {
        return;
    };
    if gpu.group.as_ref().is_none_or(|(_, id)| *id != buffer.id()) {
        let layout = cache.get_bind_group_layout(&gpu.layout);
        let entries = BindGroupEntries::sequential((buffer.as_entire_binding(), params));
        gpu.group = Some((
            device.create_bind_group("traffic", &layout, &entries),
            buffer.id(),
        ));
    }
}

fn draw<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>) {
    let (gpu, cache) = (
        world.resource::<TrafficGpu>(),
        world.resource::<PipelineCache>(),
    );
    let (Some(pipeline), Some((group, _))) = (cache.get_render_pipeline(gpu.pipeline), &gpu.group)
    else {
        return;
    };
    if gpu.count > 0 {
        pass.set_render_pipeline(pipeline);
        pass.set_bind_group(1, group, &[]);
        pass.draw(0..6 * gpu.count, 0..1);
    }
}
