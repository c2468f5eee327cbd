//! The walk up a network: what comes before each layer's MLP, with sites held or not. What is written
//! in the MLPs' place is the caller's: the MLPs themselves, a transcoder, or what was recorded.

use super::{Forward, Hold, Network};
use crate::engine::Engine;
use std::ops::Deref;

/// The sizes of a batch of sequences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub sequences: usize,
    /// New tokens of each sequence.
    pub tokens: usize,
    /// Tokens before them that all sequences share.
    pub past: usize,
}

impl Sizes {
    pub fn rows(self) -> usize {
        self.sequences * self.tokens
    }
}

/// Copies of a prompt's tokens from `position` on.
#[derive(Clone, Copy)]
pub(crate) struct Copies {
    pub count: usize,
    /// The first token.
    pub position: usize,
    /// Tokens of each.
    pub tokens: usize,
}

impl Copies {
    pub fn rows(&self) -> usize {
        self.count * self.tokens
    }

    /// The same copies, of the last token alone.
    pub fn last(self) -> Copies {
        Copies {
            position: self.position + self.tokens - 1,
            tokens: 1,
            ..self
        }
    }

    /// Where in the prompt each row stands.
    pub fn places(&self) -> Vec<u32> {
        let one = self.position as u32..(self.position + self.tokens) as u32;
        (0..self.count).flat_map(|_| one.clone()).collect()
    }
}

/// Where held values come from.
pub(crate) enum Recorded<'a, T> {
    /// The prompt of the walk itself, run before.
    Prompt(&'a Forward<T>),
    /// The prompt that the walk's sequences are copies of.
    Copied(&'a Forward<T>, Copies),
    /// Patterns alone, of each layer, as in [`super::LayerState::pattern`].
    Patterns(&'a [&'a T]),
}

/// A recorded value, as it is or as copies have it.
enum Kept<'a, T> {
    Whole(&'a T),
    Taken(T),
}

impl<T> Deref for Kept<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        match self {
            Kept::Whole(value) => value,
            Kept::Taken(value) => value,
        }
    }
}

/// What comes before an MLP. What was held is none.
pub(crate) struct Mid<T> {
    /// Queries, keys and values, [rows, query_width + 2 key_width]; the values alone where patterns are held.
    pub qkv: T,
    pub attention_scale: Option<T>,
    pub pattern: Option<T>,
    /// The residual stream, [rows, width].
    pub mid: T,
    /// The output of the MLP's norm, [rows, width].
    pub mlp_normed: T,
    pub mlp_scale: Option<T>,
}

/// A walk of these sequences.
pub(crate) struct Walk<'a, E: Engine> {
    network: &'a Network<E>,
    sizes: Sizes,
    /// Each layer's queries, keys and values of the tokens before, [past, query_width + 2 key_width].
    past: Option<Vec<&'a E::Tensor>>,
    held: Option<(&'a Hold, Recorded<'a, E::Tensor>)>,
}

impl<'a, E: Engine> Walk<'a, E> {
    /// Nothing is held.
    pub fn new(network: &'a Network<E>, sizes: Sizes, past: Option<Vec<&'a E::Tensor>>) -> Self {
        Walk {
            network,
            sizes,
            past,
            held: None,
        }
    }

    /// The same walk with sites held at recorded values. What MLPs write is the caller's to hold.
    pub fn holding(self, hold: &'a Hold, recorded: Recorded<'a, E::Tensor>) -> Self {
        Walk {
            held: Some((hold, recorded)),
            ..self
        }
    }

    /// New tokens of each sequence.
    pub fn tokens(&self) -> usize {
        self.sizes.tokens
    }

    /// From the residual stream before a layer, [rows, width], to its MLP.
    pub fn before_mlp(&self, layer: usize, x: &E::Tensor) -> Mid<E::Tensor> {
        self.up_to_mlp(layer, x, false)
    }

    /// The same for the last token of each sequence alone, to which the others write.
    pub fn before_last_mlp(&self, layer: usize, x: &E::Tensor) -> Mid<E::Tensor> {
        self.up_to_mlp(layer, x, true)
    }

