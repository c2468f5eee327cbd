// The gradient by the scores before the softmax, from that by what the heads took, for rows of gradients
// that share one prompt: out[r, h, t, s] = pattern[h, t, s] (d[t, s] - the sum over u of
// pattern[h, t, u] d[t, u]), d[t, s] being g[r, t] times the value at s over the head's lanes.
// A workgroup a query of a head; each thread keeps to its own keys, so that d can wait in the output.
struct Params {
    // targets x heads x tokens
    rows: u32,
    tokens: u32,
    heads: u32,
    // Heads that have the same values.
    group: u32,
    width: u32,
    key_width: u32,
    head_width: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pattern: array<f32>;
@group(0) @binding(2) var<storage, read> qkv: array<f32>;
@group(0) @binding(3) var<storage, read> gradient: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let tokens = params.tokens;
    let query = row % tokens;
    let head = row / tokens % params.heads;
    let target_row = row / tokens / params.heads;
    let stride = params.width + 2u * params.key_width;
    let value_lanes = params.width + params.key_width + head / params.group * params.head_width;
    let read = (target_row * tokens + query) * params.width + head * params.head_width;
    let weights = (head * tokens + query) * tokens;
    let start = row * tokens;

    for (var key = thread; key < tokens; key += 64u) {
        var product = 0.0;
        if (key <= query) {
            let value = key * stride + value_lanes;
            for (var i = 0u; i < params.head_width; i++) {
                product += gradient[read + i] * qkv[value + i];
            }
        }
        out[start + key] = product;
    }
    softmax_row_back(start, weights, query + 1u, thread);
}
