// Turns pairs of lanes, half a head apart, of the first heads of each row by where its token stands, in
// place: the table has the cosines of a position's pairs and then their sines. A thread a pair.
struct Params {
    // rows x heads x head_width / 2
    length: u32,
    tokens: u32,
    // The position of the first token.
    first: u32,
    stride: u32,
    heads: u32,
    head_width: u32,
    // -1 turns back.
    sign: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> table: array<f32>;
@group(0) @binding(2) var<storage, read_write> x: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let element = unfold(group) * 64u + thread;
    if (element >= params.length) {
        return;
    }
    let half = params.head_width / 2u;
    let pair = element % half;
    let head = element / half % params.heads;
    let row = element / half / params.heads;
    let turn = (params.first + row % params.tokens) * params.head_width + pair;
    let cosine = table[turn];
    let sine = params.sign * table[turn + half];
    let at = row * params.stride + head * params.head_width + pair;
    let a = x[at];
    let b = x[at + half];
    x[at] = a * cosine - b * sine;
    x[at + half] = b * cosine + a * sine;
}
