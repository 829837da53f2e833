// Names and their icons from distance fields: first all halos, then all characters.
#import chengtu::view::{view, clip_from_screen}

struct Glyph {
    middle_half: vec4<f32>,     // logical pixels
    uv: vec4<f32>,
    turn: vec4<f32>,            // sine, cosine, reach of the field in logical pixels (negative: icon), halo in pixels
    color: vec4<f32>,
    halo: vec4<f32>,
}

@group(1) @binding(0) var<storage, read> glyphs: array<Glyph>;
@group(1) @binding(1) var characters: texture_2d<f32>;
@group(1) @binding(2) var icons: texture_2d<f32>;
@group(1) @binding(3) var smooth_sampler: sampler;

struct Out {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
    @location(1) @interpolate(flat) index: u32,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Out {
    let index = vertex / 6u;
    let g = glyphs[index];
    let corner = vec2<f32>(f32((0x1Au >> (vertex % 6u)) & 1u), f32((0x34u >> (vertex % 6u)) & 1u));
    let at = (corner * 2.0 - 1.0) * g.middle_half.zw;
    let turned = vec2<f32>(at.x * g.turn.y - at.y * g.turn.x, at.x * g.turn.x + at.y * g.turn.y);
    return Out(clip_from_screen(g.middle_half.xy + turned), mix(g.uv.xy, g.uv.zw, corner), index);
}

// Physical pixels from the outline, positive inside.
fn inside_px(in: Out) -> f32 {
    let g = glyphs[in.index];
    let character = textureSampleLevel(characters, smooth_sampler, in.uv, 0.0).r;
    let icon = textureSampleLevel(icons, smooth_sampler, in.uv, 0.0).r;
    let field = select(character, icon, g.turn.z < 0.0);
    return (field * 2.0 - 1.0) * abs(g.turn.z) * view.scale_factor;
}

@fragment
fn halo(in: Out) -> @location(0) vec4<f32> {
    let g = glyphs[in.index];
    let cover = clamp(inside_px(in) + g.turn.w * view.scale_factor + 0.5, 0.0, 1.0);
    return vec4<f32>(g.halo.rgb, g.halo.a * cover);
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
    let g = glyphs[in.index];
    let cover = clamp(inside_px(in) + 0.5, 0.0, 1.0);
    return vec4<f32>(g.color.rgb, g.color.a * cover);
}
