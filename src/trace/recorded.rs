//! A graph from what was written down of it, so that all that is asked of graphs works on it too.

use super::{Answer, Feature, Graph, Target, influence};
use crate::order;
use std::sync::OnceLock;

/// What a file tells of a graph, mostly one that was pruned. Node order is that of [`Graph`].
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Ids of the prompt's tokens.
    pub tokens: Vec<u32>,
    /// Layers of the model.
    pub layers: usize,
    /// By layer, position and index; an activation may be NaN where it is not known.
    pub features: Vec<Feature>,
    pub targets: Vec<RecordedTarget>,
    /// As [`Graph::rows`], with zeros for what is not in the file: [features + targets, nodes].
    /// Features read only from features before them.
    pub rows: Vec<f32>,
    /// Cumulative shares of influence, as far as they are known: [nodes].
    pub shares: Vec<Option<f32>>,
}

/// A logit that a file explains.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedTarget {
    /// The token's id.
    pub token: u32,
    pub name: String,
    pub probability: f32,
}

impl Graph {
    /// A graph as it was recorded. Remainders, pre-activations and the logits of its answers are
    /// not, and are NaN. Influence is that of the rows, but its shares are the recorded ones where
    /// there are any: those of the graph before it was pruned.
    ///
    /// # Panics
    /// If the rows or shares do not fit the other sizes.
    pub fn recorded(recorded: Recorded) -> Graph {
        let Recorded {
            tokens,
            layers,
            features,
            targets,
            rows,
            shares,
        } = recorded;
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
        let height = features.len() + targets.len();
        let targets = targets.into_iter().map(|target| Target {
            token: target.token,
            name: target.name,
            probability: target.probability,
            value: f32::NAN,
            pair: None,
            direction: Vec::new(),
        });
        let graph = Graph {
            tokens,
            layers,
            active_features: features.len(),
            features,
            targets: targets.collect(),
            answers,
            rows,
            remainder: vec![f32::NAN; height],
            pre_activations: vec![f32::NAN; height],
            recorded: true,
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
