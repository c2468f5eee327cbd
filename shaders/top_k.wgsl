// The k largest values of each row, the others zero; of equal values those that come first. A
// workgroup a row. The smallest value that stays is found bit by bit, and so is the place up to which
// values that are equal to it stay: no order of threads shows in the result.
struct Params {
    rows: u32,
    features: u32,
    k: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

// A number that grows with the value; largest for what is none, so that it is found.
fn rank(value: f32) -> u32 {
    let bits = bitcast<u32>(value);
    let rank = select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
    return select(rank, 0xFFFFFFFFu, is_nan(bits));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let row = unfold(group);
    if (row >= params.rows) {
        return;
    }
    let start = row * params.features;
    // Counts are sums of f32: exact, since there are at most 2^24 features.
    let k = f32(params.k);

    // The largest rank that k values reach.
    var smallest = 0u;
    for (var bit = 0x80000000u; bit > 0u; bit >>= 1u) {
        var count = 0.0;
        for (var i = thread; i < params.features; i += 64u) {
            count += select(0.0, 1.0, rank(x[start + i]) >= (smallest | bit));
        }
        if (workgroup_sum(count, thread) >= k) {
            smallest |= bit;
        }
    }
    var larger = 0.0;
    for (var i = thread; i < params.features; i += 64u) {
        larger += select(0.0, 1.0, rank(x[start + i]) > smallest);
    }
    let left = k - workgroup_sum(larger, thread);

    // The last place before which fewer equal values lie than are left: the value there stays.
    var last = 0u;
    for (var bit = 0x800000u; bit > 0u; bit >>= 1u) {
        let end = last | bit;
        var count = 0.0;
        for (var i = thread; i < min(end, params.features); i += 64u) {
            count += select(0.0, 1.0, rank(x[start + i]) == smallest);
        }
        if (workgroup_sum(count, thread) < left) {
            last = end;
        }
    }
    for (var i = thread; i < params.features; i += 64u) {
        let value = x[start + i];
        let own = rank(value);
        let stays = own > smallest || (own == smallest && i <= last);
        out[start + i] = select(0.0, value, stays);
    }
}
