//! Matrix products in WebAssembly, by the kernels that the `gemm` crate has for 128-bit SIMD.
//!
//! A module compiled with SIMD does not even begin where there is none. `gemm::gemm` asks a flag all the same, and so brings kernels without
//! SIMD besides. This is a crate of its own because what is generic in `gemm` is compiled as the crate is that asks for it: for speed here,
//! where the page's modules are compiled for size.
#![cfg(target_arch = "wasm32")]

use gemm_common::Parallelism;
use gemm_common::gemm::gemm_basic_generic;
use gemm_common::simd::Scalar;
use gemm_f32::microkernel::simd128::f32::{H_M, H_N, H_UKR, MR_DIV_N, NR, UKR};

/// Numbers of a 128-bit register.
const LANES: usize = 4;

/// A matrix: where it begins, and how far apart neighbours are, down a column and along a row.
pub struct Matrix {
    pub values: *const f32,
    pub down: usize,
    pub along: usize,
}

/// `out += a b` for [rows, inner] x [inner, columns]; rows of `out` lie `stride` apart.
///
/// # Safety
/// Every element of the three lies in memory that is the caller's, and `out` in that of neither other.
#[inline(never)]
pub unsafe fn product_add(
    out: *mut f32,
    stride: usize,
    a: Matrix,
    b: Matrix,
    [rows, inner, columns]: [usize; 3],
) {
    // The kernels write columns: what is asked of them is the transpose.
    // SAFETY: the sizes and strides are the caller's.
    unsafe {
        gemm_basic_generic::<Scalar, f32, LANES, { MR_DIV_N * LANES }, NR, MR_DIV_N, H_M, H_N>(
            Scalar,
            columns,
            rows,
            inner,
            out,
            stride as isize,
            1,
            true,
            b.values,
            b.down as isize,
            b.along as isize,
            a.values,
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
