//! A model with its transcoder on an engine, and its forward pass.

use super::{Attention, Engine, Product};
use crate::model::{self, EncoderInput, Model};
use std::sync::Arc;

/// A LayerNorm's weight and bias, [width] each.
struct Norm<T> {
    weight: T,
    bias: T,
}

/// A weight [inputs, outputs] and a bias [outputs].
struct Affine<T> {
    weight: T,
    bias: T,
}

/// Which features are active: [`model::Gate`].
enum Gate<T> {
    /// [features]
    Threshold(T),
    TopK(usize),
}

/// One layer's weights.
struct Layer<T> {
    attention_norm: Norm<T>,
    attention_in: Affine<T>,
    /// The last third of it.
    attention_values: Affine<T>,
    attention_out: Affine<T>,
    mlp_norm: Norm<T>,
    mlp_in: Affine<T>,
    mlp_out: Affine<T>,
    /// [features, width]
    encoder: T,
    encoder_bias: T,
    gate: Gate<T>,
    /// [features, outputs x width]
    decoder: T,
    /// [width (outputs), width (inputs)]
    skip: Option<T>,
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
    /// Queries, keys and values, [rows, 3 width].
    pub qkv: T,
    /// 1 / standard deviation in the attention's LayerNorm, [rows].
    pub attention_scale: T,
    /// [sequences, heads, tokens, past + tokens].
    pub pattern: T,
    /// The residual stream before the MLP, [rows, width].
    pub mid: T,
    /// 1 / standard deviation in the MLP's LayerNorm, [rows].
    pub mlp_scale: T,
    /// The output of the MLP's LayerNorm, [rows, width].
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
    /// 1 / standard deviation in the final LayerNorm, [sequences x tokens].
    pub final_scale: T,
    /// The output of the final LayerNorm, [sequences x tokens, width].
    pub final_normed: T,
}

/// A prompt that was run before, and that new sequences go on from.
pub struct Past<'a, T> {
    /// A forward pass of one sequence, itself without a past.
    pub forward: &'a Forward<T>,
}

/// What an attention layer leaves behind.
pub(crate) struct Attended<T> {
    pub heads: HeadsPass<T>,
    /// The residual stream after it, [rows, width].
    pub mid: T,
}

/// What the heads of an attention layer took.
pub(crate) struct HeadsPass<T> {
    /// Queries, keys and values, [rows, 3 width]; where the pattern was given the values alone.
    pub qkv: T,
    pub scale: T,
    pub pattern: T,
    /// From the values, [rows, width].
    pub mixed: T,
}

/// What an MLP leaves behind.
pub(crate) struct MlpPass<T> {
    pub normed: T,
    pub scale: T,
    pub out: T,
}

