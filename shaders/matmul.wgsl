// [rows, inner] x [inner, columns] for many rows, in tiles of 64 x 64. A thread has 4 rows and 4
// columns of a tile in registers: 16 multiplications for 2 loads from workgroup memory.
struct Params {
    rows: u32,
    inner: u32,
    columns: u32,
    // Whether b is stored as [columns, inner].
    transposed: u32,
    // 0: the product; 1: with bias[column]; 2: with what out holds.
    onto: u32,
    // ceil(columns / 64)
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

const DEPTH = 16u;
// One more than the 16 vectors a row has, against bank conflicts.
const PITCH = 17u;

// Vectors of rows 4g to 4g + 3 at [k, g], and of columns c, c + 16, c + 32, c + 48 at [k, c]:
// columns apart, so that neighbouring threads touch neighbouring memory.
var<workgroup> a_tile: array<vec4<f32>, 272>;
var<workgroup> b_tile: array<vec4<f32>, 272>;

fn a_at(row: u32, k: u32) -> f32 {
    if (row < params.rows && k < params.inner) {
        return a[row * params.inner + k];
    }
    return 0.0;
}

fn b_at(k: u32, column: u32) -> f32 {
    if (k < params.inner && column < params.columns) {
        if (params.transposed != 0u) {
            return b[column * params.inner + k];
        }
        return b[k * params.columns + column];
    }
    return 0.0;
}

fn store(row: u32, column: u32, sums: vec4<f32>) {
    if (row >= params.rows) {
        return;
    }
    for (var i = 0u; i < 4u; i++) {
        let at = column + 16u * i;
        if (at < params.columns) {
            var value = sums[i];
            if (params.onto == 1u) {
                value += bias[at];
            } else if (params.onto == 2u) {
                value += out[row * params.columns + at];
            }
            out[row * params.columns + at] = value;
        }
    }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let top = unfold(group) / params.blocks * 64u;
    let left = unfold(group) % params.blocks * 64u;
    if (top >= params.rows) {
        return;
    }
    let low = thread % 16u;
    let high = thread / 16u;
    let row = top + 4u * high;
    let column = left + low;
    // Software adapters run what lies outside as well, so it is worth skipping.
    let inside = row < params.rows && column < params.columns;
    // Neighbouring threads load what is neighbouring in b.
    let b_k = select(high, low, params.transposed != 0u);
    let b_column = select(low, high, params.transposed != 0u);

    var sums_0 = vec4<f32>();
    var sums_1 = vec4<f32>();
    var sums_2 = vec4<f32>();
    var sums_3 = vec4<f32>();
    for (var start = 0u; start < params.inner; start += DEPTH) {
        let a_row = top + 4u * high;
        let k = start + low;
        a_tile[low * PITCH + high] =
            vec4<f32>(a_at(a_row, k), a_at(a_row + 1u, k), a_at(a_row + 2u, k), a_at(a_row + 3u, k));
        let c = left + b_column;
        let b_row = start + b_k;
        b_tile[b_k * PITCH + b_column] =
            vec4<f32>(b_at(b_row, c), b_at(b_row, c + 16u), b_at(b_row, c + 32u), b_at(b_row, c + 48u));
        workgroupBarrier();
        if (inside) {
            for (var i = 0u; i < DEPTH; i++) {
                let x = a_tile[i * PITCH + high];
                let y = b_tile[i * PITCH + low];
                sums_0 += x.x * y;
                sums_1 += x.y * y;
                sums_2 += x.z * y;
                sums_3 += x.w * y;
            }
        }
        workgroupBarrier();
    }
    store(row, column, sums_0);
    store(row + 1u, column, sums_1);
    store(row + 2u, column, sums_2);
    store(row + 3u, column, sums_3);
}
