//! Vectors on the host: through matrices and norms and back, sums and products.

use crate::engine::cpu::Cpu;
use crate::engine::{Engine, NormBack, NormRows, Product};
use crate::model::{Norm, Values};

/// The product of rows [any, inner] with a matrix [inner, columns], or stored as [columns, inner].
pub fn through(
    rows: &Values,
    matrix: &Values,
    [inner, columns]: [usize; 2],
    transposed: bool,
) -> Values {
    let product = Product {
        rows: rows.len() / inner,
        inner,
        columns,
        transposed,
    };
    Cpu.matmul(rows, matrix, None, product)
}

/// Sources [sources, tokens, width] through a norm whose denominators are held; its bias is no source's.
pub fn push(norm: &Norm, x: &Values, scale: &[f32], sources: usize) -> Values {
    let (width, scale) = (norm.weight.len(), scale.repeat(sources).into());
    let no_bias = vec![0.0; width].into();
    let sizes = NormRows {
        rows: x.len() / width,
        width,
        centred: norm.centred,
    };
    Cpu.norm_frozen(x, &norm.weight, &no_bias, &scale, sizes)
}

/// Gradients by the output of a norm, [tokens, width], as gradients by its input x.
pub fn pull(norm: &Norm, gradient: &[f32], x: &Values, scale: &Values, held: bool) -> Values {
    let width = norm.weight.len();
    let sizes = NormBack {
        targets: 1,
        tokens: gradient.len() / width,
        width,
        centred: norm.centred,
        held,
    };
    let mut out = Values::from(vec![0.0; gradient.len()]);
    let gradient = gradient.to_vec().into();
    Cpu.norm_back(&mut out, &gradient, x, &norm.weight, scale, sizes);
    out
}

/// Adds the second to the first.
pub fn add(out: &mut [f32], more: &[f32]) {
    for (out, more) in out.iter_mut().zip(more) {
        *out += more;
    }
}

/// Takes the second from the first.
pub fn subtract(out: &mut [f32], less: &[f32]) {
    for (out, less) in out.iter_mut().zip(less) {
        *out -= less;
    }
}

/// Summed in f64: the parts of an edge may be far larger than the edge.
pub fn dot(a: &[f32], b: &[f32]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
