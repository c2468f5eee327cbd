//! Attention, its pull-backs, and their parts.

use super::tensor::{Indices, Operand, Tensor};
use super::{Gpu, groups, kernels, narrow, size};
use crate::engine::{Attention, Rotation, Spread};

/// See [`crate::engine::Engine::rotate`].
pub fn rotate(gpu: &Gpu, x: &mut Tensor, table: &Tensor, sizes: Rotation) {
    let Rotation {
        rows,
        tokens,
        first,
        stride,
        heads,
        head_width,
        back,
    } = sizes;
    let count = size(&[rows, heads, head_width / 2]);
    let params = kernels::Rotate {
        length: count as u32,
        tokens: narrow(tokens),
        first: narrow(first),
        stride: narrow(stride),
        heads: narrow(heads),
        head_width: narrow(head_width),
        sign: if back { -1.0 } else { 1.0 },
    };
    let reads = [table.first(size(&[first.saturating_add(tokens), head_width]))];
    let writes = [x.first(size(&[rows, stride]))];
    gpu.run(params, &reads, &writes, groups(count), count);
}

/// See [`crate::engine::Engine::attention_pattern`].
pub fn pattern(gpu: &Gpu, past: Option<&Tensor>, qkv: &Tensor, sizes: Attention) -> Tensor {
    let narrowed = KernelSizes::new(sizes);
    let rows = size(&[sizes.sequences, sizes.heads, sizes.tokens]);
    let count = scores(sizes);
    let out = gpu.result::<kernels::AttentionPattern>(count);
    let params = kernels::AttentionPattern {
        rows: rows as u32,
        tokens: narrowed.tokens,
        past: narrowed.past,
        heads: narrowed.heads,
        group: narrowed.group,
        width: narrowed.width,
        key_width: narrowed.key_width,
        head_width: narrowed.head_width,
        factor: narrowed.factor,
    };
    let reads = attended(past, qkv, sizes.stride(), sizes);
    let work = count.saturating_mul(sizes.head_width() as u64);
    gpu.run(params, &reads, &[out.first(count)], rows, work);
    out
}

/// See [`crate::engine::Engine::attention_mix`].
pub fn mix(
    gpu: &Gpu,
    pattern: &Tensor,
    past: Option<&Tensor>,
    values: &Tensor,
    parts: usize,
    sizes: Attention,
) -> Tensor {
    let narrowed = KernelSizes::new(sizes);
    let stride = match parts {
        1 => sizes.key_width(),
        _ => sizes.stride(),
    };
    let count = outputs(sizes);
    let out = gpu.result::<kernels::AttentionMix>(count);
    let params = kernels::AttentionMix {
        length: count as u32,
        tokens: narrowed.tokens,
        past: narrowed.past,
        heads: narrowed.heads,
        group: narrowed.group,
        width: narrowed.width,
        key_width: narrowed.key_width,
        head_width: narrowed.head_width,
        stride: narrow(stride),
    };
    let pattern = pattern.first(scores(sizes));
    let [past, own] = attended(past, values, stride, sizes);
    let reads = [pattern, past, own];
    let work = count.saturating_mul((sizes.past + sizes.tokens) as u64);
    gpu.run(params, &reads, &[out.first(count)], groups(count), work);
    out
}

/// See [`crate::engine::Engine::attention_unmix`].
pub fn unmix(gpu: &Gpu, pattern: &Tensor, gradient: &Tensor, sizes: Attention) -> Tensor {
    let narrowed = KernelSizes::new(sizes);
    let key_width = sizes.key_width();
    let count = size(&[sizes.sequences, sizes.tokens, key_width]);
    let out = gpu.result::<kernels::AttentionUnmix>(count);
    let blocks = sizes.tokens.div_ceil(4);
    let params = kernels::AttentionUnmix {
        rows: narrow(sizes.sequences),
        tokens: narrowed.tokens,
        group: narrowed.group,
        width: narrowed.width,
        key_width: narrowed.key_width,
        head_width: narrowed.head_width,
        blocks: narrow(blocks),
    };
    let reads = [
        pattern.first(one_pattern(sizes)),
        gradient.first(outputs(sizes)),
    ];
    let workgroups = groups(size(&[sizes.sequences, blocks, key_width]));
    let work = outputs(sizes).saturating_mul(sizes.tokens as u64);
    gpu.run(params, &reads, &[out.first(count)], workgroups, work);
    out
}

/// See [`crate::engine::Engine::head_products`].
pub fn head_products(
    gpu: &Gpu,
    a: &Tensor,
    b: &Tensor,
    columns: usize,
    sizes: Attention,
) -> Tensor {
    let narrowed = KernelSizes::new(sizes);
    let rows = size(&[sizes.sequences, sizes.tokens]);
    let count = rows.saturating_mul(size(&[sizes.heads, columns]));
    let out = gpu.result::<kernels::HeadProducts>(count);
    let params = kernels::HeadProducts {
        length: count as u32,
        columns: narrow(columns),
        heads: narrowed.heads,
        group: narrowed.group,
        width: narrowed.width,
        key_width: narrowed.key_width,
        head_width: narrowed.head_width,
    };
    let reads = [
        a.first(outputs(sizes)),
        b.first(size(&[columns, sizes.key_width()])),
    ];
    let work = count.saturating_mul(sizes.head_width() as u64);
    gpu.run(params, &reads, &[out.first(count)], groups(count), work);
    out
}

