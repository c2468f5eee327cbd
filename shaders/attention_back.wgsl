// Gradients by queries, keys and values side by side, [targets, tokens, width + 2 key_width], from those by
// scores [targets, heads, tokens (queries), tokens (keys)] and by what the heads took [targets, tokens,
// width]; each score is factor times a query times a key, and a group of heads has the same keys and values.
// A thread an element.
struct Params {
    // targets x tokens x (width + 2 key_width)
    length: u32,
    tokens: u32,
    heads: u32,
    group: u32,
    width: u32,
    key_width: u32,
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
    let stride = width + 2u * params.key_width;
    let column = element % stride;
    let token = element / stride % tokens;
    let row = element / stride / tokens;
    let square = tokens * tokens;
    let patterns = row * params.heads * square;
    var sum = 0.0;
    if (column < width) {
        // A query, by the keys that it sees.
        let head = column / params.head_width;
        // Fewer heads of keys lie before it than heads of queries.
        let key_lane = width + column - (head - head / params.group) * params.head_width;
        let start = patterns + head * square + token * tokens;
        for (var key = 0u; key <= token; key++) {
            sum += scores[start + key] * qkv[key * stride + key_lane];
        }
        out[element] = sum * params.factor;
        return;
    }
    // A key or a value, by the queries that see it.
    let of_values = column >= width + params.key_width;
    let place = select(column - width, column - width - params.key_width, of_values);
    let key_head = place / params.head_width;
    let first = key_head * params.group;
    // The lane of the first head of the group.
    var lane = place + (first - key_head) * params.head_width;
    for (var head = first; head < first + params.group; head++) {
        if (of_values) {
            let weights = head * square + token;
            let start = row * tokens * width + lane;
            for (var query = token; query < tokens; query++) {
                sum += pattern[weights + query * tokens] * gradient[start + query * width];
            }
        } else {
            let start = patterns + head * square + token;
            for (var query = token; query < tokens; query++) {
                sum += scores[start + query * tokens] * qkv[query * stride + lane];
            }
        }
        lane += params.head_width;
    }
    out[element] = select(sum * params.factor, sum, of_values);
}
