// What the active features write: out[layer + o, t, i] += factor times the sum over f of
// activations[t, f] decoder[f, o, i]. A thread an element of [outputs, width]; a workgroup has one
// token, so that all its threads skip the silent features together.
struct Params {
    tokens: u32,
    features: u32,
    // outputs times width
    length: u32,
    width: u32,
    layer: u32,
    // ceil(length / 64)
    blocks: u32,
    factor: f32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> activations: array<f32>;
@group(0) @binding(2) var<storage, read> decoder: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

const CHUNK = 256u;

var<workgroup> chunk: array<f32, CHUNK>;
// A bit a feature of the chunk. The order in which threads set them doesn't show, so sums come out
// the same each time.
var<workgroup> active_features: array<atomic<u32>, 8>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let token = unfold(group) / params.blocks;
    let element = unfold(group) % params.blocks * 64u + thread;
    if (token >= params.tokens) {
        return;
    }
    var sum = 0.0;
    for (var start = 0u; start < params.features; start += CHUNK) {
        if (thread < 8u) {
            atomicStore(&active_features[thread], 0u);
        }
        workgroupBarrier();
        for (var i = thread; i < CHUNK; i += 64u) {
            if (start + i < params.features) {
                let activation = activations[token * params.features + start + i];
                chunk[i] = activation;
                if (activation != 0.0) {
                    atomicOr(&active_features[i / 32u], 1u << (i % 32u));
                }
            }
        }
        workgroupBarrier();
        if (element < params.length) {
            for (var word = 0u; word < 8u; word++) {
                var bits = atomicLoad(&active_features[word]);
                while (bits != 0u) {
                    let i = word * 32u + firstTrailingBit(bits);
                    bits &= bits - 1u;
                    sum += chunk[i] * decoder[(start + i) * params.length + element];
                }
            }
        }
        workgroupBarrier();
    }
    if (element < params.length) {
        let output = element / params.width;
        let row = (params.layer + output) * params.tokens + token;
        out[row * params.width + element % params.width] += params.factor * sum;
    }
}