impl<E: Engine> Network<E> {
    /// Uploads a model.
    pub fn new(engine: E, model: Arc<Model>) -> Self {
        let norm = |norm: &model::Norm| Norm {
            weight: engine.upload(&norm.weight),
            bias: engine.upload(&norm.bias),
        };
        let affine = |affine: &model::Affine| Affine {
            weight: engine.upload(&affine.weight.values),
            bias: engine.upload(&affine.bias),
        };
        let layers = model
            .language
            .blocks
            .iter()
            .zip(&model.transcoder.layers)
            .map(|(block, transcoder)| Layer {
                attention_norm: norm(&block.attention_norm),
                attention_in: affine(&block.attention_in),
                attention_values: affine(&values_of(&block.attention_in)),
                attention_out: affine(&block.attention_out),
                mlp_norm: norm(&block.mlp_norm),
                mlp_in: affine(&block.mlp_in),
                mlp_out: affine(&block.mlp_out),
                encoder: engine.upload(&transcoder.encoder.values),
                encoder_bias: engine.upload(&transcoder.encoder_bias),
                gate: match &transcoder.gate {
                    model::Gate::Threshold(values) => Gate::Threshold(engine.upload(values)),
                    model::Gate::TopK(k) => Gate::TopK(*k),
                },
                decoder: engine.upload(&transcoder.decoder.values),
                skip: transcoder
                    .skip
                    .as_ref()
                    .map(|skip| engine.upload(&skip.values)),
            })
            .collect();
        let final_norm = norm(&model.language.final_norm);
        let unembedding = engine.upload(&model.language.unembedding().values);
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
        let offset = past.as_ref().map_or(0, |past| past.forward.tokens);
        let mut x = self.engine.upload(&self.embed(ids, tokens, offset));
        let mut layers = Vec::with_capacity(self.layers.len());
        for layer in 0..self.layers.len() {
            let before = past.as_ref().map(|past| &past.forward.layers[layer].qkv);
            let sizes = Sizes {
                sequences,
                tokens,
                past: offset,
            };
            let attended = self.attend(layer, &x, sizes, before, None, None);
            let mlp = self.mlp(layer, &attended.mid, sequences * tokens, None);
            x = self.engine.add(
                &attended.mid,
                &mlp.out,
                sequences * tokens * self.config().width,
            );
            layers.push(LayerState {
                qkv: attended.heads.qkv,
                attention_scale: attended.heads.scale,
                pattern: attended.heads.pattern,
                mid: attended.mid,
                mlp_scale: mlp.scale,
                mlp_normed: mlp.normed,
                mlp_out: mlp.out,
            });
        }
        let (final_normed, final_scale) = self.final_norm(&x, sequences * tokens, None);
        Forward {
            sequences,
            tokens,
            layers,
            final_scale,
            final_normed,
        }
    }

    /// Token and position embeddings, [ids, width].
    pub(crate) fn embed(&self, ids: &[u32], tokens: usize, offset: usize) -> Vec<f32> {
        let language = &self.model.language;
        let mut x = Vec::with_capacity(ids.len() * language.config.width);
        for (i, id) in ids.iter().enumerate() {
            let token = language.token_embedding.row(*id as usize);
            let position = language.position_embedding.row(offset + i % tokens);
            x.extend(token.iter().zip(position).map(|(a, b)| a + b));
        }
        x
    }

    /// Attention of one layer, and the residual stream after it. `past` are the queries, keys and
    /// values of the tokens before. A given pattern or LayerNorm scale is taken in place of the own
    /// one.
    pub(crate) fn attend(
        &self,
        layer: usize,
        x: &E::Tensor,
        sizes: Sizes,
        past: Option<&E::Tensor>,
        pattern: Option<&E::Tensor>,
        scale: Option<&E::Tensor>,
    ) -> Attended<E::Tensor> {
        let heads = self.heads(layer, x, sizes, past, pattern, scale);
        let rows = sizes.sequences * sizes.tokens;
        let mid = self.after_heads(layer, x, &heads.mixed, rows);
        Attended { heads, mid }
    }

    /// The first half of [`Network::attend`]: what the heads take from the tokens.
    pub(crate) fn heads(
        &self,
        layer: usize,
        x: &E::Tensor,
        sizes: Sizes,
        past: Option<&E::Tensor>,
        pattern: Option<&E::Tensor>,
        scale: Option<&E::Tensor>,
    ) -> HeadsPass<E::Tensor> {
        let engine = &self.engine;
        let weights = &self.layers[layer];
        let width = self.config().width;
        let rows = sizes.sequences * sizes.tokens;
        let (normed, own_scale) = self.norm(&weights.attention_norm, x, rows, scale);
        // A pattern that is given needs no queries and keys.
        let (from, parts) = match pattern {
            Some(_) => (&weights.attention_values, 1),
            None => (&weights.attention_in, 3),
        };
        let product = Product {
            rows,
            inner: width,
            columns: parts * width,
            transposed: false,
        };
        let qkv = engine.matmul(&normed, &from.weight, Some(&from.bias), product);
        let attention = Attention {
            sequences: sizes.sequences,
            tokens: sizes.tokens,
            past: sizes.past,
            heads: self.config().heads,
            width,
        };
        let own_pattern = pattern
            .is_none()
            .then(|| engine.attention_pattern(past, &qkv, attention));
        let used = pattern.or(own_pattern.as_ref()).expect("one of the two");
        HeadsPass {
            mixed: engine.attention_mix(used, past, &qkv, parts, attention),
            pattern: own_pattern.unwrap_or_else(|| engine.zeros(1)),
            scale: own_scale,
            qkv,
        }
    }

