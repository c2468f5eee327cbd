//! The model with attention patterns that it is given: what is left of an answer that attention may
//! not compute.

use crate::engine::Engine;
use crate::network::{Hold, Network, Recorded, Sizes, Walk};

/// Runs prompts of equal length with these attention patterns in place of their own; all else runs
/// on. `ids` is [sequences, tokens], `patterns` of each layer [sequences, heads, tokens (queries),
/// tokens (keys)], as in [`crate::network::LayerState::pattern`] of a pass without a past. Logits
/// after the last token of each, [sequences, vocabulary]. With their own patterns they are
/// [`Network::last_logits`].
///
/// # Panics
/// If the prompts cannot be run, see [`Network::forward`], or there are not as many patterns as
/// layers.
pub fn with_patterns<E: Engine>(
    network: &Network<E>,
    ids: &[u32],
    sequences: usize,
    patterns: &[&E::Tensor],
) -> E::Tensor {
    let (rows, config) = (ids.len(), network.config());
    let sizes = Sizes {
        sequences,
        tokens: rows / sequences,
        past: 0,
    };
    assert_eq!(patterns.len(), config.layers, "patterns of every layer");
    let hold = Hold {
        patterns: Hold::ALL,
        ..Hold::NOTHING
    };
    let walk = Walk::new(network, sizes, None).holding(&hold, Recorded::Patterns(patterns));
    let mut x = network.engine.upload(&network.embed(ids, sizes.tokens, 0));
    for layer in 0..config.layers {
        let at = walk.before_mlp(layer, &x);
        let out = network.mlp(layer, &at.mlp_normed, rows);
        x = network.engine.add(&at.mid, &out, rows * config.width);
    }
    walk.last_logits(&x, false)
}
