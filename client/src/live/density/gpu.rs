use super::{Density, Surface};
use crate::camera::MapCamera;
use crate::live::LayerVisibility;
use crate::live::style::LiveStyle;
use crate::look::Tokens;
use crate::net::City;
use crate::render::{
    AddMapDraw, MapPhase, MapPipeline, SceneChanges, draws_by_processor, linear_sampler,
    upload_texture,
};
use bevy::asset::uuid_handle;
use bevy::prelude::*;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries,
    CachedRenderPipelineId, PipelineCache, Sampler, SamplerBindingType, ShaderStages, ShaderType,
    Texture, TextureFormat, TextureSampleType, TextureView, UniformBuffer,
    binding_types::{sampler, texture_2d, uniform_buffer},
};
use bevy::render::renderer::{RenderAdapterInfo, RenderDevice, RenderQueue};
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;
use std::sync::Arc;

const SHADER: Handle<Shader> = uuid_handle!("0f1f5d52-5a43-4d0c-93b5-6b9a5f1f6b04");
/// Shortest time between two surfaces, so that each fade ends before the next begins; longer where a processor draws.
const FADE_MIN_S: f32 = 1.0;
const FADE_MIN_BY_PROCESSOR_S: f32 = 4.0;
/// Steps of a fade: the scene under the markers is drawn again for each. Where a processor draws, that takes as long as
/// ten other frames.
const FADE_STEPS: f32 = 6.0;
const FADE_STEPS_BY_PROCESSOR: f32 = 2.0;

/// Shortest time between two surfaces, seconds.
pub(super) fn fade_min_s(adapter: Option<&RenderAdapterInfo>) -> f32 {
    if draws_by_processor(adapter) {
        FADE_MIN_BY_PROCESSOR_S
    } else {
        FADE_MIN_S
    }
}

pub(super) struct DensityGpuPlugin;

impl Plugin for DensityGpuPlugin {
    fn build(&self, app: &mut App) {
        app.add_map_shader(
            SHADER,
            include_str!("../../../../assets/shaders/live_density.wgsl"),
            "live_density.wgsl",
        );
        app.add_map_draw(MapPhase::Density, "density", draw);
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .add_systems(RenderStartup, init)
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, upload.in_set(RenderSystems::PrepareBindGroups));
    }
}

/// `live_density.wgsl` reads it.
#[derive(ShaderType, Clone, Default, PartialEq)]
struct Params {
    ramp: [Vec4; 7],
    /// Mercator relative to the anchor: south-west, north-east; of the surface that goes and of the one that comes.
    old_box: Vec4,
    new_box: Vec4,
    /// Share of the coming one in x.
    fade: Vec4,
}

#[derive(Resource)]
struct DensityGpu {
    /// One surface, and one that fades into another.
    pipelines: [CachedRenderPipelineId; 2],
    layout: BindGroupLayoutDescriptor,
    params: UniformBuffer<Params>,
    sampler: Option<Sampler>,
    fade_steps: f32,
    /// The surface that goes and the one that comes.
    textures: [Option<(Texture, TextureView)>; 2],
    boxes: [Vec4; 2],
    group: Option<BindGroup>,
    version: u64,
    new: Option<Arc<Surface>>,
    shown: bool,
    fade: f32,
    anchor: DVec2,
    corners: [[[f64; 2]; 2]; 2],
}

use bevy::math::DVec2;

fn init(
    mut commands: Commands,
    cache: Res<PipelineCache>,
    adapter: Option<Res<RenderAdapterInfo>>,
) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let layout = BindGroupLayoutDescriptor::new(
        "density",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                uniform_buffer::<Params>(false),
                texture(),
                texture(),
                sampler(SamplerBindingType::Filtering),
            ),
        ),
    );
    let pipelines = [&[][..], &["FADING"]].map(|defs: &[&str]| {
        let description = MapPipeline {
            layouts: vec![layout.clone()],
            defs: defs.iter().map(|d| (*d).into()).collect(),
            ..MapPipeline::new("density", SHADER, MapPhase::Density)
        };
        cache.queue_render_pipeline(description.descriptor())
    });
    let fade_steps = if draws_by_processor(adapter.as_deref()) {
        FADE_STEPS_BY_PROCESSOR
    } else {
        FADE_STEPS
    };
    commands.insert_resource(DensityGpu {
        pipelines,
        layout,
        params: UniformBuffer::default(),
        sampler: None,
        fade_steps,
        textures: [None, None],
        boxes: [Vec4::ZERO; 2],
        group: None,
        version: 0,
        new: None,
        shown: false,
        fade: 1.0,
        anchor: DVec2::ZERO,
        corners: Default::default(),
    });
}

