// What every layer of the map shares. Import from it: #import chengtu::view::{view, clip_from_ground}
#define_import_path chengtu::view

struct MapView {
    view_proj: mat4x4<f32>,
    viewport_px: vec2<f32>,
    scale_factor: f32,
    zoom: f32,
    anchor_px: vec2<f32>,
    world_px: f32,
    px_per_m: f32,
    distance_px: f32,
    time_s: f32,
    pitch_rad: f32,
    bearing_rad: f32,
    fog: vec4<f32>,
    fog_range_rise_edge: vec4<f32>,
    bounds_px: vec4<f32>,
    void_color: vec4<f32>,
}

@group(0) @binding(0) var<uniform> view: MapView;

// Ground pixels of a mercator position relative to the anchor.
fn ground_from_anchor(mercator: vec2<f32>) -> vec2<f32> {
    return view.anchor_px + mercator * view.world_px;
}

// Clip space of a point in ground pixels, z up.
fn clip_from_ground(p: vec3<f32>) -> vec4<f32> {
    return view.view_proj * vec4<f32>(p, 1.0);
}

// D/d: 1 in the middle of the screen, smaller farther away.
fn nearness(clip: vec4<f32>) -> f32 {
    return view.distance_px / clip.w;
}

// Moves a clip position by logical pixels on the screen, y down.
fn offset_px(clip: vec4<f32>, px: vec2<f32>) -> vec4<f32> {
    let ndc = px * vec2<f32>(2.0, -2.0) * view.scale_factor / view.viewport_px;
    return vec4<f32>(clip.xy + ndc * clip.w, clip.zw);
}

// Clip position of a point of the screen in logical pixels from the top left corner.
fn clip_from_screen(px: vec2<f32>) -> vec4<f32> {
    let uv = px * view.scale_factor / view.viewport_px;
    return vec4<f32>(uv.x * 2.0 - 1.0, 1.0 - uv.y * 2.0, 0.0, 1.0);
}

// Share of fog at a depth (clip.w).
fn fog_share(w: f32) -> f32 {
    let t = (w / view.distance_px - view.fog_range_rise_edge.x) / (view.fog_range_rise_edge.y - view.fog_range_rise_edge.x);
    return clamp(t, 0.0, 1.0) * view.fog.a;
}

// Share of the void at a place near or beyond the edge of the city's data.
fn void_share(ground: vec2<f32>) -> f32 {
    let inside = min(min(ground.x - view.bounds_px.x, view.bounds_px.z - ground.x),
                     min(ground.y - view.bounds_px.y, view.bounds_px.w - ground.y));
    return 1.0 - smoothstep(0.0, view.fog_range_rise_edge.w, inside);
}

// A colour of something on the ground as it is seen: far away in fog, at the edge of the data in the void.
fn seen(color: vec3<f32>, ground: vec2<f32>, w: f32) -> vec3<f32> {
    let fogged = mix(color, view.fog.rgb, fog_share(w));
    return mix(fogged, view.void_color.rgb, void_share(ground));
}

// A letter looks alike wherever it lies in its atlas: what is interpolated is the place in its own cell, in texels, rounded
// to what a sampler tells apart, and the sum with the cell's place is exact.
const TEXEL_PARTS = 256.0;

// Where a cell begins, and one part of a texel, both as shares of the atlas.
fn cell_of(uv: vec4<f32>, side: vec2<f32>) -> vec4<f32> {
    return vec4<f32>(uv.xy, 1.0 / (TEXEL_PARTS * side));
}

fn texel_uv(cell: vec4<f32>, texel: vec2<f32>) -> vec2<f32> {
    return cell.xy + round(texel * TEXEL_PARTS) * cell.zw;
}

// Of a distance field that reaches so far around its shape, what nothing is drawn in, where the outline is moved out by
// `shift`: beyond that, half a pixel of smooth edge, and a texel of the coarsest field. All in physical pixels.
fn empty_px(reach: f32, shift: f32) -> f32 {
    return max(reach * 0.875 - shift - 0.5, 0.0);
}
