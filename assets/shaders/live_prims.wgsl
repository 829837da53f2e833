// Marker primitives: one quad each, pulled from one storage buffer; the shape is a distance in logical pixels.
#import chengtu::view::{view, clip_from_screen}

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
    @location(0) local: vec2<f32>,
    @location(1) uv: vec2<f32>,
    @location(2) @interpolate(flat) index: u32,
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Varyings {
    let index = vertex / 6u;
    // Corners of two triangles: 0 1 2, 2 1 3.
    let corner = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u)[vertex % 6u];
    let unit = vec2<f32>(f32(corner & 1u), f32(corner >> 1u)) * 2.0 - 1.0;
    let prim = prims[index];
    // Glyphs and icons end at their cell; everything else gets a pixel for its smooth edge.
    let textured = prim.kind == GLYPH || prim.kind == ICON;
    let pad = select(1.0 + select(0.0, prim.stroke_px, prim.kind == ARC), 0.0, textured);
    let local = unit * (prim.half_size + pad);
    var out: Varyings;
    out.local = local;
    out.uv = mix(prim.q.xy, prim.q.zw, unit * 0.5 + 0.5);
    out.index = index;
    var placed = local;
    if prim.kind == GLYPH {
        let angle = prim.p.y * TAU;
        placed = vec2<f32>(
            local.x * cos(angle) - local.y * sin(angle),
            local.x * sin(angle) + local.y * cos(angle),
        );
    }
    out.position = clip_from_screen(prim.centre + placed);
    return out;
}

// Share of a pixel that lies inside a distance field, smoothed over one physical pixel.
fn inside(d: f32) -> f32 {
    return clamp(0.5 - d * view.scale_factor, 0.0, 1.0);
}

fn rounded_box(p: vec2<f32>, half_size: vec2<f32>, radius: f32) -> f32 {
    let r = min(radius, min(half_size.x, half_size.y));
    let q = abs(p) - half_size + r;
    return length(max(q, vec2<f32>(0.0))) + min(max(q.x, q.y), 0.0) - r;
}

// Exact for circles, good enough for flat ellipses.
fn ellipse(p: vec2<f32>, half_size: vec2<f32>) -> f32 {
    if half_size.x == half_size.y {
        return length(p) - half_size.x;
    }
    let k = length(p / half_size);
    let g = length(p / (half_size * half_size));
    return select(k * (k - 1.0) / g, -min(half_size.x, half_size.y), g == 0.0);
}

fn triangle_up(p: vec2<f32>, radius: f32) -> f32 {
    // Three half planes about the middle; the foot lies half a radius below it.
    let side = vec2<f32>(0.8660254, -0.5);
    let d = max(abs(p.x) * side.x + p.y * side.y, p.y) - radius * 0.5;
    return d;
}

fn nose(p: vec2<f32>, prim: Prim) -> f32 {
    let a = prim.p.x * TAU;
    let c = cos(a);
    let s = sin(a);
    // Turned so that the nose points up: x right, y towards the point.
    let t = vec2<f32>(p.x * c + p.y * s, -(-p.x * s + p.y * c));
    let tip = prim.half_size.x;
    let base = prim.p.z;
    let edge = normalize(vec2<f32>(tip - base, prim.p.y));
    let flank = dot(vec2<f32>(abs(t.x), t.y - tip), edge);
    return max(flank, base - t.y);
}

// Dashes along an outline: 1 on a dash, 0 in a gap.
fn dash(along: f32, pattern: vec2<f32>, total: f32) -> f32 {
    if pattern.x <= 0.0 {
        return 1.0;
    }
    // A whole number of dashes, so that a closed outline has no seam.
    let n = max(round(total / (pattern.x + pattern.y)), 1.0);
    let period = select(pattern.x + pattern.y, total / n, total > 0.0);
    let on = period * pattern.x / (pattern.x + pattern.y);
    let x = abs(fract(along / period) * period - on * 0.5) - on * 0.5;
    return clamp(0.5 - x * view.scale_factor, 0.0, 1.0);
}

