// What interventions write. A thread an element of [tokens, outputs, width], which takes the
// interventions at its token one after the other: several may share a position.
struct Params {
    count: u32,
    tokens: u32,
    features: u32,
    // outputs times width
    length: u32,
    width: u32,
    layer: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> activations: array<f32>;
@group(0) @binding(2) var<storage, read> decoder: array<f32>;
@group(0) @binding(3) var<storage, read> positions: array<u32>;
@group(0) @binding(4) var<storage, read> features: array<u32>;
@group(0) @binding(5) var<storage, read> values: array<f32>;
@group(0) @binding(6) var<storage, read_write> out: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let index = unfold(group) * 64u + thread;
    let element = index % params.length;
    let token = index / params.length;
    if (token >= params.tokens) {
        return;
    }
    var sum = 0.0;
    for (var j = 0u; j < params.count; j++) {
        if (positions[j] == token) {
            let feature = features[j];
            let change = values[j] - activations[token * params.features + feature];
            sum += change * decoder[feature * params.length + element];
        }
    }
    let row = (params.layer + element / params.width) * params.tokens + token;
    out[row * params.width + element % params.width] += sum;
}
