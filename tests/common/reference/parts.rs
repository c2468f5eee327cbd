//! What a transformer's layers are made of in f64: embeddings, norms, attention, MLPs, gates, and sums of rows.

use super::Rows;
use attograph::model::{Activation, Affine, Block, Config, Gate, Matrix, Model, Norm};

/// Logits after the last token, from the residual stream after the last layer.
pub(super) fn logits(model: &Model, x: &Rows, scale: f64) -> Vec<f64> {
    let normed = norm(&x[x.len() - 1..], &model.language.final_norm, &[scale]);
    let unembedding = model.language.unembedding();
    (0..unembedding.rows)
        .map(|token| dot(&normed[0], unembedding.row(token)))
        .collect()
}

/// Token and position embeddings; a token's less a share of it.
pub(super) fn embed(model: &Model, ids: &[u32], without: Option<(usize, f64)>) -> Rows {
    let language = &model.language;
    ids.iter()
        .enumerate()
        .map(|(position, id)| {
            let token = language.token_embedding.row(*id as usize);
            let place = |i| match &language.position_embedding {
                Some(table) => f64::from(table.row(position)[i]),
                None => 0.0,
            };
            let less = without.filter(|(token, _)| *token == position);
            let keep = 1.0 - less.map_or(0.0, |(_, share)| share);
            let token = token.iter().enumerate();
            token
                .map(|(i, a)| keep * f64::from(*a) + place(i))
                .collect()
        })
        .collect()
}

/// What is subtracted of a row: nothing by RMSNorm.
pub(super) fn mean(row: &[f64], centred: bool) -> f64 {
    match centred {
        true => row.iter().sum::<f64>() / row.len() as f64,
        false => 0.0,
    }
}

pub(super) fn scales(x: &Rows, centred: bool, epsilon: f64) -> Vec<f64> {
    x.iter()
        .map(|row| {
            let mean = mean(row, centred);
            let variance = row.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / row.len() as f64;
            1.0 / (variance + epsilon).sqrt()
        })
        .collect()
}

pub(super) fn norm(x: &[Vec<f64>], norm: &Norm, scales: &[f64]) -> Rows {
    x.iter()
        .zip(scales)
        .map(|(row, scale)| {
            let mean = mean(row, norm.centred);
            let bias = |i: usize| norm.bias.as_ref().map_or(0.0, |bias| f64::from(bias[i]));
            row.iter()
                .zip(&norm.weight)
                .enumerate()
                .map(|(i, (x, w))| (x - mean) * scale * f64::from(*w) + bias(i))
                .collect()
        })
        .collect()
}

/// One head's queries (0), keys (1) or values (2), of which several heads may have the same; queries and keys
/// turned where positions are rotary.
pub(super) fn part(
    block: &Block,
    config: &Config,
    normed: &Rows,
    which: usize,
    head: usize,
) -> Rows {
    let (lanes, shared_by) = (config.head_width, config.heads / config.key_heads);
    let place = match which {
        0 => head,
        1 => config.heads + head / shared_by,
        _ => config.heads + config.key_heads + head / shared_by,
    };
    let rows = normed.iter().enumerate();
    rows.map(|(position, row)| {
        let all = affine(row, &block.attention_in);
        let mut own = all[place * lanes..(place + 1) * lanes].to_vec();
        if let Some(rotary) = config.rotary.as_ref().filter(|_| which < 2) {
            // A pair of lanes is a complex number, which is multiplied by one on the unit circle.
            for (i, frequency) in rotary.iter().enumerate() {
                let (real, imaginary) = (own[i], own[i + lanes / 2]);
                let angle = position as f64 * f64::from(*frequency);
                own[i] = angle.cos() * real - angle.sin() * imaginary;
                own[i + lanes / 2] = angle.sin() * real + angle.cos() * imaginary;
            }
        }
        own
    })
    .collect()
}

pub(super) fn patterns(block: &Block, config: &Config, normed: &Rows) -> Vec<Rows> {
    (0..config.heads)
        .map(|head| {
            let queries = part(block, config, normed, 0, head);
            let keys = part(block, config, normed, 1, head);
            let factor = 1.0 / (queries[0].len() as f64).sqrt();
            (0..normed.len())
                .map(|query| {
                    let powers: Vec<f64> = (0..=query)
                        .map(|key| {
                            let pairs = queries[query].iter().zip(&keys[key]);
                            (factor * pairs.map(|(a, b)| a * b).sum::<f64>()).exp()
                        })
                        .collect();
                    let sum: f64 = powers.iter().sum();
                    powers.iter().map(|power| power / sum).collect()
                })
                .collect()
        })
        .collect()
}

