//! Operations on one element at a time.

use super::parallel;
use crate::engine::Activation;
use std::f32::consts::FRAC_1_SQRT_2;

pub fn add(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

pub fn add_scaled(out: &mut [f32], x: &[f32], factor: f32) {
    for (out, x) in out.iter_mut().zip(x) {
        *out += factor * x;
    }
}

pub fn scale_tokens(x: &[f32], scale: &[f32], width: usize) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len());
    for (row, scale) in x.chunks_exact(width).zip(scale.iter().cycle()) {
        out.extend(row.iter().map(|x| x * scale));
    }
    out
}

/// See [`crate::engine::Engine::activate`].
pub fn activate(x: &[f32], activation: Activation) -> Vec<f32> {
    match activation {
        Activation::GeluNew => each(x, gelu_new),
        Activation::Gelu => each(x, gelu),
        Activation::Relu => each(x, |x| if x <= 0.0 { 0.0 } else { x }),
        Activation::Silu => each(x, |x| x / (1.0 + (-x).exp())),
    }
}

fn each(x: &[f32], function: impl Fn(f32) -> f32 + Send + Sync) -> Vec<f32> {
    let mut out = x.to_vec();
    parallel::rows(&mut out, 1, 16, |_, values| {
        for x in values {
            *x = function(*x);
        }
    });
    out
}

/// `x / (1 + exp(-2u))` with `u = sqrt(2/pi) (x + 0.044715 x^3)` is `x/2 (1 + tanh(u))` without the
/// cancellation of the sum for negative `x`.
fn gelu_new(x: f32) -> f32 {
    use std::f32::consts::FRAC_2_SQRT_PI;
    /// 2 sqrt(2/pi)
    const FACTOR: f32 = 2.0 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    x / (1.0 + (-FACTOR * (x + 0.044_715 * x * x * x)).exp())
}

/// `x` times the normal distribution's share below it, from its share beyond `|x|`: half of `erfc(z)`.
fn gelu(x: f32) -> f32 {
    let z = x.abs() * FRAC_1_SQRT_2;
    let beyond = 0.5 * erfc_scaled(z) * (-z * z).exp();
    x * if x < 0.0 { beyond } else { 1.0 - beyond }
}

/// `exp(z^2) erfc(z)` for `z` from 0 on, within 3e-8 of itself up to 10: a polynomial in
/// `t = 1 / (1 + 0.3 z)` without a constant, through the function's values at the nine Chebyshev nodes of that
/// range.
fn erfc_scaled(z: f32) -> f32 {
    const COEFFICIENTS: [f32; 9] = [
        -0.130_770_88,
        0.491_934_27,
        -0.526_151_66,
        0.564_514_2,
        -0.106_983_36,
        0.220_539_17,
        0.146_796_02,
        0.170_949_12,
        0.169_173_06,
    ];
    let t = 1.0 / (1.0 + 0.3 * z);
    t * COEFFICIENTS.iter().fold(0.0, |sum, next| sum * t + next)
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
