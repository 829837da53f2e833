// The base map: areas, lines, shadows, buildings, outlines of roofs.
#import chengtu::view::{view, clip_from_ground, seen}

struct Tile {
    origin: vec2<f32>,  // ground pixels of its north-west corner
    scale: f32,         // ground pixels per tile unit
    unused: f32,
}

struct Paint {
    color: vec4<f32>,
    width_gap: vec4<f32>,   // ground pixels: width, gap between two lines
    dash: vec4<f32>,        // ground pixels: on, off, on, off
}

struct Building {
    top: vec4<f32>,
    top_tall: vec4<f32>,
    edge: vec4<f32>,
    lit: vec4<f32>,
    mid: vec4<f32>,
    shade: vec4<f32>,
    shadow: vec4<f32>,
    footprint: vec4<f32>,
}

@group(1) @binding(0) var<storage, read> tiles: array<Tile>;
@group(1) @binding(1) var<storage, read> paints: array<Paint>;
@group(1) @binding(2) var<storage, read> draws: array<vec2<u32>>;
@group(1) @binding(3) var<uniform> building: Building;

// Edge of a roof in pixels of the screen, and its strength.
const EDGE_PX: f32 = 0.5;
const EDGE_ALPHA: f32 = 0.65;
const SHADOW_ALPHA: f32 = 0.42;
// Length of a shadow in heights, and the height beyond which it grows no more.
const SHADOW_LENGTH: f32 = 0.42;
const SHADOW_HEIGHT_MAX_M: f32 = 58.0;

fn rise() -> f32 {
    return view.fog_range_rise_edge.z;
}

fn ground(draw: u32, position: vec2<i32>) -> vec2<f32> {
    let tile = tiles[draws[draw].x];
    return tile.origin + vec2<f32>(position) * tile.scale;
}

// ---------------------------------------------------------------- areas

struct Flat {
    @builtin(position) position: vec4<f32>,
    @location(0) ground: vec2<f32>,
    @location(1) depth: f32,
    @location(2) @interpolate(flat) color: vec4<f32>,
}

@vertex
fn fill_vertex(@builtin(instance_index) draw: u32, @location(0) position: vec2<i32>) -> Flat {
    let p = ground(draw, position);
    let clip = clip_from_ground(vec3<f32>(p, 0.0));
    return Flat(clip, p, clip.w, paints[draws[draw].y].color);
}

@fragment
fn fill_fragment(in: Flat) -> @location(0) vec4<f32> {
    return vec4<f32>(seen(in.color.rgb, in.ground, in.depth), in.color.a);
}

// ---------------------------------------------------------------- lines

struct Line {
    @builtin(position) position: vec4<f32>,
    @location(0) ground: vec2<f32>,
    @location(1) depth: f32,
    @location(2) across: f32,
    @location(3) along: f32,
    @location(4) @interpolate(flat) paint: u32,
}

@vertex
fn line_vertex(
    @builtin(instance_index) draw: u32,
    @location(0) position: vec2<i32>,
    @location(1) offset: vec2<f32>,
    @location(2) along: f32,
    @location(3) side: f32,
) -> Line {
    let tile = tiles[draws[draw].x];
    let paint = paints[draws[draw].y];
    let middle = tile.origin + vec2<f32>(position) * tile.scale;
    let width = paint.width_gap.x;
    let gap = paint.width_gap.y;
    var half = width * 0.5;
    if gap > 0.0 {
        half = gap * 0.5 + width;
    }
    // Room for smoothing: a pixel and a half, seen at its distance and foreshortened.
    let depth = clip_from_ground(vec3<f32>(middle, 0.0)).w;
    let reach = half + 1.5 / view.scale_factor * max(depth / view.distance_px, 0.3) / cos(view.pitch_rad);
    let p = middle + offset * 4.0 * reach;
    let clip = clip_from_ground(vec3<f32>(p, 0.0));
    return Line(clip, p, clip.w, side * reach, along * tile.scale, draws[draw].y);
}

// Share of a pixel of this size at `at` that lies within ± half.
fn covered(at: f32, half: f32, pixel: f32) -> f32 {
    let low = max(-half, at - pixel * 0.5);
    let high = min(half, at + pixel * 0.5);
    return clamp((high - low) / pixel, 0.0, 1.0);
}

