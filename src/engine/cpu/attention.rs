//! Attention patterns, and what goes through them, forwards and backwards.

use super::parallel;
use crate::buffers;
use crate::engine::{Attention, Rotation, Spread};
use attograph_kernels::{Rows, add_scaled, dot, is_zero, product, product_add, softmax};
use std::ops::Range;

/// See [`crate::engine::Engine::rotate`].
pub fn rotate(x: &mut [f32], table: &[f32], sizes: Rotation) {
    let Rotation {
        tokens,
        first: before,
        stride,
        heads,
        head_width,
        back,
        ..
    } = sizes;
    let (half, sign) = (head_width / 2, if back { -1.0 } else { 1.0 });
    parallel::rows(x, stride, 4 * heads * head_width, |first, x| {
        for (i, row) in x.chunks_exact_mut(stride).enumerate() {
            let position = before + (first + i) % tokens;
            let turn = &table[position * head_width..(position + 1) * head_width];
            let (cosines, sines) = turn.split_at(half);
            for head in row.chunks_exact_mut(head_width).take(heads) {
                let (a, b) = head.split_at_mut(half);
                for (i, (a, b)) in a.iter_mut().zip(b).enumerate() {
                    let (cosine, sine) = (cosines[i], sign * sines[i]);
                    (*a, *b) = (*a * cosine - *b * sine, *b * cosine + *a * sine);
                }
            }
        }
    });
}

/// See [`crate::engine::Engine::attention_pattern`].
pub fn pattern(past: &[f32], qkv: &[f32], sizes: Attention) -> Vec<f32> {
    let Attention {
        sequences,
        tokens,
        past: before,
        heads,
        width,
        ..
    } = sizes;
    let (head_width, keys) = (sizes.head_width(), before + tokens);
    let (stride, group) = (sizes.stride(), sizes.group());
    let factor = 1.0 / (head_width as f32).sqrt();
    let mut out = buffers::zeros(sequences * heads * tokens * keys);
    let cost = tokens * keys * head_width;
    parallel::rows(&mut out, tokens * keys, cost, |first, out| {
        for (i, out) in out.chunks_exact_mut(tokens * keys).enumerate() {
            let (sequence, head) = ((first + i) / heads, (first + i) % heads);
            let own = &qkv[sequence * tokens * stride..];
            let queries = &own[head * head_width..];
            let key_lanes = width + head / group * head_width;
            let rows = Rows::new(queries, stride);
            if before > 0 {
                let all = Rows::transposed(&past[key_lanes..], stride);
                product_add(out, keys, rows, all, [tokens, head_width, before]);
            }
            let own_keys = &own[key_lanes..];
            if tokens >= WORTH_A_KERNEL {
                let all = Rows::transposed(own_keys, stride);
                let sizes = [tokens, head_width, tokens];
                product_add(&mut out[before..], keys, rows, all, sizes);
            }
            for (query, row) in out.chunks_exact_mut(keys).enumerate() {
                let (seen, later) = row.split_at_mut(before + query + 1);
                later.fill(0.0);
                if tokens < WORTH_A_KERNEL {
                    let query = &queries[query * stride..][..head_width];
                    for (score, key) in seen[before..].iter_mut().zip(own_keys.chunks(stride)) {
                        *score = dot(query, &key[..head_width]);
                    }
                }
                softmax(seen, factor);
            }
        }
    });
    out
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
        ..
    } = sizes;
    let (head_width, keys) = (sizes.head_width(), before + tokens);
    let stride = match parts {
        1 => sizes.key_width(),
        _ => sizes.stride(),
    };
    let mut out = buffers::zeros(sequences * tokens * width);
    let cost = tokens * keys * width;
    parallel::rows(&mut out, tokens * width, cost, |first, out| {
        for (i, out) in out.chunks_exact_mut(tokens * width).enumerate() {
            let own = &values[(first + i) * tokens * stride..];
            for head in 0..heads {
                let pattern = &pattern[((first + i) * heads + head) * tokens * keys..];
                let out = &mut out[head * head_width..];
                let lanes = head / sizes.group() * head_width;
                let mut take = |pattern: &[f32], rows: &[f32], stride: usize, count: usize| {
                    let rows = &rows[stride - sizes.key_width() + lanes..];
                    let (pattern, rows) = (Rows::new(pattern, keys), Rows::new(rows, stride));
                    product_add(out, width, pattern, rows, [tokens, count, head_width]);
                };
                if before > 0 {
                    take(pattern, past, sizes.stride(), before);
                }
                take(&pattern[before..], own, stride, tokens);
            }
        }
    });
    out
}

/// Tokens from which small products are worth the call of a kernel for them.
const WORTH_A_KERNEL: usize = 12;

