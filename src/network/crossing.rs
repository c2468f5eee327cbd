//! Gradients that go back through a layer's attention: those that any tokens have, and those that begin at one token. And
//! what meets them half-way, before the first layer's.

use super::attention::HeadsAt;
use super::norm::NormAt;
use super::{Forward, Hold, Leading, Network};
use crate::engine::Engine;

/// The rows of a gradient [older + fresh, tokens, width], by the residual stream after a layer's attention, which they have yet
/// to cross.
#[derive(Clone, Copy)]
pub(crate) struct Crossing<'a> {
    /// How many there are of the rows that came first.
    pub older: usize,
    /// Of each row that follows the one token at which it is not zero.
    pub fresh: &'a [u32],
}

impl Crossing<'_> {
    /// All together.
    pub fn rows(self) -> usize {
        self.older + self.fresh.len()
    }
}

impl<E: Engine> Network<E> {
    /// Adds to `gradient` [targets, tokens, width], by the residual stream after a layer's attention,
    /// what comes back through that attention: it is then by the stream before it.
    pub(crate) fn attention_back(
        &self,
        gradient: &mut E::Tensor,
        rows: Crossing<'_>,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
    ) {
        let (engine, parts) = (&self.engine, &self.layers[layer]);
        let heads = self.heads_at(layer, at, hold);
        if hold.attention(layer) {
            parts
                .attention
                .add_back(engine, gradient, rows.older, &heads);
            self.spread(gradient, rows, layer, at);
            return;
        }
        let normed = parts
            .attention
            .pull_back(engine, gradient, rows.rows(), &heads);
        let at = norm_at(layer, at.forward, at.tokens, hold);
        parts
            .attention_norm
            .pull_back(engine, gradient, &normed, rows.rows(), &at);
    }

    /// The same for the fresh rows alone, where patterns and norm are held: each head takes what it reads of a row's one token to the
    /// tokens that it looks at from there, which is far less than the product of a row for each of them.
    pub(crate) fn spread(
        &self,
        gradient: &mut E::Tensor,
        rows: Crossing<'_>,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
    ) {
        if rows.fresh.is_empty() {
            return;
        }
        let (first, tokens) = (rows.older, at.tokens);
        let places = rows.fresh.iter().enumerate();
        let places: Vec<u32> = places
            .map(|(row, token)| ((first + row) * tokens) as u32 + token)
            .collect();
        let read = self.take(gradient, &places, self.config().width);
        let (attention, pattern) = (&self.layers[layer].attention, at.pattern(layer));
        attention.spread(&self.engine, gradient, &read, rows, (pattern, tokens));
    }

    /// What so many targets, whose gradients by the residual stream after a layer's attention are given [targets, tokens, width], read of its
    /// heads' values, [targets, tokens, key_width], or where patterns are live of queries, keys and values [targets, tokens, query_width + 2
    /// key_width]. With what [`Network::brought`] has of a change of the stream before, the products are what comes back
    /// through the attention times that change.
    pub(crate) fn attention_reads(
        &self,
        gradient: &E::Tensor,
        targets: usize,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
    ) -> E::Tensor {
        let heads = self.heads_at(layer, at, hold);
        let attention = &self.layers[layer].attention;
        attention.reads(&self.engine, gradient, targets, &heads)
    }

    /// What a change x [tokens, width] of the residual stream before a layer's attention brings to what
    /// [`Network::attention_reads`] reads, and how wide that is.
    pub(crate) fn brought(
        &self,
        x: &E::Tensor,
        layer: usize,
        forward: &Forward<E::Tensor>,
        hold: &Hold,
    ) -> (E::Tensor, usize) {
        let (engine, parts) = (&self.engine, &self.layers[layer]);
        let attention = &parts.attention;
        if hold.attention(layer) {
            return attention.bring_to_held(engine, x, forward.tokens);
        }
        let norm = norm_at(layer, forward, forward.tokens, hold);
        let normed = parts.attention_norm.push(engine, x, &norm);
        let held = hold.patterns.contains(&layer);
        attention.bring(engine, &normed, forward.tokens, held)
    }

    fn heads_at<'a>(
        &'a self,
        layer: usize,
        at: &'a Leading<'_, E::Tensor>,
        hold: &Hold,
    ) -> HeadsAt<'a, E::Tensor> {
        HeadsAt {
            pattern: at.pattern(layer),
            qkv: &at.forward.layers[layer].qkv,
            tokens: at.tokens,
            held: hold.patterns.contains(&layer),
        }
    }
}

/// A layer's norm before the attention, at the first tokens of a prompt that was run.
fn norm_at<'a, T>(
    layer: usize,
    forward: &'a Forward<T>,
    tokens: usize,
    hold: &Hold,
) -> NormAt<'a, T> {
    let state = &forward.layers[layer];
    NormAt {
        x: &state.before,
        scale: &state.attention_scale,
        tokens,
        held: hold.norms.contains(&layer),
    }
}
