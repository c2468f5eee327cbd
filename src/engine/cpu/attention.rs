//! Attention patterns, and what goes through them, forwards and backwards.

use super::matmul::{Layout, gemm_add, is_zero};
use super::parallel;
use crate::engine::Attention;

/// See [`crate::engine::Engine::attention_pattern`].
pub fn pattern(past: &[f32], qkv: &[f32], sizes: Attention) -> Vec<f32> {
    let Attention {
        sequences,
        tokens,
        past: before,
        heads,
        width,
    } = sizes;
    let (head_width, keys) = (width / heads, before + tokens);
    let factor = 1.0 / (head_width as f32).sqrt();
    let mut out = vec![0.0; sequences * heads * tokens * keys];
    parallel::rows(&mut out, keys, keys * head_width, |first, out| {
        for (i, row) in out.chunks_exact_mut(keys).enumerate() {
            let (rest, query) = ((first + i) / tokens, (first + i) % tokens);
            let (sequence, head) = (rest / heads, rest % heads);
            let own = &qkv[sequence * tokens * 3 * width..];
            let lanes = |token: usize, part: usize| {
                let start = (token * 3 + part) * width + head * head_width;
                start..start + head_width
            };
            let row = &mut row[..=before + query];
            for (key, score) in row.iter_mut().enumerate() {
                let vector = match key.checked_sub(before) {
                    None => &past[lanes(key, 1)],
                    Some(key) => &own[lanes(key, 1)],
                };
                *score = factor * dot(&own[lanes(query, 0)], vector);
            }
            softmax(row);
        }
    });
    out
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0; 8];
    let (a, b) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f32 = a
        .remainder()
        .iter()
        .zip(b.remainder())
        .map(|(a, b)| a * b)
        .sum();
    for (a, b) in a.zip(b) {
        for i in 0..8 {
            lanes[i] += a[i] * b[i];
        }
    }
    lanes.iter().sum::<f32>() + rest
}

fn softmax(row: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in row.iter_mut() {
        *value = (*value - largest).exp();
        sum += *value;
    }
    for value in row {
        *value /= sum;
    }
}

/// See [`crate::engine::Engine::attention_mix`].
pub fn mix(
    pattern: &[f32],
    past: &[f32],
    values: &[f32],
    parts: usize,
    sizes: Attention,
) -> Vec<f32> {
    let Attention {
        sequences,
        tokens,
        past: before,
        heads,
        width,
    } = sizes;
    let (head_width, keys) = (width / heads, before + tokens);
    let mut out = vec![0.0; sequences * tokens * width];
    let cost = tokens * keys * width;
    parallel::rows(&mut out, tokens * width, cost, |first, out| {
        for (i, out) in out.chunks_exact_mut(tokens * width).enumerate() {
            let own = &values[(first + i) * tokens * parts * width..];
            for head in 0..heads {
                let pattern = &pattern[((first + i) * heads + head) * tokens * keys..];
                let out = &mut out[head * head_width..];
                let mut take = |pattern: &[f32], rows: &[f32], parts: usize, count: usize| {
                    let rows = &rows[(parts - 1) * width + head * head_width..];
                    let layout = Layout {
                        row: parts * width,
                        column: 1,
                    };
                    let sizes = [tokens, count, head_width];
                    gemm_add(out, width, pattern, keys, rows, layout, sizes);
                };
                if before > 0 {
                    take(pattern, past, 3, before);
                }
                take(&pattern[before..], own, parts, tokens);
            }
        }
    });
    out
}

/// See [`crate::engine::Engine::attention_unmix`].
pub fn unmix(pattern: &[f32], scale: &[f32], gradient: &[f32], sizes: Attention) -> Vec<f32> {
    let Attention {
        sequences,
        tokens,
        heads,
        width,
        ..
    } = sizes;
    let head_width = width / heads;
    let mut out = vec![0.0; sequences * tokens * width];
    parallel::rows(
        &mut out,
        tokens * width,
        tokens * tokens * width / 2,
        |first, out| {
            for (i, out) in out.chunks_exact_mut(tokens * width).enumerate() {
                let gradient = &gradient[(first + i) * tokens * width..][..tokens * width];
                for (t, gradient) in gradient.chunks_exact(width).enumerate() {
                    // A target sees nothing after its own position, so many rows are zero.
                    if is_zero(gradient) {
                        continue;
                    }
                    for (s, out) in out.chunks_exact_mut(width).enumerate().take(t + 1) {
                        for head in 0..heads {
                            let weight = pattern[(head * tokens + t) * tokens + s] * scale[s];
                            let lanes = head * head_width..(head + 1) * head_width;
                            let gradient = &gradient[lanes.clone()];
                            for (out, gradient) in out[lanes].iter_mut().zip(gradient) {
                                *out += weight * gradient;
                            }
                        }
                    }
                }
            }
        },
    );
    out
}
