use super::{Canvas, Letters, MARK_PHASES, Prim, PrimClass, runs};
use crate::render::{AddMapDraw, IconTexture, MapPhase, MapPipeline, linear_sampler, upload_r8};
use bevy::asset::uuid_handle;
use bevy::prelude::*;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, Buffer,
    BufferDescriptor, BufferId, BufferUsages, CachedRenderPipelineId, PipelineCache, Sampler,
    SamplerBindingType, ShaderStages, Texture, TextureSampleType, TextureView, TextureViewId,
    binding_types::{sampler, storage_buffer_read_only_sized, texture_2d},
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;
use bytemuck::Pod;
use std::ops::Range;

const SHADER: Handle<Shader> = uuid_handle!("0f1f5d52-5a43-4d0c-93b5-6b9a5f1f6b01");

/// A storage buffer that grows by doubling.
#[derive(Default)]
pub(crate) struct GrowBuffer {
    buffer: Option<Buffer>,
    label: &'static str,
}

impl GrowBuffer {
    pub(crate) fn new(label: &'static str) -> Self {
        Self {
            buffer: None,
            label,
        }
    }

    /// Makes room for so many bytes; true where that took another buffer, which is empty.
    pub(crate) fn reserve(&mut self, device: &RenderDevice, bytes: usize) -> bool {
        let size = bytes.max(4096).next_power_of_two() as u64;
        if self.buffer.as_ref().is_some_and(|b| b.size() >= size) {
            return false;
        }
        self.buffer = Some(device.create_buffer(&BufferDescriptor {
            label: Some(self.label),
            size,
            usage: BufferUsages::STORAGE | BufferUsages::COPY_DST,
            mapped_at_creation: false,
        }));
        true
    }

    /// Writes items from the item with this index on; there must be room.
    pub(crate) fn write<T: Pod>(&self, queue: &RenderQueue, first: usize, items: &[T]) {
        if let Some(buffer) = &self.buffer
            && !items.is_empty()
        {
            queue.write_buffer(
                buffer,
                (first * size_of::<T>()) as u64,
                bytemuck::cast_slice(items),
            );
        }
    }

    pub(crate) fn get(&self) -> Option<&Buffer> {
        self.buffer.as_ref()
    }
}

/// Uploads [`Canvas`] and draws it phase by phase.
pub struct PaintPlugin;

impl Plugin for PaintPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Canvas>();
        match Letters::load() {
            Ok(letters) => {
                app.insert_resource(letters);
            }
            Err(error) => error!("markers have no text: {error}"),
        }
        app.add_map_shader(
            SHADER,
            include_str!("../../../../assets/shaders/live_prims.wgsl"),
            "live_prims.wgsl",
        );
        app.add_map_draw(MapPhase::Watermark, "marks: watermark", |world, pass| {
            draw(world, pass, 0);
        });
        app.add_map_draw(MapPhase::Dots, "marks: dots", |world, pass| {
            draw(world, pass, 1);
        });
        app.add_map_draw(MapPhase::Icons, "marks: icons", |world, pass| {
            draw(world, pass, 2);
        });
        app.add_map_draw(MapPhase::Sensors, "marks: sensors", |world, pass| {
            draw(world, pass, 3);
        });
        app.add_map_draw(MapPhase::Clusters, "marks: clusters", |world, pass| {
            draw(world, pass, 4);
        });
        app.add_map_draw(MapPhase::Cases, "marks: cases", |world, pass| {
            draw(world, pass, 5);
        });
        app.add_map_draw(MapPhase::Selection, "marks: selection", |world, pass| {
            draw(world, pass, 6);
        });
        app.add_map_draw(MapPhase::Callouts, "marks: callouts", |world, pass| {
            draw(world, pass, 7);
        });
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .add_systems(RenderStartup, init)
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, upload.in_set(RenderSystems::PrepareBindGroups));
    }
}

/// The letters on the GPU.
struct LetterTexture {
    view: TextureView,
    sampler: Sampler,
    _texture: Texture,
}

impl LetterTexture {
    fn new(device: &RenderDevice, queue: &RenderQueue, size: UVec2, pixels: &[u8]) -> Self {
        let (texture, view) = upload_r8(device, queue, "letters", size, pixels);
        Self {
            view,
            sampler: linear_sampler(device, "letters"),
            _texture: texture,
        }
    }
}

