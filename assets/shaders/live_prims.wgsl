// Marker primitives: one quad each, pulled from one storage buffer; the shape is a distance in logical pixels.
//
// A fragment reads nothing but what its corners say, and every shape takes the same way through one formula: where a processor
// draws, a branch costs as much as all its arms, and a read from a buffer more than all of them. What has a texture
// (GLYPH, ICON) or dashes (DASHED) has a pipeline of its own.
#import chengtu::view::{view, clip_from_screen, cell_of, texel_uv, empty_px}

struct Prim {
    centre: vec2<f32>,
    half_size: vec2<f32>,
    fill: u32,
    stroke: u32,
    kind: u32,
    stroke_px: f32,
    p: vec4<f32>,
    q: vec4<f32>,
}

@group(1) @binding(0) var<storage, read> prims: array<Prim>;
@group(1) @binding(1) var icons: texture_2d<f32>;
@group(1) @binding(2) var icons_sampler: sampler;
@group(1) @binding(3) var glyphs: texture_2d<f32>;
@group(1) @binding(4) var glyphs_sampler: sampler;

const DISC = 0u;
const BOX = 1u;
const DIAMOND = 2u;
const TRIANGLE = 3u;
const ARC = 4u;
const LINE = 5u;
const GLYPH = 6u;
const ICON = 7u;
const NOSE = 8u;
const LOWER_HALF = 9u;
const DIAMOND_RING = 10u;
const TAU = 6.283185307;

struct Varyings {
    @builtin(position) position: vec4<f32>,
    // Turned so that the shape is alike on both sides of y; see `shape`.
    @location(0) @interpolate(linear) local: vec2<f32>,
    @location(1) @interpolate(flat) fill: vec4<f32>,
    @location(2) @interpolate(flat) stroke: vec4<f32>,
#ifdef TEXTURED
    // Texels from the corner of the letter's cell: see `texel_uv`.
    @location(3) @interpolate(linear) texel: vec2<f32>,
    // One unit of the field, and the width of the halo, logical pixels.
    @location(4) @interpolate(flat) field: vec2<f32>,
    @location(5) @interpolate(flat) cell: vec4<f32>,
#else
    // Half size, radius of corners, width of the outline.
    @location(3) @interpolate(flat) size: vec4<f32>,
    // Two half planes (a, b, c): a·|x| + b·y + c is the distance. With w = 1 the second one has |y| for y. w of the first is
    // the family: 0 polygon of the two, 1 ellipse, 2 box; the first cuts an ellipse.
    @location(4) @interpolate(flat) plane: vec4<f32>,
    @location(5) @interpolate(flat) other: vec4<f32>,
#ifdef DASHED
    // Dash and gap; kind.
    @location(6) @interpolate(flat) dash: vec3<f32>,
#endif
#endif
}

const POLYGON = 0.0;
const ELLIPSE = 1.0;
const ROUNDED_BOX = 2.0;
const NO_CUT = vec3<f32>(0.0, 0.0, -1e3);

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Varyings {
    let prim = prims[vertex / 6u];
    // Corners of two triangles: 0 1 2, 2 1 3.
    let corner = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u)[vertex % 6u];
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
    var out: Varyings;
    out.fill = unpack4x8unorm(prim.fill);
    out.stroke = unpack4x8unorm(prim.stroke);
#ifdef TEXTURED
    // Glyphs and icons end at their cell, and before it where that is empty.
    let reach = prim.p.x * 0.5 * view.scale_factor;
    let kept = 1.0 - empty_px(reach, prim.stroke_px * view.scale_factor) / view.scale_factor / max(prim.half_size, vec2<f32>(1e-3));
    let part = unit * kept;
    let local = part * prim.half_size;
    let angle = select(0.0, prim.p.y * TAU, prim.kind == GLYPH);
    let placed = vec2<f32>(
        local.x * cos(angle) - local.y * sin(angle),
        local.x * sin(angle) + local.y * cos(angle),
    );
    out.local = local;
#ifdef ICONS
    let side = vec2<f32>(textureDimensions(icons));
#else
    let side = vec2<f32>(textureDimensions(glyphs));
