// The finished map once more, greyed and darkened; the finished picture onto a screen; a scene of half the size, enlarged.

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<uniform> dimming: vec4<f32>; // saturation, light
@group(0) @binding(2) var smoothly: sampler;

struct Corner {
    @builtin(position) position: vec4<f32>,
    @location(0) uv: vec2<f32>,
}

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> Corner {
    let uv = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return Corner(vec4<f32>(uv * 2.0 - 1.0, 0.0, 1.0), vec2<f32>(uv.x, 1.0 - uv.y));
}

// Both store sRGB as written.
@fragment
fn dimmed(in: Corner) -> @location(0) vec4<f32> {
    let color = textureLoad(picture, vec2<i32>(in.position.xy), 0).rgb;
    let grey = vec3<f32>(dot(color, vec3<f32>(0.2126, 0.7152, 0.0722)));
    return vec4<f32>(mix(grey, color, dimming.x) * dimming.y, 1.0);
}

// Read as linear light where the screen encodes.
@fragment
fn shown(in: Corner) -> @location(0) vec4<f32> {
    return vec4<f32>(textureLoad(picture, vec2<i32>(in.position.xy), 0).rgb, 1.0);
}

@fragment
fn enlarged(in: Corner) -> @location(0) vec4<f32> {
    return vec4<f32>(textureSampleLevel(picture, smoothly, in.uv, 0.0).rgb, 1.0);
}
