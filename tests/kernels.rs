//! Every kernel against its twin on the CPU, and the rules of recording. On a machine without a
//! GPU, Mesa's software driver does (packages `libvulkan1` and `mesa-vulkan-drivers`).
#![cfg(feature = "gpu")]

mod common;

use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::engine::{
    Activation, Attention, Decoding, Edges, Engine, EngineError, NormBack, NormRows, Product,
    Rotation, Spread,
};
use attograph::model::Values;
use common::reference::activate;
use pollster::block_on;

/// How far kernels may be from their twins. Relative to the sum of the absolute products that make
/// up an element where an operation is linear, which bounds the error of any order of summation;
/// elsewhere to the largest magnitude of the tensor.
const TOLERANCE: f32 = 1e-5;

fn gpu() -> Gpu {
    match block_on(Gpu::new()) {
        Ok(gpu) => gpu,
        Err(error) => panic!(
            "The kernels need a GPU or a software driver, such as the packages libvulkan1 and \
             mesa-vulkan-drivers. {error}"
        ),
    }
}

/// Values in [-1, 1), the same ones for the same seed.
fn random(seed: usize, length: usize) -> Values {
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
fn sparse(seed: usize, length: usize, every: usize) -> Values {
    let mut values = random(seed, length);
    for (i, value) in values.iter_mut().enumerate() {
        if !(i * 7 + seed).is_multiple_of(every) {
            *value = 0.0;
        }
    }
    values
}

fn same(values: &[f32]) -> Values {
    values.to_vec().into()
}

fn absolute(values: &[f32]) -> Values {
    values.iter().map(|value| value.abs()).collect()
}

fn read<E: Engine>(engine: &E, tensors: &[(E::Tensor, usize)]) -> Vec<Vec<f32>> {
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(tensor, length)| (tensor, *length))
        .collect();
    block_on(engine.read(&tensors)).unwrap()
}

/// Each element of `found` is as near to `expected` as the element of `magnitude` asks for.
fn assert_near(what: &str, found: &[f32], expected: &[f32], magnitude: impl Fn(usize) -> f32) {
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
        let run = |$values: fn(&[f32]) -> Values| {
            let $engine = &Cpu;
            read($engine, &$block)
        };
        let (expected, magnitude) = (run(same), run(absolute));
        let $engine = $gpu;
        let $values = same;
        let found = read($engine, &$block);
        for (i, found) in found.iter().enumerate() {
            let what = format!("tensor {i}");
            assert_near(&what, found, &expected[i], |element| magnitude[i][element]);
        }
    }};
}

/// The same for other operations, compared with the largest magnitude of each tensor.
macro_rules! nonlinear {
    ($gpu:expr, |$engine:ident| $block:block) => {{
        let expected = {
            let $engine = &Cpu;
            read($engine, &$block)
        };
        let $engine = $gpu;
        let found = read($engine, &$block);
        for (i, found) in found.iter().enumerate() {
            let largest = expected[i]
                .iter()
                .fold(0.0f32, |largest, x| largest.max(x.abs()));
            assert_near(&format!("tensor {i}"), found, &expected[i], |_| largest);
        }
    }};
}

const PRODUCTS: &[[usize; 3]] = &[
    [1, 1, 1],
    [1, 64, 16],
    [1, 128, 17],
    [1, 2, 65_535 * 16 + 5],
    [2, 3, 5],
    [7, 127, 15],
    [8, 128, 48],
    [8, 129, 100],
    [9, 17, 33],
    [12, 768, 65],
    [16, 3072, 20],
    [31, 16, 64],
    [32, 300, 31],
    [33, 300, 31],
    [33, 1, 1],
    [40, 3073, 20],
    [63, 15, 63],
    [64, 16, 64],
    [65, 17, 65],
    [100, 0, 20],
    [130, 96, 200],
    [257, 33, 3],
    [2000, 48, 100],
    [0, 5, 5],
    [5, 5, 0],
];

