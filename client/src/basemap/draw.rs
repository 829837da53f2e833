//! Puts the tiles on the GPU and draws them, layer by layer from the ground up.

use super::mesh::{Bucket, BucketKind, EXTENT, TileMesh};
use super::style::{Paint, PaintValues, Scope, Style, StyleLayer, StyleValue};
use super::tiles::{TileSource, Tiles};
use crate::camera::MapCamera;
use crate::look::Tokens;
use crate::render::{AddMapDraw, DepthUse, MapPhase, MapPipeline, SceneChanges, rise};
use bevy::asset::uuid_handle;
use bevy::math::DVec2;
use bevy::mesh::VertexBufferLayout;
use bevy::prelude::*;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::VertexFormat::{Float32, Sint16x2, Snorm8x4, Snorm16x2};
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, Buffer,
    BufferInitDescriptor, BufferUsages, CachedRenderPipelineId, IndexFormat, PipelineCache,
    ShaderStages, VertexFormat, VertexStepMode,
    binding_types::{storage_buffer_read_only_sized, uniform_buffer_sized},
};
use bevy::render::renderer::RenderDevice;
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::Shader;
use chengtu_engine::geo::TileId;
use std::collections::HashMap;
use std::sync::Arc;

const SHADER: Handle<Shader> = uuid_handle!("1f0c6f0a-6f9a-4b7e-8f3e-0d5b7f1d2c01");
/// Frames a tile's buffers are kept on the GPU after it was last drawn.
const GPU_FRAMES_KEPT: u64 = 240;
/// Below this much of their height, buildings are drawn as footprints without shadow and outline.
const RISE_MIN: f32 = 0.02;
/// Roof outlines are drawn from this zoom on; below they would be a haze.
const EDGE_ZOOM_MIN: f32 = 14.8;

pub(super) struct BasemapDrawPlugin;

impl Plugin for BasemapDrawPlugin {
    fn build(&self, app: &mut App) {
        app.add_map_shader(
            SHADER,
            include_str!("../../../assets/shaders/basemap.wgsl"),
            "basemap.wgsl",
        )
        .add_map_draw(MapPhase::Ground, "ground", |w, p| {
            draw(w, p, MapPhase::Ground);
        })
        .add_map_draw(MapPhase::Water, "water", |w, p| draw(w, p, MapPhase::Water))
        .add_map_draw(MapPhase::Roads, "roads", |w, p| draw(w, p, MapPhase::Roads))
        .add_map_draw(MapPhase::Shadows, "shadows", |w, p| {
            draw(w, p, MapPhase::Shadows);
        })
        .add_map_draw(MapPhase::Buildings, "buildings", |w, p| {
            draw(w, p, MapPhase::Buildings);
        });
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .init_resource::<GpuTiles>()
            .init_resource::<Extracted>()
            .add_systems(RenderStartup, init)
            .add_systems(ExtractSchedule, extract)
            .add_systems(Render, prepare.in_set(RenderSystems::PrepareResources));
    }
}

/// What the main world says is to be drawn.
#[derive(Resource, Default)]
struct Extracted {
    shown: Vec<Arc<TileMesh>>,
    style: Option<Arc<Style>>,
    camera: MapCamera,
    building: [[f32; 4]; 8],
    version: u64,
}

/// A pipeline for each kind of triangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Pipe {
    Fill,
    Line,
    Shadow,
    Solid,
    Edge,
}

#[derive(Resource)]
struct Pipelines {
    layout: BindGroupLayoutDescriptor,
    ids: HashMap<Pipe, CachedRenderPipelineId>,
}

struct GpuTile {
    mesh: Arc<TileMesh>,
    fill: Option<[Buffer; 2]>,
    line: Option<[Buffer; 2]>,
    solid: Option<[Buffer; 2]>,
    edge: Option<[Buffer; 2]>,
    used: u64,
}

struct Call {
    phase: MapPhase,
    pipe: Pipe,
    tile: Option<TileId>,
    range: std::ops::Range<u32>,
    instance: u32,
}

/// Buffers of the tiles and the list of draw calls.
#[derive(Resource, Default)]
struct GpuTiles {
    tiles: HashMap<TileId, GpuTile>,
    ground: Option<[Buffer; 2]>,
    calls: Vec<Call>,
    group: Option<BindGroup>,
    drawn: Option<(u64, MapCamera)>,
    frame: u64,
}

