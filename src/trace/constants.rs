//! What biases write and add: the part of a row that comes from no node. Only a reading whose rows add
//! up has it.

use crate::engine::Engine;
use crate::model::{Affine, EncoderInput, Norm};
use crate::network::Network;

/// What one layer's biases write and add, whatever the prompt.
pub(super) struct LayerConstants<T> {
    /// What they make attention write at every token, [width].
    pub attention: T,
    /// What the skip path writes that does not come from the residual stream, [width].
    pub skip: Vec<f32>,
    /// The part of each feature's pre-activation that comes from no input, [features].
    pub encoder: Vec<f32>,
}

/// Those of every layer.
pub(super) fn of_layers<E: Engine>(network: &Network<E>) -> Vec<LayerConstants<E::Tensor>> {
    let model = &network.model;
    let width = model.language.config.width;
    let through_norm = model.transcoder.input == EncoderInput::MlpNorm;
    let blocks = &model.language.blocks;
    blocks
        .iter()
        .zip(&model.transcoder.layers)
        .map(|(block, transcoder)| {
            let mut encoder = transcoder.encoder_bias.clone();
            let mut skip = vec![0.0; width];
            if let Some(bias) = block.mlp_norm.bias.as_ref().filter(|_| through_norm) {
                for (feature, constant) in encoder.iter_mut().enumerate() {
                    *constant += dot(transcoder.encoder.row(feature), bias);
                }
                if let Some(path) = &transcoder.skip {
                    for (output, constant) in skip.iter_mut().enumerate() {
                        *constant = dot(path.row(output), bias);
                    }
                }
            }
            let attention = attention_constant(
                &block.attention_in,
                &block.attention_out,
                &block.attention_norm,
            );
            LayerConstants {
                attention: network.engine.upload(&attention),
                skip,
                encoder,
            }
        })
        .collect()
}

/// Patterns sum to one over the keys, so what is the same at every key arrives unchanged.
fn attention_constant(attention_in: &Affine, attention_out: &Affine, norm: &Norm) -> Vec<f32> {
    let width = attention_out.weight.columns;
    let mut values = match &attention_in.bias {
        Some(bias) => bias[2 * width..].to_vec(),
        None => vec![0.0; width],
    };
    for (input, bias) in norm.bias.iter().flatten().enumerate() {
        let row = &attention_in.weight.row(input)[2 * width..];
        for (value, weight) in values.iter_mut().zip(row) {
            *value += bias * weight;
        }
    }
    let mut constant = match &attention_out.bias {
        Some(bias) => bias.clone(),
        None => vec![0.0; width],
    };
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
