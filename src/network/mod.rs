//! A model with its transcoder on an engine: parts that run and pull back, and one walk over them.
//!
//! Every part (norm, attention, MLP, transcoder) is a file: how it runs, and how gradients go back
//! through it. [`Hold`] says which sites keep recorded values. What is frozen where, in a forward
//! pass, under interventions, on the ladder or in a graph, is a `Hold` and nothing else.

mod active;
mod affine;
mod attention;
mod crossing;
mod errors;
mod fresh;
mod hold;
mod leading;
mod mlp;
mod norm;
mod push;
mod rotary;
mod transcoder;
mod walk;

pub use active::Active;
pub(crate) use crossing::Crossing;
pub(crate) use errors::{ErrorDerivatives, RowsBack};
pub use hold::{Hold, Layers, Reading};
pub(crate) use leading::Leading;
pub(crate) use rotary::Rotary;
pub(crate) use walk::{Copies, Recorded, Sizes, Walk};

use crate::engine::{Engine, Product};
use crate::model::{self, EncoderInput as Reads, Model};
use attention::Attention;
pub(crate) use mlp::Mlp;
use norm::{Norm, NormAt};
use std::sync::Arc;
use transcoder::LayerTranscoder;

/// One layer's parts.
struct Layer<T> {
    attention_norm: Norm<T>,
    attention: Attention<T>,
    mlp_norm: Norm<T>,
    mlp: Mlp<T>,
    transcoder: LayerTranscoder<T>,
}

/// A model with its transcoder, uploaded to an engine.
pub struct Network<E: Engine> {
    pub engine: E,
    /// What was uploaded.
    pub model: Arc<Model>,
    layers: Vec<Layer<E::Tensor>>,
    final_norm: Norm<E::Tensor>,
    /// [vocabulary, width]
    unembedding: E::Tensor,
}

/// What a forward pass leaves behind at one layer. `rows` is sequences x tokens.
pub struct LayerState<T> {
    /// The residual stream before the attention, [rows, width].
    pub before: T,
    /// Queries, keys and values, [rows, query_width + 2 key_width] with [`model::Config::query_width`]
    /// and [`model::Config::key_width`]; turned where positions are rotary.
    pub qkv: T,
    /// 1 / denominator in the attention's norm, [rows].
    pub attention_scale: T,
    /// [sequences, heads, tokens, past + tokens].
    pub pattern: T,
    /// The residual stream before the MLP, [rows, width].
    pub mid: T,
    /// 1 / denominator in the MLP's norm, [rows].
    pub mlp_scale: T,
    /// The output of the MLP's norm, [rows, width].
    pub mlp_normed: T,
    /// What the MLP writes, [rows, width].
    pub mlp_out: T,
}

/// What a forward pass leaves behind.
pub struct Forward<T> {
    pub sequences: usize,
    /// New tokens of each sequence.
    pub tokens: usize,
    pub layers: Vec<LayerState<T>>,
    /// The residual stream after the last layer, [sequences x tokens, width].
    pub last: T,
    /// 1 / denominator in the final norm, [sequences x tokens].
    pub final_scale: T,
    /// The output of the final norm, [sequences x tokens, width].
    pub final_normed: T,
}

/// A prompt that was run before, and that new sequences go on from.
pub struct Past<'a, T> {
    /// A forward pass of one sequence, itself without a past.
    pub forward: &'a Forward<T>,
}

impl<E: Engine> Network<E> {
    /// Uploads a model.
    pub fn new(engine: E, model: Arc<Model>) -> Self {
        let language = &model.language;
        let config = &language.config;
        let norm = |norm: &model::Norm| Norm::new(&engine, norm, config.epsilon);
        let rotary = config.rotary.as_ref();
        let rotary = rotary.map(|rotary| Arc::new(Rotary::new(&engine, rotary, config.context)));
        let layers = language
            .blocks
            .iter()
            .enumerate()
            .map(|(layer, block)| Layer {
                attention_norm: norm(&block.attention_norm),
                attention: Attention::new(&engine, block, config, rotary.clone()),
                mlp_norm: norm(&block.mlp_norm),
                mlp: Mlp::new(&engine, block, config.activation),
                transcoder: LayerTranscoder::new(&engine, &model.transcoder, layer),
            })
            .collect();
        let final_norm = norm(&language.final_norm);
        let unembedding = engine.share(&language.unembedding().values);
        Network {
            layers,
            final_norm,
            unembedding,
            engine,
            model,
        }
    }

    /// The sizes of the language model.
    pub fn config(&self) -> &model::Config {
        &self.model.language.config
    }