fn init(mut commands: Commands, cache: Res<PipelineCache>) {
    let both = ShaderStages::VERTEX_FRAGMENT;
    let layout = BindGroupLayoutDescriptor::new(
        "base map",
        &BindGroupLayoutEntries::sequential(
            both,
            (
                storage_buffer_read_only_sized(false, None),
                storage_buffer_read_only_sized(false, None),
                storage_buffer_read_only_sized(false, None),
                uniform_buffer_sized(false, None),
            ),
        ),
    );
    let buffer = |formats: &[VertexFormat]| {
        vec![VertexBufferLayout::from_vertex_formats(
            VertexStepMode::Vertex,
            formats.iter().copied(),
        )]
    };
    let pipe = |pipe: Pipe, phase, entries, formats: &[VertexFormat], depth| {
        let description = MapPipeline {
            entries,
            layouts: vec![layout.clone()],
            buffers: buffer(formats),
            depth,
            ..MapPipeline::new("base map", SHADER, phase)
        };
        (pipe, cache.queue_render_pipeline(description.descriptor()))
    };
    let solid = [Sint16x2, Float32, Snorm8x4];
    let ids = [
        pipe(
            Pipe::Fill,
            MapPhase::Ground,
            ["fill_vertex", "fill_fragment"],
            &[Sint16x2],
            DepthUse::None,
        ),
        pipe(
            Pipe::Line,
            MapPhase::Roads,
            ["line_vertex", "line_fragment"],
            &[Sint16x2, Snorm16x2, Float32, Float32],
            DepthUse::None,
        ),
        pipe(
            Pipe::Shadow,
            MapPhase::Shadows,
            ["shadow_vertex", "shadow_fragment"],
            &solid,
            DepthUse::Once,
        ),
        pipe(
            Pipe::Solid,
            MapPhase::Buildings,
            ["solid_vertex", "solid_fragment"],
            &solid,
            DepthUse::TestAndWrite,
        ),
        pipe(
            Pipe::Edge,
            MapPhase::Buildings,
            ["edge_vertex", "edge_fragment"],
            &[Sint16x2, Sint16x2, Float32, Float32],
            DepthUse::TestNearer,
        ),
    ]
    .into_iter()
    .collect();
    commands.insert_resource(Pipelines { layout, ids });
}

fn extract(
    mut extracted: ResMut<Extracted>,
    tiles: Extract<Res<Tiles>>,
    source: Extract<Option<Res<TileSource>>>,
    camera: Extract<Res<MapCamera>>,
    tokens: Extract<Res<Tokens>>,
) {
    if extracted.camera != **camera {
        extracted.camera = camera.clone();
    }
    let restyled = source.as_ref().is_some_and(Res::is_changed) || tokens.is_changed();
    if extracted.version != tiles.version || restyled {
        extracted.version = tiles.version;
        extracted.shown.clone_from(&tiles.shown);
        extracted.style = source.as_ref().map(|s| s.style.clone());
        let names = ["top", "top_tall", "edge", "lit", "mid", "shade", "shadow"];
        for (slot, name) in extracted.building.iter_mut().zip(names) {
            *slot = tokens.color(&format!("building.{name}")).srgb();
        }
        extracted.building[7] = tokens.color("ground.footprint").srgb();
    }
}

struct Painting<'a> {
    zoom: f64,
    layer: &'a StyleLayer,
    key: &'a [StyleValue],
}

impl Scope for Painting<'_> {
    fn zoom(&self) -> f64 {
        self.zoom
    }

    fn property(&self, name: &str) -> Option<StyleValue> {
        let i = self.layer.depends_on.iter().position(|n| n == name)?;
        self.key.get(i).filter(|v| **v != StyleValue::Null).cloned()
    }

    fn geometry_type(&self) -> &'static str {
        "Unknown"
    }
}

fn paint_words(v: &PaintValues) -> [f32; 12] {
    let [r, g, b, a] = v.color;
    let [d0, d1, d2, d3] = v.dash_px;
    [r, g, b, a, v.width_px, v.gap_px, 0.0, 0.0, d0, d1, d2, d3]
}

