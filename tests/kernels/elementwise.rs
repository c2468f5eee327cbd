//! What is done to each element by itself: sums, scales, activation functions.

use super::compare::{TOLERANCE, assert_near, gpu, linear, nonlinear, random, read};
use crate::common::reference::parts::activate;
use attograph::engine::cpu::Cpu;
use attograph::engine::{Activation, Engine};
use attograph::model::Values;

/// More elements than one dimension of a grid holds, in one case.
const LENGTHS: &[usize] = &[0, 1, 63, 64, 65, 1000, 65_535 * 64 + 3];

#[test]
fn add() {
    let gpu = &gpu();
    for &length in LENGTHS {
        let (a, b) = (random(1, length), random(2, length));
        linear!(gpu, |engine, values| {
            let a = engine.upload(&values(&a));
            let b = engine.upload(&values(&b));
            [
                (engine.add(&a, &b, length), length),
                (engine.add(&a, &a, length / 2), length / 2),
            ]
        });
    }
}

#[test]
fn add_scaled() {
    let gpu = &gpu();
    for (offset, from, length) in [(0, 0, 100), (3, 0, 64), (0, 5, 65), (70, 30, 1), (9, 9, 0)] {
        let (out, x) = (random(1, 200), random(2, 150));
        linear!(gpu, |engine, values| {
            let mut out = engine.upload(&values(&out));
            let x = engine.upload(&values(&x));
            let factor = values(&[-0.7])[0];
            engine.add_scaled(&mut out, offset, &x, from, length, factor);
            [(out, 200)]
        });
    }
}

#[test]
fn scale_tokens() {
    let gpu = &gpu();
    for (rows, tokens, width) in [(1, 1, 1), (3, 5, 7), (1, 9, 64), (200, 3, 65), (0, 3, 4)] {
        let (x, scale) = (random(1, rows * tokens * width), random(2, tokens));
        linear!(gpu, |engine, values| {
            let x = engine.upload(&values(&x));
            let scale = engine.upload(&values(&scale));
            [(
                engine.scale_tokens(&x, &scale, rows, tokens, width),
                rows * tokens * width,
            )]
        });
    }
}

const ACTIVATIONS: [Activation; 4] = [
    Activation::GeluNew,
    Activation::Gelu,
    Activation::Relu,
    Activation::Silu,
];

#[test]
fn activations() {
    let gpu = &gpu();
    let odd = [
        0.0, -0.0, 1e-30, -1e-30, 100.0, -100.0, 1e6, -1e6, 1e20, -1e20, 1e38, -1e38,
    ];
    let even = (-3000..=3000).map(|i| i as f32 / 200.0);
    let x: Values = even.chain(odd).collect();
    let uploaded = gpu.upload(&x);
    for activation in ACTIVATIONS {
        let what = format!("{activation:?}");
        let on_cpu = Cpu.activate(&x.clone(), activation, x.len());
        let out = gpu.activate(&uploaded, activation, x.len());
        let found = read(gpu, &[(out, x.len())]);
        assert_near(&what, &found[0], &on_cpu, |i| x[i].abs());
        // And to almost as many digits wherever it isn't vanishing.
        let slopes = Cpu.activation_slope(&x.clone(), activation, x.len());
        let out = gpu.activation_slope(&uploaded, activation, x.len());
        assert_near(&what, &read(gpu, &[(out, x.len())])[0], &slopes, |_| 1.0);
        for (i, x) in x.iter().enumerate().filter(|(_, x)| **x > -5.0) {
            let (found, expected) = (found[0][i], on_cpu[i]);
            assert!(
                (found - expected).abs() <= 2.0 * TOLERANCE * expected.abs(),
                "{what}({x}) is {found}, not {expected}"
            );
        }
    }
    for (&length, activation) in LENGTHS.iter().zip(ACTIVATIONS.into_iter().cycle()) {
        let x = random(1, length);
        nonlinear!(gpu, |engine| {
            let x = engine.upload(&x);
            [(engine.activate(&x, activation, length), length)]
        });
    }
}

/// The CPU's functions against their definitions in f64.
#[test]
fn activation_functions_are_as_they_are_defined() {
    let x: Values = (-12_000..=12_000).map(|i| i as f32 / 1000.0).collect();
    for activation in ACTIVATIONS {
        let found = Cpu.activate(&x.clone(), activation, x.len());
        for (x, found) in x.iter().zip(&found) {
            let expected = activate(f64::from(*x), activation);
            let allowed = 4e-7 * f64::from(x.abs()).min(1.0).max(expected.abs());
            assert!(
                (f64::from(*found) - expected).abs() <= allowed,
                "{activation:?}({x}) is {found}, not {expected}"
            );
        }
    }
}

/// The CPU's derivatives against central differences of the functions in f64.
#[test]
fn slopes_are_derivatives() {
    // Not at 0, where one of them has none.
    let x: Values = (-1200..=1200).map(|i| (i as f32 + 0.5) / 100.0).collect();
    for activation in ACTIVATIONS {
        let found = Cpu.activation_slope(&x.clone(), activation, x.len());
        for (x, found) in x.iter().zip(&found) {
            let [less, more] = [-1e-5, 1e-5].map(|step| activate(f64::from(*x) + step, activation));
            let expected = (more - less) / 2e-5;
            assert!(
                (f64::from(*found) - expected).abs() <= 3e-6,
                "the derivative of {activation:?} at {x} is {found}, not {expected}"
            );
        }
    }
}
