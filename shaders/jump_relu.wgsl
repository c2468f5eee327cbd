// x (x > threshold), a threshold for each feature. What is no number stays so, and is found.
struct Params {
    length: u32,
    features: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> threshold: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let i = unfold(group) * 64u + thread;
    if (i < params.length) {
        let value = x[i];
        out[i] = select(0.0, value, value > threshold[i % params.features] || is_nan(bitcast<u32>(value)));
    }
}
