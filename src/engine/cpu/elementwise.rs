//! Operations on one element at a time.

use super::parallel;

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

/// `x / (1 + exp(-2u))` with `u = sqrt(2/pi) (x + 0.044715 x^3)` is `x/2 (1 + tanh(u))` without the
/// cancellation of the sum for negative `x`.
pub fn gelu(x: &[f32]) -> Vec<f32> {
    use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
    /// 2 sqrt(2/pi)
    const FACTOR: f32 = 2.0 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    let mut out = x.to_vec();
    parallel::rows(&mut out, 1, 16, |_, values| {
        for x in values {
            *x /= 1.0 + (-FACTOR * (*x + 0.044_715 * *x * *x * *x)).exp();
        }
    });
    out
}

pub fn jump_relu(x: &[f32], threshold: &[f32]) -> Vec<f32> {
    let mut out = Vec::with_capacity(x.len());
    for row in x.chunks_exact(threshold.len()) {
        out.extend(
            row.iter()
                .zip(threshold)
                .map(|(x, t)| if x > t { *x } else { 0.0 }),
        );
    }
    out
}