#[test]
fn matmul() {
    let gpu = &gpu();
    for &[rows, inner, columns] in PRODUCTS {
        let a = random(1, rows * inner);
        let b = random(2, inner * columns);
        let bias = random(3, columns);
        let before = random(4, rows * columns);
        for transposed in [false, true] {
            let product = Product {
                rows,
                inner,
                columns,
                transposed,
            };
            println!("{product:?}");
            linear!(gpu, |engine, values| {
                let a = engine.upload(&values(&a));
                let b = engine.upload(&values(&b));
                let bias = engine.upload(&values(&bias));
                let mut added = engine.upload(&values(&before));
                engine.matmul_add(&mut added, &a, &b, product);
                let plain = engine.matmul(&a, &b, None, product);
                let biased = engine.matmul(&a, &b, Some(&bias), product);
                let length = rows * columns;
                [(plain, length), (biased, length), (added, length)]
            });
        }
    }
}

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

#[test]
fn top_k() {
    let gpu = &gpu();
    for (rows, features, k) in [
        (1, 1, 1),
        (3, 65, 1),
        (3, 65, 64),
        (2, 65, 65),
        (12, 1000, 32),
        (70, 64, 5),
        (2, 20_000, 128),
        (0, 7, 2),
    ] {
        let mut x = random(1, rows * features);
        // Some are equal, at every size.
        for i in (3..x.len()).step_by(3) {
            x[i] = (x[i - 3] * 8.0).round() / 8.0;
        }
        let mut expected = vec![0.0; x.len()];
        for (x, out) in x.chunks(features).zip(expected.chunks_mut(features)) {
            let mut order: Vec<usize> = (0..features).collect();
            // A stable sort keeps equal ones in order.
            order.sort_by(|a, b| x[*b].total_cmp(&x[*a]));
            for i in &order[..k] {
                out[*i] = x[*i];
            }
        }
        assert_eq!(Cpu.top_k(&x.clone(), k, rows, features), expected);
        let out = gpu.top_k(&gpu.upload(&x), k, rows, features);
        assert_eq!(
            read(gpu, &[(out, rows * features)]),
            [expected],
            "{features}, {k}"
        );
    }
}

/// What is no number stays so, or nobody would find it.
#[test]
fn gates_let_through_what_is_no_number() {
    let gpu = &gpu();
    for odd in [f32::NAN, -f32::NAN] {
        let x = [0.5, odd, -1.0, 2.0];
        let uploaded = gpu.upload(&x);
        let thresholds = [0.0; 4];
        let jumped = gpu.jump_relu(&uploaded, &gpu.upload(&thresholds), 1, 4);
        let topped = gpu.top_k(&uploaded, 2, 1, 4);
        let on_gpu = read(gpu, &[(jumped, 4), (topped, 4)]);
        let on_cpu = [
            Cpu.jump_relu(&x.to_vec().into(), &thresholds.to_vec().into(), 1, 4),
            Cpu.top_k(&x.to_vec().into(), 2, 1, 4),
        ];
        for [jumped, topped] in [[&on_gpu[0][..], &on_gpu[1]], [&on_cpu[0][..], &on_cpu[1]]] {
            assert!(jumped[1].is_nan() && topped[1].is_nan());
            assert_eq!([jumped[0], jumped[2], jumped[3]], [0.5, 0.0, 2.0]);
            assert_eq!([topped[0], topped[2], topped[3]], [0.0, 0.0, 2.0]);
        }
    }
}

#[test]
fn jump_relu() {
    let gpu = &gpu();
    for (rows, features) in [(1, 1), (3, 65), (12, 1000), (70, 64), (0, 7)] {
        let (mut x, threshold) = (random(1, rows * features), random(2, features));
        // At its threshold, a feature is silent.
        for (x, threshold) in x.iter_mut().zip(&threshold).step_by(3) {
            *x = *threshold;
        }
        let on_cpu = Cpu.jump_relu(&x, &threshold, rows, features);
        let (x, threshold) = (gpu.upload(&x), gpu.upload(&threshold));
        let out = gpu.jump_relu(&x, &threshold, rows, features);
        assert_eq!(on_cpu, read(gpu, &[(out, rows * features)])[0]);
    }
}

