// out[offset + i] += factor x[origin + i].
struct Params {
    offset: u32,
    origin: u32,
    length: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let i = unfold(group) * 64u + thread;
    if (i < params.length) {
        out[params.offset + i] += params.factor * x[params.origin + i];
    }
}
