//! The rules of recording, of tensors on the GPU, and the errors.

use super::compare::{gpu, random, read};
use attograph::engine::{Engine, EngineError, Product};
use pollster::block_on;

/// Values written from here reach the GPU before anything recorded runs, so they must not land in
/// a buffer that a recorded operation still reads.
#[test]
fn uploads_leave_recorded_operations_alone() {
    let gpu = &gpu();
    for round in 0..3 {
        let mut results = Vec::new();
        let mut expected = Vec::new();
        for i in 0..20 {
            let values = random(round * 100 + i, 500);
            let tensor = gpu.upload(&values);
            results.push((gpu.add(&tensor, &tensor, 500), 500));
            expected.push(values.iter().map(|x| x + x).collect::<Vec<f32>>());
        }
        assert_eq!(read(gpu, &results), expected);
    }
}

#[test]
fn zeros_are_zero_in_used_buffers() {
    let gpu = &gpu();
    let ones = vec![1.0; 1000];
    for _ in 0..3 {
        let tensor = gpu.upload(&ones);
        let doubled = gpu.add(&tensor, &tensor, 1000);
        drop(tensor);
        let zeros = gpu.zeros(1000);
        drop(doubled);
        let more = gpu.zeros(990);
        assert_eq!(
            read(gpu, &[(zeros, 1000), (more, 990)]),
            [vec![0.0; 1000], vec![0.0; 990]]
        );
    }
}

#[test]
fn tensors_outlive_reads() {
    let gpu = &gpu();
    let a = gpu.upload(&[1.0, 2.0, 3.0]);
    let mut b = gpu.add(&a, &a, 3);
    assert_eq!(block_on(gpu.read(&[(&b, 3)])).unwrap(), [[2.0, 4.0, 6.0]]);
    assert_eq!(
        block_on(gpu.read(&[(&b, 2), (&a, 1)])).unwrap(),
        [vec![2.0, 4.0], vec![1.0]]
    );
    gpu.add_scaled(&mut b, 1, &a, 0, 2, 10.0);
    let c = gpu.add(&a, &b, 3);
    let all = block_on(gpu.read(&[(&c, 3), (&b, 3), (&b, 0)])).unwrap();
    assert_eq!(all, [vec![3.0, 16.0, 29.0], vec![2.0, 14.0, 26.0], vec![]]);
    assert_eq!(block_on(gpu.read(&[])).unwrap(), Vec::<Vec<f32>>::new());
}

/// More operations than one submission holds, through buffers that are used again and again.
#[test]
fn many_operations_before_a_read() {
    let gpu = &gpu();
    let step = gpu.upload(&random(1, 64));
    let mut sum = gpu.zeros(64);
    let mut expected = vec![0.0f32; 64];
    for _ in 0..2500 {
        sum = gpu.add(&sum, &step, 64);
        for (sum, step) in expected.iter_mut().zip(&random(1, 64)) {
            *sum += step;
        }
    }
    assert_eq!(read(gpu, &[(sum, 64)]), [expected]);
}

/// Tensors and recordings may be dropped in any order.
#[test]
fn tensors_may_outlive_their_engine() {
    let gpu = gpu();
    let one = gpu.upload(&[1.0]);
    let two = gpu.add(&one, &one, 1);
    assert_eq!(block_on(gpu.read(&[(&two, 1)])).unwrap(), [[2.0]]);
    let four = gpu.add(&two, &two, 1);
    drop(two);
    drop(gpu);
    drop((one, four));
}

#[test]
fn too_large_tensors_are_an_error() {
    let gpu = &gpu();
    let one = gpu.upload(&[1.0]);
    let huge = gpu.zeros(usize::MAX / 16);
    let result = gpu.add(&huge, &huge, usize::MAX / 16);
    let product = Product {
        rows: usize::MAX / 2,
        inner: 1,
        columns: usize::MAX / 2,
        transposed: false,
    };
    let outer = gpu.matmul(&one, &one, None, product);
    let error = block_on(gpu.read(&[(&result, 1), (&outer, 1)])).unwrap_err();
    assert!(matches!(error, EngineError::TooLarge { .. }), "{error}");
    // The next recording is none the worse for it.
    let two = gpu.add(&one, &one, 1);
    assert_eq!(read(gpu, &[(two, 1)]), [[2.0]]);
}

#[test]
fn tensors_that_are_too_small_are_an_error() {
    let gpu = &gpu();
    let one = gpu.upload(&[1.0]);
    let sum = gpu.add(&one, &one, 2);
    let error = block_on(gpu.read(&[(&sum, 2)])).unwrap_err();
    let sentence = "The GPU failed: add needs 2 values of a tensor that has 1.";
    assert_eq!(error.to_string(), sentence);
    let error = block_on(gpu.read(&[(&one, 100_000)])).unwrap_err();
    let sentence = "The GPU failed: the result needs 100000 values of a tensor that has 1.";
    assert_eq!(error.to_string(), sentence);
    let sum = gpu.add(&one, &one, 1);
    assert_eq!(read(gpu, &[(sum, 1)]), [[2.0]]);
}

#[test]
fn describes_itself() {
    let description = gpu().describe();
    assert_eq!(description.engine, "gpu");
    assert!(!description.device.is_empty());
    if description.device.contains("llvmpipe") {
        assert!(description.software, "{description:?}");
    }
}
