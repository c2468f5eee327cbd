//! The attribution loop: rows of the graph, all targets of a batch carried down the frozen network
//! together.
//!
//! A row starts as the direction that its target reads. On its way down it meets, layer by layer,
//! what features, errors and constants write; each product is an edge. Then it goes back through
//! the attention layer, whose patterns and denominators are those of the prompt. ("Circuit
//! Tracing", 2025, section 3.2; nothing is differentiated automatically, since all is linear.)

use super::frozen::{FrozenLayer, read_through_norm};
use super::{Feature, Target, TraceError, finite};
use crate::engine::{Attention, Decoding, Edges, Engine, Forward, Network, Product};
use crate::model::{EncoderInput, TranscoderKind};
use crate::order;

/// Most bytes of rows that are read back at once.
const AT_ONCE: usize = 32 << 20;

/// Everything that writes to the residual stream in one prompt, on the engine.
pub(super) struct Sources<'a, E: Engine> {
    network: &'a Network<E>,
    frozen: &'a [FrozenLayer<E::Tensor>],
    forward: &'a Forward<E::Tensor>,
    features: &'a [Feature],
    /// 1 / standard deviation in the MLPs' LayerNorms, per layer, [tokens].
    mlp_scales: &'a [Vec<f32>],
    /// 1 / standard deviation in the final LayerNorm at the last token.
    final_scale: f32,
    /// Decoders times activations, one tensor a layer: [features there, outputs x width].
    decoders: Vec<E::Tensor>,
    /// Positions and columns of each layer's features.
    places: Vec<Places<E::Indices>>,
    /// [layers, tokens, width]
    errors: E::Tensor,
    /// What biases and the first position write to each MLP output, [layers, tokens, width].
    constants: E::Tensor,
    /// Token and position embeddings, [tokens, width].
    tokens: E::Tensor,
    positions: E::Tensor,
    /// Positions of errors and tokens, and the columns of each layer's errors, of the tokens and of
    /// the remainder.
    all_positions: E::Indices,
    later_positions: E::Indices,
    error_columns: Vec<E::Indices>,
    token_columns: E::Indices,
    remainder_columns: E::Indices,
}

/// A prompt that has been run.
pub(super) struct Prompt<'a, T> {
    pub ids: &'a [u32],
    pub forward: &'a Forward<T>,
    /// Per layer, [tokens, features].
    pub activations: &'a [T],
    /// The active ones, by layer, position and index.
    pub features: &'a [Feature],
    /// 1 / standard deviation in the MLPs' LayerNorms, per layer, [tokens].
    pub mlp_scales: &'a [Vec<f32>],
    /// 1 / standard deviation in the final LayerNorm at the last token.
    pub final_scale: f32,
}

struct Places<I> {
    positions: I,
    columns: I,
    count: usize,
}

/// What a row starts from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'a> {
    Logit(&'a Target),
    /// Index among the active features.
    Feature(usize),
}

/// A computed row. `edges` are [active features + (layers + 1) x tokens].
pub(super) struct Row {
    pub edges: Vec<f32>,
    pub remainder: f32,
}

impl<'a, E: Engine> Sources<'a, E> {
    /// Records what the sources of a prompt write; nothing is read back.
    pub fn new(
        network: &'a Network<E>,
        frozen: &'a [FrozenLayer<E::Tensor>],
        prompt: Prompt<'a, E::Tensor>,
    ) -> Self {
        let Prompt {
            ids,
            forward,
            activations,
            features,
            mlp_scales,
            final_scale,
        } = prompt;
        let engine = &network.engine;
        let language = &network.model.language;
        let transcoder = &network.model.transcoder;
        let layers = transcoder.layers.len();
        let (tokens, width) = (forward.tokens, language.config.width);
        let as_u32 = |values: &mut dyn Iterator<Item = usize>| {
            let values: Vec<u32> = values.map(|value| value as u32).collect();
            engine.upload_indices(&values)
        };

        let mut decoders = Vec::with_capacity(layers);
        let mut places = Vec::with_capacity(layers);
        let mut start = 0;
        for layer in 0..layers {
            let here = &features[start..start + of_layer(&features[start..], layer)];
            let indices = as_u32(&mut here.iter().map(|feature| feature.index));
            let scales: Vec<f32> = here.iter().map(|feature| feature.activation).collect();
            let scales = engine.upload(&scales);
            let row = transcoder.outputs(layer) * width;
            let table = network.decoder(layer);
            decoders.push(engine.gather_rows(table, &indices, &scales, here.len(), row));
            places.push(Places {
                positions: as_u32(&mut here.iter().map(|feature| feature.position)),
                columns: as_u32(&mut (start..start + here.len())),
                count: here.len(),
            });
            start += here.len();
        }

        let (errors, constants) = split_outputs(network, frozen, forward, activations);
        let rows = |table: &crate::model::Matrix, rows: &mut dyn Iterator<Item = usize>| {
            let values: Vec<f32> = rows
                .flat_map(|row| table.row(row).iter().copied())
                .collect();
            engine.upload(&values)
        };
        let first_error = features.len();
        let first_token = first_error + layers * tokens;
        Sources {
            decoders,
            places,
            errors,
            constants,
            tokens: rows(
                &language.token_embedding,
                &mut ids.iter().map(|id| *id as usize),
            ),
            positions: rows(&language.position_embedding, &mut (0..tokens)),
            all_positions: as_u32(&mut (0..tokens)),
            later_positions: as_u32(&mut (1..tokens)),
            error_columns: (0..layers)
                .map(|layer| {
                    let first = first_error + layer * tokens;
                    as_u32(&mut (first + 1..first + tokens))
                })
                .collect(),
            token_columns: as_u32(&mut (first_token..first_token + tokens)),
            remainder_columns: as_u32(&mut (first_token + tokens..first_token + 2 * tokens)),
            network,
            frozen,
            forward,
            features,
            mlp_scales,
            final_scale,
        }
    }

