// x[r, t, i] scale[t].
struct Params {
    length: u32,
    tokens: u32,
    width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let i = unfold(group) * 64u + thread;
    if (i < params.length) {
        out[i] = x[i] * scale[i / params.width % params.tokens];
    }
}
