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

struct Varyings {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) w: f32,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Varyings {
    let corner = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u)[vertex % 6u];
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    let at = mix(params.corners.xy, params.corners.zw, unit);
    let clip = clip_from_ground(vec3<f32>(ground_from_anchor(at), 0.0));
    var out: Varyings;
    out.position = clip;
    out.uv = unit;
    out.w = clip.w;
    return out;
}

@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
    let cell = textureSampleLevel(cells, cells_sampler, in.uv, 0.0);
    let alpha = cell.r * 0.9 * params.share.x * (1.0 - fog_share(in.w));
    if alpha < 0.01 {
        discard;
    }
    return vec4<f32>(mix(params.slow.rgb, params.fast.rgb, smoothstep(0.1, 0.75, cell.g)), alpha);
}
