use super::phase::MapDraws;
use super::targets::{MapTargets, Textures};
use super::view::{ExtractedMapView, ViewBuffer};
use super::{COMPOSITE_SHADER, MapDimming, MapPass, SCENE_FORMAT, SceneChanges};
use bevy::log::error_once;
use bevy::math::Vec4;
use bevy::prelude::*;
use bevy::render::camera::ExtractedCamera;
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries,
    CachedRenderPipelineId, ColorTargetState, ColorWrites, FragmentState, LoadOp, Operations,
    PipelineCache, RenderPassColorAttachment, RenderPassDepthStencilAttachment,
    RenderPassDescriptor, RenderPipelineDescriptor, ShaderStages, StoreOp, TextureFormat,
    TextureSampleType, TextureViewId, UniformBuffer, VertexState,
    binding_types::{texture_2d, uniform_buffer},
};
use bevy::render::renderer::{RenderContext, RenderDevice, RenderQueue, ViewQuery};
use bevy::render::view::{ExtractedView, ViewTarget};
use std::sync::Mutex;

/// What the kept scene shows.
#[derive(Resource, Default)]
pub(super) struct SceneState(Mutex<Option<(SceneChanges, UVec2)>>);

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

/// A pipeline that reads one picture and draws another of the same size; `fragment` is its entry point.
pub(super) fn full_screen(
    cache: &PipelineCache,
    layout: &BindGroupLayoutDescriptor,
    fragment: &'static str,
    format: TextureFormat,
) -> CachedRenderPipelineId {
    cache.queue_render_pipeline(RenderPipelineDescriptor {
        label: Some(fragment.into()),
        layout: vec![layout.clone()],
        vertex: VertexState {
            shader: COMPOSITE_SHADER,
            entry_point: Some("vertex".into()),
            ..default()
        },
        fragment: Some(FragmentState {
            shader: COMPOSITE_SHADER,
            entry_point: Some(fragment.into()),
            targets: vec![Some(ColorTargetState {
                format,
                blend: None,
                write_mask: ColorWrites::ALL,
            })],
            ..default()
        }),
        ..default()
    })
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
    let stamp = Some((changes, targets.size));
    let mut shown = state
        .0
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    if *shown != stamp {
        *shown = stamp;
        draw_scene(world, &mut ctx, textures, view_group, clear);
    }
    let main = target.main_texture();
    if main.format() != SCENE_FORMAT || main.size() != textures.scene.size() {
        error_once!("the camera of a map must be made by map_camera");
        return;
    }
    // Whoever draws first is told to clear; from here on there is something to be kept.
    let _ = target.get_unsampled_color_attachment();
    ctx.command_encoder().copy_texture_to_texture(
        textures.scene.as_image_copy(),
        main.as_image_copy(),
        textures.scene.size(),
    );
    draw_overlay(world, &mut ctx, target, view_group);
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
    textures: &Textures,
    view_group: &BindGroup,
    clear: LinearRgba,
) {
    let draws = world.resource::<MapDraws>();
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("map scene"),
        color_attachments: &[Some(RenderPassColorAttachment {
            view: &textures.multisampled,
            depth_slice: None,
            resolve_target: Some(&textures.scene_view),
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
    pass.set_bind_group(0, view_group, &[]);
    for draw in draws.of(MapPass::Scene) {
        draw(world, &mut pass);
        pass.set_bind_group(0, view_group, &[]);
    }
}

/// What changes every frame, over a copy of the scene.
fn draw_overlay(
    world: &World,
    ctx: &mut RenderContext,
    target: &ViewTarget,
    view_group: &BindGroup,
) {
    let draws = world.resource::<MapDraws>();
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("map overlay"),
        color_attachments: &[Some(target.get_unsampled_color_attachment())],
        ..default()
    });
    pass.set_bind_group(0, view_group, &[]);
    for draw in draws.of(MapPass::Overlay) {
        draw(world, &mut pass);
        pass.set_bind_group(0, view_group, &[]);
    }
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
    ctx.command_encoder().copy_texture_to_texture(
        target.main_texture().as_image_copy(),
        textures.frame.as_image_copy(),
        textures.frame.size(),
    );
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
