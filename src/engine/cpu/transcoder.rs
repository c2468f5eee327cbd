//! What features write, and the products of gradients with it: the operations of a transcoder.

use super::parallel;
use crate::buffers;
use crate::engine::{Decoding, Edges, EdgesBack};
use attograph_kernels::{Rows, add_scaled, is_zero, product_add};

/// See [`crate::engine::Engine::top_k`].
pub fn top_k(x: &[f32], k: usize, features: usize) -> Vec<f32> {
    let mut out = vec![0.0; x.len()];
    let mut places: Vec<usize> = Vec::with_capacity(features);
    for (row, out) in x.chunks_exact(features).zip(out.chunks_exact_mut(features)) {
        places.clear();
        places.extend(0..features);
        if k < features {
            // What is no number comes first, so that it is found.
            let key = |place: usize| (row[place].is_nan(), row[place]);
            places.select_nth_unstable_by(k, |a, b| {
                let ((a_odd, a_value), (b_odd, b_value)) = (key(*a), key(*b));
                let values = b_odd.cmp(&a_odd).then(b_value.total_cmp(&a_value));
                values.then(a.cmp(b))
            });
        }
        for place in &places[..k.min(features)] {
            out[*place] = row[*place];
        }
    }
    out
}

/// See [`crate::engine::Engine::active`].
pub fn active(x: &[f32], most: usize, features: usize) -> Vec<f32> {
    let stride = 1 + 2 * most;
    let mut out = vec![0.0; x.len() / features * stride];
    for (row, out) in x.chunks_exact(features).zip(out.chunks_exact_mut(stride)) {
        let mut found = 0;
        for (place, value) in row.iter().enumerate() {
            if *value != 0.0 {
                if found < most {
                    out[1 + found] = f32::from_bits(place as u32);
                    out[1 + most + found] = *value;
                }
                found += 1;
            }
        }
        out[0] = f32::from_bits(found as u32);
    }
    out
}

/// See [`crate::engine::Engine::decode`]. Few features are active, so the silent ones are skipped.
pub fn decode(out: &mut [f32], activations: &[f32], decoder: &[f32], sizes: Decoding, factor: f32) {
    for t in 0..sizes.tokens {
        let activations = &activations[t * sizes.features..(t + 1) * sizes.features];
        for (feature, activation) in activations.iter().enumerate() {
            if *activation != 0.0 {
                write(out, decoder, t, feature, factor * activation, sizes);
            }
        }
    }
}

/// One intervention of [`crate::engine::Engine::steer`], at (position, feature).
pub fn steer(
    out: &mut [f32],
    activations: &[f32],
    decoder: &[f32],
    (position, feature): (usize, usize),
    value: f32,
    sizes: Decoding,
) {
    let change = value - activations[position * sizes.features + feature];
    write(out, decoder, position, feature, change, sizes);
}

/// Adds what a feature writes at a position, times `amount`, to every layer it writes to.
fn write(
    out: &mut [f32],
    decoder: &[f32],
    position: usize,
    feature: usize,
    amount: f32,
    sizes: Decoding,
) {
    let Decoding {
        tokens,
        outputs,
        width,
        layer,
        ..
    } = sizes;
    let vectors = &decoder[feature * outputs * width..(feature + 1) * outputs * width];
    for (output, vector) in vectors.chunks_exact(width).enumerate() {
        let at = ((layer + output) * tokens + position) * width;
        add_scaled(&mut out[at..at + width], vector, amount);
    }
}

/// See [`crate::engine::Engine::gather_rows`].
pub fn gather_rows(table: &[f32], indices: &[u32], scales: &[f32], width: usize) -> Vec<f32> {
    let mut out = buffers::empty(indices.len() * width);
    for (index, scale) in indices.iter().zip(scales) {
        let row = &table[*index as usize * width..][..width];
        out.extend(row.iter().map(|x| scale * x));
    }
    out
}

/// See [`crate::engine::Engine::scatter_rows`].
pub fn scatter_rows(out: &mut [f32], rows: &[f32], indices: &[u32], width: usize) {
    for (row, index) in rows.chunks_exact(width).zip(indices) {
        let out = &mut out[*index as usize * width..][..width];
        for (out, x) in out.iter_mut().zip(row) {
            *out += x;
        }
    }
}

/// See [`crate::engine::Engine::edges`]. One product for each run of sources at one position.
pub fn edges(
    out: &mut [f32],
    gradient: &[f32],
    vectors: &[f32],
    positions: &[u32],
    columns: &[u32],
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
    let positions = &positions[..sources];
    let runs: Vec<(usize, usize)> = runs(positions);
    let cost = sources * width;
    parallel::rows(&mut out[..targets * row], row, cost, |first, out| {
        let count = out.len() / row;
        let (mut block, mut packed) = (Vec::new(), Vec::new());
        for &(start, end) in &runs {
            let position = positions[start] as usize;
            let gradient = &gradient[(first * tokens + position) * width..];
            let slice_to = |target: usize| &gradient[target * tokens * width..][..width];
            // A target sees nothing after its own position.
            let live: Vec<usize> = (0..count)
                .filter(|target| !is_zero(slice_to(*target)))
                .collect();
            if live.is_empty() {
                continue;
            }
            let gradient = match 4 * live.len() > 3 * count {
                true => Rows::new(&gradient[live[0] * tokens * width..], tokens * width),
                false => {
                    packed.clear();
                    live.iter()
                        .for_each(|target| packed.extend_from_slice(slice_to(*target)));
                    Rows::new(&packed, width)
                }
            };
            let targets = match 4 * live.len() > 3 * count {
                true => (live[0]..live[live.len() - 1] + 1).collect(),
                false => live,
            };
            let vectors = Rows::transposed(&vectors[offset + start * stride..], stride);
            block.clear();
            block.resize(targets.len() * (end - start), 0.0);
            let sizes = [targets.len(), width, end - start];
            product_add(&mut block, end - start, gradient, vectors, sizes);
            for (target, block) in targets.iter().zip(block.chunks_exact(end - start)) {
                let out = &mut out[target * row..(target + 1) * row];
                for (column, value) in columns[start..end].iter().zip(block) {
                    out[*column as usize] += value;
                }
            }
        }
    });
}

/// See [`crate::engine::Engine::edges_back`].
pub fn edges_back(
    out: &mut [f32],
    rows: &[f32],
    vectors: &[f32],
    starts: &[u32],
    sizes: EdgesBack,
) {
    let EdgesBack {
        targets,
        tokens,
        width,
        columns,
        first,
    } = sizes;
    let one = tokens * width;
    let cost = starts[tokens] as usize * width;
    parallel::rows(&mut out[..targets * one], one, cost, |target, out| {
        let rows = &rows[target * columns..];
        for (token, ends) in starts[..=tokens].windows(2).enumerate() {
            let [start, end] = [ends[0] as usize, ends[1] as usize];
            if start == end {
                continue;
            }
            let rows = Rows::new(&rows[first + start..], columns);
            let vectors = Rows::new(&vectors[start * width..], width);
            let sizes = [out.len() / one, end - start, width];
            product_add(&mut out[token * width..], one, rows, vectors, sizes);
        }
    });
}

/// Maximal runs of equal neighbours, as [start, end).
fn runs(positions: &[u32]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    for end in 1..=positions.len() {
        if end == positions.len() || positions[end] != positions[start] {
            found.push((start, end));
            start = end;
        }
    }
    found
}
