//! The first tokens of a prompt that was run.

use super::fresh::Seen;
use super::{Forward, Hold, Layer, LayerState, Network};
use crate::engine::Engine;

/// The first `tokens` tokens of a prompt. What is recorded of a token depends on none after it, and
/// recorded tensors begin with the first tokens: only patterns lie otherwise.
pub(crate) struct Leading<'a, T> {
    pub forward: &'a Forward<T>,
    pub tokens: usize,
    /// Per layer, [heads, tokens, tokens]; none where it is what was recorded.
    patterns: Vec<Option<T>>,
    seen: Vec<Option<Seen<T>>>,
}

impl<T> Leading<'_, T> {
    /// Where a layer's heads look, [heads, tokens, tokens]; where patterns and norm are held, times the norm's 1 / denominator at the
    /// token that is looked at.
    pub fn pattern(&self, layer: usize) -> &T {
        let own = self.patterns[layer].as_ref();
        own.unwrap_or(&self.forward.layers[layer].pattern)
    }

    /// The tokens as a layer's heads see them, where its patterns are live and positions are not rotary.
    pub fn seen(&self, layer: usize) -> Option<&Seen<T>> {
        self.seen[layer].as_ref()
    }
}

impl<E: Engine> Network<E> {
    /// The first `tokens` of the tokens of one sequence that was run without a past; below the layer `from` nothing crosses an attention.
    pub(crate) fn leading<'a>(
        &self,
        forward: &'a Forward<E::Tensor>,
        tokens: usize,
        from: usize,
        hold: &Hold,
    ) -> Leading<'a, E::Tensor> {
        let layers = self.layers.iter().zip(&forward.layers).enumerate();
        let pattern = |(layer, (parts, state)): (usize, (&Layer<E::Tensor>, &LayerState<_>))| {
            if layer < from {
                return None;
            }
            let begins = || parts.attention.pattern(&self.engine, &state.qkv, tokens);
            let own = (tokens < forward.tokens).then(begins);
            if !hold.attention(layer) {
                return own;
            }
            let looks = own.as_ref().unwrap_or(&state.pattern);
            let rows = self.config().heads * tokens;
            let scale = &state.attention_scale;
            Some(self.engine.scale_tokens(looks, scale, rows, tokens, 1))
        };
        let seen = |(layer, (parts, state)): (usize, (&Layer<E::Tensor>, &LayerState<_>))| {
            let live = layer >= from && !hold.patterns.contains(&layer);
            live.then(|| parts.attention.seen(&self.engine, &state.qkv, tokens))
                .flatten()
        };
        Leading {
            forward,
            tokens,
            seen: layers.clone().map(seen).collect(),
            patterns: layers.map(pattern).collect(),
        }
    }
}
