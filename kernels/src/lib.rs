//! The inner loops of the CPU engine: matrix products, and eight values at a time. They are a crate of their own so that the page's modules,
//! which are built for size, have them built for speed; what is generic in `gemm` is compiled as the crate is that asks for it, too.

#[cfg(not(target_arch = "wasm32"))]
mod count;
mod product;

#[cfg(not(target_arch = "wasm32"))]
pub use count::counted;
pub use product::{Rows, product, product_add};

use std::f32::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};
use wide::f32x8;

const LANES: usize = 8;

/// Replaces all values; `function` is given eight at a time, and may be given zeros besides.
fn map(values: &mut [f32], function: impl Fn(f32x8) -> f32x8) {
    let (eights, rest) = values.as_chunks_mut::<LANES>();
    for eight in eights {
        *eight = function(f32x8::new(*eight)).to_array();
    }
    if !rest.is_empty() {
        let mut eight = [0.0; LANES];
        eight[..rest.len()].copy_from_slice(rest);
        let eight = function(f32x8::new(eight)).to_array();
        rest.copy_from_slice(&eight[..rest.len()]);
    }
}

/// Whether all values are zero, looked at in blocks so that it takes SIMD.
#[inline(never)]
pub fn is_zero(values: &[f32]) -> bool {
    let magnitude = |x: &f32| x.to_bits() << 1;
    values
        .chunks(32)
        .all(|block| block.iter().fold(0, |bits, x| bits | magnitude(x)) == 0)
}

/// `out += factor x`, up to the end of the shorter.
#[inline(never)]
pub fn add_scaled(out: &mut [f32], x: &[f32], factor: f32) {
    #[cfg(not(target_arch = "wasm32"))]
    count::add(out.len().min(x.len()));
    for (out, x) in out.iter_mut().zip(x) {
        *out += factor * x;
    }
}

/// The mean of a row's values.
#[inline(never)]
pub fn mean(row: &[f32]) -> f32 {
    sum(row, |x| x) / row.len() as f32
}

/// The mean square of what a row's values are away from `mean`.
#[inline(never)]
pub fn variance(row: &[f32], mean: f32) -> f32 {
    sum(row, |x| (x - mean) * (x - mean)) / row.len() as f32
}

/// In eight lanes: quicker, and more exact than one running sum.
fn sum(values: &[f32], function: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (eights, rest) = values.as_chunks::<LANES>();
    for eight in eights {
        for (lane, x) in lanes.iter_mut().zip(eight) {
            *lane += function(*x);
        }
    }
    lanes.iter().sum::<f32>() + rest.iter().map(|x| function(*x)).sum::<f32>()
}

/// `(x - mean) scale weight + bias` of a row, in place.
#[inline(never)]
pub fn norm(row: &mut [f32], mean: f32, scale: f32, weight: &[f32], bias: &[f32]) {
    for (x, (weight, bias)) in row.iter_mut().zip(weight.iter().zip(bias)) {
        *x = (*x - mean) * scale * weight + bias;
    }
}

/// The sum of products of two vectors, up to the end of the shorter.
#[inline(never)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let count = a.len().min(b.len());
    #[cfg(not(target_arch = "wasm32"))]
    count::add(count);
    let (a, a_rest) = a[..count].as_chunks::<LANES>();
    let (b, b_rest) = b[..count].as_chunks::<LANES>();
    let mut sums = f32x8::ZERO;
    for (a, b) in a.iter().zip(b) {
        sums += f32x8::new(*a) * f32x8::new(*b);
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.to_array().iter().sum::<f32>() + rest
}

/// In place, of a row times `factor`. Written so that what is no number stays so, and is found.
#[inline(never)]
pub fn softmax(row: &mut [f32], factor: f32) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    map(row, |x| (factor * (x - f32x8::splat(largest))).exp());
    let sum = sum(row, |x| x);
    map(row, |x| x / f32x8::splat(sum));
}

/// `x sigmoid(x)`, in place.
#[inline(never)]
pub fn silu(values: &mut [f32]) {
    map(values, |x| x / opening(x));
}

/// The derivative of [`silu`], in place.
#[inline(never)]
pub fn silu_slope(values: &mut [f32]) {
    map(values, |x| slope(x, x, f32x8::ONE));
}

