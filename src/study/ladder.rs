//! The ladder of freezing: how the model's answer changes when a feature writes more or less, with
//! ever more of the original model free to respond. The lowest rung is what the graph predicts, the
//! highest is the model as it is.
//!
//! Many features are tried at once, each on its own copy of the prompt. Tokens before the feature
//! cannot change, so a copy begins at the feature's own token.

use super::StudyError;
use crate::engine::{Decoding, Engine, Forward, Network, Sizes};
use crate::model::TranscoderKind;
use crate::trace::Feature;

/// Tokens of all copies that are run together: enough for the engine, few enough for its caches.
const ROWS_AT_ONCE: usize = 1024;

/// A feature that writes more or less than it does, at all the layers that it writes to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nudge {
    pub layer: usize,
    pub position: usize,
    /// Index within its layer.
    pub feature: usize,
    /// Added to its activation, but only in what it writes: minus the activation switches it off.
    pub change: f32,
}

/// What responds to a nudge. Each rung frees more of the original model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rung {
    /// Nothing of the original. The graph's features answer in proportion, their gates fixed; all
    /// else that the MLPs write, attention patterns and every norm's scale are held at the
    /// prompt's own. This is what [`crate::trace::Graph::effects`] predicts.
    Features,
    /// The original's MLPs; patterns and norm scales are held.
    Mlps,
    /// Norm scales too.
    Norms,
    /// Attention patterns too: all of the original.
    Everything,
}

/// A prompt that has been run, ready for nudges.
pub struct Ladder<'a, E: Engine> {
    network: &'a Network<E>,
    /// The features that answer on the lowest rung.
    features: &'a [Feature],
    base: Forward<E::Tensor>,
    /// Token and position embeddings, [tokens, width].
    embedded: E::Tensor,
}

/// Copies of a prompt's tokens from `position` on.
#[derive(Clone, Copy)]
struct Copies {
    count: usize,
    position: usize,
    /// Tokens of each.
    tokens: usize,
}

impl<'a, E: Engine> Ladder<'a, E> {
    /// Runs a prompt. `features` are its graph's.
    ///
    /// # Panics
    /// If the prompt cannot be run: see [`crate::trace::Tracer::check`].
    pub fn new(network: &'a Network<E>, ids: &[u32], features: &'a [Feature]) -> Self {
        Ladder {
            features,
            base: network.forward(ids, 1, None),
            embedded: network.engine.upload(&network.embed(ids, ids.len(), 0)),
            network,
        }
    }

    /// How each nudge, on its own, changes the logits after the last token:
    /// [nudges, vocabulary]. Measured against a copy of the prompt that runs along without a nudge,
    /// so that rounding is the same in both.
    ///
    /// # Errors
    /// A feature that does not exist, a change that is no number, or an engine that fails.
    pub async fn changes(&self, nudges: &[Nudge], rung: Rung) -> Result<Vec<f32>, StudyError> {
        for nudge in nudges {
            let place = (nudge.layer, nudge.position, nudge.feature);
            let transcoder = &self.network.model.transcoder;
            super::check(transcoder, self.base.tokens, place, nudge.change)?;
        }
        let vocabulary = self.network.config().vocabulary;
        let mut order: Vec<usize> = (0..nudges.len()).collect();
        order.sort_by_key(|i| nudges[*i].position);
        let mut changes = vec![0.0; nudges.len() * vocabulary];
        for same in order.chunk_by(|a, b| nudges[*a].position == nudges[*b].position) {
            let position = nudges[same[0]].position;
            let tokens = self.base.tokens - position;
            for batch in same.chunks((ROWS_AT_ONCE / tokens).max(2) - 1) {
                let copies = Copies {
                    count: batch.len() + 1,
                    position,
                    tokens,
                };
                let here: Vec<Nudge> = batch.iter().map(|i| nudges[*i]).collect();
                let logits = self.run(&here, copies, rung);
                let length = copies.count * vocabulary;
                let read = self.network.engine.read(&[(&logits, length)]).await?;
                let (moved, still) = read[0].split_at(batch.len() * vocabulary);
                for (i, moved) in batch.iter().zip(moved.chunks_exact(vocabulary)) {
                    let changes = &mut changes[i * vocabulary..(i + 1) * vocabulary];
                    for (change, (moved, still)) in changes.iter_mut().zip(moved.iter().zip(still))
                    {
                        *change = moved - still;
                    }
                }
            }
        }
        Ok(changes)
    }

