//! The map's own drawing inside Bevy's renderer.
//!
//! # How a frame is made
//! Bevy's 2-D camera clears its target, then [`pass`] runs inside `Core2d`'s main pass:
//! 1. **scene**: everything up to [`MapPhase::RouteAbove`], 4× multisampled with depth and stencil, into a
//!    texture that is *kept*: it is drawn again only when camera, tiles, style or [`SceneChanges`] changed. A
//!    map that does not move costs one copy. While it moves and a processor draws, [`SceneDetail`] asks for a
//!    quarter of the pixels (`enlarge`).
//! 2. **kept**: a copy of the scene with what changes a few times a second on it ([`MapPhase::Flow`]), where there is any;
//!    drawn again when either changed ([`KeptChanges`]). While the map moves it is drawn with the overlay.
//! 3. **overlay**: that copied into the camera's texture, then labels and markers, one sample, no depth, every
//!    frame. Edges here are smoothed by the shaders themselves (distance fields, `fwidth`).
//! 4. **dimming**, where [`MapDimming`] says so; then egui draws its panels on top (`panels/shader.rs`).
//! 5. **deliver**: copied into an image, or drawn onto the screen, which alone decodes and encodes.
//!
//! All blend in sRGB (their textures are `Rgba8Unorm`), as the design pictures were made: write token colours as
//! [`crate::look::Rgba8::srgb`] and they come out exactly as written.
//!
//! # Adding a layer
//! A layer is a WGSL file, a pipeline, its buffers, and one function that draws:
//! ```text
//! app.add_map_shader(DOTS_SHADER, include_str!("../../../assets/shaders/dots.wgsl"), "dots.wgsl"); // in Plugin::build
//! app.add_map_draw(MapPhase::Dots, "dots", draw_dots);
//! let render_app = app.sub_app_mut(RenderApp);
//! render_app.add_systems(RenderStartup, init_dots);                                          // queue the pipeline
//! render_app.add_systems(ExtractSchedule, extract_dots);                                     // mirror → render world
//! render_app.add_systems(Render, upload_dots.in_set(RenderSystems::PrepareResources));       // write buffers
//!
//! fn init_dots(mut commands: Commands, cache: Res<PipelineCache>) {
//!     let layout = BindGroupLayoutDescriptor::new("dots", &BindGroupLayoutEntries::single(
//!         ShaderStages::VERTEX, storage_buffer_read_only_sized(false, None)));
//!     let pipeline = cache.queue_render_pipeline(MapPipeline {
//!         layouts: vec![layout.clone()],                 // group 1 and up; group 0 is the view
//!         ..MapPipeline::new("dots", DOTS_SHADER, MapPhase::Dots)
//!     }.descriptor());
//!     commands.insert_resource(Dots { pipeline, layout, bind_group: None, count: 0 });
//! }
//! fn draw_dots<'w>(world: &'w World, pass: &mut TrackedRenderPass<'w>) {
//!     let (dots, cache) = (world.resource::<Dots>(), world.resource::<PipelineCache>());
//!     let (Some(pipeline), Some(group)) = (cache.get_render_pipeline(dots.pipeline), &dots.bind_group) else { return };
//!     pass.set_render_pipeline(pipeline);
//!     pass.set_bind_group(1, group, &[]);                // group 0 is already bound
//!     pass.draw(0..6 * dots.count, 0..1);
//! }
//! ```
//! The shader begins with `#import chengtu::view::{view, …}` (see `assets/shaders/view.wgsl`). Positions on the
//! GPU are mercator relative to [`crate::camera::MapCamera::anchor`]; `ground_from_anchor` turns them to ground
//! pixels, `clip_from_ground` to the screen.
//!
//! A layer in a *scene* phase must say when it changed: [`SceneChanges::mark`] from its extract or prepare system.

mod deliver;
mod enlarge;
mod full_screen;
mod icons;
mod pass;
mod phase;
mod pipeline;
mod sdf;
mod target;
mod targets;
mod view;

pub use deliver::map_camera;
pub use icons::{ICON_PAD, ICON_PX, IconAtlas, IconTexture, IconUv};
pub(crate) use icons::{linear_sampler, upload_r8, upload_texture};
pub use phase::{AddMapDraw, KeptChanges, MapDrawFn, MapPass, MapPhase, SceneChanges};
pub use pipeline::{DepthUse, MapPipeline};
pub use sdf::{EDGE, distance_field};
pub use target::{MapTarget, SceneDetail, draws_by_processor};
pub use targets::{SCENE_FORMAT, SCENE_SAMPLES};
pub(crate) use view::rise;
pub use view::{MapBounds, MapDimming, MapViewUniform, VIEW_SHADER, view_layout};

use bevy::core_pipeline::{Core2d, Core2dSystems};
use bevy::prelude::*;
use bevy::render::{ExtractSchedule, Render, RenderApp, RenderStartup, RenderSystems};

/// Targets, phases and the passes that draw them.
pub struct MapRenderPlugin;

impl Plugin for MapRenderPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<MapDimming>()
            .init_resource::<MapBounds>()
            .init_resource::<SceneDetail>()
            .add_map_shader(
                VIEW_SHADER,
                include_str!("../../../assets/shaders/view.wgsl"),
                "view.wgsl",
            )
            .add_map_shader(
                full_screen::COMPOSITE_SHADER,
                include_str!("../../../assets/shaders/composite.wgsl"),
                "composite.wgsl",
            )
            .add_systems(Startup, icons::load);
        let Some(render_app) = app.get_sub_app_mut(RenderApp) else {
            return;
        };
        render_app
            .init_resource::<phase::MapDraws>()
            .init_resource::<SceneChanges>()
            .init_resource::<KeptChanges>()
            .init_resource::<view::ViewBuffer>()
            .init_resource::<targets::MapTargets>()
            .init_resource::<pass::SceneState>()
            .add_systems(
                RenderStartup,
                (pass::init_composite, deliver::init, enlarge::init),
            )
            .add_systems(ExtractSchedule, (view::extract, icons::extract))
            .add_systems(
                Render,
                (view::prepare, targets::prepare, icons::prepare)
                    .in_set(RenderSystems::PrepareResources),
            )
            .add_systems(
                Render,
                (enlarge::prepare, deliver::instead_of_upscaling)
                    .in_set(RenderSystems::PrepareBindGroups),
            )
            .add_systems(
                Core2d,
                (
                    pass::draw_map
                        .in_set(Core2dSystems::MainPass)
                        .after(bevy::core_pipeline::core_2d::main_transparent_pass_2d),
                    deliver::deliver.after(bevy::core_pipeline::upscaling::upscaling),
                ),
            );
    }
}
