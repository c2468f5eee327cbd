// Causal softmax of queries times keys: [sequences, heads, tokens, tokens]. A workgroup a query of
// a head; each thread keeps to its own keys, so that scores can wait in the output.
struct Params {
    rows: u32,
    tokens: u32,
    heads: u32,
    width: u32,
    head_width: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let query = row % params.tokens;
    let head = row / params.tokens % params.heads;
    let sequence = row / params.tokens / params.heads;
    let stride = 3u * params.width;
    let first = sequence * params.tokens * stride + head * params.head_width;
    let queries = first + query * stride;
    let start = row * params.tokens;

    var largest = -3.0e38;
    for (var key = thread; key < params.tokens; key += 64u) {
        var score = 0.0;
        if (key <= query) {
            let keys = first + key * stride + params.width;
            for (var i = 0u; i < params.head_width; i++) {
                score += qkv[queries + i] * qkv[keys + i];
            }
            score *= params.factor;
            largest = max(largest, score);
        }
        out[start + key] = score;
    }
    largest = workgroup_max(largest, thread);

    var sum = 0.0;
    for (var key = thread; key <= query; key += 64u) {
        let weight = exp(out[start + key] - largest);
        out[start + key] = weight;
        sum += weight;
    }
    sum = workgroup_sum(sum, thread);
    for (var key = thread; key <= query; key += 64u) {
        out[start + key] /= sum;
    }
}