#endif
    out.texel = (part * 0.5 + 0.5) * ((prim.q.zw - prim.q.xy) * side);
    out.cell = cell_of(prim.q, side);
    out.field = vec2<f32>(prim.p.x, prim.stroke_px);
    out.position = clip_from_screen(prim.centre + placed);
#else
    // Everything else gets a pixel for its smooth edge.
    let pad = 1.0 + select(0.0, prim.stroke_px, prim.kind == ARC);
    let local = unit * (prim.half_size + pad);
    out.position = clip_from_screen(prim.centre + local);
    shape(prim, local, &out);
#endif
    return out;
}

#ifndef TEXTURED
// What the fragments of a primitive are measured by.
fn shape(prim: Prim, p: vec2<f32>, out: ptr<function, Varyings>) {
    let r = prim.half_size.x;
    (*out).local = p;
    (*out).size = vec4<f32>(max(prim.half_size, vec2<f32>(1e-3)), 0.0, prim.stroke_px);
    (*out).other = vec4<f32>(0.0, 0.0, -1e3, 0.0);
#ifdef DASHED
    (*out).dash = vec3<f32>(prim.p.xy, f32(prim.kind));
#endif
    var plane = NO_CUT;
    var family = POLYGON;
    switch prim.kind {
        case DISC: {
            family = ELLIPSE;
        }
        case LOWER_HALF: {
            family = ELLIPSE;
            plane = vec3<f32>(0.0, -1.0, 0.0);
        }
        case ARC: {
            // A ring whose middle line has the radius, cut by a ray to either side of its middle.
            family = ELLIPSE;
            let m = (prim.p.x + prim.p.y) * 0.5 * TAU;
            let half_turn = (prim.p.y - prim.p.x) * 0.5 * TAU;
            (*out).local = vec2<f32>(p.x * cos(m) + p.y * sin(m), p.x * sin(m) - p.y * cos(m));
            (*out).size = vec4<f32>(prim.half_size + prim.stroke_px * 0.5, 0.0, prim.stroke_px);
            (*out).fill = vec4<f32>((*out).stroke.rgb, 0.0);
            if prim.p.y - prim.p.x < 1.0 {
                plane = vec3<f32>(cos(half_turn), -sin(half_turn), 0.0);
            }
        }
        case BOX: {
            family = ROUNDED_BOX;
            (*out).size.z = min(prim.p.z, min(prim.half_size.x, prim.half_size.y));
        }
        case DIAMOND, DIAMOND_RING: {
            let k = 0.70710678;
            plane = vec3<f32>(k, k, -k * r);
            (*out).other = vec4<f32>(k, -k, -k * r, 0.0);
        }
        case TRIANGLE: {
            // Three half planes about the middle; the foot lies half a radius below it.
            plane = vec3<f32>(0.8660254, -0.5, -0.5 * r);
            (*out).other = vec4<f32>(0.0, 1.0, -0.5 * r, 0.0);
        }
        case LINE: {
            let length_px = max(length(prim.q.xy), 1e-4);
            let u = prim.q.xy / length_px;
            (*out).local = vec2<f32>(u.x * p.y - u.y * p.x, dot(p, u));
            (*out).fill = (*out).stroke;
            (*out).size.w = 0.0;
            plane = vec3<f32>(1.0, 0.0, -0.5 * prim.stroke_px);
            (*out).other = vec4<f32>(0.0, 1.0, -length_px, 1.0);
        }
        default: {
            // A nose, turned so that it points up: x right, y towards the point.
            let a = prim.p.x * TAU;
            (*out).local = vec2<f32>(p.x * cos(a) + p.y * sin(a), p.x * sin(a) - p.y * cos(a));
            let base = prim.p.z;
            let edge = normalize(vec2<f32>(r - base, prim.p.y));
            plane = vec3<f32>(edge, -edge.y * r);
            (*out).other = vec4<f32>(0.0, -1.0, base, 0.0);
        }
    }
    (*out).plane = vec4<f32>(plane, family);
}
#endif

// Share of a pixel that lies inside a distance field, smoothed over one physical pixel.
fn inside(d: f32) -> f32 {
    return clamp(0.5 - d * view.scale_factor, 0.0, 1.0);
}

fn over(top: vec4<f32>, top_share: f32, below: vec4<f32>, below_share: f32) -> vec4<f32> {
    let a = top.a * top_share;
    let b = below.a * below_share;
    let alpha = a + b * (1.0 - a);
    let color = (top.rgb * a + below.rgb * b * (1.0 - a)) / max(alpha, 1e-4);
    return vec4<f32>(color, alpha);
}