/// GELU by its hyperbolic tangent, in place: `x sigmoid(2u)` with `u = sqrt(2/pi) (x + 0.044715 x^3)` is `x/2 (1 + tanh(u))`
/// without the cancellation of the sum for negative `x`.
#[inline(never)]
pub fn gelu_new(values: &mut [f32]) {
    map(values, |x| x / opening(cubic(x)));
}

/// The derivative of [`gelu_new`], in place.
#[inline(never)]
pub fn gelu_new_slope(values: &mut [f32]) {
    /// Beyond it the function is x or nothing, and powers of it stay finite.
    const LIMIT: f32x8 = f32x8::splat(12.0);
    map(values, |x| {
        let x = x.max(-LIMIT).min(LIMIT);
        slope(x, cubic(x), FACTOR * (f32x8::ONE + 3.0 * CUBE * x * x))
    });
}

/// 2 sqrt(2/pi)
const FACTOR: f32 = 2.0 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
const CUBE: f32 = 0.044_715;

/// `2u` of [`gelu_new`].
fn cubic(x: f32x8) -> f32x8 {
    FACTOR * (x + CUBE * x * x * x)
}

/// 1 / sigmoid(x)
fn opening(x: f32x8) -> f32x8 {
    f32x8::ONE + (-x).exp()
}

/// The derivative of `x sigmoid(y)`, where `y` has this one.
fn slope(x: f32x8, y: f32x8, derivative: f32x8) -> f32x8 {
    let open = f32x8::ONE / opening(y);
    open + open * (f32x8::ONE - open) * x * derivative
}

/// GELU, in place: `x` times the normal distribution's share below it.
#[inline(never)]
pub fn gelu(values: &mut [f32]) {
    map(values, |x| x * share_below(x));
}

/// The derivative of [`gelu`], in place: that share, and `x` times the distribution's density.
#[inline(never)]
pub fn gelu_slope(values: &mut [f32]) {
    /// 1 / sqrt(2 pi)
    const DENSITY: f32 = 0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2;
    map(values, |x| {
        share_below(x) + DENSITY * x * (-0.5 * x * x).exp()
    });
}

/// The share of a normal distribution below `x`, from that beyond `|x|`, half of `erfc(z)`.
fn share_below(x: f32x8) -> f32x8 {
    let z = x.abs() * FRAC_1_SQRT_2;
    let beyond = 0.5 * erfc_scaled(z) * (-z * z).exp();
    x.simd_lt(f32x8::ZERO).select(beyond, f32x8::ONE - beyond)
}

/// `exp(z^2) erfc(z)` for `z` from 0 on, within 3e-8 of itself up to 10: a polynomial in
/// `t = 1 / (1 + 0.3 z)` without a constant, through the function's values at the nine Chebyshev nodes of that
/// range.
fn erfc_scaled(z: f32x8) -> f32x8 {
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
    let t = f32x8::ONE / (f32x8::ONE + 0.3 * z);
    let sum = |sum: f32x8, next: &f32| sum * t + f32x8::splat(*next);
    t * COEFFICIENTS.iter().fold(f32x8::ZERO, sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_is_replaced_whatever_their_number() {
        for count in 0..20 {
            let mut values: Vec<f32> = (0..count).map(|i| i as f32).collect();
            map(&mut values, |x| x * x);
            assert!((0..count).all(|i| values[i] == (i * i) as f32));
        }
    }

    #[test]
    fn products_are_summed_whatever_their_number() {
        for count in 0..20 {
            let values: Vec<f32> = (1..=count).map(|i| i as f32).collect();
            let squares: usize = (1..=count).map(|i| i * i).sum();
            assert_eq!(dot(&values, &values), squares as f32);
        }
    }

    #[test]
    fn powers_are_near_and_keep_what_is_beyond() {
        let values: Vec<f32> = (-1000..880).map(|i| 0.1 * i as f32).collect();
        let mut powers = values.clone();
        map(&mut powers, f32x8::exp);
        for (value, power) in values.into_iter().zip(powers) {
            let expected = value.exp();
            assert!(
                (power - expected).abs() <= 3e-7 * expected + f32::MIN_POSITIVE,
                "exp({value}) is {expected}, not {power}"
            );
        }
        let mut beyond = [f32::NEG_INFINITY, -1e30, 1e30, f32::INFINITY, f32::NAN];
        map(&mut beyond, f32x8::exp);
        assert_eq!(beyond[..4], [0.0, 0.0, f32::INFINITY, f32::INFINITY]);
        assert!(beyond[4].is_nan());
    }
}
