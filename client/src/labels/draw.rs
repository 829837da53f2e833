//! Writes the names: all halos first, then all characters and icons, each a rectangle pulled from one storage buffer.

use super::atlas::{ATLAS_PX, GLYPH_PAD, GLYPH_PX};
use super::{LabelFrame, Labels};
use crate::render::{
    AddMapDraw, ICON_PAD, ICON_PX, IconTexture, MapPhase, MapPipeline, linear_sampler, upload_r8,
};
use bevy::asset::uuid_handle;
use bevy::prelude::*;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries,
    BufferInitDescriptor, BufferUsages, CachedRenderPipelineId, PipelineCache, Sampler,
    SamplerBindingType, ShaderStages, Texture, TextureSampleType, TextureView,
    binding_types::{sampler, storage_buffer_read_only_sized, texture_2d},
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;
use std::sync::Arc;

const SHADER: Handle<Shader> = uuid_handle!("b2f0b6a5-58c1-4f0c-8a55-2f6c6a0d3e01");
/// Half of the stroke that makes the halo (3.4 px), logical pixels at scale 1.
const HALO_PX: f32 = 1.7;
const HALO_ALPHA: f32 = 0.9;

/// Rectangle, atlas rectangle, turn and scale, colour, halo: as the shader has it.
pub(super) type GlyphWords = [f32; 20];

/// A glyph or an icon with its place on the screen.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    /// Middle, logical pixels.
    pub(super) middle: Vec2,
    /// Half its size, logical pixels.
    pub(super) half: Vec2,
    /// Its rectangle in the atlas.
    pub(super) uv: [f32; 4],
    /// Clockwise turn, radians.
    pub(super) angle: f32,
    /// From the outline to where the field ends, logical pixels.
    pub(super) field_px: f32,
    /// From the atlas of icons.
    pub(super) icon: bool,
}

impl Glyph {
    /// As the GPU has it.
    pub(super) fn words(self, color: [f32; 4], halo: [f32; 4], scale: f32) -> GlyphWords {
        let Self {
            middle,
            half,
            uv,
            angle,
            field_px,
            icon,
        } = self;
        let (s, c) = angle.sin_cos();
        let field = if icon { -field_px } else { field_px };
        let [r, g, b, a] = color;
        let [hr, hg, hb, ha] = halo;
        [
            middle.x,
            middle.y,
            half.x,
            half.y,
            uv[0],
            uv[1],
            uv[2],
            uv[3],
            s,
            c,
            field,
            HALO_PX * scale,
            r,
            g,
            b,
            a,
            hr,
            hg,
            hb,
            ha * HALO_ALPHA * a,
        ]
    }
}

/// Logical pixels of the field around a character of this size.
pub(super) fn glyph_field_px(size_px: f32) -> f32 {
    GLYPH_PAD as f32 / GLYPH_PX * size_px
}

/// Half the side of an icon's rectangle and its field, for an icon drawn at `size_px`.
pub(super) fn icon_px(size_px: f32) -> (f32, f32) {
    let per = size_px / ICON_PX as f32;
    (
        (ICON_PX + 2 * ICON_PAD) as f32 * per / 2.0,
        ICON_PAD as f32 * per,
    )
}

pub(super) struct LabelsDrawPlugin;

impl Plugin for LabelsDrawPlugin {
    fn build(&self, app: &mut App) {
        app.add_map_shader(
            SHADER,
            include_str!("../../../assets/shaders/labels.wgsl"),
            "labels.wgsl",
        )
        .add_map_draw(MapPhase::Labels, "names", draw);
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .add_systems(RenderStartup, init)
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, prepare.in_set(RenderSystems::PrepareResources));
    }
}

#[derive(Resource, Default)]
struct Extracted {
    frame: Arc<LabelFrame>,
    pixels: Option<Vec<u8>>,
    /// Version of the atlas that was taken last; none before the first, which may hold no glyph yet.
    pixels_version: Option<u64>,
}

#[derive(Resource)]
struct Gpu {
    layout: BindGroupLayoutDescriptor,
    /// Halos, then what they stand around; of each those of characters and of icons.
    pipelines: [[CachedRenderPipelineId; 2]; 2],
    sampler: Sampler,
    atlas: Option<(Texture, TextureView)>,
    group: Option<BindGroup>,
    /// Characters, and icons after them.
    counts: [u32; 2],
    shown: Option<Arc<LabelFrame>>,
}

