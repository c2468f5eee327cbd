//! Matrix products, by the `gemm` crate's kernels.

use super::parallel;
use crate::buffers;
use crate::engine::{DiagonalProducts, Product, is_negligible};
use attograph_kernels::{Rows, is_zero, product, product_add};

/// `out += a b`; see [`crate::engine::Engine::matmul_add`].
///
/// Gradients are zero after their target's position, and at first everywhere else too. So rows of
/// zeros are left out where that leaves enough out to be worth the copying.
pub fn matmul_add(out: &mut [f32], a: &[f32], b: &[f32], product: Product) {
    sparse(out, a, b, product, true);
}

/// `a b`.
pub fn matmul(a: &[f32], b: &[f32], product: Product) -> Vec<f32> {
    let mut out = buffers::any(product.rows * product.columns);
    sparse(&mut out, a, b, product, false);
    out
}

/// Adds the product to `out`, or puts it there.
fn sparse(out: &mut [f32], a: &[f32], b: &[f32], product: Product, adds: bool) {
    let Product { inner, columns, .. } = product;
    let a = &a[..product.rows * inner];
    let out = &mut out[..product.rows * columns];
    let live: Vec<usize> = (0..product.rows)
        .filter(|row| !is_zero(&a[row * inner..(row + 1) * inner]))
        .collect();
    if 4 * live.len() > 3 * product.rows {
        return dense(out, a, b, product, adds);
    }
    let mut packed = buffers::empty(live.len() * inner);
    for row in &live {
        packed.extend_from_slice(&a[row * inner..(row + 1) * inner]);
    }
    let mut sums = buffers::any(live.len() * columns);
    let rows = live.len();
    dense(&mut sums, &packed, b, Product { rows, ..product }, false);
    if !adds {
        out.fill(0.0);
    }
    for (row, sums) in live.into_iter().zip(sums.chunks_exact(columns)) {
        for (out, sum) in out[row * columns..(row + 1) * columns].iter_mut().zip(sums) {
            *out += sum;
        }
    }
    buffers::keep(packed);
    buffers::keep(sums);
}

/// With all rows.
fn dense(out: &mut [f32], a: &[f32], b: &[f32], sizes: Product, adds: bool) {
    let Product {
        inner,
        columns,
        transposed,
        ..
    } = sizes;
    let b = &b[..inner * columns];
    let b = match transposed {
        true => Rows::transposed(b, inner),
        false => Rows::new(b, columns),
    };
    parallel::rows(out, columns, inner * columns, |first, out| {
        let count = out.len() / columns;
        let a = Rows::new(&a[first * inner..(first + count) * inner], inner);
        let sizes = [count, inner, columns];
        match adds {
            true => product_add(out, columns, a, b, sizes),
            false => product(out, columns, a, b, sizes),
        }
    });
}

/// See [`crate::engine::Engine::diagonal_products`]. Most neurons of a sparse model are far below zero at a token: their slope is none,
/// and they are left out.
pub fn diagonal_products(
    a: &[f32],
    b: &[f32],
    diagonals: &[f32],
    sizes: DiagonalProducts,
) -> Vec<f32> {
    let DiagonalProducts {
        rows,
        tokens,
        inner,
        columns,
    } = sizes;
    let mut out = buffers::any(rows * tokens * columns);
    let by_neuron = transposed(b, [columns, inner]);
    let mut left = buffers::empty(inner * rows);
    let mut right = buffers::empty(inner * columns);
    for token in 0..tokens {
        let diagonal = &diagonals[token * inner..][..inner];
        left.clear();
        right.clear();
        let mut live = 0;
        for (i, slope) in diagonal.iter().enumerate() {
            if is_negligible(*slope) {
                continue;
            }
            left.extend(a[i * rows..][..rows].iter().map(|a| a * slope));
            right.extend_from_slice(&by_neuron[i * columns..][..columns]);
            live += 1;
        }
        product(
            &mut out[token * columns..],
            tokens * columns,
            Rows::transposed(&left, rows),
            Rows::new(&right, columns),
            [rows, live, columns],
        );
    }
    buffers::keep(by_neuron);
    buffers::keep(left);
    buffers::keep(right);
    out
}

/// The transpose of [rows, columns].
fn transposed(x: &[f32], [rows, columns]: [usize; 2]) -> Vec<f32> {
    /// Columns whose lines all stay in the first cache meanwhile.
    const AT_ONCE: usize = 16;
    let mut out = buffers::any(rows * columns);
    for first in (0..columns).step_by(AT_ONCE) {
        let here = first..columns.min(first + AT_ONCE);
        for row in 0..rows {
            for column in here.clone() {
                out[column * rows + row] = x[row * columns + column];
            }
        }
    }
    out
}
