// The gradient by what went into a softmax, from that by what it gave.
// A workgroup a row.
struct Params {
    rows: u32,
    columns: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pattern: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let start = row * params.columns;
    for (var column = thread; column < params.columns; column += 64u) {
        out[start + column] = gradient[start + column];
    }
    softmax_row_back(start, start, params.columns, thread);
}
