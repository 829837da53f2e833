// Lines on the ground: six vertices a bend, mitred, with casing, dashes and chevrons.
#import chengtu::view::{view, ground_from_anchor, clip_from_ground, fog_share}

struct Point {
    at: vec2<f32>,
    along_m: f32,
    style: u32,
}

struct Style {
    color: vec4<f32>,
    casing: vec4<f32>,
    chevron: vec4<f32>,
    p: vec4<f32>, // width, casing, dash, gap
    q: vec4<f32>, // distance of chevrons, length where it fades
}

@group(1) @binding(0) var<storage, read> points: array<Point>;
@group(1) @binding(1) var<storage, read> styles: array<Style>;

const LAST = 0x80000000u;

struct Varyings {
    @builtin(position) position: vec4<f32>,
    @location(0) across_px: f32,
    @location(1) along_px: f32,
    @location(2) half_px: f32,
    @location(3) fade: f32,
    @location(4) w: f32,
    @location(5) @interpolate(flat) style: u32,
}

fn projected(index: u32) -> vec4<f32> {
    return clip_from_ground(vec3<f32>(ground_from_anchor(points[index].at), 0.0));
}

// Logical pixels, y down.
fn screen(clip: vec4<f32>) -> vec2<f32> {
    return clip.xy / clip.w * vec2<f32>(0.5, -0.5) * view.viewport_px / view.scale_factor;
}

fn direction(from_px: vec2<f32>, to_px: vec2<f32>) -> vec2<f32> {
    let d = to_px - from_px;
    let l = length(d);
    return select(d / max(l, 1e-6), vec2<f32>(0.0), l < 1e-4);
}

@vertex
fn vertex(@builtin(vertex_index) vertex: u32) -> Varyings {
    let i = vertex / 6u;
    var out: Varyings;
    out.position = vec4<f32>(0.0, 0.0, -2.0, 1.0);
    if (points[i].style & LAST) != 0u {
        return out;
    }
    var a = projected(i);
    var b = projected(i + 1u);
    let near_w = 0.05 * view.distance_px;
    if a.w < near_w && b.w < near_w {
        return out;
    }
    var from_m = points[i].along_m;
    var to_m = points[i + 1u].along_m;
    if a.w < near_w {
        let t = (near_w - a.w) / (b.w - a.w);
        a = mix(a, b, t);
        from_m = mix(from_m, to_m, t);
    } else if b.w < near_w {
        let t = (near_w - a.w) / (b.w - a.w);
        b = mix(a, b, t);
        to_m = mix(from_m, to_m, t);
    }
    let pa = screen(a);
    let pb = screen(b);
    let along = direction(pa, pb);
    let corner = array<u32, 6>(0u, 1u, 2u, 2u, 1u, 3u)[vertex % 6u];
    let at_end = (corner & 2u) != 0u;
    let side = select(-1.0, 1.0, (corner & 1u) != 0u);
    // The neighbour beyond this end, for the mitre.
    var other = along;
    if at_end {
        if (points[i + 1u].style & LAST) == 0u {
            let c = projected(i + 2u);
            if c.w >= near_w { other = direction(pb, screen(c)); }
        }
    } else if i > 0u && (points[i - 1u].style & LAST) == 0u && points[i - 1u].style == (points[i].style & ~LAST) {
        let c = projected(i - 1u);
        if c.w >= near_w { other = direction(screen(c), pa); }
    }
    if length(other) < 0.5 { other = along; }
    let n = vec2<f32>(-along.y, along.x);
    let m = normalize(n + vec2<f32>(-other.y, other.x) + n * 1e-4);
    let mitre = m / max(dot(m, n), 0.5);

    let style = styles[points[i].style & ~LAST];
    let clip = select(a, b, at_end);
    let scale = clamp(0.45 + 0.55 * view.distance_px / clip.w, 0.6, 1.12);
    let half_px = (style.p.x * 0.5 + style.p.y) * scale;
    let reach = half_px + 0.6;
    let offset = mitre * side * reach;
    let ndc = offset * vec2<f32>(2.0, -2.0) * view.scale_factor / view.viewport_px;
    out.position = vec4<f32>(clip.xy + ndc * clip.w, 0.0, clip.w);
    out.across_px = side * reach / scale;
    let at_m = select(from_m, to_m, at_end);
    out.along_px = at_m * view.px_per_m;
    out.half_px = half_px / scale;
    out.fade = select(1.0, at_m / max(style.q.y, 1e-3), style.q.y > 0.0);
    out.w = clip.w;
    out.style = points[i].style & ~LAST;
    return out;
}

@fragment
fn fragment(in: Varyings) -> @location(0) vec4<f32> {
    let style = styles[in.style];
    let d = abs(in.across_px);
    let px = max(fwidth(in.across_px), 1e-3);
    let half_width = style.p.x * 0.5;
    let line_share = clamp((half_width - d) / px + 0.5, 0.0, 1.0);
    let casing_share = clamp((in.half_px - d) / px + 0.5, 0.0, 1.0);
    var color = vec4<f32>(style.casing.rgb, style.casing.a * casing_share);
    var on = line_share;
    if style.p.z > 0.0 {
        let period = style.p.z + style.p.w;
        let x = abs(fract(in.along_px / period) * period - style.p.z * 0.5) - style.p.z * 0.5;
        let along_px = max(fwidth(in.along_px), 1e-3);
        on *= clamp(0.5 - x / along_px, 0.0, 1.0);
    }
    var line = style.color;
    if style.q.x > 0.0 {
        // An arrowhead: a stroke bent back by as much as it lies off the middle.
        let x = fract(in.along_px / style.q.x) * style.q.x - style.q.x * 0.5 + d;
        let chevron = clamp((1.0 - abs(x)) / max(fwidth(in.along_px), 1e-3) + 0.5, 0.0, 1.0)
            * clamp((half_width - 1.1 - d) / px + 0.5, 0.0, 1.0);
        line = mix(line, style.chevron, chevron);
    }
    let top = line.a * on * clamp(in.fade, 0.0, 1.0);
    let alpha = top + color.a * (1.0 - top);
    var rgb = (line.rgb * top + color.rgb * color.a * (1.0 - top)) / max(alpha, 1e-4);
    var opacity = alpha;
#ifdef ABOVE_BUILDINGS
    opacity *= 0.34;
#endif
    opacity *= 1.0 - 0.7 * fog_share(in.w);
    if opacity < 0.004 {
        discard;
    }
    return vec4<f32>(rgb, opacity);
}