    /// Runs copies that are nudged at their first token; the last copy is not nudged. Logits after
    /// the last token of each, [copies, vocabulary].
    fn run(&self, nudges: &[Nudge], copies: Copies, rung: Rung) -> E::Tensor {
        let (network, engine) = (self.network, &self.network.engine);
        let config = network.config();
        let (width, whole) = (config.width, self.base.tokens);
        let rows = copies.count * copies.tokens;
        let norms_held = rung < Rung::Norms;
        let patterns_held = rung < Rung::Everything;
        let sizes = Sizes {
            sequences: copies.count,
            tokens: copies.tokens,
            past: copies.position,
        };
        let mut answers = engine.zeros(config.layers * rows * width);
        let mut x = self.repeat(&self.embedded, copies, width);
        for (layer, before) in self.base.layers.iter().enumerate() {
            let pattern = patterns_held.then(|| {
                let one = config.heads * whole * whole;
                network.take(&before.pattern, &vec![0; copies.count], one)
            });
            let scale = norms_held.then(|| self.repeat(&before.attention_scale, copies, 1));
            let past = (copies.position > 0).then_some(&before.qkv);
            let (pattern, scale) = (pattern.as_ref(), scale.as_ref());
            let attended = network.attend(layer, &x, sizes, past, pattern, scale);
            let scale = norms_held.then(|| self.repeat(&before.mlp_scale, copies, 1));
            let out = match rung {
                Rung::Features => {
                    let (normed, _) = network.mlp_norm(layer, &attended.mid, rows, scale.as_ref());
                    let input = network.encoder_input(&attended.mid, &normed);
                    self.answer(&mut answers, layer, input, copies)
                }
                _ => network.mlp(layer, &attended.mid, rows, scale.as_ref()).out,
            };
            x = engine.add(&attended.mid, &out, rows * width);
            self.write(&mut x, nudges, layer, copies.tokens);
        }
        let scale = norms_held.then(|| {
            let last = vec![whole as u32 - 1; copies.count];
            network.take(&self.base.final_scale, &last, 1)
        });
        network.read_out(&x, copies.count, copies.tokens, scale.as_ref())
    }

    /// The prompt's rows [tokens, width] from the copies' first token on, for each copy.
    fn repeat(&self, rows: &E::Tensor, copies: Copies, width: usize) -> E::Tensor {
        let indices: Vec<u32> = (0..copies.count)
            .flat_map(|_| copies.position..copies.position + copies.tokens)
            .map(|row| row as u32)
            .collect();
        self.network.take(rows, &indices, width)
    }

    /// What the MLP of a layer wrote, and how features change it that read other inputs now: those
    /// of this layer, added to `answers` [layers, rows, width] here and for later layers, and those
    /// of earlier layers that are there already. [rows, width]
    fn answer(
        &self,
        answers: &mut E::Tensor,
        layer: usize,
        input: &E::Tensor,
        copies: Copies,
    ) -> E::Tensor {
        let (network, engine) = (self.network, &self.network.engine);
        let transcoder = &network.model.transcoder;
        let (width, features) = (network.config().width, transcoder.features());
        let rows = copies.count * copies.tokens;
        let one = copies.tokens * features;
        let (gates, active) = self.gates(layer, copies);
        let pre = network.pre_activations(layer, input, rows);
        let mut change = engine.scale_tokens(&pre, &engine.upload(&gates), copies.count, one, 1);
        let active = network.take(&engine.upload(&active), &vec![0; copies.count], one);
        engine.add_scaled(&mut change, 0, &active, 0, rows * features, -1.0);
        let sizes = Decoding {
            tokens: rows,
            features,
            outputs: transcoder.outputs(layer),
            width,
            layer,
        };
        engine.decode(answers, &change, network.decoder(layer), sizes, 1.0);

        let before = &self.base.layers[layer];
        let mut out = self.repeat(&before.mlp_out, copies, width);
        let at = layer * rows * width;
        engine.add_scaled(&mut out, 0, answers, at, rows * width, 1.0);
        if let Some(skip) = network.skip(layer, input, rows) {
            let input = network.encoder_input(&before.mid, &before.mlp_normed);
            let was = network.skip(layer, input, self.base.tokens);
            let was = self.repeat(&was.expect("the layer has one"), copies, width);
            engine.add_scaled(&mut out, 0, &skip, 0, rows * width, 1.0);
            engine.add_scaled(&mut out, 0, &was, 0, rows * width, -1.0);
        }
        out
    }

    /// Ones where a feature of the graph is active, and the activations: both [tokens, features] of
    /// one copy.
    fn gates(&self, layer: usize, copies: Copies) -> (Vec<f32>, Vec<f32>) {
        let features = self.network.model.transcoder.features();
        let mut gates = vec![0.0; copies.tokens * features];
        let mut active = gates.clone();
        for feature in self.features {
            if feature.layer == layer && feature.position >= copies.position {
                let at = (feature.position - copies.position) * features + feature.index;
                gates[at] = 1.0;
                active[at] = feature.activation;
            }
        }
        (gates, active)
    }

    /// Adds what the nudges make features write at a layer, to the first token of their copies.
    fn write(&self, x: &mut E::Tensor, nudges: &[Nudge], layer: usize, tokens: usize) {
        let (network, engine) = (self.network, &self.network.engine);
        let transcoder = &network.model.transcoder;
        let writers = match transcoder.kind {
            TranscoderKind::CrossLayer => 0..=layer,
            TranscoderKind::PerLayer => layer..=layer,
        };
        for from in writers {
            let outputs = transcoder.outputs(from);
            let (mut vectors, mut changes, mut places) = (Vec::new(), Vec::new(), Vec::new());
            for (copy, nudge) in nudges.iter().enumerate() {
                if nudge.layer == from {
                    vectors.push((nudge.feature * outputs + layer - from) as u32);
                    changes.push(nudge.change);
                    places.push((copy * tokens) as u32);
                }
            }
            if places.is_empty() {
                continue;
            }
            let (count, width) = (places.len(), network.config().width);
            let (vectors, changes) = (engine.upload_indices(&vectors), engine.upload(&changes));
            let table = network.decoder(from);
            let rows = engine.gather_rows(table, &vectors, &changes, count, width);
            engine.scatter_rows(x, &rows, &engine.upload_indices(&places), count, width);
        }
    }
}
