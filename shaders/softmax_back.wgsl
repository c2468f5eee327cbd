// The gradient by what went into a softmax, from that by what it gave:
// out[r, c] = x[r, c] (g[r, c] - the sum over d of x[r, d] g[r, d]).
// A workgroup a row.
struct Params {
    rows: u32,
    columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let start = row * params.columns;
    var sum = 0.0;
    for (var column = thread; column < params.columns; column += 64u) {
        sum += x[start + column] * gradient[start + column];
    }
    let mean = workgroup_sum(sum, thread);
    for (var column = thread; column < params.columns; column += 64u) {
        out[start + column] = x[start + column] * (gradient[start + column] - mean);
    }
}
