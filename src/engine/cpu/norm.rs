//! LayerNorm and RMSNorm, with their own denominators or frozen ones, forwards and backwards.

use super::parallel;
use crate::engine::{NormBack, NormRows};
use attograph_kernels as kernels;
use attograph_kernels::is_zero;

/// See [`crate::engine::Engine::norm`].
pub fn norm(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    epsilon: f32,
    sizes: NormRows,
) -> (Vec<f32>, Vec<f32>) {
    let NormRows { width, centred, .. } = sizes;
    let scale: Vec<f32> = x
        .chunks_exact(width)
        .map(|row| {
            let mean = mean(row, centred);
            1.0 / (kernels::variance(row, mean) + epsilon).sqrt()
        })
        .collect();
    (norm_frozen(x, weight, bias, &scale, sizes), scale)
}

/// See [`crate::engine::Engine::norm_frozen`].
pub fn norm_frozen(
    x: &[f32],
    weight: &[f32],
    bias: &[f32],
    scale: &[f32],
    NormRows { width, centred, .. }: NormRows,
) -> Vec<f32> {
    let mut out = x.to_vec();
    for (row, scale) in out.chunks_exact_mut(width).zip(scale) {
        let mean = mean(row, centred);
        kernels::norm(row, mean, *scale, weight, bias);
    }
    out
}

/// What is subtracted from every value of a row before it is scaled.
fn mean(row: &[f32], centred: bool) -> f32 {
    match centred {
        true => kernels::mean(row),
        false => 0.0,
    }
}

/// See [`crate::engine::Engine::norm_back`].
pub fn norm_back(
    out: &mut [f32],
    gradient: &[f32],
    x: &[f32],
    weight: &[f32],
    scale: &[f32],
    sizes: NormBack,
) {
    let NormBack {
        targets,
        tokens,
        width,
        centred,
        held,
    } = sizes;
    if targets * tokens * width == 0 {
        return;
    }
    let normed = match held {
        true => Vec::new(),
        false => {
            let (ones, zeros) = (vec![1.0; width], vec![0.0; width]);
            let sizes = NormRows {
                rows: tokens,
                width,
                centred,
            };
            norm_frozen(&x[..tokens * width], &ones, &zeros, scale, sizes)
        }
    };
    let out = &mut out[..targets * tokens * width];
    parallel::rows(out, width, 4 * width, |first, out| {
        let mut read = vec![0.0; width];
        for (i, out) in out.chunks_exact_mut(width).enumerate() {
            let row = first + i;
            let gradient = &gradient[row * width..(row + 1) * width];
            // A target sees nothing after its own position, so many rows are zero.
            if is_zero(gradient) {
                continue;
            }
            for (read, (g, weight)) in read.iter_mut().zip(gradient.iter().zip(weight)) {
                *read = g * weight;
            }
            let (token, mean) = (row % tokens, mean(&read, centred));
            let scale = scale[token];
            match held {
                true => {
                    for (out, read) in out.iter_mut().zip(&read) {
                        *out += scale * (read - mean);
                    }
                }
                false => {
                    let normed = &normed[token * width..(token + 1) * width];
                    let along = kernels::dot(&read, normed) / width as f32;
                    for (out, (read, normed)) in out.iter_mut().zip(read.iter().zip(normed)) {
                        *out += scale * (read - mean - normed * along);
                    }
                }
            }
        }
    });
}