    fn up_to_mlp(&self, layer: usize, x: &E::Tensor, last: bool) -> Mid<E::Tensor> {
        let (engine, parts) = (&self.network.engine, &self.network.layers[layer]);
        let width = self.network.config().width;
        let Sizes {
            sequences, tokens, ..
        } = self.sizes;
        let scale = self.norm_scale(
            layer,
            |forward| &forward.layers[layer].attention_scale,
            false,
        );
        let normed = parts
            .attention_norm
            .run(engine, x, self.sizes.rows(), scale.as_deref());
        let past = self.past.as_ref().map(|past| past[layer]);
        let pattern = self.pattern(layer);
        let heads = parts
            .attention
            .run(engine, &normed.out, self.sizes, past, pattern.as_deref());
        let only = |rows: &E::Tensor, width| {
            let sizes = [sequences, tokens, width];
            self.network.take_last(rows, 0, sizes)
        };
        let (mid, rows) = match last {
            false => {
                let rows = self.sizes.rows();
                let out = parts.attention.write(engine, &heads.mixed, rows);
                (engine.add(x, &out, rows * width), rows)
            }
            true => {
                let mixed = only(&heads.mixed, self.network.config().query_width());
                let out = parts.attention.write(engine, &mixed, sequences);
                let x = only(x, width);
                (engine.add(&x, &out, sequences * width), sequences)
            }
        };
        let scale = self.norm_scale(layer, |forward| &forward.layers[layer].mlp_scale, last);
        let mlp_normed = parts.mlp_norm.run(engine, &mid, rows, scale.as_deref());
        Mid {
            qkv: heads.qkv,
            attention_scale: normed.scale,
            pattern: heads.pattern,
            mid,
            mlp_normed: mlp_normed.out,
            mlp_scale: mlp_normed.scale,
        }
    }

    /// Logits after each row of the residual stream after the last layer: [rows, vocabulary].
    pub fn logits(&self, x: &E::Tensor) -> E::Tensor {
        let rows = self.sizes.rows();
        let scale = self.norm_scale(
            self.network.layers.len(),
            |forward| &forward.final_scale,
            false,
        );
        let normed = self
            .network
            .final_norm
            .run(&self.network.engine, x, rows, scale.as_deref());
        self.network.logits(&normed.out, rows)
    }

    /// Logits after the last token of each sequence alone, [sequences, vocabulary]; `trimmed`: x has no
    /// other token, [sequences, width].
    pub fn last_logits(&self, x: &E::Tensor, trimmed: bool) -> E::Tensor {
        let network = self.network;
        let Sizes {
            sequences, tokens, ..
        } = self.sizes;
        let width = network.config().width;
        let last = (!trimmed).then(|| network.take_last(x, 0, [sequences, tokens, width]));
        let scale = self.norm_scale(network.layers.len(), |forward| &forward.final_scale, true);
        let x = last.as_ref().unwrap_or(x);
        let normed = network
            .final_norm
            .run(&network.engine, x, sequences, scale.as_deref());
        network.logits(&normed.out, sequences)
    }

    /// The pattern that a layer is to take, if it is held.
    fn pattern(&self, layer: usize) -> Option<Kept<'_, E::Tensor>> {
        let (hold, recorded) = self.held.as_ref()?;
        if !hold.patterns.contains(&layer) {
            return None;
        }
        Some(match recorded {
            Recorded::Prompt(forward) => Kept::Whole(&forward.layers[layer].pattern),
            Recorded::Patterns(patterns) => Kept::Whole(patterns[layer]),
            Recorded::Copied(forward, copies) => {
                let whole = forward.tokens;
                let queries: Vec<u32> = (0..copies.count * self.network.config().heads)
                    .map(|i| i % self.network.config().heads * whole + copies.position)
                    .flat_map(|first| first as u32..(first + copies.tokens) as u32)
                    .collect();
                let pattern = &forward.layers[layer].pattern;
                Kept::Taken(self.network.take(pattern, &queries, whole))
            }
        })
    }

    /// The 1 / denominator that a norm is to take, if it is held: of every row, or of the last
    /// token of each sequence.
    fn norm_scale<'s>(
        &'s self,
        layer: usize,
        scale: impl Fn(&'s Forward<E::Tensor>) -> &'s E::Tensor,
        last: bool,
    ) -> Option<Kept<'s, E::Tensor>> {
        let (hold, recorded) = self.held.as_ref()?;
        if !hold.norms.contains(&layer) {
            return None;
        }
        let taken = |forward: &'s Forward<E::Tensor>, places: &[u32]| {
            Some(Kept::Taken(self.network.take(scale(forward), places, 1)))
        };
        match recorded {
            Recorded::Prompt(forward) if last => taken(forward, &[self.sizes.tokens as u32 - 1]),
            Recorded::Prompt(forward) => Some(Kept::Whole(scale(forward))),
            Recorded::Copied(forward, copies) if last => taken(forward, &copies.last().places()),
            Recorded::Copied(forward, copies) => taken(forward, &copies.places()),
            Recorded::Patterns(_) => None,
        }
    }
}
