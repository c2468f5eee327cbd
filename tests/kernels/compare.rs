//! Values, engines, and how what a kernel gives is compared with its CPU counterpart's.

use attograph::engine::Engine;
use attograph::engine::gpu::Gpu;
use attograph::model::Values;
use pollster::block_on;

/// How far kernels may be from their CPU counterparts. Relative to the sum of the absolute products that make
/// up an element where an operation is linear, which bounds the error of any order of summation;
/// elsewhere to the largest magnitude of the tensor.
pub(crate) const TOLERANCE: f32 = 1e-5;

pub(crate) fn gpu() -> Gpu {
    match block_on(Gpu::new()) {
        Ok(gpu) => gpu,
        Err(error) => panic!(
            "The kernels need a GPU or a software driver, such as the packages libvulkan1 and \
             mesa-vulkan-drivers. {error}"
        ),
    }
}

/// Values in [-1, 1), the same ones for the same seed.
pub(crate) fn random(seed: usize, length: usize) -> Values {
    let mut state = seed as u64 * 0x9E37_79B9_7F4A_7C15 + 0x1234_5678_9ABC_DEF1;
    (0..length)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        })
        .collect()
}

/// Like [`random`], but only one in `every` is not zero.
pub(crate) fn sparse(seed: usize, length: usize, every: usize) -> Values {
    let mut values = random(seed, length);
    for (i, value) in values.iter_mut().enumerate() {
        if !(i * 7 + seed).is_multiple_of(every) {
            *value = 0.0;
        }
    }
    values
}

pub(crate) fn same(values: &[f32]) -> Values {
    values.to_vec().into()
}

pub(crate) fn absolute(values: &[f32]) -> Values {
    values.iter().map(|value| value.abs()).collect()
}

pub(crate) fn read<E: Engine>(engine: &E, tensors: &[(E::Tensor, usize)]) -> Vec<Vec<f32>> {
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(tensor, length)| (tensor, *length))
        .collect();
    block_on(engine.read(&tensors)).unwrap()
}

/// Each element of `found` is as near to `expected` as the element of `magnitude` asks for.
pub(crate) fn assert_near(
    what: &str,
    found: &[f32],
    expected: &[f32],
    magnitude: impl Fn(usize) -> f32,
) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let allowed = TOLERANCE * magnitude(i);
        assert!(
            (found - expected).abs() <= allowed,
            "{what}: element {i} is {found}, not {expected} within {allowed}"
        );
    }
}

/// Runs a block of operations on both engines and compares the tensors in the vector it gives. For
/// operations that are linear in all values: the block takes its values through a function, which
/// makes them absolute to find the sums of absolute products.
macro_rules! linear {
    ($gpu:expr, |$engine:ident, $values:ident| $block:block) => {{
        let run = |$values: fn(&[f32]) -> attograph::model::Values| {
            let $engine = &attograph::engine::cpu::Cpu;
            $crate::kernels::compare::read($engine, &$block)
        };
        let (expected, magnitude) = (
            run($crate::kernels::compare::same),
            run($crate::kernels::compare::absolute),
        );
        let $engine = $gpu;
        let $values = $crate::kernels::compare::same;
        let found = $crate::kernels::compare::read($engine, &$block);
        for (i, found) in found.iter().enumerate() {
            let what = format!("tensor {i}");
            $crate::kernels::compare::assert_near(&what, found, &expected[i], |element| {
                magnitude[i][element]
            });
        }
    }};
}

/// The same for other operations, compared with the largest magnitude of each tensor.
macro_rules! nonlinear {
    ($gpu:expr, |$engine:ident| $block:block) => {{
        let expected = {
            let $engine = &attograph::engine::cpu::Cpu;
            $crate::kernels::compare::read($engine, &$block)
        };
        let $engine = $gpu;
        let found = $crate::kernels::compare::read($engine, &$block);
        for (i, found) in found.iter().enumerate() {
            let largest = expected[i]
                .iter()
                .fold(0.0f32, |largest, x| largest.max(x.abs()));
            $crate::kernels::compare::assert_near(
                &format!("tensor {i}"),
                found,
                &expected[i],
                |_| largest,
            );
        }
    }};
}

pub(crate) use {linear, nonlinear};
