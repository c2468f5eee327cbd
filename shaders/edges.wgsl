// out[r, columns[s]] += gradient[r, positions[s], :] . vectors[offset + s stride, :], in tiles of
// 64 targets x 16 sources. A thread has 4 targets and 4 sources in registers. Sources at one
// position read the same part of the gradient, and mostly are neighbours: a tile is worked out once
// for each run of them, with the vectors of other sources at zero.
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

// Little, as software adapters take long to compile kernels with much workgroup memory.
const DEPTH = 8u;
const TARGETS = 64u;
const SOURCES = 16u;
// One more than there are in a row, against bank conflicts.
const PITCH = 17u;

// Vectors of targets t, t + 16, t + 32, t + 48 at [i, t], and of sources 4s to 4s + 3 at [i, s].
var<workgroup> gradient_tile: array<vec4<f32>, 136>;
var<workgroup> vector_tile: array<vec4<f32>, 40>;

fn gradient_at(target_row: u32, position: u32, i: u32) -> f32 {
    if (target_row < params.targets && i < params.width) {
        return gradient[(target_row * params.tokens + position) * params.width + i];
    }
    return 0.0;
}

fn vector_at(source: u32, first: u32, last: u32, i: u32) -> f32 {
    if (source >= first && source < last && i < params.width) {
        return vectors[params.offset + source * params.stride + i];
    }
    return 0.0;
}

fn store(source: u32, row: u32, sums: vec4<f32>) {
    if (source >= params.sources) {
        return;
    }
    let column = columns[source];
    for (var j = 0u; j < 4u; j++) {
        let r = row + 16u * j;
        if (r < params.targets) {
            out[r * params.columns + column] += sums[j];
        }
    }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let top = unfold(group) / params.blocks * TARGETS;
    let left = unfold(group) % params.blocks * SOURCES;
    if (top >= params.targets) {
        return;
    }
    let low = thread % 16u;
    let high = thread / 16u;
    let row = top + low;
    let source = left + 4u * high;
    // Software adapters work out what lies outside as well, so it is worth skipping.
    let inside = row < params.targets && source < params.sources;

    // A vector of four targets for each of four sources.
    var sums_0 = vec4<f32>();
    var sums_1 = vec4<f32>();
    var sums_2 = vec4<f32>();
    var sums_3 = vec4<f32>();
    let end = min(left + SOURCES, params.sources);
    var first = left;
    while (first < end) {
        let position = positions[first];
        var last = first + 1u;
        while (last < end && positions[last] == position) {
            last++;
        }
        for (var start = 0u; start < params.width; start += DEPTH) {
            // Neighbouring threads load what is neighbouring: along the width.
            let along = thread % DEPTH;
            let across = thread / DEPTH;
            let i = start + along;
            for (var t = across; t < 16u; t += 8u) {
                gradient_tile[along * PITCH + t] = vec4<f32>(
                    gradient_at(top + t, position, i),
                    gradient_at(top + t + 16u, position, i),
                    gradient_at(top + t + 32u, position, i),
                    gradient_at(top + t + 48u, position, i),
                );
            }
            if (across < 4u) {
                let s = left + 4u * across;
                vector_tile[along * 5u + across] = vec4<f32>(
                    vector_at(s, first, last, i),
                    vector_at(s + 1u, first, last, i),
                    vector_at(s + 2u, first, last, i),
                    vector_at(s + 3u, first, last, i),
                );
            }
            workgroupBarrier();
            if (inside) {
                for (var k = 0u; k < DEPTH; k++) {
                    let x = gradient_tile[k * PITCH + low];
                    let y = vector_tile[k * 5u + high];
                    sums_0 += x * y.x;
                    sums_1 += x * y.y;
                    sums_2 += x * y.z;
                    sums_3 += x * y.w;
                }
            }
            workgroupBarrier();
        }
        first = last;
    }
    store(source, row, sums_0);
    store(source + 1u, row, sums_1);
    store(source + 2u, row, sums_2);
    store(source + 3u, row, sums_3);
}