    /// Runs prompts of equal length: `ids` is [sequences, tokens]. Nothing is read back.
    ///
    /// # Panics
    /// If `ids` is empty or no multiple of `sequences`, has an id outside the vocabulary, or with
    /// its past is longer than the context. The callers in `trace` and `study` check that.
    pub fn forward(
        &self,
        ids: &[u32],
        sequences: usize,
        past: Option<Past<'_, E::Tensor>>,
    ) -> Forward<E::Tensor> {
        let tokens = ids.len() / sequences;
        let sizes = Sizes {
            sequences,
            tokens,
            past: past.as_ref().map_or(0, |past| past.forward.tokens),
        };
        let past = past.map(|past| past.forward.layers.iter().map(|layer| &layer.qkv).collect());
        let walk = Walk::new(self, sizes, past);
        let mut x = self.engine.upload(&self.embed(ids, tokens, sizes.past));
        let mut layers = Vec::with_capacity(self.layers.len());
        for layer in 0..self.layers.len() {
            let at = walk.before_mlp(layer, &x);
            let mlp_out = self.mlp(layer, &at.mlp_normed, sizes.rows());
            let after = self
                .engine
                .add(&at.mid, &mlp_out, sizes.rows() * self.config().width);
            let own = "nothing is held";
            layers.push(LayerState {
                before: std::mem::replace(&mut x, after),
                qkv: at.qkv,
                attention_scale: at.attention_scale.expect(own),
                pattern: at.pattern.expect(own),
                mid: at.mid,
                mlp_scale: at.mlp_scale.expect(own),
                mlp_normed: at.mlp_normed,
                mlp_out,
            });
        }
        let normed = self.final_norm.run(&self.engine, &x, sizes.rows(), None);
        Forward {
            sequences,
            tokens,
            layers,
            last: x,
            final_scale: normed.scale.expect("its own"),
            final_normed: normed.out,
        }
    }

    /// Token embeddings, and where they are learned position embeddings, [ids, width].
    pub(crate) fn embed(&self, ids: &[u32], tokens: usize, offset: usize) -> Vec<f32> {
        let language = &self.model.language;
        let mut x = Vec::with_capacity(ids.len() * language.config.width);
        for (i, id) in ids.iter().enumerate() {
            let token = language.token_embedding.row(*id as usize);
            match &language.position_embedding {
                None => x.extend(token),
                Some(table) => {
                    let position = table.row(offset + i % tokens);
                    x.extend(token.iter().zip(position).map(|(a, b)| a + b));
                }
            }
        }
        x
    }

    /// What the MLP of a layer writes, [rows, width], from the output of its norm.
    pub(crate) fn mlp(&self, layer: usize, normed: &E::Tensor, rows: usize) -> E::Tensor {
        self.layers[layer].mlp.run(&self.engine, normed, rows)
    }

    /// A layer's features.
    pub(crate) fn transcoder(&self, layer: usize) -> &LayerTranscoder<E::Tensor> {
        &self.layers[layer].transcoder
    }

    /// These rows of a table [any, width], in this order.
    pub(crate) fn take(&self, table: &E::Tensor, indices: &[u32], width: usize) -> E::Tensor {
        take(&self.engine, table, indices, width)
    }