    /// Sources that become nodes: active features, errors and tokens.
    pub fn width(&self) -> usize {
        let tokens = self.forward.tokens;
        self.features.len() + (self.frozen.len() + 1) * tokens
    }

    /// Computes the rows of these targets, `batch` at a time. `observe` is told how many are done.
    ///
    /// # Errors
    /// An engine that fails, or [`TraceError::NotFiniteEdge`].
    pub async fn rows(
        &self,
        starts: &[Start<'_>],
        batch: usize,
        mut observe: impl FnMut(usize),
    ) -> Result<Vec<Row>, TraceError> {
        // From the last layer to the first, so that those under way are a leading part.
        let layer_of = |start: &Start<'_>| match start {
            Start::Logit(_) => self.frozen.len(),
            Start::Feature(feature) => self.features[*feature].layer,
        };
        let order = order::indices(starts.len(), &|a, b| {
            layer_of(&starts[b]).cmp(&layer_of(&starts[a]))
        });
        let sorted: Vec<Start<'_>> = order.iter().map(|i| starts[*i]).collect();
        let columns = self.width() + self.forward.tokens;
        let batch = batch.max(1);
        // Few readbacks, but none so large that a device could not hold it.
        let at_once = (AT_ONCE / (4 * columns * batch)).max(1) * batch;

        let places = finite::Places {
            features: self.features,
            layers: self.frozen.len(),
            tokens: self.forward.tokens,
        };
        let mut rows: Vec<Option<Row>> = (0..starts.len()).map(|_| None).collect();
        let mut next = order.into_iter();
        let mut done = 0;
        for starts in sorted.chunks(at_once) {
            let recorded: Vec<(E::Tensor, usize)> = starts
                .chunks(batch)
                .map(|starts| (self.record(starts), starts.len() * columns))
                .collect();
            let wanted: Vec<_> = recorded
                .iter()
                .map(|(rows, length)| (rows, *length))
                .collect();
            let values = self.network.engine.read(&wanted).await?;
            let computed = values
                .iter()
                .flat_map(|values| values.chunks_exact(columns));
            for (start, (values, i)) in starts.iter().zip(computed.zip(&mut next)) {
                let (edges, remainder) = values.split_at(self.width());
                let row = Row {
                    edges: edges.to_vec(),
                    remainder: remainder.iter().sum::<f32>() + self.constant(start),
                };
                places.check(start, &row)?;
                rows[i] = Some(row);
            }
            done += starts.len();
            observe(done);
        }
        Ok(rows
            .into_iter()
            .map(|row| row.expect("every start has a row"))
            .collect())
    }

    /// The part of a target's pre-activation that no path through the network brings.
    fn constant(&self, start: &Start<'_>) -> f32 {
        match start {
            Start::Logit(target) => {
                let norm = &self.network.model.language.final_norm;
                super::frozen::dot(&target.direction, &norm.bias)
            }
            Start::Feature(feature) => {
                let Feature { layer, index, .. } = self.features[*feature];
                self.frozen[layer].encoder_constant[index]
            }
        }
    }

