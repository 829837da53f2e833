use super::SceneChanges;
use super::target::SceneDetail;
use crate::camera::MapCamera;
use crate::look::Tokens;
use bevy::asset::{Handle, uuid_handle};
use bevy::math::{DVec2, Mat4, Vec2, Vec4};
use bevy::prelude::*;
use bevy::render::Extract;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, PipelineCache,
    ShaderStages, ShaderType, UniformBuffer, binding_types::uniform_buffer,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::shader::Shader;
use chengtu_engine::geo::{GeoBox, mercator_from_lon_lat};

/// `chengtu::view`: the uniform below and the functions every layer needs.
pub const VIEW_SHADER: Handle<Shader> = uuid_handle!("a7b1f7de-1ac9-4a8e-9c70-52e6d2f4c001");

/// Ground metres over which the land fades to the void at the edge of the city's data.
const EDGE_FADE_M: f64 = 240.0;

/// Bind group 0 of every map pipeline, `view` in WGSL. Ground pixels are relative to the camera's centre.
#[derive(ShaderType, Clone, Debug, Default, PartialEq)]
pub struct MapViewUniform {
    /// Clip space from ground pixels (x east, y south, z up), reversed depth.
    pub view_proj: Mat4,
    /// Width and height of the target, physical pixels.
    pub viewport_px: Vec2,
    /// Physical pixels per logical pixel.
    pub scale_factor: f32,
    /// Zoom of 512-pixel tiles.
    pub zoom: f32,
    /// Ground pixels of the anchor.
    pub anchor_px: Vec2,
    /// Ground pixels across the whole world: mercator × this.
    pub world_px: f32,
    /// Ground pixels per metre.
    pub px_per_m: f32,
    /// Distance of the camera to its target in ground pixels: `clip.w` in the middle of the screen.
    pub distance_px: f32,
    /// Seconds, wrapping every hour; 0 in the scene, so that an unchanged scene stays the same.
    pub time_s: f32,
    /// Tilt of the camera from straight down, radians.
    pub pitch_rad: f32,
    /// Radians clockwise from north.
    pub bearing_rad: f32,
    /// Colour far ground fades to, and the largest share of it.
    pub fog: Vec4,
    /// From where to where it fades, in distances to the target; metres of building height per metre (0 in
    /// flat view, 1 when tilted); edge fade in ground pixels.
    pub fog_range_rise_edge: Vec4,
    /// Edges of the city's data in ground pixels: west, north, east, south.
    pub bounds_px: Vec4,
    /// Colour beyond the data.
    pub void_color: Vec4,
}

/// The rectangle the city's data covers; the land fades out at its edge.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct MapBounds(pub Option<GeoBox>);

/// Greys and darkens the finished map (not the panels): lost link, alarm on a wall.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct MapDimming {
    /// Share of its colour the map keeps, 0 … 1.
    pub saturation: f32,
    /// Share of its light the map loses, 0 … 1.
    pub darken: f32,
}

impl Default for MapDimming {
    fn default() -> Self {
        Self {
            saturation: 1.0,
            darken: 0.0,
        }
    }
}

/// The view as it will be drawn.
#[derive(Resource, Clone, Debug)]
pub(super) struct ExtractedMapView {
    pub(super) uniform: MapViewUniform,
    pub(super) dimming: MapDimming,
    pub(super) detail: SceneDetail,
    pub(super) clear: [f32; 4],
}

#[derive(Resource, Default)]
pub(super) struct ViewBuffer {
    pub(super) uniform: UniformBuffer<MapViewUniform>,
    pub(super) bind_group: Option<BindGroup>,
    last: Option<MapViewUniform>,
}

/// Layout of bind group 0.
pub fn view_layout() -> BindGroupLayoutDescriptor {
    BindGroupLayoutDescriptor::new(
        "map view",
        &BindGroupLayoutEntries::single(
            ShaderStages::VERTEX_FRAGMENT,
            uniform_buffer::<MapViewUniform>(false),
        ),
    )
}

