// Gradients by queries, keys and values side by side, [targets, tokens, 3 width], from those by scores
// [targets, heads, tokens (queries), tokens (keys)] and by what the heads took [targets, tokens, width];
// each score is factor times a query times a key. A thread an element.
struct Params {
    // targets x tokens x 3 width
    length: u32,
    tokens: u32,
    heads: u32,
    width: u32,
    head_width: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pattern: array<f32>;
@group(0) @binding(2) var<storage, read> scores: array<f32>;
@group(0) @binding(3) var<storage, read> qkv: array<f32>;
@group(0) @binding(4) var<storage, read> gradient: array<f32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    if (element >= params.length) {
        return;
    }
    let tokens = params.tokens;
    let width = params.width;
    let stride = 3u * width;
    let column = element % stride;
    let lane = column % width;
    let token = element / stride % tokens;
    let row = element / stride / tokens;
    let head = lane / params.head_width;
    let square = (row * params.heads + head) * tokens * tokens;
    var sum = 0.0;
    if (column < width) {
        // A query, by the keys that it sees.
        let start = square + token * tokens;
        for (var key = 0u; key <= token; key++) {
            sum += scores[start + key] * qkv[key * stride + width + lane];
        }
        sum *= params.factor;
    } else if (column < 2u * width) {
        // A key, by the queries that see it.
        for (var query = token; query < tokens; query++) {
            sum += scores[square + query * tokens + token] * qkv[query * stride + lane];
        }
        sum *= params.factor;
    } else {
        let weights = head * tokens * tokens + token;
        let start = row * tokens * width + lane;
        for (var query = token; query < tokens; query++) {
            sum += pattern[weights + query * tokens] * gradient[start + query * width];
        }
    }
    out[element] = sum;
}
