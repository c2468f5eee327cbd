// What each head's part of rows gives through a matrix of its own lanes:
// out[r, h, c] = the sum over i of a[r, h head_width + i] b[c, h / group head_width + i]. A thread an element.
struct Params {
    length: u32,
    columns: u32,
    heads: u32,
    group: u32,
    width: u32,
    key_width: u32,
    head_width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    if (element >= params.length) {
        return;
    }
    let column = element % params.columns;
    let head = element / params.columns % params.heads;
    let row = element / params.columns / params.heads;
    let x = row * params.width + head * params.head_width;
    let y = column * params.key_width + head / params.group * params.head_width;
    var sum = 0.0;
    for (var i = 0u; i < params.head_width; i++) {
        sum += a[x + i] * b[y + i];
    }
    out[element] = sum;
}
