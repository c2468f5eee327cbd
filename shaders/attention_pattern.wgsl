// Causal softmax of queries times keys: [sequences, heads, tokens, past + tokens]; the keys of the
// past are shared by all sequences. A workgroup a query of a head; each thread keeps to its own
// keys, so that scores can wait in the output.
struct Params {
    rows: u32,
    tokens: u32,
    past: u32,
    heads: u32,
    // Heads that have the same keys.
    group: u32,
    width: u32,
    key_width: u32,
    head_width: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> past: array<f32>;
@group(0) @binding(2) var<storage, read> qkv: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let query = row % params.tokens;
    let head = row / params.tokens % params.heads;
    let sequence = row / params.tokens / params.heads;
    let stride = params.width + 2u * params.key_width;
    let key_lanes = params.width + head / params.group * params.head_width;
    let first = sequence * params.tokens * stride;
    let queries = first + query * stride + head * params.head_width;
    let keys = params.past + params.tokens;
    // The last key that the query sees.
    let last = params.past + query;
    let start = row * keys;

    var largest = -3.0e38;
    for (var key = thread; key < keys; key += 64u) {
        var score = 0.0;
        if (key <= last) {
            if (key < params.past) {
                let vector = key * stride + key_lanes;
                for (var i = 0u; i < params.head_width; i++) {
                    score += qkv[queries + i] * past[vector + i];
                }
            } else {
                let vector = first + (key - params.past) * stride + key_lanes;
                for (var i = 0u; i < params.head_width; i++) {
                    score += qkv[queries + i] * qkv[vector + i];
                }
            }
            score *= params.factor;
            largest = max(largest, score);
        }
        out[start + key] = score;
    }
    largest = workgroup_max(largest, thread);

    var sum = 0.0;
    for (var key = thread; key <= last; key += 64u) {
        let weight = exp(out[start + key] - largest);
        out[start + key] = weight;
        sum += weight;
    }
    sum = workgroup_sum(sum, thread);
    for (var key = thread; key <= last; key += 64u) {
        out[start + key] /= sum;
    }
}
