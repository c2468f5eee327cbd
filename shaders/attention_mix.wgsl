// What each head takes from the values, by its pattern: out[s, t, i] is the sum over k <= t of
// pattern[s, head of i, t, k] v[s, k, i], with the values of the past, which all sequences share,
// before their own; a group of heads has the same values. These are the last of a row: of the past
// beside queries and keys. A thread an element.
struct Params {
    length: u32,
    tokens: u32,
    past: u32,
    heads: u32,
    group: u32,
    width: u32,
    key_width: u32,
    head_width: u32,
    // Of the tokens' own rows.
    stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pattern: array<f32>;
@group(0) @binding(2) var<storage, read> past: array<f32>;
@group(0) @binding(3) var<storage, read> values: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    if (element >= params.length) {
        return;
    }
    let i = element % params.width;
    let token = element / params.width % params.tokens;
    let sequence = element / params.width / params.tokens;
    let head = i / params.head_width;
    let keys = params.past + params.tokens;
    var weight = ((sequence * params.heads + head) * params.tokens + token) * keys;
    let lane = i - (head - head / params.group) * params.head_width;
    var value = params.width + params.key_width + lane;
    var sum = 0.0;
    for (var key = 0u; key < params.past; key++) {
        sum += pattern[weight] * past[value];
        weight++;
        value += params.width + 2u * params.key_width;
    }
    let stride = params.stride;
    value = sequence * params.tokens * stride + stride - params.key_width + lane;
    for (var key = 0u; key <= token; key++) {
        sum += pattern[weight] * values[value];
        weight++;
        value += stride;
    }
    out[element] = sum;
}
