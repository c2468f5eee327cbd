//! Matrix products, by the `gemm` crate's kernels.

use super::parallel;
use crate::engine::Product;

/// `out += a b`; see [`crate::engine::Engine::matmul_add`].
pub fn matmul_add(out: &mut [f32], a: &[f32], b: &[f32], product: Product) {
    let Product {
        rows,
        inner,
        columns,
        transposed,
    } = product;
    let a = &a[..rows * inner];
    let b = &b[..inner * columns];
    let layout = if transposed {
        Layout {
            row: 1,
            column: inner,
        }
    } else {
        Layout {
            row: columns,
            column: 1,
        }
    };
    parallel::rows(
        &mut out[..rows * columns],
        columns,
        inner * columns,
        |first, out| {
            let count = out.len() / columns;
            let a = &a[first * inner..(first + count) * inner];
            gemm_add(out, columns, a, inner, b, layout, [count, inner, columns]);
        },
    );
}

/// How far apart neighbours are, down a column and along a row.
#[derive(Clone, Copy)]
pub struct Layout {
    pub row: usize,
    pub column: usize,
}

/// `out += a b` for [rows, inner] x [inner, columns]; rows of `out` and `a` lie `out_stride` and
/// `a_stride` apart.
///
/// # Panics
/// If a slice is too short for its sizes.
pub fn gemm_add(
    out: &mut [f32],
    out_stride: usize,
    a: &[f32],
    a_stride: usize,
    b: &[f32],
    b_layout: Layout,
    [rows, inner, columns]: [usize; 3],
) {
    if rows == 0 || inner == 0 || columns == 0 {
        return;
    }
    assert!(out.len() >= (rows - 1) * out_stride + columns);
    assert!(a.len() >= (rows - 1) * a_stride + inner);
    assert!(b.len() > (inner - 1) * b_layout.row + (columns - 1) * b_layout.column);
    // SAFETY: the assertions above keep every access inside the slices; `out` is not aliased.
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            out_stride as isize,
            true,
            a.as_ptr(),
            1,
            a_stride as isize,
            b.as_ptr(),
            b_layout.column as isize,
            b_layout.row as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}
