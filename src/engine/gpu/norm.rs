//! Norms and their pull-backs.

use super::tensor::Tensor;
use super::{Gpu, kernels, narrow, size};
use crate::engine::{NormBack, NormRows};

/// See [`crate::engine::Engine::norm`].
pub fn norm(
    gpu: &Gpu,
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    epsilon: f32,
    sizes: NormRows,
) -> (Tensor, Tensor) {
    let NormRows {
        rows,
        width,
        centred,
    } = sizes;
    let count = size(&[rows, width]);
    let out = gpu.result::<kernels::Norm>(count);
    let scales = gpu.result::<kernels::Norm>(rows as u64);
    let params = kernels::Norm {
        rows: narrow(rows),
        width: narrow(width),
        centred: u32::from(centred),
        epsilon,
    };
    let reads = [
        x.first(count),
        weight.first(width as u64),
        bias.first(width as u64),
    ];
    let writes = [out.first(count), scales.first(rows as u64)];
    gpu.run(params, &reads, &writes, rows as u64, count);
    (out, scales)
}

/// See [`crate::engine::Engine::norm_frozen`].
pub fn norm_frozen(
    gpu: &Gpu,
    x: &Tensor,
    weight: &Tensor,
    bias: &Tensor,
    scale: &Tensor,
    sizes: NormRows,
) -> Tensor {
    let NormRows {
        rows,
        width,
        centred,
    } = sizes;
    let count = size(&[rows, width]);
    let out = gpu.result::<kernels::NormFrozen>(count);
    let params = kernels::NormFrozen {
        rows: narrow(rows),
        width: narrow(width),
        centred: u32::from(centred),
    };
    let reads = [
        x.first(count),
        weight.first(width as u64),
        bias.first(width as u64),
        scale.first(rows as u64),
    ];
    gpu.run(params, &reads, &[out.first(count)], rows as u64, count);
    out
}

/// See [`crate::engine::Engine::norm_back`].
pub fn norm_back(
    gpu: &Gpu,
    out: &mut Tensor,
    gradient: &Tensor,
    x: &Tensor,
    weight: &Tensor,
    scale: &Tensor,
    sizes: NormBack,
) {
    let NormBack {
        targets,
        tokens,
        width,
        centred,
        held,
    } = sizes;
    let rows = size(&[targets, tokens]);
    let count = rows.saturating_mul(width as u64);
    let params = kernels::NormBack {
        rows: rows as u32,
        tokens: narrow(tokens),
        width: narrow(width),
        centred: u32::from(centred),
        held: u32::from(held),
    };
    let reads = [
        gradient.first(count),
        x.first(size(&[tokens, width])),
        weight.first(width as u64),
        scale.first(tokens as u64),
    ];
    gpu.run(params, &reads, &[out.first(count)], rows, count);
}
