// The transpose of a norm's derivative, added to out, for gradients [targets, tokens, width] at the same x
// [tokens, width]; with the denominators held its last term is none, and where the norm is not centred the
// means are. A workgroup a row.
struct Params {
    // targets x tokens
    rows: u32,
    tokens: u32,
    width: u32,
    centred: u32,
    held: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> weight: array<f32>;
@group(0) @binding(4) var<storage, read> scales: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let width = f32(params.width);
    let start = row * params.width;
    let token = row % params.tokens;
    let stream = token * params.width;
    let scale = scales[token];
    var mean = 0.0;
    var center = 0.0;
    if (params.centred != 0u) {
        var sum = 0.0;
        var total = 0.0;
        for (var i = thread; i < params.width; i += 64u) {
            sum += weight[i] * gradient[start + i];
            total += x[stream + i];
        }
        mean = workgroup_sum(sum, thread) / width;
        center = workgroup_sum(total, thread) / width;
    }
    var along = 0.0;
    if (params.held == 0u) {
        var product = 0.0;
        for (var i = thread; i < params.width; i += 64u) {
            product += (x[stream + i] - center) * scale * weight[i] * gradient[start + i];
        }
        along = workgroup_sum(product, thread) / width;
    }
    for (var i = thread; i < params.width; i += 64u) {
        let normed = (x[stream + i] - center) * scale;
        out[start + i] += scale * (weight[i] * gradient[start + i] - mean - normed * along);
    }
}