/// See [`crate::engine::Engine::attention_unmix`].
pub fn unmix(pattern: &[f32], gradient: &[f32], sizes: Attention) -> Vec<f32> {
    let Attention {
        sequences,
        tokens,
        width,
        ..
    } = sizes;
    let key_width = sizes.key_width();
    let mut out = buffers::zeros(sequences * tokens * key_width);
    let cost = tokens * tokens * width / 2;
    parallel::rows(&mut out, tokens * key_width, cost, |first, out| {
        for (i, out) in out.chunks_exact_mut(tokens * key_width).enumerate() {
            let gradient = &gradient[(first + i) * tokens * width..][..tokens * width];
            unmix_add(out, key_width, pattern, gradient, sizes);
        }
    });
    out
}

/// Adds what one gradient [tokens, width] is by the values to rows of `out` that lie `stride` apart.
fn unmix_add(out: &mut [f32], stride: usize, pattern: &[f32], gradient: &[f32], sizes: Attention) {
    let Attention {
        tokens,
        heads,
        width,
        ..
    } = sizes;
    let (head_width, group) = (sizes.head_width(), sizes.group());
    let live = live(gradient, width);
    if live.len() >= WORTH_A_KERNEL {
        let sizes = [live.end, live.len(), head_width];
        for head in 0..heads {
            let pattern = &pattern[(head * tokens + live.start) * tokens..];
            let pattern = Rows::transposed(pattern, tokens);
            let gradient = Rows::new(&gradient[live.start * width + head * head_width..], width);
            let out = &mut out[head / group * head_width..];
            product_add(out, stride, pattern, gradient, sizes);
        }
        return;
    }
    for t in live {
        let gradient = &gradient[t * width..(t + 1) * width];
        for (s, out) in out.chunks_mut(stride).enumerate().take(t + 1) {
            for head in 0..heads {
                let weight = pattern[(head * tokens + t) * tokens + s];
                let gradient = &gradient[head * head_width..(head + 1) * head_width];
                let out = &mut out[head / group * head_width..];
                add_scaled(out, gradient, weight);
            }
        }
    }
}

/// See [`crate::engine::Engine::attention_scores_back`].
pub fn scores_back(pattern: &[f32], qkv: &[f32], gradient: &[f32], sizes: Attention) -> Vec<f32> {
    let Attention {
        sequences,
        tokens,
        heads,
        width,
        ..
    } = sizes;
    let (head_width, stride) = (sizes.head_width(), sizes.stride());
    let first_value = stride - sizes.key_width();
    let square = tokens * tokens;
    let mut out = buffers::any(sequences * heads * square);
    let cost = tokens * tokens * width;
    parallel::rows(&mut out, heads * square, cost, |first, out| {
        for (i, out) in out.chunks_exact_mut(heads * square).enumerate() {
            let gradient = &gradient[(first + i) * tokens * width..][..tokens * width];
            let live = live(gradient, width);
            for (head, out) in out.chunks_exact_mut(square).enumerate() {
                let value_lanes = first_value + head / sizes.group() * head_width;
                let values = Rows::transposed(&qkv[value_lanes..], stride);
                let from = live.start * width + head * head_width;
                let gradient = Rows::new(&gradient[from..], width);
                out[..live.start * tokens].fill(0.0);
                out[live.end * tokens..].fill(0.0);
                let products = &mut out[live.start * tokens..];
                let sizes = [live.len(), head_width, live.end];
                product(products, tokens, gradient, values, sizes);
                let pattern = &pattern[head * square..(head + 1) * square];
                let rows = out
                    .chunks_exact_mut(tokens)
                    .zip(pattern.chunks_exact(tokens));
                for (t, (out, pattern)) in rows.enumerate().take(live.end).skip(live.start) {
                    let (seen, later) = out.split_at_mut(t + 1);
                    later.fill(0.0);
                    softmax_row_back(seen, &pattern[..=t]);
                }
            }
        }
    });
    out
}

/// See [`crate::engine::Engine::softmax_back`].
pub fn softmax_back(x: &[f32], gradient: &[f32], columns: usize) -> Vec<f32> {
    let mut out = gradient[..x.len()].to_vec();
    for (out, x) in out.chunks_exact_mut(columns).zip(x.chunks_exact(columns)) {
        softmax_row_back(out, x);
    }
    out
}

/// Makes a gradient by what a softmax gave, `x`, one by what went into it.
fn softmax_row_back(gradient: &mut [f32], x: &[f32]) {
    let mean = dot(gradient, x);
    for (gradient, x) in gradient.iter_mut().zip(x) {
        *gradient = x * (*gradient - mean);
    }
}

