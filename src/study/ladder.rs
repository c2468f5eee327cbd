//! The ladder of freezing: how the model's answer changes when a feature writes more or less, with
//! ever more of the original model free to respond. The lowest rung is what the graph predicts, the
//! highest is the model as it is.
//!
//! Many features are tried at once, each on its own copy of the prompt. Neither tokens before a
//! feature nor layers up to its own MLP can change, so copies begin at the first of their features'
//! tokens, after the layer that these features have in common.

use super::StudyError;
use crate::engine::{Edges, Engine};
use crate::model::TranscoderKind;
use crate::network::{Copies, Forward, Hold, Network, Recorded, Sizes, Walk};
use crate::order;
use crate::trace::{Feature, Run};
use serde::Serialize;
use std::rc::Rc;

/// Tokens of all copies that are run together: enough for the engine, few enough for its caches.
const ROWS_AT_ONCE: usize = 512;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(rename_all = "lowercase")]
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

/// What of the original is free to respond to a nudge; the rest is held at the prompt's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Free {
    /// MLPs. Where they are held, the graph's features answer in proportion, their gates fixed: the
    /// local replacement model.
    pub mlps: bool,
    /// Norm scales.
    pub norms: bool,
    /// Attention patterns.
    pub patterns: bool,
}

impl From<Rung> for Free {
    fn from(rung: Rung) -> Free {
        Free {
            mlps: rung >= Rung::Mlps,
            norms: rung >= Rung::Norms,
            patterns: rung >= Rung::Everything,
        }
    }
}

impl Free {
    /// What is held besides: MLPs' outputs are the local replacement model's where they are not free.
    fn hold(self) -> Hold {
        let layers = |free| if free { Hold::NONE } else { Hold::ALL };
        Hold {
            patterns: layers(self.patterns),
            norms: layers(self.norms),
            mlps: layers(self.mlps),
        }
    }
}

impl Rung {
    /// From the lowest up.
    pub const ALL: [Rung; 4] = [Rung::Features, Rung::Mlps, Rung::Norms, Rung::Everything];
}

/// A prompt that has been run, ready for nudges.
pub struct Ladder<E: Engine> {
    /// The features that answer on the lowest rung.
    features: Vec<Feature>,
    run: Rc<Run<E>>,
}

/// How nudges of one layer, each on its own, change what comes of them.
pub struct Changes {
    /// Of the logits after the last token, [nudges, vocabulary].
    pub logits: Vec<f32>,
    /// Of the residual stream after each layer, from the first of the nudges' tokens on:
    /// [layers][nudges, tokens, width]; zero before the nudges' layer. Empty unless asked for.
    pub streams: Vec<Vec<f32>>,
}

impl<E: Engine> Ladder<E> {
    /// Of a prompt that was run. `features` are its graph's.
    pub fn new(run: Rc<Run<E>>, features: &[Feature]) -> Self {
        Ladder {
            features: features.to_vec(),
            run,
        }
    }

    fn base(&self) -> &Forward<E::Tensor> {
        &self.run.forward
    }

    /// How each nudge, on its own, changes the logits after the last token:
    /// [nudges, vocabulary].
    ///
    /// # Errors
    /// A feature that does not exist, a change that is no number, or an engine that fails.
    pub async fn changes(
        &self,
        network: &Network<E>,
        nudges: &[Nudge],
        free: impl Into<Free>,
    ) -> Result<Vec<f32>, StudyError> {
        let free = free.into();
        let vocabulary = network.config().vocabulary;
        let mut changes = vec![0.0; nudges.len() * vocabulary];
        for batch in self.batches(nudges) {
            let here: Vec<Nudge> = batch.iter().map(|i| nudges[*i]).collect();
            let found = self.batch(network, &here, free, false).await?;
            for (i, logits) in batch.iter().zip(found.logits.chunks_exact(vocabulary)) {
                changes[i * vocabulary..(i + 1) * vocabulary].copy_from_slice(logits);
            }
        }
        Ok(changes)
    }

    /// Indices of nudges that are best tried together: of one layer, at tokens near each other.
    pub fn batches(&self, nudges: &[Nudge]) -> Vec<Vec<usize>> {
        let place = |i: usize| (nudges[i].layer, nudges[i].position);
        let order = order::indices(nudges.len(), &|a, b| place(a).cmp(&place(b)));
        let mut batches = Vec::new();
        for mut same in order.chunk_by(|a, b| nudges[*a].layer == nudges[*b].layer) {
            while let Some(first) = same.first() {
                let tokens = self.base().tokens.saturating_sub(nudges[*first].position);
                let most = (ROWS_AT_ONCE / tokens.max(1)).max(2) - 1;
                let (batch, rest) = same.split_at(most.min(same.len()));
                batches.push(batch.to_vec());
                same = rest;
            }
        }
        batches
    }

