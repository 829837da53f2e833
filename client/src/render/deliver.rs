//! The finished picture, map and panels, onto the screen or into the image that somebody waits for.

use super::full_screen::full_screen;
use bevy::camera::{CameraMainTextureUsages, CompositingSpace};
use bevy::core_pipeline::upscaling::ViewUpscalingPipeline;
use bevy::ecs::bundle::Bundle;
use bevy::prelude::{Camera2d, Commands, Entity, Local, Query, Res, Resource, With, default};
use bevy::render::render_resource::{
    BindGroup, BindGroupEntries, BindGroupLayoutDescriptor, BindGroupLayoutEntries,
    CachedRenderPipelineId, PipelineCache, RenderPassDescriptor, ShaderStages, TextureFormat,
    TextureSampleType, TextureUsages, TextureViewDescriptor, TextureViewId,
    binding_types::texture_2d,
};
use bevy::render::renderer::{RenderContext, RenderDevice, ViewQuery};
use bevy::render::view::{Msaa, ViewTarget};

/// A camera that draws a map: sRGB as it is written, and delivered by [`deliver`].
pub fn map_camera() -> impl Bundle {
    (
        Camera2d,
        Msaa::Off,
        CompositingSpace::Srgb,
        CameraMainTextureUsages::default().with(TextureUsages::COPY_DST),
    )
}

/// How a picture is drawn where it cannot be copied.
#[derive(Resource)]
pub(super) struct Delivery {
    layout: BindGroupLayoutDescriptor,
}

pub(super) fn init(mut commands: Commands) {
    let picture = texture_2d(TextureSampleType::Float { filterable: true });
    commands.insert_resource(Delivery {
        layout: BindGroupLayoutDescriptor::new(
            "picture",
            &BindGroupLayoutEntries::single(ShaderStages::FRAGMENT, picture),
        ),
    });
}

/// Bevy's own last pass, which decodes sRGB with a power a channel, is left out: it is drawn only where its pipeline is.
pub(super) fn instead_of_upscaling(
    mut commands: Commands,
    views: Query<Entity, With<ViewUpscalingPipeline>>,
) {
    for view in &views {
        commands.entity(view).remove::<ViewUpscalingPipeline>();
    }
}

/// What was made for the last picture.
#[derive(Default)]
pub(super) struct Made {
    pipeline: Option<(TextureFormat, CachedRenderPipelineId)>,
    group: Option<((TextureViewId, TextureFormat), BindGroup)>,
}

/// Copies the picture where both sides store the same bytes, and draws it elsewhere.
pub(super) fn deliver(
    view: ViewQuery<&ViewTarget>,
    delivery: Option<Res<Delivery>>,
    cache: Res<PipelineCache>,
    device: Res<RenderDevice>,
    mut made: Local<Made>,
    mut ctx: RenderContext,
) {
    let target = view.into_inner();
    let (Some(out), Some(format), Some(delivery)) = (
        target.out_texture(),
        target.out_texture_view_format(),
        delivery,
    ) else {
        return;
    };
    // Also where it is copied: the target of a picture that is taken cannot be copied to, and does not wait.
    if made.pipeline.is_none_or(|(made_for, _)| made_for != format) {
        let id = full_screen(&cache, &delivery.layout, "shown", format);
        made.pipeline = Some((format, id));
    }
    let (from, to) = (target.main_texture(), out.texture());
    let alike = to.format().remove_srgb_suffix() == from.format().remove_srgb_suffix();
    if alike && to.usage().contains(TextureUsages::COPY_DST) && to.size() == from.size() {
        let size = from.size();
        ctx.command_encoder().copy_texture_to_texture(
            from.as_image_copy(),
            to.as_image_copy(),
            size,
        );
        return;
    }
    // A target that encodes is given linear light.
    let read = if format.is_srgb() {
        from.format().add_srgb_suffix()
    } else {
        from.format()
    };
    let of = (target.main_texture_view().id(), read);
    if made
        .group
        .as_ref()
        .is_none_or(|(made_of, _)| *made_of != of)
    {
        let view = from.create_view(&TextureViewDescriptor {
            format: Some(read),
            ..default()
        });
        let layout = cache.get_bind_group_layout(&delivery.layout);
        let entries = BindGroupEntries::single(&view);
        made.group = Some((of, device.create_bind_group("picture", &layout, &entries)));
    }
    let Some((_, id)) = made.pipeline else { return };
    let (Some(pipeline), Some((_, group)), Some(attachment)) = (
        cache.get_render_pipeline(id),
        &made.group,
        target.out_texture_color_attachment(None),
    ) else {
        return;
    };
    let mut pass = ctx.begin_tracked_render_pass(RenderPassDescriptor {
        label: Some("deliver"),
        color_attachments: &[Some(attachment)],
        ..default()
    });
    pass.set_render_pipeline(pipeline);
    pass.set_bind_group(0, group, &[]);
    pass.draw(0..3, 0..1);
}
