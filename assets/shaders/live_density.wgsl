// Density of open cases as a coloured surface on the ground; two surfaces while one fades into the next.
#import chengtu::view::{view, ground_from_anchor, clip_from_ground, fog_share}

struct Params {
    ramp: array<vec4<f32>, 7>,
    old_box: vec4<f32>,
    new_box: vec4<f32>,
    fade: vec4<f32>,
}

@group(1) @binding(0) var<uniform> params: Params;
@group(1) @binding(1) var old_surface: texture_2d<f32>;
@group(1) @binding(2) var new_surface: texture_2d<f32>;
@group(1) @binding(3) var surface_sampler: sampler;

struct Varyings {
    @builtin(position) position: vec4<f32>,
    @location(0) at: vec2<f32>,
    @location(1) w: f32,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Varyings {
    let corner = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u)[vertex % 6u];
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u));
    let at = mix(params.new_box.xy, params.new_box.zw, unit);
    let clip = clip_from_ground(vec3<f32>(ground_from_anchor(at), 0.0));
    var out: Varyings;
    out.position = clip;
    out.at = at;
    out.w = clip.w;
    return out;
}

// Cubic B-spline from four linear samples: a smooth surface from coarse cells.
fn smooth_sample(surface: texture_2d<f32>, uv: vec2<f32>) -> f32 {
    let size = vec2<f32>(textureDimensions(surface));
    let p = uv * size - 0.5;
    let f = fract(p);
    let base = p - f;
    let w0 = (1.0 - f) * (1.0 - f) * (1.0 - f) / 6.0;
    let w1 = (4.0 - 6.0 * f * f + 3.0 * f * f * f) / 6.0;
    let w3 = f * f * f / 6.0;
    let w2 = 1.0 - w0 - w1 - w3;
    let g0 = w0 + w1;
    let g1 = w2 + w3;
    let a = (base + vec2<f32>(-0.5) + w1 / g0) / size;
    let b = (base + vec2<f32>(1.5) + w3 / g1) / size;
    let s00 = textureSampleLevel(surface, surface_sampler, vec2<f32>(a.x, a.y), 0.0).r;
    let s10 = textureSampleLevel(surface, surface_sampler, vec2<f32>(b.x, a.y), 0.0).r;
    let s01 = textureSampleLevel(surface, surface_sampler, vec2<f32>(a.x, b.y), 0.0).r;
    let s11 = textureSampleLevel(surface, surface_sampler, vec2<f32>(b.x, b.y), 0.0).r;
    return mix(mix(s11, s01, g0.x), mix(s10, s00, g0.x), g0.y);
}

fn density(surface: texture_2d<f32>, rect: vec4<f32>, at: vec2<f32>) -> f32 {
    let uv = (at - rect.xy) / (rect.zw - rect.xy);
    if any(uv < vec2<f32>(0.0)) || any(uv > vec2<f32>(1.0)) {
        return 0.0;
    }
    return smooth_sample(surface, uv);
}

@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
    var value = density(new_surface, params.new_box, in.at);
#ifdef FADING
    value = mix(density(old_surface, params.old_box, in.at), value, params.fade.x);
#endif
    let t = clamp(value, 0.0, 1.0);
    let alpha = 0.54 * clamp(t * 3.0, 0.0, 1.0) * (1.0 - fog_share(in.w));
    if alpha < 0.004 {
        discard;
    }
    let x = t * 6.0;
    let i = min(u32(x), 5u);
    let color = mix(params.ramp[i].rgb, params.ramp[i + 1u].rgb, x - f32(i));
    return vec4<f32>(color, alpha);
}