    /// Tries nudges that are all of the same layer, each on its own. Changes are measured against a
    /// copy of the prompt that runs along without a nudge, so that rounding is the same in both.
    ///
    /// # Errors
    /// As [`Ladder::changes`].
    ///
    /// # Panics
    /// If there are none, or not all of the same layer.
    pub async fn batch(
        &self,
        network: &Network<E>,
        nudges: &[Nudge],
        free: impl Into<Free>,
        streams: bool,
    ) -> Result<Changes, StudyError> {
        let layer = nudges[0].layer;
        let mut position = nudges[0].position;
        for nudge in nudges {
            let place = (nudge.layer, nudge.position, nudge.feature);
            let transcoder = &network.model.transcoder;
            super::check(transcoder, self.base().tokens, place, nudge.change)?;
            assert_eq!(nudge.layer, layer, "nudges of one layer");
            position = position.min(nudge.position);
        }
        let copies = Copies {
            count: nudges.len() + 1,
            position,
            tokens: self.base().tokens - position,
        };
        let (vocabulary, width) = (network.config().vocabulary, network.config().width);
        let (logits, after) = self.run(network, nudges, copies, free.into(), streams);
        let mut wanted = vec![(&logits, copies.count * vocabulary)];
        if streams {
            wanted.extend(after.iter().map(|x| (x, copies.rows() * width)));
        }
        let mut read = network.engine.read(&wanted).await?;
        let one = copies.tokens * width;
        let changed = read.split_off(1).into_iter().map(|x| beyond_last(x, one));
        let still = vec![vec![0.0; nudges.len() * one]; if streams { layer } else { 0 }];
        Ok(Changes {
            logits: beyond_last(read.swap_remove(0), vocabulary),
            streams: still.into_iter().chain(changed).collect(),
        })
    }

    /// Runs copies that are nudged, from the nudged layer on; the last copy is not nudged. Logits
    /// after the last token of each, [copies, vocabulary], and the residual stream after that layer
    /// and each later one, [copies, tokens, width]: after the last layer the last token's alone,
    /// unless all `streams` are wanted.
    fn run(
        &self,
        network: &Network<E>,
        nudges: &[Nudge],
        mut copies: Copies,
        free: Free,
        streams: bool,
    ) -> (E::Tensor, Vec<E::Tensor>) {
        let engine = &network.engine;
        let config = network.config();
        let (width, whole, nudged) = (config.width, self.base().tokens, nudges[0].layer);
        let hold = free.hold();
        let sizes = Sizes {
            sequences: copies.count,
            tokens: copies.tokens,
            past: copies.position,
        };
        let past = (copies.position > 0)
            .then(|| self.base().layers.iter().map(|layer| &layer.qkv).collect());
        let walk =
            Walk::new(network, sizes, past).holding(&hold, Recorded::Copied(self.base(), copies));

        let mut answers = engine.zeros(config.layers * copies.rows() * width);
        let state = &self.base().layers[nudged];
        let x = engine.add(&state.mid, &state.mlp_out, whole * width);
        let mut x = self.repeat(network, &x, copies, width);
        write(network, &mut x, nudges, nudged, copies);
        let mut after = vec![x];
        let mut trimmed = false;
        for layer in nudged + 1..config.layers {
            let x = after.last().expect("it begins with one");
            // What the last layer writes at other tokens changes no answer.
            trimmed = !streams && layer + 1 == config.layers;
            let (at, answered) = match trimmed {
                false => (walk.before_mlp(layer, x), layer),
                true => {
                    if !free.mlps {
                        let first = layer * copies.rows();
                        let (count, tokens) = (copies.count, copies.tokens);
                        answers = network.take_last(&answers, first, [count, tokens, width]);
                    }
                    copies = copies.last();
                    (walk.before_last_mlp(layer, x), 0)
                }
            };
            let rows = copies.rows();
            let out = match free.mlps {
                false => {
                    let input = network.encoder_input(&at.mid, &at.mlp_normed);
                    self.answer(network, (&mut answers, answered), layer, input, copies)
                }
                true => network.mlp(layer, &at.mlp_normed, rows),
            };
            let mut x = engine.add(&at.mid, &out, rows * width);
            write(network, &mut x, nudges, layer, copies);
            after.push(x);
        }
        let x = after.last().expect("it begins with one");
        (walk.last_logits(x, trimmed), after)
    }

