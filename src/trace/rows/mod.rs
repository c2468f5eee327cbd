//! The attribution loop: rows of the graph, all targets of a batch carried down the network together.
//!
//! A row starts as the direction that its target reads. On its way down it meets, layer by layer,
//! what features, errors and constants write; each product is an edge. Then it goes back through
//! the attention layer, whose patterns and denominators are those of the prompt: as constants
//! ("Circuit Tracing", 2025, section 3.2), or with their derivatives, as the reading says. Parts pull
//! back; nothing is differentiated automatically.

use super::constants::LayerConstants;
use super::written::{Written, written};
use super::{Feature, Run, Target, TraceError, finite};
use crate::engine::{Edges, Engine};
use crate::network::{Crossing, Forward, Hold, Leading, Network, Reading};
use crate::order;

/// Most bytes of rows that are read back at once.
const AT_ONCE: usize = 32 << 20;

/// Lengths of a prompt's beginnings are multiples of so many tokens.
const BEGINNINGS: usize = 4;

/// Everything that writes to the residual stream in one prompt, on the engine.
pub(super) struct Sources<'a, E: Engine> {
    network: &'a Network<E>,
    constants: &'a [LayerConstants<E::Tensor>],
    forward: &'a Forward<E::Tensor>,
    features: &'a [Feature],
    hold: Hold,
    /// Whether rows add up, so that they have a remainder.
    adds_up: bool,
    /// What is written in the place of each layer's MLP.
    written: Vec<Written<E::Tensor, E::Indices>>,
    /// Token embeddings, and position embeddings where they are learned.
    tokens: Embedded<E::Tensor>,
    positions: Option<Embedded<E::Tensor>>,
    /// Positions of tokens, and the columns of the tokens and of the remainder.
    all_positions: E::Indices,
    token_columns: E::Indices,
    remainder_columns: E::Indices,
}

/// What is written before the first layer.
struct Embedded<T> {
    /// To the residual stream, [tokens, width].
    stream: T,
    /// To what the first attention reads, [tokens, read]: a row meets it there, and need not be carried through.
    brought: T,
    read: usize,
}

/// What a row starts from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'a> {
    Logit(&'a Target),
    /// Index among the active features.
    Feature(usize),
}

/// Beginnings of a prompt, by how many tokens they have.
type Beginnings<'f, T> = Vec<Option<Leading<'f, T>>>;

/// A computed row. `edges` are [active features + (layers + 1) x tokens].
pub(super) struct Row {
    pub edges: Vec<f32>,
    /// 0 where rows do not add up.
    pub remainder: f32,
}

impl<'a, E: Engine> Sources<'a, E> {
    /// Records what the sources of a prompt write; nothing is read back.
    pub fn new(
        network: &'a Network<E>,
        constants: &'a [LayerConstants<E::Tensor>],
        run: &'a Run<E>,
        reading: Reading,
    ) -> Self {
        let (forward, features) = (&run.forward, &run.features);
        let engine = &network.engine;
        let language = &network.model.language;
        let layers = constants.len();
        let tokens = forward.tokens;
        let as_u32 = |values: &mut dyn Iterator<Item = usize>| {
            let values: Vec<u32> = values.map(|value| value as u32).collect();
            engine.upload_indices(&values)
        };

        let hold = Hold::from(reading);
        let embedded = |table: &crate::model::Matrix, rows: &mut dyn Iterator<Item = usize>| {
            let values: Vec<f32> = rows
                .flat_map(|row| table.row(row).iter().copied())
                .collect();
            let stream = engine.upload(&values);
            let (brought, read) = network.brought(&stream, 0, forward, &hold);
            Embedded {
                stream,
                brought,
                read,
            }
        };
        let first_token = features.len() + layers * tokens;
        Sources {
            written: (0..layers)
                .map(|layer| written(network, run, layer, reading.adds_up()))
                .collect(),
            tokens: embedded(
                &language.token_embedding,
                &mut run.ids().iter().map(|id| *id as usize),
            ),
            positions: language
                .position_embedding
                .as_ref()
                .map(|table| embedded(table, &mut (0..tokens))),
            all_positions: as_u32(&mut (0..tokens)),
            token_columns: as_u32(&mut (first_token..first_token + tokens)),
            remainder_columns: as_u32(&mut (first_token + tokens..first_token + 2 * tokens)),
            network,
            constants,
            forward,
            features,
            hold,
            adds_up: reading.adds_up(),
        }
    }