pub(super) fn attention(block: &Block, config: &Config, patterns: &[Rows], normed: &Rows) -> Rows {
    let mut mixed = vec![Vec::new(); normed.len()];
    for (head, pattern) in patterns.iter().enumerate() {
        let values = part(block, config, normed, 2, head);
        for (row, mixed) in pattern.iter().zip(&mut mixed) {
            for i in 0..values[0].len() {
                mixed.push(row.iter().zip(&values).map(|(p, v)| p * v[i]).sum());
            }
        }
    }
    mixed
        .iter()
        .map(|row| affine(row, &block.attention_out))
        .collect()
}

pub(super) fn affine(row: &[f64], affine: &Affine) -> Vec<f64> {
    let Matrix {
        columns, values, ..
    } = &affine.weight;
    (0..*columns)
        .map(|column| {
            let weights = values[column..].iter().step_by(*columns);
            let product: f64 = row
                .iter()
                .zip(weights)
                .map(|(x, w)| x * f64::from(*w))
                .sum();
            let bias = affine.bias.as_ref();
            product + bias.map_or(0.0, |bias| f64::from(bias[column]))
        })
        .collect()
}

/// What an MLP writes, from its norm's output.
pub(super) fn mlp(block: &Block, normed: &Rows, activation: Activation) -> Rows {
    normed
        .iter()
        .map(|row| {
            let mut hidden = affine(row, &block.mlp_in);
            match &block.mlp_gate {
                None => hidden
                    .iter_mut()
                    .for_each(|x| *x = activate(*x, activation)),
                Some(gate) => {
                    for (x, gate) in hidden.iter_mut().zip(affine(row, gate)) {
                        *x *= activate(gate, activation);
                    }
                }
            }
            affine(&hidden, &block.mlp_out)
        })
        .collect()
}

/// An activation function, by its definition.
pub fn activate(x: f64, activation: Activation) -> f64 {
    match activation {
        Activation::GeluNew => {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        }
        Activation::Gelu => x * normal_share(x),
        Activation::Relu => x.max(0.0),
        Activation::Silu => x / (1.0 + (-x).exp()),
    }
}

/// The share of a standard normal distribution below `x`: the middle and the density times its series, or far
/// out the density times its continued fraction.
pub(super) fn normal_share(x: f64) -> f64 {
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let size = x.abs();
    let beyond = if size < 4.0 {
        let (mut sum, mut term, mut odd) = (0.0, size, 1.0);
        while term > 1e-20 {
            sum += term;
            odd += 2.0;
            term *= size * size / odd;
        }
        0.5 - density * sum
    } else {
        let fraction = (1..200)
            .rev()
            .fold(0.0, |below, n| f64::from(n) / (size + below));
        density / (size + fraction)
    };
    if x < 0.0 { beyond } else { 1.0 - beyond }
}

/// Sets to zero what a gate does not let through.
pub(super) fn silence(pre_activations: &mut [f64], gate: &Gate) {
    match gate {
        Gate::Threshold(thresholds) => {
            for (value, threshold) in pre_activations.iter_mut().zip(thresholds) {
                if *value <= f64::from(*threshold) {
                    *value = 0.0;
                }
            }
        }
        Gate::TopK(k) => {
            let before = pre_activations.to_vec();
            for (i, value) in pre_activations.iter_mut().enumerate() {
                let ahead = |j: &usize| before[*j] > before[i] || before[*j] == before[i] && *j < i;
                if (0..before.len()).filter(ahead).count() >= *k {
                    *value = 0.0;
                }
            }
        }
    }
}

pub(super) fn add(x: &mut Rows, y: &Rows) {
    for (x, y) in x.iter_mut().zip(y) {
        for (x, y) in x.iter_mut().zip(y) {
            *x += y;
        }
    }
}

pub(super) fn subtract(x: &mut Rows, y: &Rows) {
    for (x, y) in x.iter_mut().zip(y) {
        for (x, y) in x.iter_mut().zip(y) {
            *x -= y;
        }
    }
}

pub(super) fn zeros(rows: &Rows) -> Rows {
    rows.iter().map(|row| vec![0.0; row.len()]).collect()
}

pub(super) fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * f64::from(*b)).sum()
}