/// Height of buildings as a share of the truth: flat view has footprints, a tilted one full height.
pub(crate) fn rise(pitch_deg: f64, zoom: f64) -> f32 {
    let ramp = |v: f64, from: f64, to: f64| {
        let t = ((v - from) / (to - from)).clamp(0.0, 1.0);
        t * t * (3.0 - 2.0 * t)
    };
    (ramp(pitch_deg, 3.0, 18.0) * ramp(zoom, 13.6, 14.6)) as f32
}

pub(crate) fn uniform(
    camera: &MapCamera,
    tokens: &Tokens,
    bounds: MapBounds,
    time_s: f32,
) -> MapViewUniform {
    let [r, g, b, _] = tokens.color("ground.fog").srgb();
    let fog_range = tokens.numbers("building.fog_from_to");
    let at = |i: usize, other: f32| fog_range.get(i).copied().unwrap_or(other);
    let bounds_px = bounds.0.map_or(Vec4::new(-1e9, -1e9, 1e9, 1e9), |b| {
        let west_south = DVec2::from(mercator_from_lon_lat(b.min.lon_lat()));
        let east_north = DVec2::from(mercator_from_lon_lat(b.max.lon_lat()));
        let (p, q) = (camera.ground_px(west_south), camera.ground_px(east_north));
        Vec4::new(p.x as f32, q.y as f32, q.x as f32, p.y as f32)
    });
    MapViewUniform {
        view_proj: camera.view_proj_relative_to(camera.centre),
        viewport_px: camera.viewport * camera.scale_factor,
        scale_factor: camera.scale_factor,
        zoom: camera.zoom as f32,
        anchor_px: camera.ground_px(camera.anchor).as_vec2(),
        world_px: camera.world_px() as f32,
        px_per_m: camera.px_per_m() as f32,
        distance_px: camera.distance_px() as f32,
        time_s,
        pitch_rad: camera.pitch_deg.to_radians() as f32,
        bearing_rad: camera.bearing_deg.to_radians() as f32,
        fog: Vec4::new(r, g, b, 0.9),
        fog_range_rise_edge: Vec4::new(
            at(0, 1.22),
            at(1, 2.05),
            rise(camera.pitch_deg, camera.zoom),
            (EDGE_FADE_M * camera.px_per_m()) as f32,
        ),
        bounds_px,
        void_color: Vec4::from(tokens.color("surface.void").srgb()),
    }
}

pub(super) fn extract(
    mut commands: Commands,
    camera: Extract<Res<MapCamera>>,
    tokens: Extract<Res<Tokens>>,
    bounds: Extract<Res<MapBounds>>,
    dimming: Extract<Res<MapDimming>>,
    detail: Extract<Res<SceneDetail>>,
    time: Extract<Res<Time>>,
) {
    commands.insert_resource(ExtractedMapView {
        uniform: uniform(&camera, &tokens, **bounds, time.elapsed_secs_wrapped()),
        dimming: **dimming,
        detail: **detail,
        clear: tokens.color("surface.void").srgb(),
    });
}

pub(super) fn prepare(
    view: Res<ExtractedMapView>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
    cache: Res<PipelineCache>,
    mut buffer: ResMut<ViewBuffer>,
    mut changes: ResMut<SceneChanges>,
) {
    // A passing second alone is no change of the scene.
    let standing = MapViewUniform {
        time_s: 0.0,
        ..view.uniform.clone()
    };
    if buffer.last.as_ref() != Some(&standing) {
        changes.mark();
        buffer.last = Some(standing);
    }
    buffer.uniform.set(view.uniform.clone());
    buffer.uniform.write_buffer(&device, &queue);
    if buffer.bind_group.is_none() {
        let group = buffer.uniform.binding().map(|binding| {
            let layout = cache.get_bind_group_layout(&view_layout());
            device.create_bind_group("map view", &layout, &BindGroupEntries::single(binding))
        });
        buffer.bind_group = group;
    }
}
