//! The first tokens of a prompt that was run.

use super::{Forward, Layer, LayerState, Network};
use crate::engine::Engine;

/// The first `tokens` tokens of a prompt. What is recorded of a token depends on none after it, and
/// recorded tensors begin with the first tokens: only patterns lie otherwise.
pub(crate) struct Leading<'a, T> {
    pub forward: &'a Forward<T>,
    pub tokens: usize,
    /// Per layer, [heads, tokens, tokens]; none where they are all tokens.
    patterns: Option<Vec<T>>,
}

impl<T> Leading<'_, T> {
    /// Where a layer's heads look, [heads, tokens, tokens].
    pub fn pattern(&self, layer: usize) -> &T {
        match &self.patterns {
            Some(patterns) => &patterns[layer],
            None => &self.forward.layers[layer].pattern,
        }
    }
}

impl<E: Engine> Network<E> {
    /// The first `tokens` of the tokens of one sequence that was run without a past.
    pub(crate) fn leading<'a>(
        &self,
        forward: &'a Forward<E::Tensor>,
        tokens: usize,
    ) -> Leading<'a, E::Tensor> {
        let layers = self.layers.iter().zip(&forward.layers);
        let patterns = || {
            let pattern = |(parts, state): (&Layer<E::Tensor>, &LayerState<E::Tensor>)| {
                parts.attention.pattern(&self.engine, &state.qkv, tokens)
            };
            layers.map(pattern)
        };
        Leading {
            forward,
            tokens,
            patterns: (tokens < forward.tokens).then(|| patterns().collect()),
        }
    }
}
