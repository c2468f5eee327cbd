// LayerNorm of each row, and 1 / standard deviation of each row; where it is not centred RMSNorm, and 1 /
// root of the mean square. A workgroup a row.
struct Params {
    rows: u32,
    width: u32,
    centred: u32,
    epsilon: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;
@group(0) @binding(5) var<storage, read_write> scales: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let start = row * params.width;
    var mean = 0.0;
    if (params.centred != 0u) {
        var sum = 0.0;
        for (var i = thread; i < params.width; i += 64u) {
            sum += x[start + i];
        }
        mean = workgroup_sum(sum, thread) / f32(params.width);
    }
    // Squares of differences from the mean: the difference of two large sums would cancel.
    var squares = 0.0;
    for (var i = thread; i < params.width; i += 64u) {
        let difference = x[start + i] - mean;
        squares += difference * difference;
    }
    let variance = workgroup_sum(squares, thread) / f32(params.width);
    let scale = 1.0 / sqrt(variance + params.epsilon);
    for (var i = thread; i < params.width; i += 64u) {
        out[start + i] = (x[start + i] - mean) * scale * weight[i] + bias[i];
    }
    if (thread == 0u) {
        scales[row] = scale;
    }
}
