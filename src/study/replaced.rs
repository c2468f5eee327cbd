//! The transcoder in the MLPs' place: what it writes instead of them, and the model that results.

use crate::engine::Engine;
use crate::network::{Forward, Network, Sizes, Walk};

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
        _ => Some(
            run(
                &Walk::new(network, sizes(shared, 1, 0), None),
                network,
                shared,
                0,
            )
            .1,
        ),
    };
    let sizes = sizes(ids, sequences, shared.len());
    let walk = Walk::new(
        network,
        sizes,
        past.as_ref().map(|past| past.iter().collect()),
    );
    let (x, _) = run(&walk, network, ids, shared.len());
    walk.last_logits(&x, false)
}

/// The residual stream after the last layer, [rows, width], and each layer's queries, keys and
/// values, [rows, query_width + 2 key_width]. `first` is the position of the first token.
fn run<E: Engine>(
    walk: &Walk<'_, E>,
    network: &Network<E>,
    ids: &[u32],
    first: usize,
) -> (E::Tensor, Vec<E::Tensor>) {
    let engine = &network.engine;
    let (rows, width) = (ids.len(), network.config().width);
    let mut written = biases(network, rows);
    let mut x = engine.upload(&network.embed(ids, walk.tokens(), first));
    let mut kept = Vec::with_capacity(network.config().layers);
    for layer in 0..network.config().layers {
        let at = walk.before_mlp(layer, &x);
        let input = network.encoder_input(&at.mid, &at.mlp_normed);
        let pre = network.pre_activations(layer, input, rows);
        let active = network.activate(layer, &pre, rows);
        write(network, &mut written, layer, input, &active, rows);
        x = at.mid;
        let at_layer = layer * rows * width;
        engine.add_scaled(&mut x, 0, &written, at_layer, rows * width, 1.0);
        kept.push(at.qkv);
    }
    (x, kept)
}

/// What the transcoder writes in each MLP's place while the original runs: [layers, rows, width],
/// to be compared with [`crate::network::LayerState::mlp_out`]. `activations` are those of
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
    let (engine, transcoder) = (&network.engine, network.transcoder(layer));
    transcoder.decode(engine, written, active, rows, 1.0, None);
    if let Some(skip) = transcoder.skip(engine, input, rows) {
        let width = network.config().width;
        engine.add_scaled(written, layer * rows * width, &skip, 0, rows * width, 1.0);
    }
}
