//! The operations of a transcoder: gates, what features write, and the products of gradients with it.

use super::tensor::{Indices, Tensor};
use super::{Gpu, groups, kernels, narrow, size};
use crate::engine::{Decoding, Edges, EdgesBack};

/// See [`crate::engine::Engine::top_k`].
pub fn top_k(gpu: &Gpu, x: &Tensor, k: usize, rows: usize, features: usize) -> Tensor {
    let count = size(&[rows, features]);
    let out = gpu.result::<kernels::TopK>(count);
    let params = kernels::TopK {
        rows: narrow(rows),
        features: narrow(features),
        k: narrow(k),
    };
    // Each value is looked at once for each bit of a value and of a place.
    let work = count.saturating_mul(32 + 24);
    let (reads, writes) = ([x.first(count)], [out.first(count)]);
    gpu.run(params, &reads, &writes, rows as u64, work);
    out
}

/// See [`crate::engine::Engine::active`].
pub fn active(gpu: &Gpu, x: &Tensor, most: usize, rows: usize, features: usize) -> Tensor {
    let count = size(&[rows, features]);
    let length = size(&[rows, 1 + 2 * most]);
    let out = gpu.result::<kernels::Active>(length);
    let params = kernels::Active {
        rows: narrow(rows),
        features: narrow(features),
        most: narrow(most),
    };
    let (reads, writes) = ([x.first(count)], [out.first(length)]);
    gpu.run(params, &reads, &writes, rows as u64, count);
    out
}

/// See [`crate::engine::Engine::decode`].
pub fn decode(
    gpu: &Gpu,
    out: &mut Tensor,
    activations: &Tensor,
    decoder: &Tensor,
    sizes: Decoding,
    factor: f32,
) {
    let Decoding {
        tokens,
        features,
        outputs,
        width,
        layer,
    } = sizes;
    let length = size(&[outputs, width]);
    let blocks = groups(length);
    let params = kernels::Decode {
        tokens: narrow(tokens),
        features: narrow(features),
        length: length as u32,
        width: narrow(width),
        layer: narrow(layer),
        blocks: blocks as u32,
        factor,
    };
    let reads = [
        activations.first(size(&[tokens, features])),
        decoder.first(size(&[features, outputs, width])),
    ];
    let writes = [out.first(size(&[layer.saturating_add(outputs), tokens, width]))];
    let workgroups = blocks.saturating_mul(tokens as u64);
    // One in ten features is active, say.
    let work = size(&[tokens, features, outputs, width]) / 10;
    gpu.run(params, &reads, &writes, workgroups, work);
}

/// See [`crate::engine::Engine::steer`].
#[expect(clippy::too_many_arguments, reason = "as the trait has it")]
pub fn steer(
    gpu: &Gpu,
    out: &mut Tensor,
    activations: &Tensor,
    decoder: &Tensor,
    positions: &Indices,
    features: &Indices,
    values: &Tensor,
    count: usize,
    sizes: Decoding,
) {
    if count == 0 {
        return;
    }
    let Decoding {
        tokens,
        outputs,
        width,
        layer,
        ..
    } = sizes;
    let length = size(&[outputs, width]);
    let params = kernels::Steer {
        count: narrow(count),
        tokens: narrow(tokens),
        features: narrow(sizes.features),
        length: length as u32,
        width: narrow(width),
        layer: narrow(layer),
    };
    let reads = [
        activations.first(size(&[tokens, sizes.features])),
        decoder.first(size(&[sizes.features, outputs, width])),
        positions.first(count),
        features.first(count),
        values.first(count as u64),
    ];
    let writes = [out.first(size(&[layer.saturating_add(outputs), tokens, width]))];
    let threads = length.saturating_mul(tokens as u64);
    let work = threads.saturating_mul(count as u64);
    gpu.run(params, &reads, &writes, groups(threads), work);
}

/// See [`crate::engine::Engine::gather_rows`].
pub fn gather_rows(
    gpu: &Gpu,
    table: &Tensor,
    indices: &Indices,
    scales: &Tensor,
    count: usize,
    width: usize,
) -> Tensor {
    let length = size(&[count, width]);
    let out = gpu.result::<kernels::GatherRows>(length);
    let params = kernels::GatherRows {
        length: length as u32,
        width: narrow(width),
    };
    let reads = [
        table.first(width as u64),
        indices.first(count),
        scales.first(count as u64),
    ];
    gpu.run(params, &reads, &[out.first(length)], groups(length), length);
    out
}

/// See [`crate::engine::Engine::scatter_rows`].
pub fn scatter_rows(
    gpu: &Gpu,
    out: &mut Tensor,
    rows: &Tensor,
    indices: &Indices,
    count: usize,
    width: usize,
) {
    let length = size(&[count, width]);
    let params = kernels::ScatterRows {
        length: length as u32,
        width: narrow(width),
    };
    let reads = [rows.first(length), indices.first(count)];
    let writes = [out.first(width as u64)];
    gpu.run(params, &reads, &writes, groups(length), length);
}

/// See [`crate::engine::Engine::edges`].
pub fn edges(
    gpu: &Gpu,
    out: &mut Tensor,
    gradient: &Tensor,
    vectors: &Tensor,
    positions: &Indices,
    columns: &Indices,
    sizes: Edges,
) {
    let Edges {
        targets,
        tokens,
        width,
        sources,
        stride,
        offset,
        columns: row,
    } = sizes;
    if sources == 0 {
        return;
    }
    let blocks = sources.div_ceil(16);
    let params = kernels::Edges {
        targets: narrow(targets),
        tokens: narrow(tokens),
        width: narrow(width),
        sources: narrow(sources),
        stride: narrow(stride),
        offset: narrow(offset),
        columns: narrow(row),
        blocks: narrow(blocks),
    };
    let last = size(&[sources - 1, stride]);
    let reads = [
        gradient.first(size(&[targets, tokens, width])),
        vectors.first(
            last.saturating_add(offset as u64)
                .saturating_add(width as u64),
        ),
        positions.first(sources),
        columns.first(sources),
    ];
    let writes = [out.first(size(&[targets, row]))];
    let workgroups = size(&[targets.div_ceil(64), blocks]);
    let work = size(&[targets, sources, width]);
    gpu.run(params, &reads, &writes, workgroups, work);
}

/// See [`crate::engine::Engine::edges_back`].
pub fn edges_back(
    gpu: &Gpu,
    out: &mut Tensor,
    rows: &Tensor,
    vectors: &Tensor,
    starts: &Indices,
    sizes: EdgesBack,
) {
    let EdgesBack {
        targets,
        tokens,
        width,
        columns,
        first,
    } = sizes;
    let length = size(&[targets, tokens, width]);
    let params = kernels::EdgesBack {
        length: length as u32,
        tokens: narrow(tokens),
        width: narrow(width),
        columns: narrow(columns),
        first: narrow(first),
    };
    let reads = [
        rows.first(size(&[targets, columns])),
        vectors.first(width as u64),
        starts.first(tokens + 1),
    ];
    // Some features a token, say.
    let work = length.saturating_mul(8);
    gpu.run(params, &reads, &[out.first(length)], groups(length), work);
}
