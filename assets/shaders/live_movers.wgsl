// Traffic: six vertices a mover, pulled by index; moved on between updates by velocity.
#import chengtu::view::{view, ground_from_anchor, clip_from_ground, clip_from_screen, nearness, fog_share}

struct Mover {
    at: vec2<f32>,
    velocity: vec2<f32>,
    offset: vec2<f32>,
    fix_s: f32,
    came_s: f32,
    heading_rad: f32,
    kind: u32,
    spare: vec2<u32>,
}

struct Params {
    colors: array<vec4<f32>, 4>,
    outline: vec4<f32>,
    half_m: array<vec4<f32>, 4>,
    now_s: f32,
    glide_max_s: f32,
    blend_s: f32,
    stale_s: f32,
    offline_s: f32,
    radius_px: f32,
}

@group(1) @binding(0) var<storage, read> movers: array<Mover>;
@group(1) @binding(1) var<uniform> params: Params;

struct Varyings {
    @builtin(position) position: vec4<f32>,
    @location(0) local: vec2<f32>,
    @location(1) @interpolate(flat) half_px: vec2<f32>,
    @location(2) @interpolate(flat) color: vec4<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Varyings {
    let mover = movers[vertex / 6u];
    // Nobody is sent by traffic: a vehicle that is long silent has parked or gone, and its dot would tell a lie.
    let age_s = params.now_s - mover.fix_s;
    if age_s > params.offline_s {
        var gone: Varyings;
        gone.position = vec4<f32>(0.0, 0.0, -2.0, 1.0);
        return gone;
    }
    let glided_s = clamp(age_s, 0.0, params.glide_max_s);
    let left = clamp(1.0 - (params.now_s - mover.came_s) / params.blend_s, 0.0, 1.0);
    let ground = ground_from_anchor(mover.at + mover.velocity * glided_s + mover.offset * left);
    let clip = clip_from_ground(vec3<f32>(ground, 0.0));
    var out: Varyings;
    out.position = vec4<f32>(0.0, 0.0, -2.0, 1.0);
    if clip.w <= 0.05 * view.distance_px || abs(clip.x) > 1.1 * clip.w || abs(clip.y) > 1.1 * clip.w {
        return out;
    }
    let kind = mover.kind & 3u;
    let near = nearness(clip);
    let k = clamp(0.4 + 0.6 * near, 0.55, 1.05);
    let true_px = params.half_m[kind].xy * view.px_per_m * near;
    let width = max(params.radius_px * k, true_px.y);
    var half_px = vec2<f32>(width, width);
    var along = vec2<f32>(0.0, -1.0);
    if (mover.kind & 256u) != 0u {
        // Seen from above, then shortened with the ground by the pitch.
        let a = mover.heading_rad - view.bearing_rad;
        let seen = vec2<f32>(sin(a), -cos(a) * cos(view.pitch_rad));
        along = normalize(seen);
        half_px.y = max(width * 1.35, true_px.x * length(seen));
    }
    let corner = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u)[vertex % 6u];
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
    let local = unit * (half_px + 2.0);
    let side = vec2<f32>(-along.y, along.x);
    let screen = (clip.xy / clip.w * vec2<f32>(0.5, -0.5) + 0.5) * view.viewport_px / view.scale_factor;
    let fresh = select(1.0, 0.5, age_s > params.stale_s);
    let opacity = fresh * (1.0 - fog_share(clip.w));
    out.position = clip_from_screen(screen + side * local.x + along * local.y);
    out.local = local;
    out.half_px = half_px;
    out.color = vec4<f32>(params.colors[kind].rgb, params.colors[kind].a * opacity);
    return out;
}

@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
    // A capsule along the heading; its front is pointed a little.
    let r = in.half_px.x;
    let reach = max(in.half_px.y - r, 0.0);
    let front = step(0.0, in.local.y) * smoothstep(0.0, in.half_px.y, in.local.y) * 0.35 * step(0.01, reach);
    let x = abs(in.local.x) * (1.0 + front);
    let d = length(vec2<f32>(x, max(abs(in.local.y) - reach, 0.0))) - r;
    let body = clamp(0.5 - d * view.scale_factor, 0.0, 1.0);
    let edge = clamp(0.5 - (d - 0.9) * view.scale_factor, 0.0, 1.0);
    let alpha = max(body, edge * params.outline.a) * in.color.a;
    if alpha < 0.004 {
        discard;
    }
    return vec4<f32>(mix(params.outline.rgb, in.color.rgb, body), alpha);
}
