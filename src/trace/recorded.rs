//! A graph from what was written down of it, so that all that is asked of graphs works on it too.

use super::{Answer, Feature, Graph, Node, Scores, Target, influence};
use crate::network::Reading;
use crate::order;
use std::sync::OnceLock;

/// What a file tells of a graph, mostly one that was pruned. Node order is that of [`Graph`].
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Ids of the prompt's tokens.
    pub tokens: Vec<u32>,
    /// Layers of the model.
    pub layers: usize,
    /// In an order in which each reads only from those before it; an activation may be NaN where it
    /// is not known.
    pub features: Vec<Feature>,
    /// Whether each feature is one of an attention layer.
    pub attention: Vec<bool>,
    /// Errors, of MLPs and of attention layers; there may be several at one place.
    pub errors: Vec<Node>,
    pub biases: Vec<Node>,
    pub targets: Vec<RecordedTarget>,
    /// As [`Graph::rows`], with zeros for what is not in the file: [features + targets, nodes].
    pub rows: Vec<f32>,
    /// Cumulative shares of influence, as far as they are known: [nodes].
    pub shares: Vec<Option<f32>>,
    /// The shares of influence that pruning left, of nodes and of edges; 1 where none is told.
    pub thresholds: [f32; 2],
    /// What is told of the graph before it was pruned.
    pub whole: Option<Whole>,
}

/// What a file tells of a graph before it was pruned.
#[derive(Clone, Debug, PartialEq)]
pub struct Whole {
    pub scores: Scores,
    /// See [`Graph::active_features`].
    pub active_features: usize,
    /// The most probable next tokens; none where they are not told.
    pub answers: Vec<Answer>,
    /// What its edges take as given.
    pub reading: Reading,
}

/// A logit that a file explains.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedTarget {
    /// The token's id.
    pub token: u32,
    pub name: String,
    pub probability: f32,
}

/// What a [`Graph`] from a file has besides.
#[derive(Clone, Debug)]
pub(super) struct FromFile {
    /// [features]
    pub attention: Vec<bool>,
    pub errors: Vec<Node>,
    pub biases: Vec<Node>,
    /// Of nodes and edges; above 0.
    pub thresholds: [f32; 2],
    /// Of the whole graph, if they are told.
    pub scores: Option<Scores>,
}

impl Graph {
    /// A graph as it was recorded. Remainders and pre-activations are not, and are NaN. Influence is
    /// that of the rows, but its shares are the recorded ones where there are any: those of the
    /// graph before it was pruned.
    ///
    /// # Panics
    /// If the rows or shares do not fit the other sizes.
    pub fn recorded(recorded: Recorded) -> Graph {
        let Recorded {
            tokens,
            layers,
            features,
            attention,
            errors,
            biases,
            targets,
            rows,
            shares,
            thresholds,
            whole,
        } = recorded;
        let told = whole.as_ref().map(|whole| whole.answers.clone());
        let answers = match told.filter(|answers| !answers.is_empty()) {
            Some(answers) => answers,
            None => likely(&targets),
        };
        let height = features.len() + targets.len();
        let targets = targets.into_iter().map(|target| Target {
            token: target.token,
            name: target.name,
            probability: target.probability,
            value: f32::NAN,
            pair: None,
            direction: Vec::new(),
        });
        let reading = whole.as_ref().map_or(Reading::Held, |whole| whole.reading);
        let active = whole.as_ref().map_or(0, |whole| whole.active_features);
        let graph = Graph {
            tokens,
            layers,
            reading,
            active_features: active.max(features.len()),
            features,
            targets: targets.collect(),
            answers,
            rows,
            remainder: vec![f32::NAN; height],
            pre_activations: vec![f32::NAN; height],
            file: Some(FromFile {
                attention,
                errors,
                biases,
                thresholds: thresholds.map(|left| if left > 0.0 { left } else { 1.0 }),
                scores: whole.map(|whole| whole.scores),
            }),
            influence: OnceLock::new(),
        };
        assert_eq!(graph.rows.len(), height * graph.nodes(), "rows");
        assert_eq!(shares.len(), graph.nodes(), "shares");
        let influence = influence::of_nodes(&graph, &graph.rows);
        let mut all = influence::cumulative_shares(&influence);
        for (share, recorded) in all.iter_mut().zip(shares) {
            *share = recorded.unwrap_or(*share);
        }
        graph.influence.get_or_init(|| (influence, all));
        graph
    }
}

/// The targets as answers, the most probable first. Their logits are not known, and are NaN.
fn likely(targets: &[RecordedTarget]) -> Vec<Answer> {
    let mut answers: Vec<Answer> = targets
        .iter()
        .map(|target| Answer {
            token: target.token,
            probability: target.probability,
            logit: f32::NAN,
        })
        .collect();
    order::sort(&mut answers, &|a, b| {
        b.probability.total_cmp(&a.probability)
    });
    answers
}
