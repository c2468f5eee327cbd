//! What biases write and add: the part of a row that comes from no node. Only a reading whose rows add
//! up has it.

use crate::engine::Engine;
use crate::model::{Block, Config, EncoderInput};
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
            let attention = attention_constant(block, &model.language.config);
            LayerConstants {
                attention: network.engine.upload(&attention),
                skip,
                encoder,
            }
        })
        .collect()
}

/// Patterns sum to one over the keys, so what is the same at every key arrives unchanged.
fn attention_constant(block: &Block, config: &Config) -> Vec<f32> {
    let (attention_in, attention_out) = (&block.attention_in, &block.attention_out);
    let first = config.query_width() + config.key_width();
    let mut values = match &attention_in.bias {
        Some(bias) => bias[first..].to_vec(),
        None => vec![0.0; config.key_width()],
    };
    for (input, bias) in block.attention_norm.bias.iter().flatten().enumerate() {
        let row = &attention_in.weight.row(input)[first..];
        for (value, weight) in values.iter_mut().zip(row) {
            *value += bias * weight;
        }
    }
    let mut constant = match &attention_out.bias {
        Some(bias) => bias.clone(),
        None => vec![0.0; config.width],
    };
    for lane in 0..config.query_width() {
        let value = values[config.key_lane(lane)];
        for (constant, weight) in constant.iter_mut().zip(attention_out.weight.row(lane)) {
            *constant += value * weight;
        }
    }
    constant
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