fn over(top: vec4<f32>, top_share: f32, below: vec4<f32>, below_share: f32) -> vec4<f32> {
    let a = top.a * top_share;
    let b = below.a * below_share;
    let alpha = a + b * (1.0 - a);
    let color = (top.rgb * a + below.rgb * b * (1.0 - a)) / max(alpha, 1e-4);
    return vec4<f32>(color, alpha);
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

@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
    let prim = prims[in.index];
    let fill = unpack4x8unorm(prim.fill);
    let stroke = unpack4x8unorm(prim.stroke);
    let p = in.local;
    var color = vec4<f32>(0.0);
    switch prim.kind {
        case DISC: {
            let d = ellipse(p, prim.half_size);
            let ring = abs(d + prim.stroke_px * 0.5) - prim.stroke_px * 0.5;
            let turn = atan2(p.x, -p.y) / TAU;
            let total = TAU * (0.5 * (prim.half_size.x + prim.half_size.y) - prim.stroke_px * 0.5);
            color = over(stroke, inside(ring) * dash(turn * total, prim.p.xy, total), fill, inside(d));
        }
        case BOX: {
            let d = rounded_box(p, prim.half_size, prim.p.z);
            let ring = abs(d + prim.stroke_px * 0.5) - prim.stroke_px * 0.5;
            let total = 4.0 * (prim.half_size.x + prim.half_size.y);
            let share = select(0.0, inside(ring) * dash(along_box(p, prim.half_size), prim.p.xy, total), prim.stroke_px > 0.0);
            color = over(stroke, share, fill, inside(d));
        }
        case DIAMOND: {
            let d = (abs(p.x) + abs(p.y) - prim.half_size.x) * 0.70710678;
            color = vec4<f32>(fill.rgb, fill.a * inside(d));
        }
        case DIAMOND_RING: {
            let d = (abs(p.x) + abs(p.y) - prim.half_size.x) * 0.70710678;
            let ring = abs(d + prim.stroke_px * 0.5) - prim.stroke_px * 0.5;
            color = vec4<f32>(stroke.rgb, stroke.a * inside(ring));
        }
        case TRIANGLE: {
            let d = triangle_up(p, prim.half_size.x);
            color = vec4<f32>(fill.rgb, fill.a * inside(d));
        }
        case ARC: {
            let r = length(p);
            let ring = abs(r - prim.half_size.x) - prim.stroke_px * 0.5;
            var turn = fract(atan2(p.x, -p.y) / TAU + 1.0);
            let from_turn = prim.p.x;
            let to_turn = prim.p.y;
            // Distance to the nearer end along the ring, inside negative.
            let middle = (from_turn + to_turn) * 0.5;
            let off = abs(fract(turn - middle + 0.5) - 0.5) - (to_turn - from_turn) * 0.5;
            let end = select(off * TAU * r, -1e3, to_turn - from_turn >= 1.0);
            color = vec4<f32>(stroke.rgb, stroke.a * inside(max(ring, end)));
        }
        case LINE: {
            let v = prim.q.xy;
            let length_px = max(length(v), 1e-4);
            let u = v / length_px;
            let x = dot(p, u);
            let y = abs(u.x * p.y - u.y * p.x);
            let d = max(y - prim.stroke_px * 0.5, abs(x) - length_px);
            color = vec4<f32>(stroke.rgb, stroke.a * inside(d) * dash(x + length_px, prim.p.xy, 0.0));
        }
        case NOSE: {
            color = vec4<f32>(fill.rgb, fill.a * inside(nose(p, prim)));
        }
        case LOWER_HALF: {
            let d = max(length(p) - prim.half_size.x, -p.y);
            color = vec4<f32>(fill.rgb, fill.a * inside(d));
        }
        case ICON: {
            let d = (0.5 - textureSampleLevel(icons, icons_sampler, in.uv, 0.0).r) * prim.p.x;
            let halo = select(0.0, inside(d - prim.stroke_px), prim.stroke_px > 0.0);
            color = over(fill, inside(d), stroke, halo);
        }
        default: {
            let d = (0.5 - textureSampleLevel(glyphs, glyphs_sampler, in.uv, 0.0).r) * prim.p.x;
            let halo = select(0.0, inside(d - prim.stroke_px), prim.stroke_px > 0.0);
            color = over(fill, inside(d), stroke, halo);
        }
    }
    if color.a <= 0.001 {
        discard;
    }
    return color;
}
