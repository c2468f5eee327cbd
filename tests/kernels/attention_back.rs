//! Gradients back through attention, and the parts of them.

use super::attention::attentions;
use super::compare::{assert_near, gpu, linear, nonlinear, random};
use attograph::engine::cpu::Cpu;
use attograph::engine::{Attention, Engine, Product, Spread};
use attograph::model::Values;

/// A prompt's pattern with its queries, keys and values, and gradients as in attribution: nothing after
/// a target's own position.
fn prompt_and_gradients(sizes: Attention) -> (Values, Values, Values) {
    let one = Attention {
        sequences: 1,
        ..sizes
    };
    let qkv = random(1, sizes.tokens * sizes.stride());
    let pattern = Cpu.attention_pattern(None, &qkv, one);
    let mut gradient = random(2, sizes.sequences * sizes.tokens * sizes.width);
    for (r, gradient) in gradient
        .chunks_mut((sizes.tokens * sizes.width).max(1))
        .enumerate()
    {
        gradient[(r % sizes.tokens + 1) * sizes.width..].fill(0.0);
    }
    (pattern, qkv, gradient)
}

#[test]
fn attention_unmix() {
    let gpu = &gpu();
    for sizes in attentions().filter(|sizes| sizes.past == 0) {
        println!("{sizes:?}");
        let length = sizes.sequences * sizes.tokens * sizes.key_width();
        let (pattern, _, gradient) = prompt_and_gradients(sizes);
        linear!(gpu, |engine, values| {
            let pattern = engine.upload(&values(&pattern));
            let gradient = engine.upload(&values(&gradient));
            [(engine.attention_unmix(&pattern, &gradient, sizes), length)]
        });
    }
}

#[test]
fn head_products() {
    let gpu = &gpu();
    for sizes in attentions().filter(|sizes| sizes.past == 0) {
        for columns in [1, 7, 130] {
            println!("{sizes:?} {columns}");
            let rows = sizes.sequences * sizes.tokens;
            let a = random(1, rows * sizes.width);
            let b = random(2, columns * sizes.key_width());
            linear!(gpu, |engine, values| {
                let a = engine.upload(&values(&a));
                let b = engine.upload(&values(&b));
                let out = engine.head_products(&a, &b, columns, sizes);
                [(out, rows * sizes.heads * columns)]
            });
        }
    }
}

/// Rows before, rows, tokens, heads, width.
const SPREADS: &[[usize; 5]] = &[
    [0, 1, 1, 1, 1],
    [2, 7, 5, 3, 9],
    [0, 4, 1, 2, 64],
    [5, 40, 11, 4, 128],
    [1, 3, 62, 5, 65],
    [3, 0, 4, 2, 8],
];

#[test]
fn attention_spread() {
    let gpu = &gpu();
    for &[first, count, tokens, heads, width] in SPREADS {
        let sizes = Spread {
            first,
            count,
            tokens,
            heads,
            width,
        };
        println!("{sizes:?}");
        let length = (first + count + 1) * tokens * width;
        let weights = random(1, count * heads * tokens);
        let rows = random(2, count * heads * width);
        let before = random(3, length);
        let at: Vec<u32> = (0..count).map(|row| (row * 5 % tokens) as u32).collect();
        linear!(gpu, |engine, values| {
            let mut out = engine.upload(&values(&before));
            let weights = engine.upload(&values(&weights));
            let rows = engine.upload(&values(&rows));
            let at = engine.upload_indices(&at);
            engine.attention_spread(&mut out, &weights, &rows, &at, sizes);
            [(out, length)]
        });
    }
}