    /// The residual stream [rows, width] after a layer's attention, from that before it and what
    /// the heads took together.
    pub(crate) fn after_heads(
        &self,
        layer: usize,
        x: &E::Tensor,
        mixed: &E::Tensor,
        rows: usize,
    ) -> E::Tensor {
        let Affine { weight, bias } = &self.layers[layer].attention_out;
        let width = self.config().width;
        let product = Product {
            rows,
            inner: width,
            columns: width,
            transposed: false,
        };
        let out = self.engine.matmul(mixed, weight, Some(bias), product);
        self.engine.add(x, &out, rows * width)
    }

    /// These rows of a table [any, width], in this order.
    pub(crate) fn take(&self, table: &E::Tensor, indices: &[u32], width: usize) -> E::Tensor {
        let engine = &self.engine;
        let ones = engine.upload(&vec![1.0; indices.len()]);
        let chosen = engine.upload_indices(indices);
        engine.gather_rows(table, &chosen, &ones, indices.len(), width)
    }

    /// The LayerNorm before an MLP, on the residual stream [rows, width], and its scale.
    pub(crate) fn mlp_norm(
        &self,
        layer: usize,
        mid: &E::Tensor,
        rows: usize,
        scale: Option<&E::Tensor>,
    ) -> (E::Tensor, E::Tensor) {
        self.norm(&self.layers[layer].mlp_norm, mid, rows, scale)
    }

    /// The MLP of one layer on the residual stream before it, [rows, width].
    pub(crate) fn mlp(
        &self,
        layer: usize,
        mid: &E::Tensor,
        rows: usize,
        scale: Option<&E::Tensor>,
    ) -> MlpPass<E::Tensor> {
        let engine = &self.engine;
        let weights = &self.layers[layer];
        let (width, inner) = (self.config().width, self.config().inner);
        let (normed, scale) = self.mlp_norm(layer, mid, rows, scale);
        let affine = |x: &E::Tensor, affine: &Affine<E::Tensor>, inner, columns| {
            let product = Product {
                rows,
                inner,
                columns,
                transposed: false,
            };
            engine.matmul(x, &affine.weight, Some(&affine.bias), product)
        };
        let hidden = affine(&normed, &weights.mlp_in, width, inner);
        let hidden = engine.activate(&hidden, self.config().activation, rows * inner);
        let out = affine(&hidden, &weights.mlp_out, inner, width);
        MlpPass { normed, scale, out }
    }

