// Traffic of a far map: how much of it is on the ground, in the colour of its speed.
#import chengtu::view::{view, ground_from_anchor, clip_from_ground, fog_share}

struct Params {
    slow: vec4<f32>,
    fast: vec4<f32>,
    corners: vec4<f32>,
    share: vec4<f32>,
}

@group(1) @binding(0) var<uniform> params: Params;
@group(1) @binding(1) var cells: texture_2d<f32>;
@group(1) @binding(2) var cells_sampler: sampler;
@group(1) @binding(3) var<storage, read> runs: array<u32>;

struct Varyings {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) alpha: f32,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Varyings {
    let corner = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u)[vertex % 6u];
    // Blocks beside one another: column, row, how many.
    let run = runs[vertex / 6u];
    let first = vec2<f32>(f32(run & 0x3ffu), f32((run >> 10u) & 0x3ffu));
    let size = vec2<f32>(f32((run >> 20u) * (corner & 1u)), f32(corner >> 1u));
    let unit = min((first + size) * params.share.yz, vec2<f32>(1.0));
    let at = mix(params.corners.xy, params.corners.zw, unit);
    let clip = clip_from_ground(vec3<f32>(ground_from_anchor(at), 0.0));
    var out: Varyings;
    out.position = clip;
    out.uv = unit;
    out.alpha = 0.9 * params.share.x * (1.0 - fog_share(clip.w));
    return out;
}

@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
    let cell = textureSampleLevel(cells, cells_sampler, in.uv, 0.0);
    return vec4<f32>(mix(params.slow.rgb, params.fast.rgb, smoothstep(0.1, 0.75, cell.g)), cell.r * in.alpha);
}
