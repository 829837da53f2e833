//! A picture drawn from another of the same extent: what `composite.wgsl` does.

use bevy::asset::uuid_handle;
use bevy::prelude::{Handle, default};
use bevy::render::render_resource::{
    BindGroupLayoutDescriptor, CachedRenderPipelineId, ColorTargetState, ColorWrites,
    FragmentState, PipelineCache, RenderPipelineDescriptor, TextureFormat, VertexState,
};
use bevy::shader::Shader;

pub(super) const COMPOSITE_SHADER: Handle<Shader> =
    uuid_handle!("6e4f4e0e-2a0c-4bb6-9b61-1c6a6c9f5a01");

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
