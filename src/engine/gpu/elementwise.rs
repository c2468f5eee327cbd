//! What is done to each element by itself.

use super::tensor::Tensor;
use super::{Gpu, groups, kernels, narrow, size};
use crate::engine::Activation;

/// See [`crate::engine::Engine::add`].
pub fn add(gpu: &Gpu, a: &Tensor, b: &Tensor, length: usize) -> Tensor {
    let count = length as u64;
    let out = gpu.result::<kernels::Add>(count);
    let params = kernels::Add {
        length: narrow(length),
    };
    let reads = [a.first(count), b.first(count)];
    gpu.run(params, &reads, &[out.first(count)], groups(count), count);
    out
}

/// See [`crate::engine::Engine::add_scaled`].
pub fn add_scaled(
    gpu: &Gpu,
    out: &mut Tensor,
    offset: usize,
    x: &Tensor,
    from: usize,
    length: usize,
    factor: f32,
) {
    let count = length as u64;
    let params = kernels::AddScaled {
        offset: narrow(offset),
        origin: narrow(from),
        length: narrow(length),
        factor,
    };
    let reads = [x.first((from as u64).saturating_add(count))];
    let writes = [out.first((offset as u64).saturating_add(count))];
    gpu.run(params, &reads, &writes, groups(count), count);
}

/// See [`crate::engine::Engine::scale_tokens`].
pub fn scale_tokens(
    gpu: &Gpu,
    x: &Tensor,
    scale: &Tensor,
    rows: usize,
    tokens: usize,
    width: usize,
) -> Tensor {
    let count = size(&[rows, tokens, width]);
    let out = gpu.result::<kernels::ScaleTokens>(count);
    let params = kernels::ScaleTokens {
        length: count as u32,
        tokens: narrow(tokens),
        width: narrow(width),
    };
    let reads = [x.first(count), scale.first(tokens as u64)];
    gpu.run(params, &reads, &[out.first(count)], groups(count), count);
    out
}

/// See [`crate::engine::Engine::activate`], and where it is of the `slope` [`crate::engine::Engine::activation_slope`].
pub fn activate(
    gpu: &Gpu,
    x: &Tensor,
    activation: Activation,
    length: usize,
    slope: bool,
) -> Tensor {
    let count = length as u64;
    let out = gpu.result::<kernels::Activate>(count);
    let params = kernels::Activate {
        length: narrow(length),
        kind: match activation {
            Activation::GeluNew => 0,
            Activation::Gelu => 1,
            Activation::Relu => 2,
            Activation::Silu => 3,
        },
        slope: slope.into(),
    };
    let work = count.saturating_mul(8);
    gpu.run(
        params,
        &[x.first(count)],
        &[out.first(count)],
        groups(count),
        work,
    );
    out
}

/// See [`crate::engine::Engine::jump_relu`].
pub fn jump_relu(
    gpu: &Gpu,
    x: &Tensor,
    threshold: &Tensor,
    rows: usize,
    features: usize,
) -> Tensor {
    let count = size(&[rows, features]);
    let out = gpu.result::<kernels::JumpRelu>(count);
    let params = kernels::JumpRelu {
        length: count as u32,
        features: narrow(features),
    };
    let reads = [x.first(count), threshold.first(features as u64)];
    gpu.run(params, &reads, &[out.first(count)], groups(count), count);
    out
}
