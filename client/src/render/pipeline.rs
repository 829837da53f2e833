use super::{MapPass, MapPhase, SCENE_FORMAT, SCENE_SAMPLES, targets::SCENE_DEPTH, view_layout};
use bevy::mesh::VertexBufferLayout;
use bevy::prelude::*;
use bevy::render::render_resource::{
    BindGroupLayoutDescriptor, BlendState, ColorTargetState, ColorWrites, CompareFunction,
    DepthBiasState, DepthStencilState, FragmentState, MultisampleState, PrimitiveState,
    PrimitiveTopology, RenderPipelineDescriptor, StencilFaceState, StencilOperation, StencilState,
    VertexState,
};
use bevy::shader::{Shader, ShaderDefVal};

/// How a pipeline of the scene uses depth and stencil. The overlay has neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepthUse {
    /// Painter's order: what comes later lies on top.
    None,
    /// Buildings: nearer hides farther.
    TestAndWrite,
    /// Lies on buildings: tested, not written, drawn a little towards the camera.
    TestNearer,
    /// Each pixel at most once, whatever overlaps (shadows).
    Once,
}

/// A render pipeline of the map, with everything the two passes prescribe filled in.
#[derive(Clone, Debug)]
pub struct MapPipeline {
    /// For messages and graphics debuggers.
    pub label: &'static str,
    /// WGSL with entry points `vertex` and `fragment`, unless named otherwise.
    pub shader: Handle<Shader>,
    /// Entry points of vertex and fragment stage, in this order.
    pub entries: [&'static str; 2],
    /// Definitions for `#ifdef`.
    pub defs: Vec<ShaderDefVal>,
    /// Bind group layouts from group 1 up; group 0 is the view.
    pub layouts: Vec<BindGroupLayoutDescriptor>,
    /// Vertex buffers; none for vertex pulling.
    pub buffers: Vec<VertexBufferLayout>,
    /// Triangles unless said otherwise.
    pub topology: PrimitiveTopology,
    /// Straight alpha unless said otherwise.
    pub blend: Option<BlendState>,
    /// Decides pass, samples and target format.
    pub phase: MapPhase,
    /// Depth and stencil, scene only.
    pub depth: DepthUse,
}

impl MapPipeline {
    /// A pipeline without vertex buffers, blending straight alpha.
    pub fn new(label: &'static str, shader: Handle<Shader>, phase: MapPhase) -> Self {
        Self {
            label,
            shader,
            entries: ["vertex", "fragment"],
            defs: Vec::new(),
            layouts: Vec::new(),
            buffers: Vec::new(),
            topology: PrimitiveTopology::TriangleList,
            blend: Some(BlendState::ALPHA_BLENDING),
            phase,
            depth: DepthUse::None,
        }
    }

    /// What Bevy's pipeline cache wants.
    pub fn descriptor(self) -> RenderPipelineDescriptor {
        let scene = self.phase.pass() == MapPass::Scene;
        let [vertex, fragment] = self.entries;
        RenderPipelineDescriptor {
            label: Some(self.label.into()),
            layout: std::iter::once(view_layout()).chain(self.layouts).collect(),
            vertex: VertexState {
                shader: self.shader.clone(),
                shader_defs: self.defs.clone(),
                entry_point: Some(vertex.into()),
                buffers: self.buffers,
            },
            fragment: Some(FragmentState {
                shader: self.shader,
                shader_defs: self.defs,
                entry_point: Some(fragment.into()),
                targets: vec![Some(ColorTargetState {
                    format: SCENE_FORMAT,
                    blend: self.blend,
                    write_mask: ColorWrites::ALL,
                })],
            }),
            primitive: PrimitiveState {
                topology: self.topology,
                ..default()
            },
            depth_stencil: scene.then(|| depth_stencil(self.depth)),
            multisample: MultisampleState {
                count: if scene { SCENE_SAMPLES } else { 1 },
                ..default()
            },
            immediate_size: 0,
            zero_initialize_workgroup_memory: false,
        }
    }
}

fn depth_stencil(depth: DepthUse) -> DepthStencilState {
    let test = matches!(depth, DepthUse::TestAndWrite | DepthUse::TestNearer);
    let once = StencilFaceState {
        compare: CompareFunction::Equal,
        pass_op: StencilOperation::IncrementClamp,
        fail_op: StencilOperation::Keep,
        depth_fail_op: StencilOperation::Keep,
    };
    let face = if depth == DepthUse::Once {
        once
    } else {
        StencilFaceState::IGNORE
    };
    DepthStencilState {
        format: SCENE_DEPTH,
        depth_write_enabled: Some(depth == DepthUse::TestAndWrite),
        depth_compare: Some(if test {
            CompareFunction::GreaterEqual
        } else {
            CompareFunction::Always
        }),
        stencil: StencilState {
            front: face,
            back: face,
            read_mask: 0xff,
            write_mask: 0xff,
        },
        bias: DepthBiasState::default(),
    }
}
