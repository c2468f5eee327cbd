// [rows, inner] x [inner, columns] for few rows, in tiles of 8 x 16. Eight threads share each
// column, each with every eighth k: few rows make few tiles, and a GPU needs many threads.
struct Params {
    rows: u32,
    inner: u32,
    columns: u32,
    // Whether b is stored as [columns, inner].
    transposed: u32,
    // 0: the product; 1: with bias[column]; 2: with what out holds.
    onto: u32,
    // ceil(columns / 16)
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const DEPTH = 128u;

// Rows 0 to 3 and 4 to 7 of a at each k.
var<workgroup> a_upper: array<vec4<f32>, DEPTH>;
var<workgroup> a_lower: array<vec4<f32>, DEPTH>;
// Sums at [slice, row, column].
var<workgroup> partial: array<f32, 1024>;

fn a_at(row: u32, k: u32) -> f32 {
    if (row < params.rows && k < params.inner) {
        return a[row * params.inner + k];
    }
    return 0.0;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let top = unfold(group) / params.blocks * 8u;
    let left = unfold(group) % params.blocks * 16u;
    if (top >= params.rows) {
        return;
    }
    // Neighbouring threads load what is neighbouring in b.
    let transposed = params.transposed != 0u;
    let slice = select(thread / 16u, thread % 8u, transposed);
    let tile_column = select(thread % 16u, thread / 8u, transposed);
    let column = left + tile_column;
    let k_stride = select(params.columns, 1u, transposed);
    let column_stride = select(1u, params.inner, transposed);

    var upper = vec4<f32>();
    var lower = vec4<f32>();
    for (var start = 0u; start < params.inner; start += DEPTH) {
        let k = start + thread;
        a_upper[thread] =
            vec4<f32>(a_at(top, k), a_at(top + 1u, k), a_at(top + 2u, k), a_at(top + 3u, k));
        a_lower[thread] =
            vec4<f32>(a_at(top + 4u, k), a_at(top + 5u, k), a_at(top + 6u, k), a_at(top + 7u, k));
        workgroupBarrier();
        if (column < params.columns) {
            let end = min(DEPTH, params.inner - start);
            for (var i = slice; i < end; i += 8u) {
                let y = b[(start + i) * k_stride + column * column_stride];
                upper += a_upper[i] * y;
                lower += a_lower[i] * y;
            }
        }
        workgroupBarrier();
    }
    for (var r = 0u; r < 4u; r++) {
        partial[(slice * 8u + r) * 16u + tile_column] = upper[r];
        partial[(slice * 8u + r + 4u) * 16u + tile_column] = lower[r];
    }
    workgroupBarrier();
    // A thread an element of the tile.
    let out_row = top + thread / 16u;
    let out_column = left + thread % 16u;
    if (out_row < params.rows && out_column < params.columns) {
        var value = 0.0;
        for (var s = 0u; s < 8u; s++) {
            value += partial[s * 128u + thread];
        }
        let at = out_row * params.columns + out_column;
        if (params.onto == 1u) {
            value += bias[out_column];
        } else if (params.onto == 2u) {
            value += out[at];
        }
        out[at] = value;
    }
}
