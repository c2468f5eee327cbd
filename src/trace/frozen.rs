//! The frozen network as linear maps: what gradients are carried through. Attention patterns and
//! normalisation denominators belong to a prompt; everything here belongs to the weights.

use crate::engine::{Engine, Network};
use crate::model::{Affine, EncoderInput, Matrix, Norm};

/// One layer's linear maps, folded once. LayerNorm's mean-centring and weight are part of them;
/// its denominator is a factor per token that comes with each prompt.
pub(super) struct FrozenLayer<T> {
    /// From a value [columns] back to the residual stream [rows]: [width, width].
    pub value_path: T,
    /// What biases make attention write at every token, [width].
    pub attention_constant: T,
    /// Encoder rows in terms of the residual stream, [features, width], where the MLP's LayerNorm
    /// lies between. None: the encoder itself.
    pub reader: Option<T>,
    /// From the skip path's output [rows] back to the residual stream [columns], [width, width].
    pub skip_path: Option<T>,
    /// What the skip path writes that does not come from the residual stream, [width].
    pub skip_constant: Vec<f32>,
    /// The part of each feature's pre-activation that comes from no input, [features].
    pub encoder_constant: Vec<f32>,
}

/// Folds and uploads the maps of every layer.
pub(super) fn freeze<E: Engine>(network: &Network<E>) -> Vec<FrozenLayer<E::Tensor>> {
    let engine = &network.engine;
    let model = &network.model;
    let width = model.language.config.width;
    let through_norm = model.transcoder.input == EncoderInput::MlpNorm;
    let blocks = &model.language.blocks;
    blocks
        .iter()
        .zip(&model.transcoder.layers)
        .map(|(block, transcoder)| {
            let norm = &block.mlp_norm;
            let folded = |matrix: &Matrix| {
                let mut values = matrix.values.clone();
                for row in values.chunks_exact_mut(width) {
                    read_through_norm(row, norm);
                }
                engine.upload(&values)
            };
            let mut encoder_constant = transcoder.encoder_bias.clone();
            let mut skip_constant = vec![0.0; width];
            if through_norm {
                for (feature, constant) in encoder_constant.iter_mut().enumerate() {
                    *constant += dot(transcoder.encoder.row(feature), &norm.bias);
                }
                if let Some(skip) = &transcoder.skip {
                    for (output, constant) in skip_constant.iter_mut().enumerate() {
                        *constant = dot(skip.row(output), &norm.bias);
                    }
                }
            }
            FrozenLayer {
                value_path: engine.upload(&value_path(
                    &block.attention_in.weight,
                    &block.attention_norm,
                )),
                attention_constant: engine.upload(&attention_constant(
                    &block.attention_in,
                    &block.attention_out,
                    &block.attention_norm,
                )),
                reader: through_norm.then(|| folded(&transcoder.encoder)),
                skip_path: transcoder.skip.as_ref().map(|skip| match through_norm {
                    true => folded(skip),
                    false => engine.upload(&skip.values),
                }),
                skip_constant,
                encoder_constant,
            }
        })
        .collect()
}

/// Turns a direction that reads a LayerNorm's output into one that reads its input, up to the
/// denominator: times the weight, then without its mean, since LayerNorm takes the mean away.
pub(super) fn read_through_norm(direction: &mut [f32], norm: &Norm) {
    for (value, weight) in direction.iter_mut().zip(&norm.weight) {
        *value *= weight;
    }
    let mean = direction.iter().sum::<f32>() / direction.len() as f32;
    for value in direction {
        *value -= mean;
    }
}

/// The value weights, read through the LayerNorm before them: [width (input), width (value)].
fn value_path(attention_in: &Matrix, norm: &Norm) -> Vec<f32> {
    let width = attention_in.rows;
    let mut path = Vec::with_capacity(width * width);
    for input in 0..width {
        let values = &attention_in.row(input)[2 * width..];
        path.extend(values.iter().map(|value| value * norm.weight[input]));
    }
    let mut mean = vec![0.0; width];
    for row in path.chunks_exact(width) {
        for (mean, value) in mean.iter_mut().zip(row) {
            *mean += value / width as f32;
        }
    }
    for row in path.chunks_exact_mut(width) {
        for (value, mean) in row.iter_mut().zip(&mean) {
            *value -= mean;
        }
    }
    path
}

/// Patterns sum to one over the keys, so what is the same at every key arrives unchanged.
fn attention_constant(attention_in: &Affine, attention_out: &Affine, norm: &Norm) -> Vec<f32> {
    let width = attention_out.bias.len();
    let mut values = attention_in.bias[2 * width..].to_vec();
    for (input, bias) in norm.bias.iter().enumerate() {
        let row = &attention_in.weight.row(input)[2 * width..];
        for (value, weight) in values.iter_mut().zip(row) {
            *value += bias * weight;
        }
    }
    let mut constant = attention_out.bias.clone();
    for (input, value) in values.iter().enumerate() {
        for (constant, weight) in constant.iter_mut().zip(attention_out.weight.row(input)) {
            *constant += value * weight;
        }
    }
    constant
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
