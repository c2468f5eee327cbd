// Which values of each row are not zero: how many, the places of the first `most` in order, and those values. A workgroup a row.
// Values are taken as their bits: WGSL promises nothing about comparisons with what is no number.
struct Params {
    rows: u32,
    features: u32,
    most: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<u32>;
// [rows, 1 + 2 most]
@group(0) @binding(2) var<storage, read_write> out: array<u32>;

// Features of 64 words, one for each thread.
const CHUNK = 2048u;

// A bit a feature of the chunk; the order in which threads set them doesn't show.
var<workgroup> active_features: array<atomic<u32>, 64>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let values = row * params.features;
    let written = row * (1u + 2u * params.most);
    var found = 0u;
    for (var start = 0u; start < params.features; start += CHUNK) {
        atomicStore(&active_features[thread], 0u);
        workgroupBarrier();
        for (var i = thread; i < min(CHUNK, params.features - start); i += 64u) {
            // All but the sign, which zero has too.
            if ((x[values + start + i] << 1u) != 0u) {
                atomicOr(&active_features[i / 32u], 1u << (i % 32u));
            }
        }
        workgroupBarrier();
        // Each thread writes those of its word, behind all that come before.
        var place = found;
        for (var word = 0u; word < 64u; word++) {
            let count = countOneBits(atomicLoad(&active_features[word]));
            place += select(0u, count, word < thread);
            found += count;
        }
        var bits = atomicLoad(&active_features[thread]);
        while (bits != 0u && place < params.most) {
            let feature = start + thread * 32u + firstTrailingBit(bits);
            bits &= bits - 1u;
            place++;
            out[written + place] = feature;
            out[written + params.most + place] = x[values + feature];
        }
        workgroupBarrier();
    }
    if (thread == 0u) {
        out[written] = found;
    }
}
