//! Attention: rotary positions, patterns, and what is mixed by them.

use super::compare::{assert_near, gpu, linear, nonlinear, random, read};
use attograph::engine::cpu::Cpu;
use attograph::engine::{Attention, Engine, Rotation};
use attograph::model::Values;

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

pub(crate) fn attentions() -> impl Iterator<Item = Attention> {
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