    /// Records one batch, whose targets are sorted from the last layer to the first:
    /// [targets, width() + tokens], the remainder by position in the last columns.
    fn record(&self, starts: &[Start<'_>]) -> E::Tensor {
        let engine = &self.network.engine;
        let (tokens, width) = (self.forward.tokens, self.network.config().width);
        let columns = self.width() + tokens;
        let mut out = engine.zeros(starts.len() * columns);
        // The gradient of each target by the residual stream, [targets, tokens, width].
        let mut gradient = engine.zeros(starts.len() * tokens * width);
        let mut live = self.inject_logits(&mut gradient, starts);
        for layer in (0..self.frozen.len()).rev() {
            if live > 0 {
                self.read_mlp_output(&mut out, &gradient, layer, live);
                self.skip_back(&mut gradient, layer, live);
            }
            live += self.inject_features(&mut gradient, &starts[live..], layer, live);
            if live > 0 {
                let constant = &self.frozen[layer].attention_constant;
                let places = (&self.all_positions, &self.remainder_columns);
                self.edges(&mut out, &gradient, live, constant, places, [tokens, 0, 0]);
                self.attention_back(&mut gradient, layer, live);
            }
        }
        let places = (&self.all_positions, &self.token_columns);
        let whole = [tokens, width, 0];
        self.edges(&mut out, &gradient, live, &self.tokens, places, whole);
        let places = (&self.all_positions, &self.remainder_columns);
        self.edges(&mut out, &gradient, live, &self.positions, places, whole);
        out
    }

    /// Starts the rows of logits, which come first, at the last token; returns how many.
    fn inject_logits(&self, gradient: &mut E::Tensor, starts: &[Start<'_>]) -> usize {
        let engine = &self.network.engine;
        let (tokens, width) = (self.forward.tokens, self.network.config().width);
        let norm = &self.network.model.language.final_norm;
        let mut directions = Vec::new();
        let mut places = Vec::new();
        for (row, start) in starts.iter().enumerate() {
            let Start::Logit(target) = start else { break };
            let mut direction = target.direction.clone();
            read_through_norm(&mut direction, norm);
            directions.extend(direction.iter().map(|value| value * self.final_scale));
            places.push((row * tokens + tokens - 1) as u32);
        }
        if !places.is_empty() {
            let (rows, indices) = (engine.upload(&directions), engine.upload_indices(&places));
            engine.scatter_rows(gradient, &rows, &indices, places.len(), width);
        }
        places.len()
    }

    /// Starts the rows of a layer's features, which come first among `starts`; returns how many.
    /// `first` is the row of the first.
    fn inject_features(
        &self,
        gradient: &mut E::Tensor,
        starts: &[Start<'_>],
        layer: usize,
        first: usize,
    ) -> usize {
        let engine = &self.network.engine;
        let (tokens, width) = (self.forward.tokens, self.network.config().width);
        let (mut indices, mut scales, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for start in starts {
            let Start::Feature(feature) = start else {
                break;
            };
            let feature = &self.features[*feature];
            if feature.layer != layer {
                break;
            }
            indices.push(feature.index as u32);
            scales.push(match self.network.model.transcoder.input {
                EncoderInput::ResidualMid => 1.0,
                EncoderInput::MlpNorm => self.mlp_scales[layer][feature.position],
            });
            places.push(((first + places.len()) * tokens + feature.position) as u32);
        }
        if !places.is_empty() {
            let table = self.frozen[layer].reader.as_ref();
            let table = table.unwrap_or_else(|| self.network.encoder(layer));
            let (indices, scales) = (engine.upload_indices(&indices), engine.upload(&scales));
            let rows = engine.gather_rows(table, &indices, &scales, places.len(), width);
            let at = engine.upload_indices(&places);
            engine.scatter_rows(gradient, &rows, &at, places.len(), width);
        }
        places.len()
    }

    /// Edges from everything that writes to a layer's MLP output.
    fn read_mlp_output(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        layer: usize,
        live: usize,
    ) {
        let (tokens, width) = (self.forward.tokens, self.network.config().width);
        let transcoder = &self.network.model.transcoder;
        let writers = match transcoder.kind {
            TranscoderKind::CrossLayer => 0..=layer,
            TranscoderKind::PerLayer => layer..=layer,
        };
        for from in writers {
            let places = &self.places[from];
            let stride = transcoder.outputs(from) * width;
            let layout = [places.count, stride, (layer - from) * width];
            let at = (&places.positions, &places.columns);
            self.edges(out, gradient, live, &self.decoders[from], at, layout);
        }
        // The first position has no error node; what it writes is part of the remainder.
        let at = (&self.later_positions, &self.error_columns[layer]);
        let layout = [tokens - 1, width, (layer * tokens + 1) * width];
        self.edges(out, gradient, live, &self.errors, at, layout);
        let at = (&self.all_positions, &self.remainder_columns);
        let layout = [tokens, width, layer * tokens * width];
        self.edges(out, gradient, live, &self.constants, at, layout);
    }

    /// Adds the edges of `[count, stride, offset]` vectors.
    fn edges(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        live: usize,
        vectors: &E::Tensor,
        (positions, columns): (&E::Indices, &E::Indices),
        [sources, stride, offset]: [usize; 3],
    ) {
        if sources == 0 || live == 0 {
            return;
        }
        let sizes = Edges {
            targets: live,
            tokens: self.forward.tokens,
            width: self.network.config().width,
            sources,
            stride,
            offset,
            columns: self.width() + self.forward.tokens,
        };
        let engine = &self.network.engine;
        engine.edges(out, gradient, vectors, positions, columns, sizes);
    }

    /// Carries gradients back through a transcoder's skip path, if it has one.
    fn skip_back(&self, gradient: &mut E::Tensor, layer: usize, live: usize) {
        let Some(path) = &self.frozen[layer].skip_path else {
            return;
        };
        let engine = &self.network.engine;
        let (tokens, width) = (self.forward.tokens, self.network.config().width);
        let product = Product {
            rows: live * tokens,
            inner: width,
            columns: width,
            transposed: false,
        };
        let mut through = engine.matmul(gradient, path, None, product);
        if self.network.model.transcoder.input == EncoderInput::MlpNorm {
            let scale = &self.forward.layers[layer].mlp_scale;
            through = engine.scale_tokens(&through, scale, live, tokens, width);
        }
        engine.add_scaled(gradient, 0, &through, 0, live * tokens * width, 1.0);
    }

    /// Carries gradients back through an attention layer with the prompt's patterns.
    fn attention_back(&self, gradient: &mut E::Tensor, layer: usize, live: usize) {
        let engine = &self.network.engine;
        let state = &self.forward.layers[layer];
        let (tokens, width) = (self.forward.tokens, self.network.config().width);
        let product = Product {
            rows: live * tokens,
            inner: width,
            columns: width,
            transposed: true,
        };
        let mixed = engine.matmul(gradient, self.network.attention_out(layer), None, product);
        let sizes = Attention {
            sequences: live,
            tokens,
            past: 0,
            heads: self.network.config().heads,
            width,
        };
        let values = engine.attention_unmix(&state.pattern, &state.attention_scale, &mixed, sizes);
        engine.matmul_add(gradient, &values, &self.frozen[layer].value_path, product);
    }
}

/// How many of these features, sorted by layer, are of the given layer, which comes first.
fn of_layer(features: &[Feature], layer: usize) -> usize {
    features.partition_point(|feature| feature.layer <= layer)
}

/// Splits every MLP output, less what features and skip paths write, into errors and constants:
/// both [layers, tokens, width]. The transcoder's biases are constants; so is all of the first
/// position, which has neither features nor an error.
pub(super) fn split_outputs<E: Engine>(
    network: &Network<E>,
    frozen: &[FrozenLayer<E::Tensor>],
    forward: &Forward<E::Tensor>,
    activations: &[E::Tensor],
) -> (E::Tensor, E::Tensor) {
    let engine = &network.engine;
    let transcoder = &network.model.transcoder;
    let (tokens, width) = (forward.tokens, network.config().width);
    let mut less_bias = Vec::with_capacity(frozen.len() * tokens * width);
    let mut constant = Vec::with_capacity(frozen.len() * tokens * width);
    for (layer, frozen) in transcoder.layers.iter().zip(frozen) {
        for token in 0..tokens {
            less_bias.extend(layer.decoder_bias.iter().map(|bias| -bias));
            let pairs = frozen.skip_constant.iter().zip(&layer.decoder_bias);
            constant.extend(pairs.map(|(skip, bias)| if token == 0 { *skip } else { skip + bias }));
        }
    }
    let mut errors = engine.upload(&less_bias);
    let mut constants = engine.upload(&constant);
    for (layer, state) in forward.layers.iter().enumerate() {
        let at = layer * tokens * width;
        let mut write = |x: &E::Tensor, factor: f32| {
            engine.add_scaled(&mut errors, at, x, 0, tokens * width, factor);
            engine.add_scaled(&mut constants, at, x, 0, width, factor);
        };
        write(&state.mlp_out, 1.0);
        let input = network.encoder_input(&state.mid, &state.mlp_normed);
        if let Some(skip) = network.skip(layer, input, tokens) {
            write(&skip, -1.0);
        }
    }
    for (layer, activations) in activations.iter().enumerate() {
        let sizes = Decoding {
            tokens,
            features: transcoder.features(),
            outputs: transcoder.outputs(layer),
            width,
            layer,
        };
        engine.decode(
            &mut errors,
            activations,
            network.decoder(layer),
            sizes,
            -1.0,
        );
    }
    (errors, constants)
}
