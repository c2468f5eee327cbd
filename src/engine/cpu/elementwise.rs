//! Operations on one element at a time.

use super::parallel;
use crate::buffers;
use crate::engine::Activation;
use attograph_kernels as kernels;

pub fn add(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

pub fn scale_tokens(x: &[f32], scale: &[f32], width: usize) -> Vec<f32> {
    let mut out = buffers::empty(x.len());
    if width == 1 {
        for row in x.chunks_exact(scale.len()) {
            out.extend(row.iter().zip(scale).map(|(x, scale)| x * scale));
        }
        return out;
    }
    for (row, scale) in x.chunks_exact(width).zip(scale.iter().cycle()) {
        out.extend(row.iter().map(|x| x * scale));
    }
    out
}

/// See [`crate::engine::Engine::activate`].
pub fn activate(x: &[f32], activation: Activation) -> Vec<f32> {
    each(
        x,
        match activation {
            Activation::GeluNew => kernels::gelu_new,
            Activation::Gelu => kernels::gelu,
            Activation::Relu => relu,
            Activation::Silu => kernels::silu,
        },
    )
}

/// See [`crate::engine::Engine::activation_slope`].
pub fn activation_slope(x: &[f32], activation: Activation) -> Vec<f32> {
    each(
        x,
        match activation {
            Activation::GeluNew => kernels::gelu_new_slope,
            Activation::Gelu => kernels::gelu_slope,
            Activation::Relu => relu_slope,
            Activation::Silu => kernels::silu_slope,
        },
    )
}

fn each(x: &[f32], function: fn(&mut [f32])) -> Vec<f32> {
    let mut out = x.to_vec();
    parallel::rows(&mut out, 1, 16, |_, values| function(values));
    out
}

fn relu(values: &mut [f32]) {
    for x in values {
        if *x <= 0.0 {
            *x = 0.0;
        }
    }
}

fn relu_slope(values: &mut [f32]) {
    for x in values {
        *x = f32::from(*x > 0.0);
    }
}

/// Written so that what is no number stays so, and is found.
pub fn jump_relu(x: &[f32], threshold: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len());
    for row in x.chunks_exact(threshold.len()) {
        out.extend(
            row.iter()
                .zip(threshold)
                .map(|(x, t)| if x <= t { 0.0 } else { *x }),
        );
    }
    out
}