fn extract(
    density: Extract<Res<Density>>,
    layers: Extract<Res<LayerVisibility>>,
    camera: Extract<Res<MapCamera>>,
    (style, tokens): (Extract<Res<LiveStyle>>, Extract<Res<Tokens>>),
    (time, city): (Extract<Res<Time>>, Extract<Res<City>>),
    mut gpu: ResMut<DensityGpu>,
    mut changes: ResMut<SceneChanges>,
) {
    let gpu = &mut *gpu;
    if density.version != gpu.version {
        gpu.version = density.version;
        gpu.new = Some(density.surface.clone());
        gpu.fade = 0.0;
    } else if gpu.fade < 1.0 {
        gpu.fade = (gpu.fade + time.delta_secs() / style.heat_s.max(1e-3)).min(1.0);
    }
    if city.frozen_frame().is_some() {
        gpu.fade = 1.0;
    }
    gpu.anchor = camera.anchor;
    let shown = layers.density && gpu.version > 0;
    let mut ramp = [Vec4::ZERO; 7];
    for (to, color) in ramp.iter_mut().zip(tokens.colors("ramp.density")) {
        *to = Vec4::from(color.srgb());
    }
    let corners = gpu.corners;
    let anchor = gpu.anchor;
    let rect = |i: usize| {
        let [sw, ne] = corners[i].map(|c| (DVec2::from(c) - anchor).as_vec2());
        Vec4::new(sw.x, sw.y, ne.x, ne.y)
    };
    gpu.boxes = [rect(0), rect(1)];
    let steps = gpu.fade_steps;
    let fade = (gpu.fade * steps).ceil() / steps;
    let params = Params {
        ramp,
        old_box: gpu.boxes[0],
        new_box: gpu.boxes[1],
        fade: Vec4::new(fade, 0.0, 0.0, 0.0),
    };
    if *gpu.params.get() != params || gpu.shown != shown || gpu.new.is_some() {
        gpu.params.set(params);
        gpu.shown = shown;
        changes.mark();
    }
}

fn upload(
    mut gpu: ResMut<DensityGpu>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let gpu = &mut *gpu;
    if let Some(surface) = gpu.new.take().filter(|s| s.size.min_element() > 0) {
        let texture = upload_surface(&device, &queue, &surface);
        // The first one fades in from nothing: itself, with nothing of it.
        gpu.textures[0] = gpu.textures[1].take();
        gpu.corners[0] = gpu.corners[1];
        gpu.textures[1] = Some(texture);
        gpu.corners[1] = surface.corners;
        gpu.group = None;
        let [sw, ne] = gpu.corners[1].map(|c| (DVec2::from(c) - gpu.anchor).as_vec2());
        let [osw, one] = gpu.corners[0].map(|c| (DVec2::from(c) - gpu.anchor).as_vec2());
        let params = gpu.params.get_mut();
        params.new_box = Vec4::new(sw.x, sw.y, ne.x, ne.y);
        params.old_box = Vec4::new(osw.x, osw.y, one.x, one.y);
    }
    gpu.params.write_buffer(&device, &queue);
    let sampler = gpu
        .sampler
        .get_or_insert_with(|| linear_sampler(&device, "density"));
    let Some((_, new)) = &gpu.textures[1] else {
        return;
    };
    let old = gpu.textures[0].as_ref().map_or(new, |(_, view)| view);
    if gpu.group.is_none()
        && let Some(params) = gpu.params.binding()
    {
        let layout = cache.get_bind_group_layout(&gpu.layout);
        let entries = BindGroupEntries::sequential((params, old, new, &*sampler));
        gpu.group = Some(device.create_bind_group("density", &layout, &entries));
    }
}

/// Half floats hold shares to a thousandth, and can be filtered everywhere.
fn upload_surface(
    device: &RenderDevice,
    queue: &RenderQueue,
    surface: &Surface,
) -> (Texture, TextureView) {
    let bytes: Vec<u8> = surface
        .values
        .iter()
        .flat_map(|v| half_bits(*v).to_le_bytes())
        .collect();
    let format = TextureFormat::R16Float;
    upload_texture((device, queue), "density", surface.size, format, &bytes)
}

/// Bits of the half float below a value ≥ 0; what is beyond its range is its largest number.
fn half_bits(v: f32) -> u16 {
    let bits = v.max(0.0).to_bits();
    let exponent = (bits >> 23) as i32 - 112;
    match exponent {
        e if e >= 31 => 0x7bff,
        e if e <= 0 => {
            // Below the smallest normal number: counted in steps of 2⁻²⁴.
            (v.max(0.0) * 16_777_216.0) as u16
        }
        e => ((e as u32) << 10 | (bits >> 13 & 0x3ff)) as u16,
    }
}

fn draw<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>) {
    let (gpu, cache) = (
        world.resource::<DensityGpu>(),
        world.resource::<PipelineCache>(),
    );
    let fading = gpu.params.get().fade.x < 1.0;
    let id = gpu.pipelines[usize::from(fading)];
    let (Some(pipeline), Some(group)) = (cache.get_render_pipeline(id), &gpu.group) else {
        return;
    };
    if gpu.shown {
        pass.set_render_pipeline(pipeline);
        pass.set_bind_group(1, group, &[]);
        pass.draw(0..6, 0..1);
    }
}

#[cfg(test)]
mod tests {
    use super::half_bits;

    #[test]
    fn half_floats() {
        let cases = [
            (0.0, 0),
            (1.0, 0x3c00),
            (420.0, 0x5e90),
            (0.5, 0x3800),
            (6.0e-8, 1),
            (1e9, 0x7bff),
            (-3.0, 0),
        ];
        for (value, bits) in cases {
            assert_eq!(half_bits(value), bits, "{value}");
        }
    }
}
