//! The transcoder in the MLPs' place: what it writes instead of them, and the model that results.

use crate::engine::{Decoding, Engine, Forward, Network, Sizes};

/// Runs prompts of equal length with every MLP replaced by the transcoder, whose features are read
/// from the replaced model's own stream, also at the first position. All prompts begin with the
/// tokens `shared`, perhaps none, which are run once; `ids` are the tokens after them,
/// [sequences, tokens]. Logits after the last token of each, [sequences, vocabulary].
///
/// # Panics
/// If the prompts cannot be run: see [`Network::forward`].
pub fn replaced<E: Engine>(
    network: &Network<E>,
    shared: &[u32],
    ids: &[u32],
    sequences: usize,
) -> E::Tensor {
    let sizes = |ids: &[u32], sequences, past| Sizes {
        sequences,
        tokens: ids.len() / sequences,
        past,
    };
    let past = match shared {
        [] => None,
        _ => Some(run(network, shared, sizes(shared, 1, 0), None).1),
    };
    let sizes = sizes(ids, sequences, shared.len());
    let (x, _) = run(network, ids, sizes, past.as_deref());
    network.read_out(&x, sequences, sizes.tokens, None)
}

/// The residual stream after the last layer, [rows, width], and each layer's queries, keys and
/// values, [rows, 3 width]. `past` are those of the tokens before.
fn run<E: Engine>(
    network: &Network<E>,
    ids: &[u32],
    sizes: Sizes,
    past: Option<&[E::Tensor]>,
) -> (E::Tensor, Vec<E::Tensor>) {
    let engine = &network.engine;
    let (rows, width) = (ids.len(), network.config().width);
    let mut written = biases(network, rows);
    let mut x = engine.upload(&network.embed(ids, sizes.tokens, sizes.past));
    let mut kept = Vec::with_capacity(network.config().layers);
    for layer in 0..network.config().layers {
        let before = past.map(|past| &past[layer]);
        let attended = network.attend(layer, &x, sizes, before, None, None);
        let (normed, _) = network.mlp_norm(layer, &attended.mid, rows, None);
        let input = network.encoder_input(&attended.mid, &normed);
        let pre = network.pre_activations(layer, input, rows);
        let active = network.activate(layer, &pre, rows);
        write(network, &mut written, layer, input, &active, rows);
        x = attended.mid;
        let at = layer * rows * width;
        engine.add_scaled(&mut x, 0, &written, at, rows * width, 1.0);
        kept.push(attended.heads.qkv);
    }
    (x, kept)
}

/// What the transcoder writes in each MLP's place while the original runs: [layers, rows, width],
/// to be compared with [`crate::engine::LayerState::mlp_out`]. `activations` are those of
/// [`Network::encode`], [rows, features] a layer.
pub fn reconstruct<E: Engine>(
    network: &Network<E>,
    forward: &Forward<E::Tensor>,
    activations: &[E::Tensor],
) -> E::Tensor {
    let rows = forward.sequences * forward.tokens;
    let mut written = biases(network, rows);
    for (layer, state) in forward.layers.iter().enumerate() {
        let input = network.encoder_input(&state.mid, &state.mlp_normed);
        let active = &activations[layer];
        write(network, &mut written, layer, input, active, rows);
    }
    written
}

/// The decoders' biases at every token, [layers, rows, width].
fn biases<E: Engine>(network: &Network<E>, rows: usize) -> E::Tensor {
    let layers = network.model.transcoder.layers.iter();
    let values: Vec<f32> = layers
        .flat_map(|layer| layer.decoder_bias.repeat(rows))
        .collect();
    network.engine.upload(&values)
}

/// Adds what a layer's features write, here and later, and what its skip path writes.
fn write<E: Engine>(
    network: &Network<E>,
    written: &mut E::Tensor,
    layer: usize,
    input: &E::Tensor,
    active: &E::Tensor,
    rows: usize,
) {
    let engine = &network.engine;
    let transcoder = &network.model.transcoder;
    let width = network.config().width;
    let sizes = Decoding {
        tokens: rows,
        features: transcoder.features(),
        outputs: transcoder.outputs(layer),
        width,
        layer,
    };
    engine.decode(written, active, network.decoder(layer), sizes, 1.0);
    if let Some(skip) = network.skip(layer, input, rows) {
        let at = layer * rows * width;
        engine.add_scaled(written, at, &skip, 0, rows * width, 1.0);
    }
}