fn init(mut commands: Commands, cache: Res<PipelineCache>, device: Res<RenderDevice>) {
    let texture = || texture_2d(TextureSampleType::Float { filterable: true });
    let layout = BindGroupLayoutDescriptor::new(
        "names",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                storage_buffer_read_only_sized(false, None),
                texture(),
                texture(),
                sampler(SamplerBindingType::Filtering),
            ),
        ),
    );
    let pipeline = |defs: &[&str]| {
        let description = MapPipeline {
            layouts: vec![layout.clone()],
            defs: defs.iter().map(|d| (*d).into()).collect(),
            ..MapPipeline::new("names", SHADER, MapPhase::Labels)
        };
        cache.queue_render_pipeline(description.descriptor())
    };
    let pipelines = [
        [pipeline(&["HALO"]), pipeline(&["HALO", "ICONS"])],
        [pipeline(&[]), pipeline(&["ICONS"])],
    ];
    let sampler = linear_sampler(&device, "names");
    commands.insert_resource(Gpu {
        layout,
        pipelines,
        sampler,
        atlas: None,
        group: None,
        counts: [0; 2],
        shown: None,
    });
    commands.init_resource::<Extracted>();
}

fn extract(mut extracted: ResMut<Extracted>, labels: Extract<Option<Res<Labels>>>) {
    let Some(labels) = labels.as_ref() else {
        return;
    };
    extracted.frame = labels.frame.clone();
    let version = Some(labels.atlas.version);
    if extracted.pixels_version != version {
        extracted.pixels_version = version;
        extracted.pixels = Some(labels.atlas.pixels.clone());
    }
}

fn prepare(
    mut extracted: ResMut<Extracted>,
    gpu: Option<ResMut<Gpu>>,
    icons: Option<Res<IconTexture>>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    cache: Res<PipelineCache>,
) {
    let Some(mut gpu) = gpu else { return };
    let mut fresh = false;
    if let Some(pixels) = extracted.pixels.take() {
        gpu.atlas = Some(upload_r8(
            &device,
            &queue,
            "glyphs",
            UVec2::splat(ATLAS_PX as u32),
            &pixels,
        ));
        fresh = true;
    }
    let same = gpu
        .shown
        .as_ref()
        .is_some_and(|s| Arc::ptr_eq(s, &extracted.frame));
    let icons_new = icons.as_ref().is_some_and(DetectChanges::is_added);
    if same && !fresh && !icons_new {
        return;
    }
    let Some((_, atlas)) = &gpu.atlas else { return };
    let glyphs = &extracted.frame.glyphs;
    let empty: [GlyphWords; 1] = [[0.0; 20]];
    let buffer = device.create_buffer_with_data(&BufferInitDescriptor {
        label: Some("names"),
        contents: bytemuck::cast_slice(if glyphs.is_empty() {
            &empty
        } else {
            &glyphs[..]
        }),
        usage: BufferUsages::STORAGE,
    });
    let layout = cache.get_bind_group_layout(&gpu.layout);
    let icons = icons.as_ref().map_or(atlas, |i| &i.view);
    let entries =
        BindGroupEntries::sequential((buffer.as_entire_binding(), atlas, icons, &gpu.sampler));
    let group = device.create_bind_group("names", &layout, &entries);
    let icons = extracted.frame.icons as u32;
    gpu.counts = [glyphs.len() as u32 - icons, icons];
    gpu.group = Some(group);
    gpu.shown = Some(extracted.frame.clone());
}

fn draw<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>) {
    let Some(gpu) = world.get_resource::<Gpu>() else {
        return;
    };
    let cache = world.resource::<PipelineCache>();
    let Some(group) = &gpu.group else {
        return;
    };
    let [characters, icons] = gpu.counts;
    let ranges = [0..characters, characters..characters + icons];
    for ids in gpu.pipelines {
        for (id, range) in ids.into_iter().zip(&ranges) {
            let Some(pipeline) = cache.get_render_pipeline(id).filter(|_| !range.is_empty()) else {
                continue;
            };
            pass.set_render_pipeline(pipeline);
            pass.set_bind_group(1, group, &[]);
            pass.draw(6 * range.start..6 * range.end, 0..1);
        }
    }
}