/// Sequences, tokens, tokens of the past, heads, heads of keys and values, width of all heads.
const ATTENTIONS: &[[usize; 6]] = &[
    [1, 1, 0, 1, 1, 1],
    [1, 1, 0, 4, 4, 32],
    [1, 8, 0, 4, 4, 32],
    [3, 5, 0, 2, 2, 6],
    [3, 5, 1, 2, 2, 6],
    [2, 63, 0, 3, 3, 48],
    [1, 64, 0, 1, 1, 7],
    [2, 65, 0, 2, 2, 10],
    [2, 1, 65, 2, 2, 10],
    [1, 200, 0, 2, 2, 16],
    [40, 11, 0, 4, 4, 128],
    [20, 11, 70, 4, 4, 128],
    [0, 4, 0, 2, 2, 8],
    [0, 4, 3, 2, 2, 8],
    [1, 1, 0, 4, 1, 8],
    [3, 5, 0, 4, 2, 24],
    [2, 65, 0, 6, 2, 60],
    [3, 14, 9, 4, 2, 32],
    [40, 11, 0, 4, 1, 128],
];

fn attentions() -> impl Iterator<Item = Attention> {
    ATTENTIONS.iter().map(
        |&[sequences, tokens, past, heads, key_heads, width]| Attention {
            sequences,
            tokens,
            past,
            heads,
            key_heads,
            width,
        },
    )
}

#[test]
fn attention_pattern() {
    let gpu = &gpu();
    for sizes in attentions() {
        println!("{sizes:?}");
        // Scores of many sizes, large ones among them.
        for factor in [0.1, 3.0, 100.0] {
            let length = sizes.sequences * sizes.tokens * sizes.stride();
            let qkv: Values = random(1, length).iter().map(|x| factor * x).collect();
            let keys = sizes.past + sizes.tokens;
            let count = sizes.sequences * sizes.heads * sizes.tokens * keys;
            let past = past_of(sizes);
            let on_cpu = Cpu.attention_pattern(past.as_ref(), &qkv, sizes);
            let (uploaded, past) = (gpu.upload(&qkv), past.map(|past| gpu.upload(&past)));
            let pattern = gpu.attention_pattern(past.as_ref(), &uploaded, sizes);
            let found = read(gpu, &[(pattern, count)]);
            // An error of a score is one of its weight, so large scores have large errors.
            assert_near("pattern", &found[0], &on_cpu, |_| factor.max(1.0));
            for (i, value) in found[0].iter().enumerate() {
                let (query, key) = (i / keys % sizes.tokens, i % keys);
                assert!(key <= sizes.past + query || *value == 0.0);
            }
        }
    }
}

#[test]
fn attention_mix() {
    let gpu = &gpu();
    for sizes in attentions() {
        println!("{sizes:?}");
        let rows = sizes.sequences * sizes.tokens;
        let qkv = random(1, rows * sizes.stride());
        let past = past_of(sizes);
        let pattern = Cpu.attention_pattern(past.as_ref(), &qkv, sizes);
        linear!(gpu, |engine, values| {
            let qkv = engine.upload(&values(&qkv));
            let past = past.as_ref().map(|past| engine.upload(&values(past)));
            let pattern = engine.upload(&values(&pattern));
            [(
                engine.attention_mix(&pattern, past.as_ref(), &qkv, 3, sizes),
                rows * sizes.width,
            )]
        });
        // The same from values without queries and keys beside them.
        let values: Values = qkv
            .chunks(sizes.stride())
            .flat_map(|row| row[sizes.width + sizes.key_width()..].to_vec())
            .collect();
        let expected = Cpu.attention_mix(&pattern, past.as_ref(), &qkv, 3, sizes);
        assert_eq!(
            Cpu.attention_mix(&pattern, past.as_ref(), &values, 1, sizes),
            expected
        );
        let [pattern, values] = [&pattern, &values].map(|values| gpu.upload(values));
        let past = past.map(|past| gpu.upload(&past));
        let mixed = gpu.attention_mix(&pattern, past.as_ref(), &values, 1, sizes);
        let found = read(gpu, &[(mixed, rows * sizes.width)]);
        assert_near("values alone", &found[0], &expected, |_| 1.0);
    }
}