/// Uploads new tiles and writes the list of draw calls, when anything changed.
fn prepare(
    extracted: Res<Extracted>,
    pipelines: Option<Res<Pipelines>>,
    device: Res<RenderDevice>,
    cache: Res<PipelineCache>,
    mut gpu: ResMut<GpuTiles>,
    mut changes: ResMut<SceneChanges>,
) {
    gpu.frame += 1;
    let (Some(pipelines), Some(style)) = (pipelines, &extracted.style) else {
        return;
    };
    let stamp = (extracted.version, extracted.camera.clone());
    if gpu.drawn.as_ref() == Some(&stamp) {
        return;
    }
    gpu.drawn = Some(stamp);
    changes.mark();
    let frame = gpu.frame;
    for mesh in &extracted.shown {
        let current = gpu
            .tiles
            .get(&mesh.id)
            .is_some_and(|t| Arc::ptr_eq(&t.mesh, mesh));
        if !current {
            gpu.tiles.insert(mesh.id, upload(&device, mesh));
        }
        if let Some(tile) = gpu.tiles.get_mut(&mesh.id) {
            tile.used = frame;
        }
    }
    gpu.tiles.retain(|_, t| t.used + GPU_FRAMES_KEPT > frame);

    let camera = &extracted.camera;
    let mut list = CallList::new(camera);
    list.ground(style);
    for (i, layer) in style.layers.iter().enumerate() {
        if camera.zoom >= layer.minzoom && camera.zoom < layer.maxzoom {
            list.layer(i, layer, &extracted.shown);
        }
    }
    let buildings = list.rise > RISE_MIN;
    list.calls
        .retain(|c| buildings || !matches!(c.pipe, Pipe::Shadow | Pipe::Edge));
    // Outlines lie on all buildings, not only on those drawn before.
    list.calls.sort_by_key(|c| (c.phase, c.pipe == Pipe::Edge));
    let storage = |label, bytes: &[u8]| {
        let contents = if bytes.is_empty() { &[0; 64] } else { bytes };
        device.create_buffer_with_data(&BufferInitDescriptor {
            label: Some(label),
            contents,
            usage: BufferUsages::STORAGE,
        })
    };
    let tiles = storage("map tiles", bytemuck::cast_slice(&list.tiles));
    let paints = storage("map paints", bytemuck::cast_slice(&list.paints));
    let draws = storage("map draws", bytemuck::cast_slice(&list.draws));
    let building = device.create_buffer_with_data(&BufferInitDescriptor {
        label: Some("building colours"),
        contents: bytemuck::cast_slice(&extracted.building),
        usage: BufferUsages::UNIFORM,
    });
    let layout = cache.get_bind_group_layout(&pipelines.layout);
    let entries = BindGroupEntries::sequential((
        tiles.as_entire_binding(),
        paints.as_entire_binding(),
        draws.as_entire_binding(),
        building.as_entire_binding(),
    ));
    gpu.group = Some(device.create_bind_group("base map", &layout, &entries));
    gpu.calls = list.calls;
    if gpu.ground.is_none() {
        let corner = EXTENT as i16;
        let vertices: [i16; 8] = [0, 0, corner, 0, 0, corner, corner, corner];
        gpu.ground = Some(buffers(
            &device,
            bytemuck::cast_slice(&vertices),
            &[0, 1, 2, 2, 1, 3],
        ));
    }
}

/// The draw calls of a frame and the tables their shaders look into.
struct CallList<'a> {
    camera: &'a MapCamera,
    rise: f32,
    calls: Vec<Call>,
    tiles: Vec<[f32; 4]>,
    tile_index: HashMap<TileId, u32>,
    paints: Vec<[f32; 12]>,
    draws: Vec<[u32; 2]>,
}

impl<'a> CallList<'a> {
    fn new(camera: &'a MapCamera) -> Self {
        // Tile 0 is the ground itself, large enough for any look.
        let reach = (camera.distance_px() * 8.0) as f32;
        Self {
            camera,
            rise: rise(camera.pitch_deg, camera.zoom),
            calls: Vec::new(),
            tiles: vec![[-reach, -reach, 2.0 * reach / EXTENT, 0.0]],
            tile_index: HashMap::new(),
            paints: Vec::new(),
            draws: Vec::new(),
        }
    }

    fn tile(&mut self, id: TileId) -> u32 {
        let (camera, tiles) = (self.camera, &mut self.tiles);
        *self.tile_index.entry(id).or_insert_with(|| {
            let corner = camera.ground_px(DVec2::from(id.north_west_mercator()));
            let side = camera.world_px() / f64::from(1u32 << id.z);
            tiles.push([
                corner.x as f32,
                corner.y as f32,
                (side / f64::from(EXTENT)) as f32,
                0.0,
            ]);
            (tiles.len() - 1) as u32
        })
    }

    fn instance(&mut self, tile: u32, paint: u32) -> u32 {
        self.draws.push([tile, paint]);
        (self.draws.len() - 1) as u32
    }

    fn paint(&mut self, values: &PaintValues) -> u32 {
        self.paints.push(paint_words(values));
        (self.paints.len() - 1) as u32
    }

    fn ground(&mut self, style: &Style) {
        for layer in &style.layers {
            if let Paint::Background { .. } = layer.paint {
                let values = layer.paint.values(&Painting {
                    zoom: self.camera.zoom,
                    layer,
                    key: &[],
                });
                let paint = self.paint(&values);
                let instance = self.instance(0, paint);
                self.calls.push(Call {
                    phase: layer.phase,
                    pipe: Pipe::Fill,
                    tile: None,
                    range: 0..6,
                    instance,
                });
            }
        }
    }

