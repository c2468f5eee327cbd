// LayerNorm of each row, or where it is not centred RMSNorm, with a given 1 / denominator: affine in x.
// A workgroup a row.
struct Params {
    rows: u32,
    width: u32,
    centred: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read> scales: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

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
    let scale = scales[row];
    for (var i = thread; i < params.width; i += 64u) {
        out[start + i] = (x[start + i] - mean) * scale * weight[i] + bias[i];
    }
}