/// With a past, each sequence attends as it would with the past's tokens at its own beginning.
#[test]
fn attention_with_a_past_is_attention_over_all() {
    for sizes in attentions().filter(|sizes| sizes.past > 0 && sizes.sequences > 0) {
        println!("{sizes:?}");
        let own = sizes.tokens * sizes.stride();
        let past = past_of(sizes).expect("it has one");
        let qkv = random(1, sizes.sequences * own);
        let sequences = qkv.chunks(own);
        let all: Values = sequences.flat_map(|own| [&past, own].concat()).collect();
        let whole = Attention {
            tokens: sizes.past + sizes.tokens,
            past: 0,
            ..sizes
        };
        let pattern = Cpu.attention_pattern(Some(&past), &qkv, sizes);
        let mixed = Cpu.attention_mix(&pattern, Some(&past), &qkv, 3, sizes);
        let pattern = Cpu.attention_pattern(None, &all, whole);
        let expected: Values = Cpu
            .attention_mix(&pattern, None, &all, 3, whole)
            .chunks(whole.tokens * sizes.width)
            .flat_map(|rows| rows[sizes.past * sizes.width..].to_vec())
            .collect();
        assert_near("mixed", &mixed, &expected, |_| 1.0);
    }
}

/// Queries, keys and values of the past, if there is one.
fn past_of(sizes: Attention) -> Option<Values> {
    (sizes.past > 0).then(|| random(4, sizes.past * sizes.stride()))
}

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

/// Rows, tokens, first position, stride, heads, head width.
const ROTATIONS: &[[usize; 6]] = &[
    [1, 1, 0, 2, 1, 2],
    [6, 3, 0, 24, 4, 4],
    [10, 5, 7, 70, 5, 10],
    [300, 20, 1, 96, 6, 16],
    [0, 4, 0, 8, 2, 4],
];

