// What an MLP does to each value between its two matrices; `kind` says which function. WGSL promises
// nothing about infinities, so nothing here may reach one.
struct Params {
    length: u32,
    kind: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

// 2 sqrt(2/pi)
const FACTOR = 1.5957691;
// Beyond it either gelu is x or nothing, to the last bit of f32.
const LIMIT = 12.0;

// x / (1 + exp(-2u)) is x/2 (1 + tanh(u)) without the cancellation of the sum for negative x.
fn gelu_new(value: f32) -> f32 {
    let near = clamp(value, -LIMIT, LIMIT);
    let exponent = -FACTOR * (near + 0.044715 * near * near * near);
    return max(value, -LIMIT) / (1.0 + exp(clamp(exponent, -80.0, 80.0)));
}

// x times the normal distribution's share below it, from its share beyond |x|: half of erfc(z). The
// polynomial is that of the CPU's `erfc_scaled`.
fn gelu(value: f32) -> f32 {
    let near = clamp(value, -LIMIT, LIMIT);
    let z = abs(near) * 0.70710678;
    let t = 1.0 / (1.0 + 0.3 * z);
    var scaled = -0.13077088;
    scaled = scaled * t + 0.49193427;
    scaled = scaled * t - 0.52615166;
    scaled = scaled * t + 0.56451424;
    scaled = scaled * t - 0.10698336;
    scaled = scaled * t + 0.22053917;
    scaled = scaled * t + 0.14679602;
    scaled = scaled * t + 0.17094912;
    scaled = scaled * t + 0.16917306;
    let beyond = 0.5 * scaled * t * exp(-z * z);
    return max(value, -LIMIT) * select(1.0 - beyond, beyond, value < 0.0);
}

fn silu(value: f32) -> f32 {
    return max(value, -80.0) / (1.0 + exp(clamp(-value, -80.0, 80.0)));
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) thread: u32) {
    let i = unfold(group) * 64u + thread;
    if (i >= params.length) {
        return;
    }
    let value = x[i];
    switch (params.kind) {
        case 0u: {
            out[i] = gelu_new(value);
        }
        case 1u: {
            out[i] = gelu(value);
        }
        case 2u: {
            out[i] = max(value, 0.0);
        }
        default: {
            out[i] = silu(value);
        }
    }
}
