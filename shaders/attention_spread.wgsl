// Rows that each stand at one token, spread to the tokens that its heads look at:
// out[first + r, s, i] += the sum over h of weights[r, h, s] rows[r, h, i], for s up to at[r].
// A thread has four neighbouring s, so that each value it loads serves four sums.
struct Params {
    first: u32,
    count: u32,
    tokens: u32,
    heads: u32,
    width: u32,
    // ceil(tokens / 4)
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> weights: array<f32>;
@group(0) @binding(2) var<storage, read> rows: array<f32>;
@group(0) @binding(3) var<storage, read> at: array<u32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    let i = element % params.width;
    let start = element / params.width % params.blocks * 4u;
    let row = element / params.width / params.blocks;
    if (row >= params.count) {
        return;
    }
    let tokens = params.tokens;
    let last = at[row];
    if (start > last) {
        return;
    }
    var look = row * params.heads * tokens + start;
    var value = row * params.heads * params.width + i;
    var sums = vec4<f32>();
    for (var head = 0u; head < params.heads; head++) {
        // Places past the last token read a neighbour's weight, and are thrown away.
        let weight = vec4<f32>(
            weights[look], weights[look + 1u], weights[look + 2u], weights[look + 3u]);
        sums += weight * rows[value];
        look += tokens;
        value += params.width;
    }
    let sources = min(4u, last + 1u - start);
    for (var s = 0u; s < sources; s++) {
        out[((params.first + row) * tokens + start + s) * params.width + i] += sums[s];
    }
}
