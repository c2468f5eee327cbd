//! Norms and their pull-backs.

use super::compare::{gpu, nonlinear, random};
use attograph::engine::cpu::Cpu;
use attograph::engine::{Engine, NormBack, NormRows};
use attograph::model::Values;

const NORMS: &[(usize, usize)] = &[
    (1, 1),
    (1, 64),
    (3, 63),
    (8, 65),
    (5, 768),
    (70_000, 3),
    (300, 128),
    (0, 8),
];

fn norms() -> impl Iterator<Item = NormRows> {
    NORMS.iter().flat_map(|&(rows, width)| {
        [true, false].map(|centred| NormRows {
            rows,
            width,
            centred,
        })
    })
}

#[test]
fn norm() {
    let gpu = &gpu();
    for sizes in norms() {
        let NormRows { rows, width, .. } = sizes;
        // Far from zero, where a careless variance would cancel.
        let x: Values = random(1, rows * width).iter().map(|x| x + 3.0).collect();
        let (weight, bias) = (random(2, width), random(3, width));
        nonlinear!(gpu, |engine| {
            let x = engine.upload(&x);
            let weight = engine.upload(&weight);
            let bias = engine.upload(&bias);
            let (out, scale) = engine.norm(&x, &weight, &bias, 1e-2, sizes);
            [(out, rows * width), (scale, rows)]
        });
    }
}

#[test]
fn norm_frozen() {
    let gpu = &gpu();
    for sizes in norms() {
        let NormRows { rows, width, .. } = sizes;
        let x = random(1, rows * width);
        let (weight, bias, scale) = (random(2, width), random(3, width), random(4, rows));
        nonlinear!(gpu, |engine| {
            let x = engine.upload(&x);
            let weight = engine.upload(&weight);
            let bias = engine.upload(&bias);
            let scale = engine.upload(&scale);
            let out = engine.norm_frozen(&x, &weight, &bias, &scale, sizes);
            [(out, rows * width)]
        });
    }
}

/// {LayerNorm, RMSNorm} x {denominators held, live}.
const NORM_KINDS: [(bool, bool); 4] = [(true, true), (true, false), (false, true), (false, false)];

#[test]
fn norm_back() {
    let gpu = &gpu();
    for (targets, tokens, width) in [
        (1, 1, 1),
        (3, 5, 63),
        (2, 9, 64),
        (7, 4, 130),
        (4000, 20, 3),
        (2, 3, 768),
    ] {
        for (centred, held) in NORM_KINDS {
            println!("{targets} {tokens} {width} {centred} {held}");
            let sizes = NormBack {
                targets,
                tokens,
                width,
                centred,
                held,
            };
            let rows = NormRows {
                rows: tokens,
                width,
                centred,
            };
            let x = random(1, tokens * width);
            let (weight, zeros) = (random(2, width), vec![0.0; width].into());
            let (_, scale) = Cpu.norm(&x, &weight, &zeros, 1e-2, rows);
            let gradient = random(3, targets * tokens * width);
            let before = random(4, targets * tokens * width);
            nonlinear!(gpu, |engine| {
                let mut out = engine.upload(&before);
                let gradient = engine.upload(&gradient);
                let x = engine.upload(&x);
                let weight = engine.upload(&weight);
                let scale = engine.upload(&scale);
                engine.norm_back(&mut out, &gradient, &x, &weight, &scale, sizes);
                [(out, targets * tokens * width)]
            });
        }
    }
}

/// What comes back is the derivative: against central differences of what comes out, with the
/// denominator or without it.
#[test]
fn norm_back_is_the_derivative() {
    let width = 7;
    let x = random(1, width);
    let (weight, bias, gradient) = (random(2, width), random(3, width), random(4, width));
    for (centred, held) in NORM_KINDS {
        let rows = NormRows {
            rows: 1,
            width,
            centred,
        };
        let (_, scale) = Cpu.norm(&x, &weight, &bias, 1e-2, rows);
        let along = |x: &Values| -> f64 {
            let out = match held {
                true => Cpu.norm_frozen(x, &weight, &bias, &scale, rows),
                false => Cpu.norm(x, &weight, &bias, 1e-2, rows).0,
            };
            let pairs = out.iter().zip(&gradient);
            pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let sizes = NormBack {
            targets: 1,
            tokens: 1,
            width,
            centred,
            held,
        };
        let mut back = Values::from(vec![0.0; width]);
        Cpu.norm_back(&mut back, &gradient, &x, &weight, &scale, sizes);
        for (i, found) in back.iter().enumerate() {
            let step = |by: f32| {
                let mut x = x.clone();
                x[i] += by;
                along(&x)
            };
            let expected = (step(5e-3) - step(-5e-3)) / 1e-2;
            assert!(
                (f64::from(*found) - expected).abs() < 2e-3,
                "{centred} {held} {i}: {found} and {expected}"
            );
        }
    }
}