#ifdef TEXTURED
@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
#ifdef ICONS
    let field = textureSampleLevel(icons, icons_sampler, texel_uv(in.cell, in.texel), 0.0).r;
#else
    let field = textureSampleLevel(glyphs, glyphs_sampler, texel_uv(in.cell, in.texel), 0.0).r;
#endif
    let d = (0.5 - field) * in.field.x;
    let halo = select(0.0, inside(d - in.field.y), in.field.y > 0.0);
    return over(in.fill, inside(d), in.stroke, halo);
}
#else

fn rounded_box(p: vec2<f32>, half_size: vec2<f32>, radius: f32) -> f32 {
    let q = abs(p) - half_size + radius;
    return length(max(q, vec2<f32>(0.0))) + min(max(q.x, q.y), 0.0) - radius;
}

// Exact for circles, good enough for flat ellipses.
fn ellipse(p: vec2<f32>, half_size: vec2<f32>) -> f32 {
    let near = p / half_size;
    let k = length(near) + 1e-6;
    let g = length(near / half_size) + 1e-6 / min(half_size.x, half_size.y);
    return k * (k - 1.0) / g;
}

@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
    let p = in.local;
    let half_size = in.size.xy;
    let stroke_px = in.size.w;
    let x = abs(p.x);
    let first = x * in.plane.x + p.y * in.plane.y + in.plane.z;
    let second = x * in.other.x + select(p.y, abs(p.y), in.other.w > 0.5) * in.other.y + in.other.z;
    let family = in.plane.w;
    let round = family == ELLIPSE;
    var d = select(max(first, second), ellipse(p, half_size), round);
    d = select(d, rounded_box(p, half_size, in.size.z), family == ROUNDED_BOX);
    let cut = select(-1e3, first, round);
    // The outline lies inside the edge.
    let ring = max(abs(d + stroke_px * 0.5) - stroke_px * 0.5, cut);
    var share = select(0.0, inside(ring), stroke_px > 0.0);
    var whole = inside(max(d, cut));
#ifdef DASHED
    let on = dashes(in, p);
    share *= on;
    whole *= select(1.0, on, u32(in.dash.z) == LINE);
#endif
    return over(in.stroke, share, in.fill, whole);
}

#ifdef DASHED
// Dashes along an outline: 1 on a dash, 0 in a gap.
fn dashes(in: Varyings, p: vec2<f32>) -> f32 {
    let half_size = in.size.xy;
    let kind = u32(in.dash.z);
    let radius = 0.5 * (half_size.x + half_size.y) - in.size.w * 0.5;
    // An open line has no total, and its dashes begin where it does.
    var along = p.y - in.other.z;
    var total = 0.0;
    if kind == DISC {
        total = TAU * radius;
        along = atan2(p.x, -p.y) * radius;
    } else if kind == BOX {
        total = 4.0 * (half_size.x + half_size.y);
        along = along_box(p, half_size);
    }
    let pattern = in.dash.xy;
    // A whole number of dashes, so that a closed outline has no seam.
    let n = max(round(total / (pattern.x + pattern.y)), 1.0);
    let period = select(pattern.x + pattern.y, total / n, total > 0.0);
    let on = period * pattern.x / (pattern.x + pattern.y);
    let x = abs(fract(along / period) * period - on * 0.5) - on * 0.5;
    return clamp(0.5 - x * view.scale_factor, 0.0, 1.0);
}

// Where a point lies along the edge of a box, clockwise from its upper left corner.
fn along_box(p: vec2<f32>, h: vec2<f32>) -> f32 {
    let top = abs(p.y + h.y);
    let right = abs(p.x - h.x);
    let bottom = abs(p.y - h.y);
    let left = abs(p.x + h.x);
    let least = min(min(top, right), min(bottom, left));
    if least == top { return p.x + h.x; }
    if least == right { return 2.0 * h.x + p.y + h.y; }
    if least == bottom { return 2.0 * h.x + 2.0 * h.y + (h.x - p.x); }
    return 4.0 * h.x + 2.0 * h.y + (h.y - p.y);
}
#endif
#endif
