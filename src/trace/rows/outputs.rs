//! What features leave of the MLPs' outputs: errors, which are nodes, and constants, which are none.

use crate::engine::Engine;
use crate::network::{Forward, Network};
use crate::trace::constants::LayerConstants;

/// Splits every MLP output, less what features and skip paths write, into errors and constants:
/// both [layers, tokens, width]. The transcoder's biases are constants; so is all of the first
/// position, which has neither features nor an error.
pub fn split_outputs<E: Engine>(
    network: &Network<E>,
    constants: &[LayerConstants<E::Tensor>],
    forward: &Forward<E::Tensor>,
    activations: &[E::Tensor],
) -> (E::Tensor, E::Tensor) {
    let engine = &network.engine;
    let transcoder = &network.model.transcoder;
    let (tokens, width) = (forward.tokens, network.config().width);
    let mut less_bias = Vec::with_capacity(constants.len() * tokens * width);
    let mut constant = Vec::with_capacity(constants.len() * tokens * width);
    for (layer, constants) in transcoder.layers.iter().zip(constants) {
        for token in 0..tokens {
            less_bias.extend(layer.decoder_bias.iter().map(|bias| -bias));
            let pairs = constants.skip.iter().zip(&layer.decoder_bias);
            constant.extend(pairs.map(|(skip, bias)| if token == 0 { *skip } else { skip + bias }));
        }
    }
    let mut errors = engine.upload(&less_bias);
    let mut constants = engine.upload(&constant);
    for (layer, state) in forward.layers.iter().enumerate() {
        let at = layer * tokens * width;
        let mut write = |x: &E::Tensor, factor: f32| {
            engine.add_scaled(&mut errors, at, x, 0, tokens * width, factor);
            engine.add_scaled(&mut constants, at, x, 0, width, factor);
        };
        write(&state.mlp_out, 1.0);
        let input = network.encoder_input(&state.mid, &state.mlp_normed);
        if let Some(skip) = network.transcoder(layer).skip(engine, input, tokens) {
            write(&skip, -1.0);
        }
    }
    for (layer, activations) in activations.iter().enumerate() {
        let part = network.transcoder(layer);
        part.decode(engine, &mut errors, activations, tokens, -1.0, None);
    }
    (errors, constants)
}
