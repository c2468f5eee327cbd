// [rows, inner] x [inner, columns] for few rows, in tiles of 8 x 32. Sixteen threads share each
// column, with every sixteenth k each: few rows make few tiles, and a GPU needs many threads. A
// thread has 8 rows and 4 columns in registers.
struct Params {
    rows: u32,
    inner: u32,
    columns: u32,
    // Whether b is stored as [columns, inner].
    transposed: u32,
    // 0: the product; 1: with bias[column]; 2: with what out holds.
    onto: u32,
    // ceil(columns / 32)
    blocks: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> out: array<f32>;

// One k a thread.
const DEPTH = 128u;
const SLICES = 16u;

// First a: rows 0 to 3 and 4 to 7 at [k, 2]. Then, in the same memory, each slice's sums for 8 of
// the columns: the same rows at [slice, column, 2]. Software adapters take long to compile kernels
// with much workgroup memory.
var<workgroup> tile: array<vec4<f32>, 256>;

fn a_at(row: u32, k: u32) -> f32 {
    if (row < params.rows && k < params.inner) {
        return a[row * params.inner + k];
    }
    return 0.0;
}

// One of four vectors. An array of them would leave the registers.
fn pick(i: u32, v_0: vec4<f32>, v_1: vec4<f32>, v_2: vec4<f32>, v_3: vec4<f32>) -> vec4<f32> {
    return select(select(v_0, v_1, i == 1u), select(v_2, v_3, i == 3u), i > 1u);
}

fn store(row: u32, column: u32, sums: vec4<f32>) {
    if (column >= params.columns) {
        return;
    }
    for (var i = 0u; i < 4u; i++) {
        if (row + i < params.rows) {
            let at = (row + i) * params.columns + column;
            var value = sums[i];
            if (params.onto == 1u) {
                value += bias[column];
            } else if (params.onto == 2u) {
                value += out[at];
            }
            out[at] = value;
        }
    }
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let top = unfold(group) / params.blocks * 8u;
    let left = unfold(group) % params.blocks * 32u;
    if (top >= params.rows) {
        return;
    }
    // Neighbouring threads load what is neighbouring in b.
    let transposed = params.transposed != 0u;
    let slice = select(thread / 8u, thread % 16u, transposed);
    let column = select(thread % 8u, thread / 16u, transposed);
    let k_stride = select(params.columns, 1u, transposed);
    let column_stride = select(1u, params.inner, transposed);
    // Columns 8 apart. Those outside are worked out at the last one, and thrown away.
    let last = params.columns - 1u;
    let b_0 = min(left + column, last) * column_stride;
    let b_1 = min(left + column + 8u, last) * column_stride;
    let b_2 = min(left + column + 16u, last) * column_stride;
    let b_3 = min(left + column + 24u, last) * column_stride;

    var upper_0 = vec4<f32>();
    var upper_1 = vec4<f32>();
    var upper_2 = vec4<f32>();
    var upper_3 = vec4<f32>();
    var lower_0 = vec4<f32>();
    var lower_1 = vec4<f32>();
    var lower_2 = vec4<f32>();
    var lower_3 = vec4<f32>();
    for (var start = 0u; start < params.inner; start += DEPTH) {
        // Neighbouring threads load what is neighbouring in a, and every vector is stored whole:
        // its components are no separate memory.
        let k = start + thread;
        for (var half = 0u; half < 2u; half++) {
            let row = top + 4u * half;
            tile[2u * thread + half] =
                vec4<f32>(a_at(row, k), a_at(row + 1u, k), a_at(row + 2u, k), a_at(row + 3u, k));
        }
        workgroupBarrier();
        let end = min(DEPTH, params.inner - start);
        // Software adapters work out what lies outside as well, so it is worth skipping.
        if (left + column < params.columns) {
            for (var i = slice; i < end; i += SLICES) {
                let upper = tile[2u * i];
                let lower = tile[2u * i + 1u];
                let at = (start + i) * k_stride;
                let y_0 = b[at + b_0];
                let y_1 = b[at + b_1];
                let y_2 = b[at + b_2];
                let y_3 = b[at + b_3];
                upper_0 += upper * y_0;
                upper_1 += upper * y_1;
                upper_2 += upper * y_2;
                upper_3 += upper * y_3;
                lower_0 += lower * y_0;
                lower_1 += lower * y_1;
                lower_2 += lower * y_2;
                lower_3 += lower * y_3;
            }
        }
        workgroupBarrier();
    }
    // Eight columns at a time: add up the slices, a thread four rows of a column, and write them.
    for (var part = 0u; part < 4u; part++) {
        let at = 2u * (slice * 8u + column);
        tile[at] = pick(part, upper_0, upper_1, upper_2, upper_3);
        tile[at + 1u] = pick(part, lower_0, lower_1, lower_2, lower_3);
        workgroupBarrier();
        if (thread < 16u) {
            var sums = vec4<f32>();
            for (var s = 0u; s < SLICES; s++) {
                sums += tile[s * 16u + thread];
            }
            store(top + thread % 2u * 4u, left + 8u * part + thread / 2u, sums);
        }
        workgroupBarrier();
    }
}
