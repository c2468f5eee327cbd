//! Matrix products, by the `gemm` crate's kernels.

use super::parallel;
use crate::engine::Product;

/// `out += a b`; see [`crate::engine::Engine::matmul_add`].
///
/// Gradients are zero after their target's position, and at first everywhere else too. So rows of
/// zeros are left out where that leaves enough out to be worth the copying.
pub fn matmul_add(out: &mut [f32], a: &[f32], b: &[f32], product: Product) {
    let Product { inner, columns, .. } = product;
    let a = &a[..product.rows * inner];
    let out = &mut out[..product.rows * columns];
    let live: Vec<usize> = (0..product.rows)
        .filter(|row| !is_zero(&a[row * inner..(row + 1) * inner]))
        .collect();
    if 4 * live.len() > 3 * product.rows {
        return dense(out, a, b, product);
    }
    let mut packed = Vec::with_capacity(live.len() * inner);
    for row in &live {
        packed.extend_from_slice(&a[row * inner..(row + 1) * inner]);
    }
    let mut sums = vec![0.0; live.len() * columns];
    let rows = live.len();
    dense(&mut sums, &packed, b, Product { rows, ..product });
    for (row, sums) in live.into_iter().zip(sums.chunks_exact(columns)) {
        for (out, sum) in out[row * columns..(row + 1) * columns].iter_mut().zip(sums) {
            *out += sum;
        }
    }
}

/// Whether all values are zero, looked at in blocks so that it takes SIMD.
pub fn is_zero(values: &[f32]) -> bool {
    let magnitude = |x: &f32| x.to_bits() << 1;
    values
        .chunks(32)
        .all(|block| block.iter().fold(0, |bits, x| bits | magnitude(x)) == 0)
}

/// `out += a b` with all rows.
fn dense(out: &mut [f32], a: &[f32], b: &[f32], product: Product) {
    let Product {
        inner,
        columns,
        transposed,
        ..
    } = product;
    let b = &b[..inner * columns];
    let b = match transposed {
        true => Rows::transposed(b, inner),
        false => Rows::new(b, columns),
    };
    parallel::rows(out, columns, inner * columns, |first, out| {
        let count = out.len() / columns;
        let a = Rows::new(&a[first * inner..(first + count) * inner], inner);
        product_add(out, columns, a, b, [count, inner, columns]);
    });
}

/// A matrix in a slice: how far apart neighbours are, down a column and along a row.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    values: &'a [f32],
    down: usize,
    along: usize,
}

impl<'a> Rows<'a> {
    /// Rows that begin `stride` apart.
    pub fn new(values: &'a [f32], stride: usize) -> Self {
        Rows {
            values,
            down: stride,
            along: 1,
        }
    }

    /// The transpose of a matrix whose rows begin `stride` apart.
    pub fn transposed(values: &'a [f32], stride: usize) -> Self {
        Rows {
            values,
            down: 1,
            along: stride,
        }
    }

    fn holds(&self, rows: usize, columns: usize) -> bool {
        self.values.len() > (rows - 1) * self.down + (columns - 1) * self.along
    }
}

/// `out += a b` for [rows, inner] x [inner, columns]; rows of `out` lie `stride` apart.
///
/// # Panics
/// If a slice is too short for its sizes.
pub fn product_add(
    out: &mut [f32],
    stride: usize,
    a: Rows<'_>,
    b: Rows<'_>,
    [rows, inner, columns]: [usize; 3],
) {
    if rows == 0 || inner == 0 || columns == 0 {
        return;
    }
    assert!(out.len() >= (rows - 1) * stride + columns);
    assert!(a.holds(rows, inner) && b.holds(inner, columns));
    // SAFETY: the assertions above keep every access inside the slices; `out` is not aliased.
    #[cfg(target_arch = "wasm32")]
    unsafe {
        let [a, b] = [a, b].map(|matrix| wasm_gemm::Matrix {
            values: matrix.values.as_ptr(),
            down: matrix.down,
            along: matrix.along,
        });
        wasm_gemm::product_add(out.as_mut_ptr(), stride, a, b, [rows, inner, columns]);
    }
    // SAFETY: as above.
    #[cfg(not(target_arch = "wasm32"))]
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            stride as isize,
            true,
            a.values.as_ptr(),
            a.along as isize,
            a.down as isize,
            b.values.as_ptr(),
            b.along as isize,
            b.down as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
