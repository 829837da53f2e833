// Names and their icons from distance fields: first all halos, then all characters.
#import chengtu::view::{view, clip_from_screen, cell_of, texel_uv, empty_px}

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

// A fragment reads nothing but what its corners say: a read from a buffer costs more than all the rest where a processor draws.
struct Out {
    @builtin(position) position: vec4<f32>,
    // Texels from the corner of the character's cell: see `texel_uv`.
    @location(0) @interpolate(linear) texel: vec2<f32>,
    @location(1) @interpolate(flat) color: vec4<f32>,
    // Physical pixels from one end of the field to the other, and of the outline's shift.
    @location(2) @interpolate(flat) field: vec2<f32>,
    @location(3) @interpolate(flat) cell: vec4<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Out {
    let g = glyphs[vertex / 6u];
    let corner = vec2<f32>(f32((0x1Au >> (vertex % 6u)) & 1u), f32((0x34u >> (vertex % 6u)) & 1u));
    let reach = abs(g.turn.z) * view.scale_factor;
#ifdef HALO
    let shift = g.turn.w * view.scale_factor;
#else
    let shift = 0.0;
#endif
    // Most of the cell is the room around the character: of that, what stays empty is not drawn.
    let kept = 1.0 - empty_px(reach, shift) / view.scale_factor / g.middle_half.zw;
    let part = (corner * 2.0 - 1.0) * kept;
    let at = part * g.middle_half.zw;
    let turned = vec2<f32>(at.x * g.turn.y - at.y * g.turn.x, at.x * g.turn.x + at.y * g.turn.y);
    var out: Out;
    out.position = clip_from_screen(g.middle_half.xy + turned);
#ifdef ICONS
    let side = vec2<f32>(textureDimensions(icons));
#else
    let side = vec2<f32>(textureDimensions(characters));
#endif
    out.texel = (part * 0.5 + 0.5) * ((g.uv.zw - g.uv.xy) * side);
    out.cell = cell_of(g.uv, side);
#ifdef HALO
    out.color = g.halo;
#else
    out.color = g.color;
#endif
    out.field = vec2<f32>(2.0 * reach, shift + 0.5 - reach);
    return out;
}

@fragment
fn fragment(in: Out) -> @location(0) vec4<f32> {
#ifdef ICONS
    let field = textureSampleLevel(icons, smooth_sampler, texel_uv(in.cell, in.texel), 0.0).r;
#else
    let field = textureSampleLevel(characters, smooth_sampler, texel_uv(in.cell, in.texel), 0.0).r;
#endif
    let cover = clamp(field * in.field.x + in.field.y, 0.0, 1.0);
    return vec4<f32>(in.color.rgb, in.color.a * cover);
}
