// [rows, inner] x [inner, columns] for many rows, in tiles of 64 x 64. A thread has 8 rows and 4
// columns of a tile in registers: 32 multiplications for 3 loads from workgroup memory.
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

// Little, as software adapters take long to compile kernels with much workgroup memory.
const DEPTH = 8u;
// One more than the 16 vectors a row has, against bank conflicts.
const PITCH = 17u;

// Vectors of rows 4g to 4g + 3 at [k, g], and of columns c, c + 16, c + 32, c + 48 at [k, c]:
// columns apart, so that neighbouring threads touch neighbouring memory.
var<workgroup> a_tile: array<vec4<f32>, 136>;
var<workgroup> b_tile: array<vec4<f32>, 136>;

// Vectors of four rows of a at a k. Rows outside give those of the last one, and are thrown away.
fn a_rows(row: u32, k: u32) -> vec4<f32> {
    let last = params.rows - 1u;
    let at = min(k, params.inner - 1u);
    let values = vec4<f32>(
        a[min(row, last) * params.inner + at],
        a[min(row + 1u, last) * params.inner + at],
        a[min(row + 2u, last) * params.inner + at],
        a[min(row + 3u, last) * params.inner + at],
    );
    return select(vec4<f32>(), values, k < params.inner);
}

// Vectors of four columns of b, 16 apart, at a k; outside likewise.
fn b_columns(k: u32, column: u32) -> vec4<f32> {
    let last = params.columns - 1u;
    let k_stride = select(params.columns, 1u, params.transposed != 0u);
    let stride = select(1u, params.inner, params.transposed != 0u);
    let at = min(k, params.inner - 1u) * k_stride;
    let values = vec4<f32>(
        b[at + min(column, last) * stride],
        b[at + min(column + 16u, last) * stride],
        b[at + min(column + 32u, last) * stride],
        b[at + min(column + 48u, last) * stride],
    );
    return select(vec4<f32>(), values, k < params.inner);
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

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let top = unfold(group) / params.blocks * 64u;
    let left = unfold(group) % params.blocks * 64u;
    if (top >= params.rows) {
        return;
    }
    let low = thread % 16u;
    let high = thread / 16u;
    // Rows 4 high to 4 high + 3, and those 32 below them.
    let row = top + 4u * high;
    let column = left + low;
    // Software adapters work out what lies outside as well, so it is worth skipping.
    let inside = row < params.rows && column < params.columns;

    // What the thread loads. Neighbours load what is neighbouring: along k in a and in a transposed
    // b, along columns in b as it is.
    let along = thread % DEPTH;
    let across = thread / DEPTH;
    let b_k = select(high, along, params.transposed != 0u);
    let b_column = select(low, across, params.transposed != 0u);

    var sums_0 = vec4<f32>();
    var sums_1 = vec4<f32>();
    var sums_2 = vec4<f32>();
    var sums_3 = vec4<f32>();
    var sums_4 = vec4<f32>();
    var sums_5 = vec4<f32>();
    var sums_6 = vec4<f32>();
    var sums_7 = vec4<f32>();
    for (var start = 0u; start < params.inner; start += DEPTH) {
        a_tile[along * PITCH + across] = a_rows(top + 4u * across, start + along);
        b_tile[b_k * PITCH + b_column] = b_columns(start + b_k, left + b_column);
        workgroupBarrier();
        if (inside) {
            for (var i = 0u; i < DEPTH; i++) {
                let x = a_tile[i * PITCH + high];
                let z = a_tile[i * PITCH + high + 8u];
                let y = b_tile[i * PITCH + low];
                sums_0 += x.x * y;
                sums_1 += x.y * y;
                sums_2 += x.z * y;
                sums_3 += x.w * y;
                sums_4 += z.x * y;
                sums_5 += z.y * y;
                sums_6 += z.z * y;
                sums_7 += z.w * y;
            }
        }
        workgroupBarrier();
    }
    store(row, column, sums_0);
    store(row + 1u, column, sums_1);
    store(row + 2u, column, sums_2);
    store(row + 3u, column, sums_3);
    store(row + 32u, column, sums_4);
    store(row + 33u, column, sums_5);
    store(row + 34u, column, sums_6);
    store(row + 35u, column, sums_7);
}