/// A row at one token, spread through values' weights, is what the pattern's transpose and those weights make of a gradient that
/// is zero at all others.
#[test]
fn attention_spread_is_unmixing_one_token() {
    for sizes in attentions().filter(|sizes| sizes.past == 0 && sizes.sequences > 0) {
        println!("{sizes:?}");
        let Attention {
            sequences: count,
            tokens,
            heads,
            width,
            ..
        } = sizes;
        let columns = 13;
        let (pattern, ..) = prompt_and_gradients(sizes);
        let rows = random(3, count * width);
        let weight = random(4, columns * sizes.key_width());
        let at: Vec<u32> = (0..count).map(|row| (row * 3 % tokens) as u32).collect();
        let mut gradient = Values::from(vec![0.0; count * tokens * width]);
        for (row, at) in at.iter().enumerate() {
            let to = (row * tokens + *at as usize) * width;
            gradient[to..to + width].copy_from_slice(&rows[row * width..(row + 1) * width]);
        }
        let unmixed = Cpu.attention_unmix(&pattern, &gradient, sizes);
        let product = Product {
            rows: count * tokens,
            inner: sizes.key_width(),
            columns,
            transposed: true,
        };
        let expected = Cpu.matmul(&unmixed, &weight, None, product);
        let each = Attention { tokens: 1, ..sizes };
        let by_head = Cpu.head_products(&rows, &weight, columns, each);
        let mut found = Values::from(vec![0.0; count * tokens * columns]);
        let sizes = Spread {
            first: 0,
            count,
            tokens,
            heads,
            width: columns,
        };
        let looks = at.iter().flat_map(|at| {
            let row = |head: usize| (head * tokens + *at as usize) * tokens;
            (0..heads).flat_map(move |head| row(head)..row(head) + tokens)
        });
        let weights: Values = looks.map(|at| pattern[at]).collect();
        Cpu.attention_spread(&mut found, &weights, &by_head, &at, sizes);
        assert_near("spread", &found, &expected, |_| width as f32);
    }
}

#[test]
fn softmax_back() {
    let gpu = &gpu();
    for (rows, columns) in [(1, 1), (3, 2), (7, 64), (5, 65), (40, 107), (0, 3)] {
        println!("{rows} x {columns}");
        let mut x = random(1, rows * columns);
        x.iter_mut().for_each(|x| *x = x.abs() / columns as f32);
        let gradient = random(2, rows * columns);
        nonlinear!(gpu, |engine| {
            let given = engine.upload(&gradient);
            let out = engine.softmax_back(&engine.upload(&x), &given, rows, columns);
            [(out, rows * columns)]
        });
    }
}

#[test]
fn attention_back() {
    let gpu = &gpu();
    for sizes in attentions().filter(|sizes| sizes.past == 0) {
        println!("{sizes:?}");
        let rows = sizes.sequences * sizes.tokens;
        let (pattern, qkv, gradient) = prompt_and_gradients(sizes);
        nonlinear!(gpu, |engine| {
            let pattern = engine.upload(&pattern);
            let qkv = engine.upload(&qkv);
            let gradient = engine.upload(&gradient);
            let scores = engine.attention_scores_back(&pattern, &qkv, &gradient, sizes);
            let back = engine.attention_back(&pattern, &scores, &qkv, &gradient, sizes);
            [
                (scores, rows * sizes.heads * sizes.tokens),
                (back, rows * sizes.stride()),
            ]
        });
    }
}

/// What comes back is the derivative: against central differences of what comes out.
#[test]
fn attention_back_is_the_derivative() {
    for key_heads in [4, 2, 1] {
        attention_back_is_the_derivative_with(Attention {
            sequences: 1,
            tokens: 5,
            past: 0,
            heads: 4,
            key_heads,
            width: 12,
        });
    }
}

fn attention_back_is_the_derivative_with(sizes: Attention) {
    let qkv = random(1, sizes.tokens * sizes.stride());
    let gradient = random(2, sizes.tokens * sizes.width);
    let along = |qkv: &Values| -> f64 {
        let pattern = Cpu.attention_pattern(None, qkv, sizes);
        let mixed = Cpu.attention_mix(&pattern, None, qkv, 3, sizes);
        let pairs = mixed.iter().zip(&gradient);
        pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let pattern = Cpu.attention_pattern(None, &qkv, sizes);
    let scores = Cpu.attention_scores_back(&pattern, &qkv, &gradient, sizes);
    let back = Cpu.attention_back(&pattern, &scores, &qkv, &gradient, sizes);
    for (i, found) in back.iter().enumerate() {
        let step = |by: f32| {
            let mut qkv = qkv.clone();
            qkv[i] += by;
            along(&qkv)
        };
        let expected = (step(5e-3) - step(-5e-3)) / 1e-2;
        assert!(
            (f64::from(*found) - expected).abs() < 1e-3,
            "{sizes:?}, {i}: {found} and {expected}"
        );
    }
}
