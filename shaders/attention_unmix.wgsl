// The transpose of attention_mix, for rows of gradients that share one pattern:
// out[r, s, i] = the sum over t >= s of pattern[head of i, t, s] g[r, t, i], and over the group of heads
// that have the same values.
// A thread has four neighbouring s, so that each gradient it loads serves four sums.
struct Params {
    rows: u32,
    tokens: u32,
    group: u32,
    width: u32,
    key_width: u32,
    head_width: u32,
    // ceil(tokens / 4)
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> pattern: array<f32>;
@group(0) @binding(2) var<storage, read> gradient: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    let i = element % params.key_width;
    let first = element / params.key_width % params.blocks * 4u;
    let row = element / params.key_width / params.blocks;
    if (row >= params.rows) {
        return;
    }
    let tokens = params.tokens;
    let key_head = i / params.head_width;
    let head = key_head * params.group;
    // The lane of the first head of the group.
    var base = row * tokens * params.width + i + (head - key_head) * params.head_width;
    let sources = min(4u, tokens - first);
    var sums = vec4<f32>();
    for (var reader = head; reader < head + params.group; reader++) {
        let weights = reader * tokens * tokens;
        for (var t = first; t < tokens; t++) {
            // Zero above the diagonal: a source after t gets nothing. Places past the last source
            // read a neighbour's weight, and are thrown away.
            let at = weights + t * tokens + first;
            let weight = vec4<f32>(pattern[at], pattern[at + 1u], pattern[at + 2u], pattern[at + 3u]);
            sums += weight * gradient[base + t * params.width];
        }
        base += params.head_width;
    }
    for (var s = 0u; s < sources; s++) {
        out[(row * tokens + first + s) * params.key_width + i] = sums[s];
    }
}
