// The finished map once more, greyed and darkened; and the finished picture onto a screen.

@group(0) @binding(0) var picture: texture_2d<f32>;
@group(0) @binding(1) var<uniform> dimming: vec4<f32>; // saturation, light

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let uv = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4<f32>(uv * 2.0 - 1.0, 0.0, 1.0);
}

// Both store sRGB as written.
@fragment
fn dimmed(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    let color = textureLoad(picture, vec2<i32>(position.xy), 0).rgb;
    let grey = vec3<f32>(dot(color, vec3<f32>(0.2126, 0.7152, 0.0722)));
    return vec4<f32>(mix(grey, color, dimming.x) * dimming.y, 1.0);
}

// Read as linear light where the screen encodes.
@fragment
fn shown(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    return vec4<f32>(textureLoad(picture, vec2<i32>(position.xy), 0).rgb, 1.0);
}