    fn layer(&mut self, index: usize, layer: &StyleLayer, shown: &[Arc<TileMesh>]) {
        let mut known: Vec<(&[StyleValue], u32, bool)> = Vec::new();
        for mesh in shown {
            for bucket in mesh.buckets.iter().filter(|b| b.layer == index) {
                let found = known
                    .iter()
                    .find(|(key, ..)| *key == &bucket.key[..])
                    .copied();
                let (_, paint, visible) = found.unwrap_or_else(|| {
                    let values = layer.paint.values(&Painting {
                        zoom: self.camera.zoom,
                        layer,
                        key: &bucket.key,
                    });
                    let drawn = values.color[3] > 0.0
                        && (bucket.kind != BucketKind::Line || values.width_px > 0.0);
                    let entry = (&bucket.key[..], self.paint(&values), drawn);
                    known.push(entry);
                    entry
                });
                if visible {
                    self.bucket(layer.phase, mesh.id, bucket, paint);
                }
            }
        }
    }

    fn bucket(&mut self, phase: MapPhase, id: TileId, bucket: &Bucket, paint: u32) {
        let tile = self.tile(id);
        let instance = self.instance(tile, paint);
        let mut call = |phase, pipe| {
            self.calls.push(Call {
                phase,
                pipe,
                tile: Some(id),
                range: bucket.range.clone(),
                instance,
            });
        };
        match bucket.kind {
            BucketKind::Fill => call(phase, Pipe::Fill),
            BucketKind::Line => call(phase, Pipe::Line),
            BucketKind::Solid => {
                call(MapPhase::Shadows, Pipe::Shadow);
                call(MapPhase::Buildings, Pipe::Solid);
            }
            BucketKind::Edge => {
                if self.camera.zoom as f32 >= EDGE_ZOOM_MIN {
                    call(MapPhase::Buildings, Pipe::Edge);
                }
            }
        }
    }
}

fn buffers(device: &RenderDevice, vertices: &[u8], indices: &[u32]) -> [Buffer; 2] {
    let make = |label, contents, usage| {
        device.create_buffer_with_data(&BufferInitDescriptor {
            label: Some(label),
            contents,
            usage,
        })
    };
    [
        make("tile vertices", vertices, BufferUsages::VERTEX),
        make(
            "tile indices",
            bytemuck::cast_slice(indices),
            BufferUsages::INDEX,
        ),
    ]
}

fn upload(device: &RenderDevice, mesh: &Arc<TileMesh>) -> GpuTile {
    let make = |vertices: &[u8], indices: &[u32]| {
        (!indices.is_empty()).then(|| buffers(device, vertices, indices))
    };
    GpuTile {
        fill: make(
            bytemuck::cast_slice(&mesh.fill.vertices),
            &mesh.fill.indices,
        ),
        line: make(
            bytemuck::cast_slice(&mesh.line.vertices),
            &mesh.line.indices,
        ),
        solid: make(
            bytemuck::cast_slice(&mesh.solid.vertices),
            &mesh.solid.indices,
        ),
        edge: make(
            bytemuck::cast_slice(&mesh.solid.edges),
            &mesh.solid.edge_indices,
        ),
        mesh: mesh.clone(),
        used: 0,
    }
}

fn draw<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>, phase: MapPhase) {
    let gpu = world.resource::<GpuTiles>();
    let (Some(pipelines), Some(group)) = (world.get_resource::<Pipelines>(), &gpu.group) else {
        return;
    };
    let cache = world.resource::<PipelineCache>();
    pass.set_bind_group(1, group, &[]);
    for call in gpu.calls.iter().filter(|c| c.phase == phase) {
        let Some(pipeline) = pipelines
            .ids
            .get(&call.pipe)
            .and_then(|id| cache.get_render_pipeline(*id))
        else {
            continue;
        };
        let buffers = match call.tile {
            None => gpu.ground.as_ref(),
            Some(id) => gpu.tiles.get(&id).and_then(|t| match call.pipe {
                Pipe::Fill => t.fill.as_ref(),
                Pipe::Line => t.line.as_ref(),
                Pipe::Shadow | Pipe::Solid => t.solid.as_ref(),
                Pipe::Edge => t.edge.as_ref(),
            }),
        };
        let Some([vertices, indices]) = buffers else {
            continue;
        };
        pass.set_render_pipeline(pipeline);
        pass.set_vertex_buffer(0, vertices.slice(..));
        pass.set_index_buffer(indices.slice(..), IndexFormat::Uint32);
        pass.draw_indexed(call.range.clone(), 0, call.instance..call.instance + 1);
    }
}
