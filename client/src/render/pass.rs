use super::enlarge::Enlarging;
use super::full_screen::full_screen;
use super::phase::MapDraws;
use super::target::SceneDetail;
use super::targets::{MapTargets, SceneTextures, Textures};
use super::view::{ExtractedMapView, ViewBuffer};
use super::{KeptChanges, MapDimming, MapPass, SCENE_FORMAT, SceneChanges};
use bevy::log::error_once;
use bevy::math::Vec4;
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_phase::TrackedRenderPass;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries,
    CachedRenderPipelineId, LoadOp, Operations, PipelineCache, RenderPassColorAttachment,
    RenderPassDepthStencilAttachment, RenderPassDescriptor, ShaderStages, StoreOp, Texture,
    TextureSampleType, TextureView, TextureViewId, UniformBuffer,
    binding_types::{texture_2d, uniform_buffer},
};
use bevy::render::renderer::{RenderContext, RenderDevice, RenderQueue, ViewQuery};
use bevy::render::view::{ExtractedView, ViewTarget};
use std::sync::Mutex;

/// What the kept pictures show.
#[derive(Resource, Default)]
pub(super) struct SceneState(Mutex<Shown>);

#[derive(Default)]
struct Shown {
    scene: Option<SceneStamp>,
    /// The scene that lies below, and what on it.
    kept: Option<(SceneStamp, KeptChanges)>,
}

type SceneStamp = (SceneChanges, UVec2, SceneDetail);

/// What greys and darkens the finished map.
#[derive(Resource)]
pub(super) struct Composite {
    layout: BindGroupLayoutDescriptor,
    pipeline: CachedRenderPipelineId,
    state: Mutex<CompositeState>,
}

#[derive(Default)]
struct CompositeState {
    uniform: UniformBuffer<Vec4>,
    group: Option<(TextureViewId, BindGroup)>,
}

pub(super) fn init_composite(mut commands: Commands, cache: Res<PipelineCache>) {
    let layout = BindGroupLayoutDescriptor::new(
        "map composite",
        &BindGroupLayoutEntries::sequential(
            ShaderStages::FRAGMENT,
            (
                texture_2d(TextureSampleType::Float { filterable: true }),
                uniform_buffer::<Vec4>(false),
            ),
        ),
    );
    let pipeline = full_screen(&cache, &layout, "dimmed", SCENE_FORMAT);
    commands.insert_resource(Composite {
        layout,
        pipeline,
        state: Mutex::default(),
    });
}

/// Scene if it changed, overlay, dimming: see the module's documentation.
pub(super) fn draw_map(
    world: &World,
    view: ViewQuery<(&ExtractedCamera, &ExtractedView, &ViewTarget)>,
    state: Res<SceneState>,
    composite: Option<Res<Composite>>,
    queue: Res<RenderQueue>,
    mut ctx: RenderContext,
) {
    let (camera, _, target) = view.into_inner();
    let (Some(composite), Some(extracted)) = (composite, world.get_resource::<ExtractedMapView>())
    else {
        return;
    };
    let targets = world.resource::<MapTargets>();
    let (Some(textures), Some(view_group)) = (
        &targets.textures,
        &world.resource::<ViewBuffer>().bind_group,
    ) else {
        return;
    };
    if camera.physical_target_size != Some(targets.size) {
        return;
    }
    // Written as it is: the scene's texture holds sRGB values.
    let clear = LinearRgba::from_f32_array(extracted.clear);
    let changes = *world.resource::<SceneChanges>();
    let enlarging = world.resource::<Enlarging>();
    let half = textures
        .half
        .as_ref()
        .filter(|_| extracted.detail == SceneDetail::Half)
        .filter(|_| enlarging.is_ready(world.resource::<PipelineCache>()));
    let detail = half.map_or(SceneDetail::Whole, |_| SceneDetail::Half);
    let stamp = (changes, targets.size, detail);
    let mut shown = state
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if shown.scene != Some(stamp) {
        shown.scene = Some(stamp);
        draw_scene(
            world,
            &mut ctx,
            half.unwrap_or(&textures.whole),
            view_group,
            clear,
        );
    }
    let main = target.main_texture();
    let scene = &textures.whole.scene;
    if main.format() != SCENE_FORMAT || main.size() != scene.size() {
        error_once!("the camera of a map must be made by map_camera");
        return;
    }
    // Whoever draws first is told to clear; from here on there is something to be kept.
    let _ = target.get_unsampled_color_attachment();
    let on_scene = *world.resource::<KeptChanges>();
    let kept = textures
        .kept
        .as_ref()
        .filter(|_| half.is_none() && on_scene.is_shown());
    if let Some((texture, view)) = kept
        && shown.kept != Some((stamp, on_scene))
    {
        shown.kept = Some((stamp, on_scene));
        copy(&mut ctx, scene, texture);
        draw_kept(world, &mut ctx, view, view_group);
    }
    if half.is_none() {
        copy(&mut ctx, kept.map_or(scene, |(texture, _)| texture), main);
    }
    let first = Below {
        half: half.is_some(),
        kept: kept.is_some(),
    };
    draw_overlay(world, &mut ctx, target, view_group, first);
    if extracted.dimming != MapDimming::default() {
        draw_composite(
            world,
            &mut ctx,
            textures,
            target,
            &composite,
            &queue,
            extracted.dimming,
        );
    }
}

