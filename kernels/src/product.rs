//! Matrix products, by the kernels of `gemm`; in WebAssembly by those for 128-bit SIMD and no others. A module compiled with SIMD does not even
//! begin where there is none; `gemm::gemm` asks a flag all the same, and so brings kernels without SIMD besides.

#[cfg(target_arch = "wasm32")]
use gemm_common::Parallelism;
#[cfg(target_arch = "wasm32")]
use gemm_common::gemm::gemm_basic_generic;
#[cfg(target_arch = "wasm32")]
use gemm_common::simd::Scalar;
#[cfg(target_arch = "wasm32")]
use gemm_f32::microkernel::simd128::f32::{H_M, H_N, H_UKR, MR_DIV_N, NR, UKR};

/// Numbers of a 128-bit register.
#[cfg(target_arch = "wasm32")]
const LANES: usize = 4;

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
pub fn product_add(out: &mut [f32], stride: usize, a: Rows<'_>, b: Rows<'_>, sizes: [usize; 3]) {
    multiply(out, stride, a, b, sizes, true);
}

/// `out = a b`, whatever `out` was: see [`product_add`].
///
/// # Panics
/// If a slice is too short for its sizes.
pub fn product(out: &mut [f32], stride: usize, a: Rows<'_>, b: Rows<'_>, sizes: [usize; 3]) {
    let [rows, inner, columns] = sizes;
    if inner == 0 && columns > 0 {
        let rows = out.chunks_mut(stride).take(rows);
        rows.for_each(|row| row[..columns].fill(0.0));
        return;
    }
    multiply(out, stride, a, b, sizes, false);
}

#[inline(never)]
fn multiply(
    out: &mut [f32],
    stride: usize,
    a: Rows<'_>,
    b: Rows<'_>,
    [rows, inner, columns]: [usize; 3],
    adds: bool,
) {
    if rows == 0 || inner == 0 || columns == 0 {
        return;
    }
    assert!(out.len() >= (rows - 1) * stride + columns);
    assert!(a.holds(rows, inner) && b.holds(inner, columns));
    #[cfg(not(target_arch = "wasm32"))]
    crate::count::add(rows * inner * columns);
    // SAFETY: the assertions above keep every access inside the slices; `out` is not aliased.
    #[cfg(not(target_arch = "wasm32"))]
    unsafe {
        gemm::gemm(
            rows,
            columns,
            inner,
            out.as_mut_ptr(),
            1,
            stride as isize,
            adds,
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
    // The kernels write columns: what is asked of them is the transpose.
    // SAFETY: as above.
    #[cfg(target_arch = "wasm32")]
    unsafe {
        gemm_basic_generic::<Scalar, f32, LANES, { MR_DIV_N * LANES }, NR, MR_DIV_N, H_M, H_N>(
            Scalar,
            columns,
            rows,
            inner,
            out.as_mut_ptr(),
            stride as isize,
            1,
            adds,
            b.values.as_ptr(),
            b.down as isize,
            b.along as isize,
            a.values.as_ptr(),
            a.down as isize,
            a.along as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            |a, b, c| a * b + c,
            &UKR,
            &H_UKR,
            false,
            Parallelism::None,
        );
    }
}