/// See [`crate::engine::Engine::attention_back`].
pub fn back(
    pattern: &[f32],
    scores: &[f32],
    qkv: &[f32],
    gradient: &[f32],
    sizes: Attention,
) -> Vec<f32> {
    let Attention {
        sequences,
        tokens,
        heads,
        width,
        ..
    } = sizes;
    let head_width = sizes.head_width();
    let (square, stride) = (tokens * tokens, sizes.stride());
    let first_value = stride - sizes.key_width();
    let factor = 1.0 / (head_width as f32).sqrt();
    let scaled: Vec<f32> = qkv[..tokens * stride].iter().map(|x| factor * x).collect();
    let mut out = buffers::any(sequences * tokens * stride);
    let cost = 3 * tokens * tokens * width;
    parallel::rows(&mut out, tokens * stride, cost, |first, out| {
        for (i, out) in out.chunks_exact_mut(tokens * stride).enumerate() {
            let gradient = &gradient[(first + i) * tokens * width..][..tokens * width];
            let scores = &scores[(first + i) * heads * square..][..heads * square];
            let live = live_in_any(scores, tokens);
            for (token, out) in out.chunks_exact_mut(stride).enumerate() {
                // What no product below writes, and what values add to.
                if !live.contains(&token) {
                    out[..width].fill(0.0);
                }
                if token >= live.end {
                    out[width..first_value].fill(0.0);
                }
                out[first_value..].fill(0.0);
            }
            unmix_add(&mut out[first_value..], stride, pattern, gradient, sizes);
            for (head, scores) in scores.chunks_exact(square).enumerate() {
                let lanes = head * head_width;
                let key_lanes = width + head / sizes.group() * head_width;
                let first = live.start * stride + lanes;
                let queries = Rows::new(&scaled[first..], stride);
                let keys = Rows::new(&scaled[key_lanes..], stride);
                let scores = &scores[live.start * tokens..];
                let by_query = Rows::new(scores, tokens);
                let shape = [live.len(), live.end, head_width];
                product(&mut out[first..], stride, by_query, keys, shape);
                let by_key = Rows::transposed(scores, tokens);
                let shape = [live.end, live.len(), head_width];
                match head % sizes.group() {
                    0 => product(&mut out[key_lanes..], stride, by_key, queries, shape),
                    _ => product_add(&mut out[key_lanes..], stride, by_key, queries, shape),
                }
            }
        }
    });
    out
}

/// From the first token at which any of these heads' scores [heads, tokens, tokens] are not zero to the last.
fn live_in_any(scores: &[f32], tokens: usize) -> Range<usize> {
    let heads = scores.chunks_exact(tokens * tokens);
    let live = heads.map(|scores| live(scores, tokens));
    live.filter(|live| !live.is_empty())
        .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
        .unwrap_or(0..0)
}

/// From the first row that is not zero to the last: a target sees nothing after its own position, and where it begins nothing
/// before it.
fn live(rows: &[f32], width: usize) -> Range<usize> {
    let mut alive = rows.chunks_exact(width).map(|row| !is_zero(row));
    match (
        alive.clone().position(|row| row),
        alive.rposition(|row| row),
    ) {
        (Some(first), Some(last)) => first..last + 1,
        _ => 0..0,
    }
}

/// See [`crate::engine::Engine::head_products`].
pub fn head_products(a: &[f32], b: &[f32], columns: usize, sizes: Attention) -> Vec<f32> {
    let Attention { heads, width, .. } = sizes;
    let (head_width, key_width) = (sizes.head_width(), sizes.key_width());
    let mut out = buffers::zeros(sizes.sequences * sizes.tokens * heads * columns);
    parallel::rows(&mut out, heads * columns, width * columns, |first, out| {
        let rows = out.len() / (heads * columns);
        let a = &a[first * width..];
        for head in 0..heads {
            let a = Rows::new(&a[head * head_width..], width);
            let b = Rows::transposed(&b[head / sizes.group() * head_width..], key_width);
            let out = &mut out[head * columns..];
            product_add(out, heads * columns, a, b, [rows, head_width, columns]);
        }
    });
    out
}

/// See [`crate::engine::Engine::attention_spread`].
pub fn spread(out: &mut [f32], weights: &[f32], rows: &[f32], at: &[u32], sizes: Spread) {
    let Spread {
        first: before,
        count,
        tokens,
        heads,
        width,
    } = sizes;
    let one = tokens * width;
    let out = &mut out[before * one..(before + count) * one];
    parallel::rows(out, one, heads * one / 2, |first, out| {
        for (i, out) in out.chunks_exact_mut(one).enumerate() {
            let at = at[first + i] as usize;
            let rows = &rows[(first + i) * heads * width..];
            let looks = Rows::transposed(&weights[(first + i) * heads * tokens..], tokens);
            let sizes = [at + 1, heads, width];
            product_add(out, width, looks, Rows::new(rows, width), sizes);
        }
    });
}