@fragment
fn line_fragment(in: Line) -> @location(0) vec4<f32> {
    let paint = paints[in.paint];
    let width = paint.width_gap.x;
    let gap = paint.width_gap.y;
    let pixel = max(length(vec2<f32>(dpdx(in.across), dpdy(in.across))), 1e-4);
    let step_along = max(length(vec2<f32>(dpdx(in.along), dpdy(in.along))), 1e-4);
    var cover = 0.0;
    if gap > 0.0 {
        cover = covered(abs(in.across) - (gap + width) * 0.5, width * 0.5, pixel);
    } else {
        cover = covered(in.across, width * 0.5, pixel);
    }
    let total = paint.dash.x + paint.dash.y + paint.dash.z + paint.dash.w;
    if total > 0.0 {
        let at = in.along - floor(in.along / total) * total;
        let second = paint.dash.x + paint.dash.y;
        let first_on = covered(at - paint.dash.x * 0.5, paint.dash.x * 0.5, step_along)
                     + covered(at - total - paint.dash.x * 0.5, paint.dash.x * 0.5, step_along);
        let second_on = covered(at - second - paint.dash.z * 0.5, paint.dash.z * 0.5, step_along);
        let sharp = clamp(first_on + second_on, 0.0, 1.0);
        let mean = (paint.dash.x + paint.dash.z) / total;
        // Too fine to be seen as dashes: their mean.
        cover *= mix(sharp, mean, smoothstep(0.3, 0.6, step_along / total));
    }
    return vec4<f32>(seen(paint.color.rgb, in.ground, in.depth), paint.color.a * cover);
}

// ---------------------------------------------------------------- buildings

@vertex
fn shadow_vertex(
    @builtin(instance_index) draw: u32,
    @location(0) position: vec2<i32>,
    @location(1) height_m: f32,
    @location(2) normal: vec4<f32>,
) -> Flat {
    // The light stands in the north-west.
    let length_px = SHADOW_LENGTH * min(height_m, SHADOW_HEIGHT_MAX_M) * view.px_per_m * rise();
    let p = ground(draw, position) + vec2<f32>(0.7071, 0.7071) * length_px;
    let clip = clip_from_ground(vec3<f32>(p, 0.0));
    return Flat(clip, p, clip.w, building.shadow);
}

@fragment
fn shadow_fragment(in: Flat) -> @location(0) vec4<f32> {
    return vec4<f32>(seen(in.color.rgb, in.ground, in.depth), SHADOW_ALPHA * rise());
}

struct Solid {
    @builtin(position) position: vec4<f32>,
    @location(0) ground: vec2<f32>,
    @location(1) depth: f32,
    @location(2) height_m: f32,
    @location(3) @interpolate(flat) color: vec3<f32>,
    @location(4) @interpolate(flat) roof: f32,
}

@vertex
fn solid_vertex(
    @builtin(instance_index) draw: u32,
    @location(0) position: vec2<i32>,
    @location(1) height_m: f32,
    @location(2) normal: vec4<f32>,
) -> Solid {
    let p = ground(draw, position);
    let clip = clip_from_ground(vec3<f32>(p, height_m * view.px_per_m * rise()));
    let roof = normal.z;
    let facing = dot(normal.xy, vec2<f32>(-0.7071, -0.7071));
    let wall = mix(building.mid.rgb, select(building.shade.rgb, building.lit.rgb, facing > 0.0), abs(facing));
    let top = mix(building.top.rgb, building.top_tall.rgb, clamp((height_m - 18.0) / 90.0, 0.0, 1.0));
    let flat_roof = mix(paints[draws[draw].y].color.rgb, top, rise());
    return Solid(clip, p, clip.w, height_m, mix(wall, flat_roof, roof), roof);
}

@fragment
fn solid_fragment(in: Solid) -> @location(0) vec4<f32> {
    let foot = mix(0.74, 1.0, clamp(in.height_m / 26.0, 0.0, 1.0));
    let color = in.color * mix(foot, 1.0, in.roof);
    return vec4<f32>(seen(color, in.ground, in.depth), 1.0);
}

struct Edge {
    @builtin(position) position: vec4<f32>,
    @location(0) ground: vec2<f32>,
    @location(1) depth: f32,
    @location(2) across_px: f32,
}

@vertex
fn edge_vertex(
    @builtin(instance_index) draw: u32,
    @location(0) position: vec2<i32>,
    @location(1) other: vec2<i32>,
    @location(2) height_m: f32,
    @location(3) side: f32,
) -> Edge {
    let p = ground(draw, position);
    let z = height_m * view.px_per_m * rise();
    var clip = clip_from_ground(vec3<f32>(p, z));
    let far = clip_from_ground(vec3<f32>(ground(draw, other), z));
    let size = view.viewport_px * 0.5;
    let direction = far.xy / far.w * size - clip.xy / clip.w * size;
    let across = vec2<f32>(-direction.y, direction.x) / max(length(direction), 1e-4);
    // Physical pixels: half the width and room for smoothing.
    let reach = EDGE_PX * view.scale_factor * 0.5 + 1.0;
    clip = vec4<f32>(clip.xy + across * side * reach / size * clip.w, clip.z * 1.0015, clip.w);
    return Edge(clip, p, clip.w, side * reach);
}

@fragment
fn edge_fragment(in: Edge) -> @location(0) vec4<f32> {
    let cover = covered(in.across_px, EDGE_PX * view.scale_factor * 0.5, 1.0);
    return vec4<f32>(seen(building.edge.rgb, in.ground, in.depth), EDGE_ALPHA * cover * rise());
}