/// What changes seldom, with depth and many samples.
fn draw_scene(
    world: &World,
    ctx: &mut RenderContext,
    textures: &SceneTextures,
    view_group: &BindGroup,
    clear: LinearRgba,
) {
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("map scene"),
        color_attachments: &[Some(RenderPassColorAttachment {
            view: &textures.multisampled,
            depth_slice: None,
            resolve_target: Some(&textures.view),
            ops: Operations {
                load: LoadOp::Clear(clear.into()),
                store: StoreOp::Discard,
            },
        })],
        depth_stencil_attachment: Some(RenderPassDepthStencilAttachment {
            view: &textures.depth,
            depth_ops: Some(Operations {
                load: LoadOp::Clear(0.0),
                store: StoreOp::Discard,
            }),
            stencil_ops: Some(Operations {
                load: LoadOp::Clear(0),
                store: StoreOp::Discard,
            }),
        }),
        ..default()
    });
    draw_phases(world, &mut pass, view_group, MapPass::Scene);
}

fn copy(ctx: &mut RenderContext, from: &Texture, to: &Texture) {
    ctx.command_encoder().copy_texture_to_texture(
        from.as_image_copy(),
        to.as_image_copy(),
        from.size(),
    );
}

/// What changes a few times a second, over a copy of the scene.
fn draw_kept(world: &World, ctx: &mut RenderContext, view: &TextureView, view_group: &BindGroup) {
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("map, kept"),
        color_attachments: &[Some(RenderPassColorAttachment {
            view,
            depth_slice: None,
            resolve_target: None,
            ops: Operations {
                load: LoadOp::Load,
                store: StoreOp::Store,
            },
        })],
        ..default()
    });
    draw_phases(world, &mut pass, view_group, MapPass::Kept);
}

fn draw_phases<'w>(
    world: &'w World,
    pass: &mut TrackedRenderPass<'w>,
    view_group: &'w BindGroup,
    phases: MapPass,
) {
    pass.set_bind_group(0, view_group, &[]);
    for draw in world.resource::<MapDraws>().of(phases) {
        draw(world, pass);
        pass.set_bind_group(0, view_group, &[]);
    }
}

/// What lies below the overlay already.
struct Below {
    /// Nothing: the half scene is enlarged first.
    half: bool,
    /// What is kept on the scene.
    kept: bool,
}

/// What changes every frame, over a copy of the scene or over the half one, enlarged.
fn draw_overlay(
    world: &World,
    ctx: &mut RenderContext,
    target: &ViewTarget,
    view_group: &BindGroup,
    below: Below,
) {
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("map overlay"),
        color_attachments: &[Some(target.get_unsampled_color_attachment())],
        ..default()
    });
    if below.half {
        world.resource::<Enlarging>().draw(world, &mut pass);
    }
    if !below.kept {
        draw_phases(world, &mut pass, view_group, MapPass::Kept);
    }
    draw_phases(world, &mut pass, view_group, MapPass::Overlay);
}

/// Greyed or darkened, through a copy.
fn draw_composite(
    world: &World,
    ctx: &mut RenderContext,
    textures: &Textures,
    target: &ViewTarget,
    composite: &Composite,
    queue: &RenderQueue,
    dim: MapDimming,
) {
    let cache = world.resource::<PipelineCache>();
    let Some(pipeline) = cache.get_render_pipeline(composite.pipeline) else {
        return;
    };
    copy(ctx, target.main_texture(), &textures.frame);
    let device = world.resource::<RenderDevice>();
    let mut own = composite
        .state
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    own.uniform
        .set(Vec4::new(dim.saturation, 1.0 - dim.darken, 0.0, 0.0));
    own.uniform.write_buffer(device, queue);
    let frame_id = textures.frame_view.id();
    if own.group.as_ref().is_none_or(|(id, _)| *id != frame_id) {
        let Some(uniform) = own.uniform.binding() else {
            error_once!("the uniform of the map's last pass has no buffer");
            return;
        };
        let layout = cache.get_bind_group_layout(&composite.layout);
        let entries = BindGroupEntries::sequential((&textures.frame_view, uniform));
        let group = device.create_bind_group("map composite", &layout, &entries);
        own.group = Some((frame_id, group));
    }
    let Some((_, group)) = &own.group else { return };
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("map composite"),
        color_attachments: &[Some(target.get_unsampled_color_attachment())],
        ..default()
    });
    pass.set_render_pipeline(pipeline);
    pass.set_bind_group(0, group, &[]);
    pass.draw(0..3, 0..1);
}
