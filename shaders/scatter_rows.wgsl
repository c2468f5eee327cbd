// out[indices[c], i] += rows[c, i]. No index comes twice, so no two threads meet.
struct Params {
    length: u32,
    width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> indices: array<u32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    if (element < params.length) {
        let row = element / params.width;
        let i = element % params.width;
        out[indices[row] * params.width + i] += rows[element];
    }
}