#[test]
fn rotate() {
    let gpu = &gpu();
    for &[rows, tokens, first, stride, heads, head_width] in ROTATIONS {
        for back in [false, true] {
            let sizes = Rotation {
                rows,
                tokens,
                first,
                stride,
                heads,
                head_width,
                back,
            };
            println!("{sizes:?}");
            let x = random(1, rows * stride);
            let table = random(2, (first + tokens) * head_width);
            nonlinear!(gpu, |engine| {
                let mut x = engine.upload(&x);
                engine.rotate(&mut x, &engine.upload(&table), sizes);
                [(x, rows * stride)]
            });
        }
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

/// Sizes, and the number of layers of the output.
fn decodings() -> Vec<(Decoding, usize)> {
    let mut found = Vec::new();
    for (tokens, features, outputs, width, layer, layers) in [
        (1, 1, 1, 1, 0, 1),
        (1, 300, 1, 64, 2, 4),
        (5, 256, 3, 17, 1, 4),
        (9, 257, 2, 65, 0, 2),
        (12, 1000, 4, 96, 0, 4),
        (3, 31, 1, 5, 6, 8),
    ] {
        let sizes = Decoding {
            tokens,
            features,
            outputs,
            width,
            layer,
        };
        found.push((sizes, layers));
    }
    found
}

#[test]
fn decode() {
    let gpu = &gpu();
    for (sizes, layers) in decodings() {
        println!("{sizes:?}");
        let count = sizes.tokens * sizes.features;
        let length = layers * sizes.tokens * sizes.width;
        let decoder = random(2, sizes.features * sizes.outputs * sizes.width);
        let before = random(3, length);
        for activations in [
            vec![0.0; count].into(),
            sparse(1, count, 13),
            random(1, count),
        ] {
            linear!(gpu, |engine, values| {
                let mut out = engine.upload(&values(&before));
                let activations = engine.upload(&values(&activations));
                let decoder = engine.upload(&values(&decoder));
                let factor = values(&[-1.0])[0];
                engine.decode(&mut out, &activations, &decoder, sizes, factor);
                [(out, length)]
            });
        }
    }
}

#[test]
fn steer() {
    let gpu = &gpu();
    for (sizes, layers) in decodings() {
        println!("{sizes:?}");
        let length = layers * sizes.tokens * sizes.width;
        let activations = sparse(1, sizes.tokens * sizes.features, 3);
        let decoder = random(2, sizes.features * sizes.outputs * sizes.width);
        let before = random(3, length);
        for count in [0, 1, 7, 40] {
            // Several share a position, and the first two share a feature as well.
            let at = |j: usize| (j / 2 % sizes.tokens) as u32;
            let feature = |j: usize| (j.saturating_sub(1) * 5 % sizes.features) as u32;
            let positions: Vec<u32> = (0..count).map(at).collect();
            let features: Vec<u32> = (0..count).map(feature).collect();
            let targets = random(4, count);
            nonlinear!(gpu, |engine| {
                let mut out = engine.upload(&before);
                let activations = engine.upload(&activations);
                let decoder = engine.upload(&decoder);
                let positions = engine.upload_indices(&positions);
                let features = engine.upload_indices(&features);
                let targets = engine.upload(&targets);
                engine.steer(
                    &mut out,
                    &activations,
                    &decoder,
                    &positions,
                    &features,
                    &targets,
                    count,
                    sizes,
                );
                [(out, length)]
            });
        }
    }
}

#[test]
fn gather_and_scatter_rows() {
    let gpu = &gpu();
    for (any, count, width) in [
        (1, 1, 1),
        (10, 10, 64),
        (100, 30, 65),
        (50, 7, 3),
        (4, 0, 9),
    ] {
        let table = random(1, any * width);
        let scales = random(2, count);
        // No index twice: 7 shares no divisor with these table sizes.
        let indices: Vec<u32> = (0..count).map(|i| ((i * 7 + 3) % any) as u32).collect();
        let rows = random(3, count * width);
        linear!(gpu, |engine, values| {
            let mut out = engine.upload(&values(&table));
            let scales = engine.upload(&values(&scales));
            let indices = engine.upload_indices(&indices);
            let rows = engine.upload(&values(&rows));
            let gathered = engine.gather_rows(&out, &indices, &scales, count, width);
            engine.scatter_rows(&mut out, &rows, &indices, count, width);
            [(gathered, count * width), (out, any * width)]
        });
    }
}

#[test]
fn edges() {
    let gpu = &gpu();
    let case = |targets, tokens, width, sources, stride, offset| Edges {
        targets,
        tokens,
        width,
        sources,
        stride,
        offset,
        columns: sources + 5,
    };
    for sizes in [
        case(1, 1, 1, 1, 1, 0),
        case(1, 3, 8, 3, 8, 0),
        case(5, 4, 31, 17, 40, 3),
        case(32, 6, 32, 16, 96, 64),
        case(33, 7, 33, 50, 33, 0),
        case(65, 5, 64, 100, 64, 0),
        case(300, 9, 48, 200, 192, 96),
        // One vector for all sources.
        case(20, 30, 16, 30, 0, 0),
        case(20, 30, 16, 30, 0, 7),
        case(4, 3, 8, 0, 8, 0),
        case(0, 3, 8, 4, 8, 0),
    ] {
        println!("{sizes:?}");
        let Edges {
            targets,
            tokens,
            width,
            sources,
            stride,
            offset,
            columns,
        } = sizes;
        let gradient = random(1, targets * tokens * width);
        let vectors = random(2, offset + sources * stride + width);
        let before = random(3, targets * columns);
        // In runs of one position, and in no order at all.
        let runs: Vec<u32> = (0..sources)
            .map(|s| (s * tokens / sources) as u32)
            .collect();
        let mixed: Vec<u32> = (0..sources).map(|s| (s * 5 % tokens) as u32).collect();
        let order: Vec<u32> = (0..sources).map(|s| (columns - 1 - s) as u32).collect();
        for positions in [runs, mixed] {
            linear!(gpu, |engine, values| {
                let mut out = engine.upload(&values(&before));
                let gradient = engine.upload(&values(&gradient));
                let vectors = engine.upload(&values(&vectors));
                let positions = engine.upload_indices(&positions);
                let order = engine.upload_indices(&order);
                engine.edges(&mut out, &gradient, &vectors, &positions, &order, sizes);
                [(out, targets * columns)]
            });
        }
    }
}

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
