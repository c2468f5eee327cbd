// out[r, columns[s]] += gradient[r, positions[s], :] . vectors[offset + s stride, :], in tiles of
// 32 targets x 16 sources. A thread has 4 targets of a source. Sources lie side by side in a
// workgroup, and those at one position, which mostly are neighbours, read the same gradient.
struct Params {
    targets: u32,
    tokens: u32,
    width: u32,
    sources: u32,
    stride: u32,
    offset: u32,
    // Columns of out.
    columns: u32,
    // ceil(sources / 16)
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> gradient: array<f32>;
@group(0) @binding(2) var<storage, read> vectors: array<f32>;
@group(0) @binding(3) var<storage, read> positions: array<u32>;
@group(0) @binding(4) var<storage, read> columns: array<u32>;
@group(0) @binding(5) var<storage, read_write> out: array<f32>;

const DEPTH = 32u;
// One more than there are in a row, against bank conflicts.
const PITCH = 33u;

// Vectors of the tile's sources at [source, i].
var<workgroup> tile: array<f32, 528>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let first_target = unfold(group) / params.blocks * 32u;
    let first_source = unfold(group) % params.blocks * 16u;
    if (first_target >= params.targets) {
        return;
    }
    let source = first_source + thread % 16u;
    // Targets 8 apart, of which the last ones may lie outside.
    let row = first_target + thread / 16u;
    let inside = source < params.sources && row < params.targets;
    let last = params.targets - 1u;
    let step = params.tokens * params.width;
    let at = positions[min(source, params.sources - 1u)] * params.width;
    let g0 = min(row, last) * step + at;
    let g1 = min(row + 8u, last) * step + at;
    let g2 = min(row + 16u, last) * step + at;
    let g3 = min(row + 24u, last) * step + at;

    var sums = vec4<f32>();
    for (var start = 0u; start < params.width; start += DEPTH) {
        for (var place = thread; place < 16u * DEPTH; place += 128u) {
            let s = place / DEPTH;
            let i = place % DEPTH;
            var value = 0.0;
            if (first_source + s < params.sources && start + i < params.width) {
                value = vectors[params.offset + (first_source + s) * params.stride + start + i];
            }
            tile[s * PITCH + i] = value;
        }
        workgroupBarrier();
        if (inside) {
            let end = min(DEPTH, params.width - start);
            for (var i = 0u; i < end; i++) {
                let k = start + i;
                let g = vec4<f32>(gradient[g0 + k], gradient[g1 + k], gradient[g2 + k], gradient[g3 + k]);
                sums += tile[thread % 16u * PITCH + i] * g;
            }
        }
        workgroupBarrier();
    }
    if (inside) {
        let column = columns[source];
        for (var j = 0u; j < 4u; j++) {
            let r = row + 8u * j;
            if (r < params.targets) {
                out[r * params.columns + column] += sums[j];
            }
        }
    }
}
