//! The ladder of freezing: how the model's answer changes when a feature writes more or less, with
//! ever more of the original model free to respond. The lowest rung is what the graph predicts, the
//! highest is the model as it is.
//!
//! Many features are tried at once, each on its own copy of the prompt. Neither tokens before a
//! feature nor layers up to its own MLP can change, so copies begin at the first of their features'
//! tokens, after the layer that these features have in common.

use super::StudyError;
use crate::engine::{Decoding, Edges, Engine, Forward, Network, Sizes};
use crate::model::TranscoderKind;
use crate::order;
use crate::trace::Feature;
use serde::Serialize;

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

impl Rung {
    /// From the lowest up.
    pub const ALL: [Rung; 4] = [Rung::Features, Rung::Mlps, Rung::Norms, Rung::Everything];
}

/// A prompt that has been run, ready for nudges.
pub struct Ladder<E: Engine> {
    /// The features that answer on the lowest rung.
    features: Vec<Feature>,
    base: Forward<E::Tensor>,
}

/// How nudges of one layer, each on its own, change what comes of them.
pub struct Changes {
    /// Of the logits after the last token, [nudges, vocabulary].
    pub logits: Vec<f32>,
    /// Of the residual stream after each layer, from the first of the nudges' tokens on:
    /// [layers][nudges, tokens, width]; zero before the nudges' layer. Empty unless asked for.
    pub streams: Vec<Vec<f32>>,
}

/// Copies of a prompt's tokens from `position` on.
#[derive(Clone, Copy)]
struct Copies {
    count: usize,
    /// The layer whose features are nudged: up to its MLP all is as it was.
    layer: usize,
    /// The first token of any nudge: before it nothing changes.
    position: usize,
    /// Tokens of each.
    tokens: usize,
}

impl<E: Engine> Ladder<E> {
    /// Runs a prompt. `features` are its graph's.
    ///
    /// # Panics
    /// If the prompt cannot be run: see [`crate::trace::Tracer::check`].
    pub fn new(network: &Network<E>, ids: &[u32], features: &[Feature]) -> Self {
        Ladder {
            features: features.to_vec(),
            base: network.forward(ids, 1, None),
        }
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
                let tokens = self.base.tokens.saturating_sub(nudges[*first].position);
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
            super::check(transcoder, self.base.tokens, place, nudge.change)?;
            assert_eq!(nudge.layer, layer, "nudges of one layer");
            position = position.min(nudge.position);
        }
        let copies = Copies {
            count: nudges.len() + 1,
            layer,
            position,
            tokens: self.base.tokens - position,
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
        let (width, whole) = (config.width, self.base.tokens);
        let (norms_held, patterns_held) = (!free.norms, !free.patterns);
        let mut answers = engine.zeros(config.layers * copies.rows() * width);
        let nudged = &self.base.layers[copies.layer];
        let x = engine.add(&nudged.mid, &nudged.mlp_out, whole * width);
        let mut x = self.repeat(network, &x, copies, width);
        write(network, &mut x, nudges, copies.layer, copies);
        let mut after = vec![x];
        for (layer, before) in self.base.layers.iter().enumerate().skip(copies.layer + 1) {
            let sizes = Sizes {
                sequences: copies.count,
                tokens: copies.tokens,
                past: copies.position,
            };
            let pattern = patterns_held.then(|| {
                let queries: Vec<u32> = (0..copies.count * config.heads)
                    .map(|i| i % config.heads * whole + copies.position)
                    .flat_map(|first| first as u32..(first + copies.tokens) as u32)
                    .collect();
                network.take(&before.pattern, &queries, whole)
            });
            let scale =
                norms_held.then(|| self.repeat(network, &before.attention_scale, copies, 1));
            let past = (copies.position > 0).then_some(&before.qkv);
            let (pattern, scale) = (pattern.as_ref(), scale.as_ref());
            let x = after.last().expect("it begins with one");
            let mut mixed = network.heads(layer, x, sizes, past, pattern, scale).mixed;
            // What the last layer writes at other tokens changes no answer.
            let ends = !streams && layer + 1 == config.layers;
            let last_x = ends.then(|| network.take_last(x, 0, copies.count, copies.tokens));
            if ends {
                mixed = network.take_last(&mixed, 0, copies.count, copies.tokens);
                if !free.mlps {
                    answers = network.take_last(
                        &answers,
                        layer * copies.rows(),
                        copies.count,
                        copies.tokens,
                    );
                }
                copies = copies.last();
            }
            let (x, answered) = last_x.as_ref().map_or((x, layer), |x| (x, 0));
            let rows = copies.rows();
            let mid = network.after_heads(layer, x, &mixed, rows);
            let scale = norms_held.then(|| self.repeat(network, &before.mlp_scale, copies, 1));
            let out = match free.mlps {
                false => {
                    let (normed, _) = network.mlp_norm(layer, &mid, rows, scale.as_ref());
                    let input = network.encoder_input(&mid, &normed);
                    self.answer(network, (&mut answers, answered), layer, input, copies)
                }
                true => network.mlp(layer, &mid, rows, scale.as_ref()).out,
            };
            let mut x = engine.add(&mid, &out, rows * width);
            write(network, &mut x, nudges, layer, copies);
            after.push(x);
        }
        let scale = norms_held.then(|| {
            let last = vec![whole as u32 - 1; copies.count];
            network.take(&self.base.final_scale, &last, 1)
        });
        let x = after.last().expect("it begins with one");
        let logits = network.read_out(x, copies.count, copies.tokens, scale.as_ref());
        (logits, after)
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
        let transcoder = &network.model.transcoder;
        let (width, features) = (network.config().width, transcoder.features());
        let (rows, one) = (copies.rows(), copies.tokens * features);
        let before = &self.base.layers[layer];
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
            let vectors = network.take(network.encoder(layer), &indices, width);
            let (tokens, columns) = (
                &engine.upload_indices(&tokens),
                &engine.upload_indices(&columns),
            );
            let mut change = engine.zeros(copies.count * one);
            engine.edges(&mut change, &moved, &vectors, tokens, columns, sizes);
            let sizes = Decoding {
                tokens: rows,
                features,
                outputs: transcoder.outputs(layer),
                width,
                layer: answered,
            };
            engine.decode(answers, &change, network.decoder(layer), sizes, 1.0);
        }
        let mut out = self.repeat(network, &before.mlp_out, copies, width);
        let at = answered * rows * width;
        engine.add_scaled(&mut out, 0, answers, at, rows * width, 1.0);
        if let Some(skip) = network.skip(layer, &moved, rows) {
            engine.add_scaled(&mut out, 0, &skip, 0, rows * width, 1.0);
        }
        out
    }
}

impl Copies {
    fn rows(&self) -> usize {
        self.count * self.tokens
    }

    /// The same copies, of the last token alone.
    fn last(self) -> Copies {
        Copies {
            position: self.position + self.tokens - 1,
            tokens: 1,
            ..self
        }
    }

    /// Where in the prompt each row stands.
    fn places(&self) -> Vec<u32> {
        let one = self.position as u32..(self.position + self.tokens) as u32;
        (0..self.count).flat_map(|_| one.clone()).collect()
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
    let later = layer - copies.layer;
    if transcoder.kind == TranscoderKind::PerLayer && later > 0 {
        return;
    }
    let outputs = transcoder.outputs(copies.layer);
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
    let table = network.decoder(copies.layer);
    let rows = engine.gather_rows(table, &vectors, &changes, count, width);
    engine.scatter_rows(x, &rows, &engine.upload_indices(&places), count, width);
}