    /// The prompt's rows [tokens, width] from the copies' first token on, for each copy.
    fn repeat(
        &self,
        network: &Network<E>,
        rows: &E::Tensor,
        copies: Copies,
        width: usize,
    ) -> E::Tensor {
        network.take(rows, &copies.places(), width)
    }

    /// What the MLP of a layer wrote, [rows, width], and how features change it that read other
    /// inputs now: those of this layer, added to `answers` [layers, rows, width] here and for later
    /// layers, and those of earlier layers that are there already. `answered` is this layer's place
    /// there.
    fn answer(
        &self,
        network: &Network<E>,
        (answers, answered): (&mut E::Tensor, usize),
        layer: usize,
        input: &E::Tensor,
        copies: Copies,
    ) -> E::Tensor {
        let engine = &network.engine;
        let part = network.transcoder(layer);
        let features = network.model.transcoder.features();
        let width = network.config().width;
        let (rows, one) = (copies.rows(), copies.tokens * features);
        let before = &self.base().layers[layer];
        let was = network.encoder_input(&before.mid, &before.mlp_normed);
        let (places, less) = (engine.upload_indices(&copies.places()), vec![-1.0; rows]);
        let less = engine.gather_rows(was, &places, &engine.upload(&less), rows, width);
        let moved = engine.add(input, &less, rows * width);

        let (mut tokens, mut indices, mut columns) = (Vec::new(), Vec::new(), Vec::new());
        for feature in &self.features {
            if feature.layer == layer && feature.position >= copies.position {
                let token = feature.position - copies.position;
                tokens.push(token as u32);
                indices.push(feature.index as u32);
                columns.push((token * features + feature.index) as u32);
            }
        }
        if !indices.is_empty() {
            let sizes = Edges {
                targets: copies.count,
                tokens: copies.tokens,
                width,
                sources: indices.len(),
                stride: width,
                offset: 0,
                columns: one,
            };
            let vectors = part.readers(engine, &indices);
            let (tokens, columns) = (
                &engine.upload_indices(&tokens),
                &engine.upload_indices(&columns),
            );
            let mut change = engine.zeros(copies.count * one);
            engine.edges(&mut change, &moved, &vectors, tokens, columns, sizes);
            part.decode(engine, answers, &change, rows, 1.0, Some(answered));
        }
        let mut out = self.repeat(network, &before.mlp_out, copies, width);
        let at = answered * rows * width;
        engine.add_scaled(&mut out, 0, answers, at, rows * width, 1.0);
        if let Some(skip) = part.skip(engine, &moved, rows) {
            engine.add_scaled(&mut out, 0, &skip, 0, rows * width, 1.0);
        }
        out
    }
}

/// Rows [copies, length] less the last of them, which is left out.
fn beyond_last(mut rows: Vec<f32>, length: usize) -> Vec<f32> {
    let still = rows.split_off(rows.len() - length);
    for row in rows.chunks_exact_mut(length) {
        for (moved, still) in row.iter_mut().zip(&still) {
            *moved -= still;
        }
    }
    rows
}

/// Adds what the nudges make features write at a layer, each to its token of its copy, if the copy
/// has it.
fn write<E: Engine>(
    network: &Network<E>,
    x: &mut E::Tensor,
    nudges: &[Nudge],
    layer: usize,
    copies: Copies,
) {
    let engine = &network.engine;
    let transcoder = &network.model.transcoder;
    let from = nudges[0].layer;
    let later = layer - from;
    if transcoder.kind == TranscoderKind::PerLayer && later > 0 {
        return;
    }
    let outputs = transcoder.outputs(from);
    let (mut vectors, mut changes, mut places) = (Vec::new(), Vec::new(), Vec::new());
    for (copy, nudge) in nudges.iter().enumerate() {
        if let Some(token) = nudge.position.checked_sub(copies.position) {
            vectors.push((nudge.feature * outputs + later) as u32);
            changes.push(nudge.change);
            places.push((copy * copies.tokens + token) as u32);
        }
    }
    if places.is_empty() {
        return;
    }
    let (count, width) = (places.len(), network.config().width);
    let (vectors, changes) = (engine.upload_indices(&vectors), engine.upload(&changes));
    let table = &network.transcoder(from).decoder;
    let rows = engine.gather_rows(table, &vectors, &changes, count, width);
    engine.scatter_rows(x, &rows, &engine.upload_indices(&places), count, width);
}
