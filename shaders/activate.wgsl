// What an MLP does to each value between its two matrices, or the derivative of that; `kind` says which function. WGSL
// promises nothing about infinities, so nothing here may reach one.
struct Params {
    length: u32,
    kind: u32,
    slope: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;

// 2 sqrt(2/pi)
const FACTOR = 1.5957691;
const CUBE = 0.044715;
// Beyond it either gelu is x or nothing, to the last bit of f32.
const LIMIT = 12.0;

// What is x times a sigmoid of y, which has this derivative, or that product's derivative.
fn through(x: f32, y: f32, derivative: f32) -> f32 {
    let opening = 1.0 + exp(clamp(-y, -80.0, 80.0));
    let open = 1.0 / opening;
    return select(x / opening, open + open * (1.0 - open) * x * derivative, params.slope == 1u);
}

// x sigmoid(2u) is x/2 (1 + tanh(u)) without the cancellation of the sum for negative x.
fn gelu_new(value: f32) -> f32 {
    let near = clamp(value, -LIMIT, LIMIT);
    let u = FACTOR * (near + CUBE * near * near * near);
    return through(max(value, -LIMIT), u, FACTOR * (1.0 + 3.0 * CUBE * near * near));
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
    let power = exp(-z * z);
    let beyond = 0.5 * scaled * t * power;
    let share = select(1.0 - beyond, beyond, value < 0.0);
    // The density is the power over sqrt(2 pi).
    return select(max(value, -LIMIT) * share, share + 0.39894228 * near * power, params.slope == 1u);
}

fn silu(value: f32) -> f32 {
    return through(max(value, -80.0), value, 1.0);
}

fn relu(value: f32) -> f32 {
    return select(max(value, 0.0), f32(value > 0.0), params.slope == 1u);
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
            out[i] = relu(value);
        }
        default: {
            out[i] = silu(value);
        }
    }
}
