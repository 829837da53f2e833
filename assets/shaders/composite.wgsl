// The finished map into the camera's target, which stores linear light: decode sRGB, grey and darken on the way.

@group(0) @binding(0) var frame: texture_2d<f32>;
@group(0) @binding(1) var<uniform> dimming: vec4<f32>; // saturation, light

@vertex
fn vertex(@builtin(vertex_index) index: u32) -> @builtin(position) vec4<f32> {
    let uv = vec2<f32>(f32((index << 1u) & 2u), f32(index & 2u));
    return vec4<f32>(uv * 2.0 - 1.0, 0.0, 1.0);
}

@fragment
fn fragment(@builtin(position) position: vec4<f32>) -> @location(0) vec4<f32> {
    var color = textureLoad(frame, vec2<i32>(position.xy), 0).rgb;
    let grey = vec3<f32>(dot(color, vec3<f32>(0.2126, 0.7152, 0.0722)));
    color = mix(grey, color, dimming.x) * dimming.y;
    let low = color / 12.92;
    let high = pow((color + 0.055) / 1.055, vec3<f32>(2.4));
    return vec4<f32>(select(high, low, color <= vec3<f32>(0.04045)), 1.0);
}