    /// How many features are active.
    pub fn features(&self) -> usize {
        self.features.len()
    }

    /// Sources that become nodes: active features, errors and tokens.
    pub fn width(&self) -> usize {
        let tokens = self.forward.tokens;
        self.features.len() + (self.constants.len() + 1) * tokens
    }

    /// Computes the rows of these targets, at most `batch` at a time. `observe` is told how many are done.
    ///
    /// # Errors
    /// An engine that fails, or [`TraceError::NotFiniteEdge`].
    pub async fn rows(
        &self,
        starts: &[Start<'_>],
        batch: usize,
        mut observe: impl FnMut(usize),
    ) -> Result<Vec<Row>, TraceError> {
        let order = self.in_order(starts);
        let sorted: Vec<Start<'_>> = order.iter().map(|i| starts[*i]).collect();
        let columns = self.width() + self.forward.tokens;
        let one = self.forward.tokens * self.network.config().width;
        let batch = batch.min(self.network.engine.rows_at_once(one)).max(1);
        // Few readbacks, but none so large that a device could not hold it.
        let at_once = (AT_ONCE / (4 * columns * batch)).max(1) * batch;
        // By their lengths.
        let mut beginnings: Beginnings<'_, E::Tensor> =
            (0..=self.forward.tokens).map(|_| None).collect();

        let places = finite::Places {
            features: self.features,
            layers: self.constants.len(),
            tokens: self.forward.tokens,
        };
        let mut rows: Vec<Option<Row>> = (0..starts.len()).map(|_| None).collect();
        let mut next = order.into_iter();
        let mut done = 0;
        for starts in sorted.chunks(at_once) {
            let batches: Vec<(&[Start<'_>], usize)> = starts
                .chunks(batch)
                .map(|starts| (starts, self.reach(starts)))
                .collect();
            self.add_beginnings(&mut beginnings, &batches);
            let recorded = self.network.engine.each(batches.len(), |i| {
                let (starts, tokens) = batches[i];
                let beginning = beginnings[tokens].as_ref();
                self.record(starts, beginning.expect("every reach has its beginning"))
            });
            let wanted: Vec<_> = recorded
                .iter()
                .zip(&batches)
                .map(|(rows, (starts, _))| (rows, starts.len() * columns))
                .collect();
            let values = self.network.engine.read(&wanted).await?;
            let computed = values
                .iter()
                .flat_map(|values| values.chunks_exact(columns));
            for (start, (values, i)) in starts.iter().zip(computed.zip(&mut next)) {
                let (edges, remainder) = values.split_at(self.width());
                let row = Row {
                    edges: edges.to_vec(),
                    remainder: match self.adds_up {
                        true => remainder.iter().sum::<f32>() + self.constant(start),
                        false => 0.0,
                    },
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

    /// The targets' numbers in the order in which they are computed.
    fn in_order(&self, starts: &[Start<'_>]) -> Vec<usize> {
        // From the last layer to the first, so that those under way are a leading part; and by position, since no
        // target has an edge from a later token.
        let place_of = |start: &Start<'_>| match start {
            Start::Logit(_) => (self.constants.len(), 0),
            Start::Feature(feature) => {
                let Feature {
                    layer, position, ..
                } = self.features[*feature];
                (layer, position)
            }
        };
        order::indices(starts.len(), &|a, b| {
            let ((layer, position), other) = (place_of(&starts[a]), place_of(&starts[b]));
            other.0.cmp(&layer).then(position.cmp(&other.1))
        })
    }

    /// Adds the beginnings that batches of targets, each with how many tokens it reaches, want and that are not there.
    fn add_beginnings<'f>(
        &'f self,
        beginnings: &mut Beginnings<'f, E::Tensor>,
        batches: &[(&[Start<'_>], usize)],
    ) {
        let wanted = |tokens: &usize| batches.iter().any(|(_, reach)| reach == tokens);
        let missing: Vec<usize> = (0..beginnings.len())
            .filter(|tokens| beginnings[*tokens].is_none() && wanted(tokens))
            .collect();
        let made = self.network.engine.each(missing.len(), |i| {
            let tokens = missing[i];
            self.network.leading(self.forward, tokens, &self.hold)
        });
        for (tokens, beginning) in missing.into_iter().zip(made) {
            beginnings[tokens] = Some(beginning);
        }
    }

    /// How many tokens, from the first on, these targets can have edges from; a few more, so that few beginnings are wanted.
    fn reach(&self, starts: &[Start<'_>]) -> usize {
        let all = self.forward.tokens;
        let reach = starts.iter().map(|start| match start {
            Start::Logit(_) => all,
            Start::Feature(feature) => self.features[*feature].position + 1,
        });
        let reach = reach.max().unwrap_or(all);
        reach.next_multiple_of(BEGINNINGS).min(all)
    }

    /// The part of a target's pre-activation that no path through the network brings.
    fn constant(&self, start: &Start<'_>) -> f32 {
        match start {
            Start::Logit(target) => {
                let norm = &self.network.model.language.final_norm;
                let bias = norm.bias.as_deref().unwrap_or_default();
                super::constants::dot(&target.direction, bias)
            }
            Start::Feature(feature) => {
                let Feature { layer, index, .. } = self.features[*feature];
                self.constants[layer].encoder[index]
            }
        }
    }

    /// Records one batch, whose targets are sorted from the last layer to the first:
    /// [targets, width() + tokens], the remainder by position in the last columns.
    fn record(&self, starts: &[Start<'_>], at: &Leading<'_, E::Tensor>) -> E::Tensor {
        let engine = &self.network.engine;
        let (tokens, width) = (at.tokens, self.network.config().width);
        let columns = self.width() + self.forward.tokens;
        let mut out = engine.zeros(starts.len() * columns);
        // The gradient of each target by the residual stream, [targets, tokens, width].
        let mut gradient = engine.zeros(starts.len() * tokens * width);
        let mut live = self.inject_logits(&mut gradient, starts, tokens);
        let mut older = 0;
        for layer in (0..self.constants.len()).rev() {
            if live > 0 {
                self.read_mlp_output(&mut out, &gradient, layer, [live, tokens, width]);
                self.network
                    .skip_back(&mut gradient, live, layer, at, &self.hold);
            }
            live += self.inject_features(&mut gradient, &starts[live..], layer, [live, tokens]);
            if live == 0 {
                continue;
            }
            let (constant, all) = (&self.constants[layer].attention, [live, tokens, width]);
            self.remainder(&mut out, &gradient, all, constant, [tokens, 0, 0]);
            let fresh = self.begin_at(&starts[older..live]);
            let rows = Crossing {
                older,
                fresh: &fresh,
            };
            match layer {
                0 => self.read_embeddings(&mut out, &mut gradient, rows, at),
                _ => {
                    let hold = &self.hold;
                    self.network
                        .attention_back(&mut gradient, rows, layer, at, hold);
                }
            }
            older = live;
        }
        out
    }

    /// The token at which each of these rows begins.
    fn begin_at(&self, starts: &[Start<'_>]) -> Vec<u32> {
        let token = |start: &Start<'_>| match start {
            Start::Logit(_) => self.forward.tokens - 1,
            Start::Feature(feature) => self.features[*feature].position,
        };
        starts.iter().map(|start| token(start) as u32).collect()
    }

    /// Edges from tokens, and what positions bring, of rows that have yet to cross the first layer's attention: there they are not
    /// carried through, but meet what embeddings bring to what it reads.
    fn read_embeddings(
        &self,
        out: &mut E::Tensor,
        gradient: &mut E::Tensor,
        rows: Crossing<'_>,
        at: &Leading<'_, E::Tensor>,
    ) {
        let (tokens, width) = (at.tokens, self.network.config().width);
        let mut meeting = rows.rows();
        // One token's row is spread with less than that.
        if self.hold.attention(0) {
            self.network.spread(gradient, rows, 0, at, &self.hold);
            meeting = rows.older;
        }
        let reads = (meeting > 0).then(|| {
            self.network
                .attention_reads(gradient, meeting, 0, at, &self.hold)
        });
        let places = (&self.all_positions, &self.token_columns);
        let embedded = &self.tokens;
        let (sizes, layout) = ([rows.rows(), tokens, width], [tokens, width, 0]);
        self.edges(out, gradient, sizes, &embedded.stream, places, layout);
        if let Some(positions) = &self.positions {
            self.remainder(out, gradient, sizes, &positions.stream, layout);
        }
        let Some(reads) = reads else { return };
        let (sizes, layout) = ([meeting, tokens, embedded.read], [tokens, embedded.read, 0]);
        self.edges(out, &reads, sizes, &embedded.brought, places, layout);
        if let Some(positions) = &self.positions {
            self.remainder(out, &reads, sizes, &positions.brought, layout);
        }
    }

    /// Starts the rows of logits, which come first, at the last token; returns how many.
    fn inject_logits(
        &self,
        gradient: &mut E::Tensor,
        starts: &[Start<'_>],
        tokens: usize,
    ) -> usize {
        let engine = &self.network.engine;
        let width = self.network.config().width;
        let mut directions = Vec::new();
        let mut places = Vec::new();
        for (row, start) in starts.iter().enumerate() {
            let Start::Logit(target) = start else { break };
            directions.extend_from_slice(&target.direction);
            places.push((row * tokens + tokens - 1) as u32);
        }
        if !places.is_empty() {
            let (rows, indices) = (engine.upload(&directions), engine.upload_indices(&places));
            let rows = self
                .network
                .read_last(&rows, places.len(), self.forward, &self.hold);
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
        [first, tokens]: [usize; 2],
    ) -> usize {
        let engine = &self.network.engine;
        let width = self.network.config().width;
        let (mut indices, mut positions, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for start in starts {
            let Start::Feature(feature) = start else {
                break;
            };
            let feature = &self.features[*feature];
            if feature.layer != layer {
                break;
            }
            indices.push(feature.index as u32);
            positions.push(feature.position as u32);
            places.push(((first + places.len()) * tokens + feature.position) as u32);
        }
        if !places.is_empty() {
            let (forward, hold) = (self.forward, &self.hold);
            let rows = self
                .network
                .readers(layer, &indices, &positions, forward, hold);
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
        sizes: [usize; 3],
    ) {
        let [_, tokens, width] = sizes;
        let written = &self.written[layer];
        let layout = [written.until[tokens - 1], width, 0];
        let at = (&written.positions, &written.columns);
        self.edges(out, gradient, sizes, &written.vectors, at, layout);
    }

    /// Adds what constants contribute, `[count, stride, offset]` vectors, where rows add up.
    fn remainder(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        sizes: [usize; 3],
        vectors: &E::Tensor,
        layout: [usize; 3],
    ) {
        if self.adds_up {
            let places = (&self.all_positions, &self.remainder_columns);
            self.edges(out, gradient, sizes, vectors, places, layout);
        }
    }

    /// Adds the edges of `[count, stride, offset]` vectors to so many targets, whose gradients have so many tokens of this width.
    fn edges(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        [live, tokens, width]: [usize; 3],
        vectors: &E::Tensor,
        (positions, columns): (&E::Indices, &E::Indices),
        [sources, stride, offset]: [usize; 3],
    ) {
        if sources == 0 || live == 0 {
            return;
        }
        let sizes = Edges {
            targets: live,
            tokens,
            width,
            sources,
            stride,
            offset,
            columns: self.width() + self.forward.tokens,
        };
        let engine = &self.network.engine;
        engine.edges(out, gradient, vectors, positions, columns, sizes);
    }
}

/// Splits every MLP output, less what features and skip paths write, into errors and constants:
/// both [layers, tokens, width]. The transcoder's biases are constants; so is all of the first
/// position, which has neither features nor an error.
pub(super) fn split_outputs<E: Engine>(
    network: &Network<E>,
    constants: &[LayerConstants<E::Tensor>],
    forward: &Forward<E::Tensor>,
    activations: &[E::Tensor],
) -> (E::Tensor, E::Tensor) {
    let engine = &network.engine;
    let transcoder = &network.model.transcoder;
    let (tokens, width) = (forward.tokens, network.config().width);
    let mut less_bias = Vec::with_capacity(constants.len() * tokens * width);
    let mut constant = Vec::with_capacity(constants.len() * tokens * width);
    for (layer, constants) in transcoder.layers.iter().zip(constants) {
        for token in 0..tokens {
            less_bias.extend(layer.decoder_bias.iter().map(|bias| -bias));
            let pairs = constants.skip.iter().zip(&layer.decoder_bias);
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
        if let Some(skip) = network.transcoder(layer).skip(engine, input, tokens) {
            write(&skip, -1.0);
        }
    }
    for (layer, activations) in activations.iter().enumerate() {
        let part = network.transcoder(layer);
        part.decode(engine, &mut errors, activations, tokens, -1.0, None);
    }
    (errors, constants)
}
