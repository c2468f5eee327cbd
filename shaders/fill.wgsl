// Zeros for a recycled buffer: clearing it with the encoder would end the compute pass.
struct Params {
    length: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let i = unfold(group) * 64u + thread;
    if (i < params.length) {
        out[i] = 0.0;
    }
}
