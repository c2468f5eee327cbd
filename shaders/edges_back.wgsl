// out[r, t, :] += rows[r, first + s] vectors[s, :], summed over the vectors s from starts[t] on and before
// starts[t + 1]: what each target has of a column goes back to the column's token. Neighbouring threads are
// neighbours along the width, so that they read the same row and neighbouring vectors.
struct Params {
    length: u32,
    tokens: u32,
    width: u32,
    // Columns of the rows, and the first vector's.
    columns: u32,
    first: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> starts: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    if (element >= params.length) {
        return;
    }
    let i = element % params.width;
    let place = element / params.width;
    let token = place % params.tokens;
    let row = place / params.tokens * params.columns + params.first;
    var sum = 0.0;
    for (var s = starts[token]; s < starts[token + 1u]; s++) {
        sum += rows[row + s] * vectors[s * params.width + i];
    }
    out[element] += sum;
}