    /// What the encoder of a layer reads: of these two, the one that the transcoder is made for.
    pub fn encoder_input<'a>(
        &self,
        mid: &'a E::Tensor,
        mlp_normed: &'a E::Tensor,
    ) -> &'a E::Tensor {
        transcoder::encoder_input(self.model.transcoder.input, mid, mlp_normed)
    }

    /// Pre-activations of a layer's features, [rows, features], from the encoder's input.
    pub fn pre_activations(&self, layer: usize, input: &E::Tensor, rows: usize) -> E::Tensor {
        self.transcoder(layer)
            .pre_activations(&self.engine, input, rows)
    }

    /// Activations from pre-activations, [rows, features].
    pub fn activate(&self, layer: usize, pre_activations: &E::Tensor, rows: usize) -> E::Tensor {
        self.transcoder(layer)
            .activate(&self.engine, pre_activations, rows)
    }

    /// Activations of every layer's features, [rows, features] each.
    pub fn encode(&self, forward: &Forward<E::Tensor>) -> Vec<E::Tensor> {
        let rows = forward.sequences * forward.tokens;
        forward
            .layers
            .iter()
            .enumerate()
            .map(|(layer, state)| {
                let input = self.encoder_input(&state.mid, &state.mlp_normed);
                self.activate(layer, &self.pre_activations(layer, input, rows), rows)
            })
            .collect()
    }

    /// Adds to `gradient` [targets, tokens, width], by what a layer writes in its MLP's place, what
    /// comes back through its transcoder's skip path, if it has one.
    pub(crate) fn skip_back(
        &self,
        gradient: &mut E::Tensor,
        targets: usize,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
    ) {
        let rows = targets * at.tokens;
        let skip = self
            .transcoder(layer)
            .skip_back(&self.engine, gradient, rows);
        let Some(read) = skip else { return };
        match self.model.transcoder.input {
            Reads::ResidualMid => {
                let length = rows * self.config().width;
                self.engine.add_scaled(gradient, 0, &read, 0, length, 1.0);
            }
            Reads::MlpNorm => {
                let at = mlp_norm_at(layer, at.forward, at.tokens, hold);
                self.layers[layer]
                    .mlp_norm
                    .pull_back(&self.engine, gradient, &read, targets, &at);
            }
        }
    }

    /// The gradients of a layer's features, each at a position, by the residual stream before the
    /// MLP there, [features, width].
    pub(crate) fn readers(
        &self,
        layer: usize,
        features: &[u32],
        positions: &[u32],
        forward: &Forward<E::Tensor>,
        hold: &Hold,
    ) -> E::Tensor {
        let read = self.transcoder(layer).readers(&self.engine, features);
        match self.model.transcoder.input {
            Reads::ResidualMid => read,
            Reads::MlpNorm => {
                let state = &forward.layers[layer];
                let places = NormReads {
                    x: &state.mid,
                    scale: &state.mlp_scale,
                    positions,
                    held: hold.norms.contains(&layer),
                };
                self.through(&self.layers[layer].mlp_norm, &read, &places)
            }
        }
    }

    /// The gradients of directions [directions, width] of the final norm's output after the last
    /// token, by the residual stream there.
    pub(crate) fn read_last(
        &self,
        directions: &E::Tensor,
        count: usize,
        forward: &Forward<E::Tensor>,
        hold: &Hold,
    ) -> E::Tensor {
        let places = NormReads {
            x: &forward.last,
            scale: &forward.final_scale,
            positions: &vec![forward.tokens as u32 - 1; count],
            held: hold.norms.contains(&self.layers.len()),
        };
        self.through(&self.final_norm, directions, &places)
    }

    /// Gradients [positions, width] by a norm's output, each at a position, as gradients by its input.
    fn through(
        &self,
        norm: &Norm<E::Tensor>,
        gradients: &E::Tensor,
        places: &NormReads<'_, E::Tensor>,
    ) -> E::Tensor {
        let (count, width) = (places.positions.len(), self.config().width);
        let mut out = self.engine.zeros(count * width);
        let at = NormAt {
            x: &self.take(places.x, places.positions, width),
            scale: &self.take(places.scale, places.positions, 1),
            tokens: count,
            held: places.held,
        };
        norm.pull_back(&self.engine, &mut out, gradients, 1, &at);
        out
    }

    /// Logits from the output of the final norm: [rows, vocabulary].
    pub fn logits(&self, final_normed: &E::Tensor, rows: usize) -> E::Tensor {
        let product = Product {
            rows,
            inner: self.config().width,
            columns: self.config().vocabulary,
            transposed: true,
        };
        self.engine
            .matmul(final_normed, &self.unembedding, None, product)
    }

    /// Logits after the last token of each sequence: [sequences, vocabulary].
    pub fn last_logits(&self, forward: &Forward<E::Tensor>) -> E::Tensor {
        let (sequences, tokens) = (forward.sequences, forward.tokens);
        let width = self.config().width;
        let normed = self.take_last(&forward.final_normed, 0, [sequences, tokens, width]);
        self.logits(&normed, sequences)
    }

    /// The last token's row of each sequence, [sequences, width], where the sequences' rows, `width` wide,
    /// begin with the row `first`.
    pub(crate) fn take_last(
        &self,
        rows: &E::Tensor,
        first: usize,
        [sequences, tokens, width]: [usize; 3],
    ) -> E::Tensor {
        let last: Vec<u32> = (1..=sequences)
            .map(|end| (first + end * tokens - 1) as u32)
            .collect();
        self.take(rows, &last, width)
    }
}

/// Where a norm is read: its input [tokens, width], its 1 / denominator [tokens], and at
/// which tokens.
struct NormReads<'a, T> {
    x: &'a T,
    scale: &'a T,
    positions: &'a [u32],
    /// Whether its denominator is a constant.
    held: bool,
}

/// A layer's norm before the MLP, at the first tokens of a prompt that was run.
fn mlp_norm_at<'a, T>(
    layer: usize,
    forward: &'a Forward<T>,
    tokens: usize,
    hold: &Hold,
) -> NormAt<'a, T> {
    let state = &forward.layers[layer];
    NormAt {
        x: &state.mid,
        scale: &state.mlp_scale,
        tokens,
        held: hold.norms.contains(&layer),
    }
}

/// These rows of a table [any, width], in this order.
fn take<E: Engine>(engine: &E, table: &E::Tensor, indices: &[u32], width: usize) -> E::Tensor {
    let ones = engine.upload(&vec![1.0; indices.len()]);
    let chosen = engine.upload_indices(indices);
    engine.gather_rows(table, &chosen, &ones, indices.len(), width)
}
