//! The attribution loop: rows of the graph, all targets of a batch carried down the network together.
//!
//! A row starts as the direction that its target reads. On its way down it meets, layer by layer,
//! what features, errors and constants write; each product is an edge. Then it goes back through
//! the attention layer, whose patterns and denominators are those of the prompt: as constants
//! ("Circuit Tracing", 2025, section 3.2), or with their derivatives, as the reading says. Parts pull
//! back; nothing is differentiated automatically.

mod batches;
mod down;
mod embedded;
mod outputs;

pub(super) use outputs::split_outputs;

use self::embedded::{Beginning, Pushed};
use super::constants::LayerConstants;
use super::written::{Written, written};
use super::{Feature, Run, Target};
use crate::engine::Engine;
use crate::network::{Active, ErrorDerivatives, Forward, Hold, Network, Reading};

/// Everything that writes to the residual stream in one prompt, on the engine.
pub(super) struct Sources<'a, E: Engine> {
    network: &'a Network<E>,
    constants: &'a [LayerConstants<E::Tensor>],
    forward: &'a Forward<E::Tensor>,
    features: &'a [Feature],
    hold: Hold,
    /// Whether rows add up, so that they have a remainder.
    adds_up: bool,
    /// What errors answer by, where they are not held.
    error_derivatives: Option<ErrorDerivatives<E>>,
    /// What is written in the place of each layer's MLP.
    written: Vec<Written<E::Tensor, E::Indices>>,
    /// Token embeddings, and position embeddings where they are learned, [tokens, width].
    tokens: E::Tensor,
    positions: Option<E::Tensor>,
    /// None for a long prompt.
    pushed: Option<Pushed<E::Tensor>>,
    /// Positions of tokens, and the columns of the tokens and of the remainder.
    all_positions: E::Indices,
    token_columns: E::Indices,
    remainder_columns: E::Indices,
}

/// What a row starts from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Start<'a> {
    Logit(&'a Target),
    /// Index among the active features.
    Feature(usize),
}

/// A computed row. `edges` are [active features + (layers + 1) x tokens].
#[derive(Clone, Default)]
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
        let tokens = run.forward.tokens;
        let pushes = embedded::is_short(tokens, network.config().width, !reading.errors());
        Sources::pushing(network, constants, run, reading, pushes)
    }

    /// `pushes`: whether rows meet what embeddings become behind the first layer, or are carried down to them.
    fn pushing(
        network: &'a Network<E>,
        constants: &'a [LayerConstants<E::Tensor>],
        run: &'a Run<E>,
        reading: Reading,
        pushes: bool,
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
            engine.upload(&values)
        };
        let first_token = features.len() + layers * tokens;
        let columns = first_token + 2 * tokens;
        let mut sources = Sources {
            error_derivatives: None,
            pushed: None,
            written: engine.each(layers, |layer| {
                written(network, run, layer, reading.adds_up())
            }),
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
        };
        let answers = !reading.errors();
        let (pushed, derivatives) = engine.both(
            || pushes.then(|| sources.push_embeddings(answers)),
            || {
                answers.then(|| {
                    let features = by_layer(features, layers);
                    let from = usize::from(pushes);
                    network.error_derivatives(forward, &features, columns, from, &sources.hold)
                })
            },
        );
        (sources.pushed, sources.error_derivatives) = (pushed, derivatives);
        sources
    }

    /// Of a row with its remainder by token.
    fn columns(&self) -> usize {
        self.width() + self.forward.tokens
    }

    /// Sources that become nodes: active features, errors and tokens.
    pub fn width(&self) -> usize {
        let tokens = self.forward.tokens;
        self.features.len() + (self.constants.len() + 1) * tokens
    }
}

/// The active features of each layer.
fn by_layer(features: &[Feature], layers: usize) -> Vec<Vec<Active>> {
    let mut found = vec![Vec::new(); layers];
    for feature in features {
        found[feature.layer].push(Active {
            row: feature.position,
            feature: feature.index,
            activation: feature.activation,
        });
    }
    found
}