/// See [`crate::engine::Engine::attention_spread`].
pub fn spread(
    gpu: &Gpu,
    out: &mut Tensor,
    weights: &Tensor,
    rows: &Tensor,
    at: &Indices,
    sizes: Spread,
) {
    let Spread {
        first,
        count,
        tokens,
        heads,
        width,
    } = sizes;
    let blocks = tokens.div_ceil(4);
    let params = kernels::AttentionSpread {
        first: narrow(first),
        count: narrow(count),
        tokens: narrow(tokens),
        heads: narrow(heads),
        width: narrow(width),
        blocks: narrow(blocks),
    };
    let reads = [
        weights.first(size(&[count, heads, tokens])),
        rows.first(size(&[count, heads, width])),
        at.first(count),
    ];
    let writes = [out.first(size(&[first.saturating_add(count), tokens, width]))];
    let workgroups = groups(size(&[count, blocks, width]));
    let work = size(&[count, tokens, heads, width]);
    gpu.run(params, &reads, &writes, workgroups, work);
}

/// See [`crate::engine::Engine::softmax_back`].
pub fn softmax_back(
    gpu: &Gpu,
    x: &Tensor,
    gradient: &Tensor,
    rows: usize,
    columns: usize,
) -> Tensor {
    let length = size(&[rows, columns]);
    let out = gpu.result::<kernels::SoftmaxBack>(length);
    let params = kernels::SoftmaxBack {
        rows: narrow(rows),
        columns: narrow(columns),
    };
    let reads = [x.first(length), gradient.first(length)];
    gpu.run(params, &reads, &[out.first(length)], rows as u64, length);
    out
}

/// See [`crate::engine::Engine::attention_scores_back`].
pub fn scores_back(
    gpu: &Gpu,
    pattern: &Tensor,
    qkv: &Tensor,
    gradient: &Tensor,
    sizes: Attention,
) -> Tensor {
    let narrowed = KernelSizes::new(sizes);
    let rows = size(&[sizes.sequences, sizes.heads, sizes.tokens]);
    let count = patterns(sizes);
    let out = gpu.result::<kernels::AttentionScoresBack>(count);
    let params = kernels::AttentionScoresBack {
        rows: rows as u32,
        tokens: narrowed.tokens,
        heads: narrowed.heads,
        group: narrowed.group,
        width: narrowed.width,
        key_width: narrowed.key_width,
        head_width: narrowed.head_width,
    };
    let reads = [
        pattern.first(one_pattern(sizes)),
        qkv.first(size(&[sizes.tokens, sizes.stride()])),
        gradient.first(outputs(sizes)),
    ];
    let work = outputs(sizes).saturating_mul(sizes.tokens as u64);
    gpu.run(params, &reads, &[out.first(count)], rows, work);
    out
}

/// See [`crate::engine::Engine::attention_back`].
pub fn back(
    gpu: &Gpu,
    pattern: &Tensor,
    scores: &Tensor,
    qkv: &Tensor,
    gradient: &Tensor,
    sizes: Attention,
) -> Tensor {
    let narrowed = KernelSizes::new(sizes);
    let count = size(&[sizes.sequences, sizes.tokens, sizes.stride()]);
    let out = gpu.result::<kernels::AttentionBack>(count);
    let params = kernels::AttentionBack {
        length: count as u32,
        tokens: narrowed.tokens,
        heads: narrowed.heads,
        group: narrowed.group,
        width: narrowed.width,
        key_width: narrowed.key_width,
        head_width: narrowed.head_width,
        factor: narrowed.factor,
    };
    let reads = [
        pattern.first(one_pattern(sizes)),
        scores.first(patterns(sizes)),
        qkv.first(size(&[sizes.tokens, sizes.stride()])),
        gradient.first(outputs(sizes)),
    ];
    let work = count.saturating_mul(sizes.tokens as u64);
    gpu.run(params, &reads, &[out.first(count)], groups(count), work);
    out
}

/// The sizes of an attention as kernels take them.
struct KernelSizes {
    tokens: u32,
    past: u32,
    heads: u32,
    group: u32,
    width: u32,
    key_width: u32,
    head_width: u32,
    /// By which scores are scaled.
    factor: f32,
}

impl KernelSizes {
    fn new(sizes: Attention) -> KernelSizes {
        KernelSizes {
            tokens: narrow(sizes.tokens),
            past: narrow(sizes.past),
            heads: narrow(sizes.heads),
            group: narrow(sizes.group()),
            width: narrow(sizes.width),
            key_width: narrow(sizes.key_width()),
            head_width: narrow(sizes.head_width()),
            factor: 1.0 / (sizes.head_width() as f32).sqrt(),
        }
    }
}

/// How many scores of a query and a key there are: [sequences, heads, tokens, past + tokens].
fn scores(sizes: Attention) -> u64 {
    let keys = sizes.past + sizes.tokens;
    size(&[sizes.sequences, sizes.heads, sizes.tokens, keys])
}

/// A prompt's pattern as pull-backs have it, without a past: [heads, tokens, tokens].
fn one_pattern(sizes: Attention) -> u64 {
    size(&[sizes.heads, sizes.tokens, sizes.tokens])
}

/// As many values for each sequence.
fn patterns(sizes: Attention) -> u64 {
    one_pattern(sizes).saturating_mul(sizes.sequences as u64)
}

/// How many values of all heads together: [sequences, tokens, width].
fn outputs(sizes: Attention) -> u64 {
    size(&[sizes.sequences, sizes.tokens, sizes.width])
}

/// What attention reads: the past's queries, keys and values, and of the tokens' own rows of `stride`
/// values. Where there is no past, a kernel reads nothing of it, but something has to be bound.
fn attended<'a>(
    past: Option<&'a Tensor>,
    own: &'a Tensor,
    stride: usize,
    sizes: Attention,
) -> [Operand<'a>; 2] {
    let own = own.first(size(&[sizes.sequences, sizes.tokens, stride]));
    let past = past.map(|past| past.first(size(&[sizes.past, sizes.stride()])));
    [past.unwrap_or(own), own]
}
