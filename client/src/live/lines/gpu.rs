use super::{LineLayer, Lines};
use crate::camera::{EARTH_CIRCUMFERENCE_M, MapCamera};
use crate::live::paint::GrowBuffer;
use crate::look::Rgba8;
use crate::render::{AddMapDraw, MapPhase, MapPipeline, SceneChanges};
use bevy::asset::uuid_handle;
use bevy::math::DVec2;
use bevy::prelude::*;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries, BufferId,
    CachedRenderPipelineId, PipelineCache, ShaderStages,
    binding_types::storage_buffer_read_only_sized,
};
use bevy::render::renderer::{RenderDevice, RenderQueue};
use bevy::render::{Extract, ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};
use bevy::shader::{Shader, ShaderDefVal};
use bytemuck::{Pod, Zeroable};
use std::ops::Range;

const SHADER: Handle<Shader> = uuid_handle!("0f1f5d52-5a43-4d0c-93b5-6b9a5f1f6b03");
/// Marks the last point of a line in `PointRecord::style`.
const LAST: u32 = 1 << 31;

/// Uploads [`Lines`] and draws them.
pub struct LinesPlugin;

impl Plugin for LinesPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<Lines>();
        app.add_map_shader(
            SHADER,
            include_str!("../../../../assets/shaders/live_lines.wgsl"),
            "live_lines.wgsl",
        );
        app.add_map_draw(MapPhase::Closures, "lines on the ground", |world, pass| {
            draw(world, pass, 0, 0);
        });
        app.add_map_draw(MapPhase::Route, "routes", |world, pass| {
            draw(world, pass, 1, 0);
        });
        app.add_map_draw(
            MapPhase::RouteAbove,
            "routes above buildings",
            |world, pass| draw(world, pass, 1, 1),
        );
        app.add_map_draw(MapPhase::RouteAbove, "lines above", |world, pass| {
            draw(world, pass, 2, 0);
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

/// A bend as the GPU reads it.
#[derive(Clone, Copy, Debug, Pod, Zeroable, PartialEq)]
#[repr(C)]
struct PointRecord {
    /// Mercator relative to the anchor.
    at: [f32; 2],
    /// Ground metres from the beginning.
    along_m: f32,
    /// Place of its style; [`LAST`] where the line ends here.
    style: u32,
}

/// A style as the GPU reads it.
#[derive(Clone, Copy, Debug, Pod, Zeroable, PartialEq)]
#[repr(C)]
struct StyleRecord {
    color: [f32; 4],
    casing: [f32; 4],
    chevron: [f32; 4],
    /// Width, casing, dash, gap.
    p: [f32; 4],
    /// Distance of chevrons, length in metres where it fades, else 0.
    q: [f32; 4],
}

#[derive(Resource)]
struct LinesGpu {
    /// At full opacity, and at a third.
    pipelines: [CachedRenderPipelineId; 2],
    layout: BindGroupLayoutDescriptor,
    points: GrowBuffer,
    styles: GrowBuffer,
    group: Option<(BindGroup, [BufferId; 2])>,
    version: Option<(u64, DVec2)>,
    new: Option<(Vec<PointRecord>, Vec<StyleRecord>)>,
    layers: [Range<u32>; 3],
}

fn init(mut commands: Commands, cache: Res<PipelineCache>) {
    let layout = BindGroupLayoutDescriptor::new(
        "lines",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::VERTEX_FRAGMENT,
            (
                storage_buffer_read_only_sized(false, None),
                storage_buffer_read_only_sized(false, None),
            ),
        ),
    );
    let pipeline = |defs: Vec<ShaderDefVal>| {
        let pipeline = MapPipeline::new("lines", SHADER, MapPhase::Route);
        cache.queue_render_pipeline(
            MapPipeline {
                layouts: vec![layout.clone()],
                defs,
                ..pipeline
            }
            .descriptor(),
        )
    };
    let pipelines = [
        pipeline(Vec::new()),
        pipeline(vec!["ABOVE_BUILDINGS".into()]),
    ];
    commands.insert_resource(LinesGpu {
        pipelines,
        layout,
        points: GrowBuffer::new("line points"),
        styles: GrowBuffer::new("line styles"),
        group: None,
        version: None,
        new: None,
        layers: Default::default(),
    });
}

fn extract(
    lines: Extract<Res<Lines>>,
    camera: Extract<Res<MapCamera>>,
    mut gpu: ResMut<LinesGpu>,
    mut changes: ResMut<SceneChanges>,
) {
    let version = Some((lines.version(), camera.anchor));
    if gpu.version == version {
        return;
    }
    gpu.version = version;
    let (points, styles, layers) = records(&lines, camera.anchor);
    gpu.layers = layers;
    gpu.new = Some((points, styles));
    changes.mark();
}

/// Points and styles of all lines, layer by layer, with the range of points of each layer.
fn records(lines: &Lines, anchor: DVec2) -> (Vec<PointRecord>, Vec<StyleRecord>, [Range<u32>; 3]) {
    let (mut points, mut styles) = (Vec::new(), Vec::new());
    let layers = [LineLayer::Ground, LineLayer::Route, LineLayer::Above].map(|layer| {
        let first = points.len() as u32;
        for line in lines
            .iter()
            .filter(|l| l.layer == layer && l.course.len() > 1)
        {
            let style = styles.len() as u32;
            // Mercator lengths are stretched by the latitude of the line.
            let n = std::f64::consts::PI * (1.0 - 2.0 * line.course[0].y);
            let metres = EARTH_CIRCUMFERENCE_M / n.cosh();
            let mut along_m = 0.0;
            let mut before = line.course[0];
            for (i, at) in line.course.iter().enumerate() {
                along_m += before.distance(*at) * metres;
                before = *at;
                let last = if i + 1 == line.course.len() { LAST } else { 0 };
                points.push(PointRecord {
                    at: (*at - anchor).as_vec2().to_array(),
                    along_m: along_m as f32,
                    style: style | last,
                });
            }
            let s = &line.style;
            let color = |c: Rgba8| c.srgb();
            styles.push(StyleRecord {
                color: color(s.color),
                casing: color(s.casing.0),
                chevron: color(s.chevrons.0),
                p: [s.width_px, s.casing.1, s.dash_px[0], s.dash_px[1]],
                q: [
                    s.chevrons.1,
                    if s.fades { along_m as f32 } else { 0.0 },
                    0.0,
                    0.0,
                ],
            });
        }
        first..points.len() as u32
    });
    (points, styles, layers)
}

fn upload(
    mut gpu: ResMut<LinesGpu>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    queue: Res<RenderQueue>,
) {
    let gpu = &mut *gpu;
    if let Some((points, styles)) = gpu.new.take() {
        gpu.points.reserve(&device, size_of_val(points.as_slice()));
        gpu.points.write(&queue, 0, &points);
        gpu.styles.reserve(&device, size_of_val(styles.as_slice()));
        gpu.styles.write(&queue, 0, &styles);
    }
    let (Some(points), Some(styles)) = (gpu.points.get(), gpu.styles.get()) else {
        return;
    };
    let ids = [points.id(), styles.id()];
    if gpu.group.as_ref().is_none_or(|(_, known)| *known != ids) {
        let layout = cache.get_bind_group_layout(&gpu.layout);
        let entries =
            BindGroupEntries::sequential((points.as_entire_binding(), styles.as_entire_binding()));
        gpu.group = Some((device.create_bind_group("lines", &layout, &entries), ids));
    }
}

fn draw<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>, layer: usize, pipeline: usize) {
    let (gpu, cache) = (
        world.resource::<LinesGpu>(),
        world.resource::<PipelineCache>(),
    );
    let range = &gpu.layers[layer];
    let (Some(pipeline), Some((group, _))) = (
        cache.get_render_pipeline(gpu.pipelines[pipeline]),
        &gpu.group,
    ) else {
        return;
    };
    if range.len() > 1 {
        pass.set_render_pipeline(pipeline);
        pass.set_bind_group(1, group, &[]);
        pass.draw(6 * range.start..6 * (range.end - 1), 0..1);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Line, LineStyle};
    use super::*;

    #[test]
    fn layers_follow_one_another_and_lengths_are_ground_metres() {
        let mercator = |lon, lat| {
            DVec2::from(chengtu_engine::geo::mercator_from_lon_lat(
                chengtu_engine::geo::LonLat::new(lon, lat),
            ))
        };
        let course = vec![
            mercator(118.78, 32.04),
            mercator(118.78, 32.05),
            mercator(118.79, 32.05),
        ];
        let line = |layer| Line {
            course: course.clone(),
            style: LineStyle::plain(Rgba8::default(), 2.0),
            layer,
        };
        let mut lines = Lines::default();
        lines.set("a", vec![line(LineLayer::Above), line(LineLayer::Ground)]);
        lines.set("b", vec![line(LineLayer::Route)]);
        let (points, styles, layers) = records(&lines, course[0]);
        assert_eq!(layers, [0..3, 3..6, 6..9]);
        assert_eq!((styles.len(), points[2].style), (3, LAST));
        // 0.01° of latitude and 0.01° of longitude at 32.05° north.
        assert!(
            (points[1].along_m - 1_112.0).abs() < 4.0,
            "{}",
            points[1].along_m
        );
        assert!(
            (points[2].along_m - 2_055.0).abs() < 6.0,
            "{}",
            points[2].along_m
        );
        let version = lines.version();
        lines.set("b", vec![line(LineLayer::Route)]);
        assert_eq!(lines.version(), version, "the same lines are no change");
    }
}