#[derive(Resource)]
struct Paint {
    /// A blank until there are letters: shapes are drawn whether anything was ever written or not.
    letters: Option<LetterTexture>,
    /// Version of the letters that are on the GPU, and pixels that are not yet there.
    letters_version: u64,
    letters_new: Option<Vec<u8>>,
    /// One for each [`PrimClass`].
    pipelines: [CachedRenderPipelineId; 4],
    layout: BindGroupLayoutDescriptor,
    buffer: GrowBuffer,
    group: Option<(BindGroup, BufferId, [TextureViewId; 2])>,
    prims: Vec<Prim>,
    /// Of each phase, in the order of painting.
    runs: [Vec<(PrimClass, Range<u32>)>; MARK_PHASES.len()],
}

fn init(mut commands: Commands, cache: Res<PipelineCache>) {
    let filtered = || texture_2d(TextureSampleType::Float { filterable: true });
    let layout = BindGroupLayoutDescriptor::new(
        "marks",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                storage_buffer_read_only_sized(false, None),
                filtered(),
                sampler(SamplerBindingType::Filtering),
                filtered(),
                sampler(SamplerBindingType::Filtering),
            ),
        ),
    );
    let classes = [
        PrimClass::Shape,
        PrimClass::Dashed,
        PrimClass::Glyph,
        PrimClass::Icon,
    ];
    let pipelines = classes.map(|class| {
        let defs: &[&str] = match class {
            PrimClass::Shape => &[],
            PrimClass::Dashed => &["DASHED"],
            PrimClass::Glyph => &["TEXTURED"],
            PrimClass::Icon => &["TEXTURED", "ICONS"],
        };
        let description = MapPipeline {
            layouts: vec![layout.clone()],
            defs: defs.iter().map(|d| (*d).into()).collect(),
            ..MapPipeline::new("marks", SHADER, MapPhase::Icons)
        };
        cache.queue_render_pipeline(description.descriptor())
    });
    commands.insert_resource(Paint {
        letters: None,
        letters_version: 0,
        letters_new: None,
        pipelines,
        layout,
        buffer: GrowBuffer::new("marks"),
        group: None,
        prims: Vec::new(),
        runs: Default::default(),
    });
}

fn extract(
    canvas: Extract<Res<Canvas>>,
    letters: Extract<Option<Res<Letters>>>,
    mut paint: ResMut<Paint>,
) {
    let (prims, starts) = canvas.flatten();
    for (phase, of_phase) in paint.runs.iter_mut().enumerate() {
        let (first, end) = (starts[phase], starts[phase + 1]);
        *of_phase = runs(&prims[first as usize..end as usize]);
        for (_, range) in of_phase {
            *range = range.start + first..range.end + first;
        }
    }
    paint.prims = prims;
    if let Some(letters) = letters.as_ref()
        && letters.version() != paint.letters_version
    {
        paint.letters_version = letters.version();
        paint.letters_new = Some(letters.pixels().to_vec());
    }
}

fn upload(
    mut paint: ResMut<Paint>,
    icons: Option<Res<IconTexture>>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let paint = &mut *paint;
    if let Some(pixels) = paint.letters_new.take() {
        paint.letters = Some(LetterTexture::new(
            &device,
            &queue,
            Letters::size(),
            &pixels,
        ));
    }
    let glyphs = paint
        .letters
        .get_or_insert_with(|| LetterTexture::new(&device, &queue, UVec2::ONE, &[0]));
    // Without icons no marker carries any: what stands in their place is never read.
    let (icons, icon_sampler) = icons
        .as_ref()
        .map_or((&glyphs.view, &glyphs.sampler), |i| (&i.view, &i.sampler));
    paint
        .buffer
        .reserve(&device, size_of_val(paint.prims.as_slice()));
    paint.buffer.write(&queue, 0, &paint.prims);
    let Some(buffer) = paint.buffer.get() else {
        return;
    };
    let textures = [icons.id(), glyphs.view.id()];
    if paint
        .group
        .as_ref()
        .is_none_or(|(_, b, t)| (*b, *t) != (buffer.id(), textures))
    {
        let group = device.create_bind_group(
            "marks",
            &cache.get_bind_group_layout(&paint.layout),
            &BindGroupEntries::sequential((
                buffer.as_entire_binding(),
                icons,
                icon_sampler,
                &glyphs.view,
                &glyphs.sampler,
            )),
        );
        paint.group = Some((group, buffer.id(), textures));
    }
}

fn draw<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>, phase: usize) {
    let (paint, cache) = (world.resource::<Paint>(), world.resource::<PipelineCache>());
    let Some((group, ..)) = &paint.group else {
        return;
    };
    for (class, range) in &paint.runs[phase] {
        let id = paint.pipelines[*class as usize];
        let Some(pipeline) = cache.get_render_pipeline(id) else {
            continue;
        };
        pass.set_render_pipeline(pipeline);
        pass.set_bind_group(1, group, &[]);
        pass.draw(6 * range.start..6 * range.end, 0..1);
    }
}
