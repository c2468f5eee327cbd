//! The model with attention patterns that it is given: what is left of an answer that attention may
//! not compute.

use crate::engine::{Engine, Network, Sizes};

/// Runs prompts of equal length with these attention patterns in place of their own; all else runs
/// on. `ids` is [sequences, tokens], `patterns` of each layer [sequences, heads, tokens (queries),
/// tokens (keys)], as in [`crate::engine::LayerState::pattern`] of a pass without a past. Logits
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
    let mut x = network.engine.upload(&network.embed(ids, sizes.tokens, 0));
    assert_eq!(patterns.len(), config.layers, "patterns of every layer");
    for (layer, pattern) in patterns.iter().enumerate() {
        let pattern = Some(*pattern);
        let mid = network.attend(layer, &x, sizes, None, pattern, None).mid;
        let out = network.mlp(layer, &mid, rows, None).out;
        x = network.engine.add(&mid, &out, rows * config.width);
    }
    network.read_out(&x, sequences, sizes.tokens, None)
}