    /// What the encoder of a layer reads: of these two, the one that the transcoder is made for.
    pub fn encoder_input<'a>(
        &self,
        mid: &'a E::Tensor,
        mlp_normed: &'a E::Tensor,
    ) -> &'a E::Tensor {
        match self.model.transcoder.input {
            EncoderInput::ResidualMid => mid,
            EncoderInput::MlpNorm => mlp_normed,
        }
    }

    /// Pre-activations of a layer's features, [rows, features], from the encoder's input.
    pub fn pre_activations(&self, layer: usize, input: &E::Tensor, rows: usize) -> E::Tensor {
        let weights = &self.layers[layer];
        let product = Product {
            rows,
            inner: self.config().width,
            columns: self.model.transcoder.features(),
            transposed: true,
        };
        self.engine.matmul(
            input,
            &weights.encoder,
            Some(&weights.encoder_bias),
            product,
        )
    }

    /// Activations from pre-activations, [rows, features].
    pub fn activate(&self, layer: usize, pre_activations: &E::Tensor, rows: usize) -> E::Tensor {
        let features = self.model.transcoder.features();
        match &self.layers[layer].gate {
            Gate::Threshold(threshold) => {
                self.engine
                    .jump_relu(pre_activations, threshold, rows, features)
            }
            Gate::TopK(k) => self.engine.top_k(pre_activations, *k, rows, features),
        }
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

    /// What a transcoder's skip path writes, [rows, width], if it has one.
    pub(crate) fn skip(&self, layer: usize, input: &E::Tensor, rows: usize) -> Option<E::Tensor> {
        let width = self.config().width;
        let product = Product {
            rows,
            inner: width,
            columns: width,
            transposed: true,
        };
        let skip = self.layers[layer].skip.as_ref()?;
        Some(self.engine.matmul(input, skip, None, product))
    }

    /// A layer's decoder, [features, outputs x width].
    pub(crate) fn decoder(&self, layer: usize) -> &E::Tensor {
        &self.layers[layer].decoder
    }

    /// A layer's encoder, [features, width].
    pub(crate) fn encoder(&self, layer: usize) -> &E::Tensor {
        &self.layers[layer].encoder
    }

    /// The attention's output weight, [width, width].
    pub(crate) fn attention_out(&self, layer: usize) -> &E::Tensor {
        &self.layers[layer].attention_out.weight
    }

    /// The final LayerNorm and its scale.
    pub(crate) fn final_norm(
        &self,
        x: &E::Tensor,
        rows: usize,
        scale: Option<&E::Tensor>,
    ) -> (E::Tensor, E::Tensor) {
        self.norm(&self.final_norm, x, rows, scale)
    }

    /// Logits from the output of the final LayerNorm: [rows, vocabulary].
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
        let normed = self.take_last(&forward.final_normed, 0, sequences, tokens);
        self.logits(&normed, sequences)
    }

    /// The same from the residual stream after the last layer, [sequences x tokens, width]. A given
    /// LayerNorm scale, [sequences], is taken in place of the own one.
    pub(crate) fn read_out(
        &self,
        x: &E::Tensor,
        sequences: usize,
        tokens: usize,
        scale: Option<&E::Tensor>,
    ) -> E::Tensor {
        let last = self.take_last(x, 0, sequences, tokens);
        let (normed, _) = self.final_norm(&last, sequences, scale);
        self.logits(&normed, sequences)
    }

    /// The last token's row of each sequence, [sequences, width], where the sequences' rows begin with
    /// the row `first`.
    pub(crate) fn take_last(
        &self,
        rows: &E::Tensor,
        first: usize,
        sequences: usize,
        tokens: usize,
    ) -> E::Tensor {
        let last: Vec<u32> = (1..=sequences)
            .map(|end| (first + end * tokens - 1) as u32)
            .collect();
        self.take(rows, &last, self.config().width)
    }

    /// LayerNorm with its own scale, or a given one (then the scale returned is a dummy).
    fn norm(
        &self,
        norm: &Norm<E::Tensor>,
        x: &E::Tensor,
        rows: usize,
        scale: Option<&E::Tensor>,
    ) -> (E::Tensor, E::Tensor) {
        let engine = &self.engine;
        let width = self.config().width;
        match scale {
            None => {
                let epsilon = self.config().epsilon;
                engine.layer_norm(x, &norm.weight, &norm.bias, epsilon, rows, width)
            }
            Some(scale) => {
                let frozen =
                    engine.layer_norm_frozen(x, &norm.weight, &norm.bias, scale, rows, width);
                (frozen, engine.zeros(1))
            }
        }
    }
}

/// The sizes of a batch of sequences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub sequences: usize,
    /// New tokens of each sequence.
    pub tokens: usize,
    /// Tokens before them that all sequences share.
    pub past: usize,
}

/// Of what makes queries, keys and values, [width, 3 width], the part that makes values.
fn values_of(attention_in: &model::Affine) -> model::Affine {
    let model::Affine { weight, bias } = attention_in;
    let (columns, width) = (weight.columns, weight.columns / 3);
    let rows = weight.values.chunks_exact(columns);
    model::Affine {
        weight: model::Matrix {
            rows: weight.rows,
            columns: width,
            values: rows
                .flat_map(|row| row[columns - width..].to_vec())
                .collect(),
        },
        bias: bias[columns - width..].to_vec(),
    }
}
