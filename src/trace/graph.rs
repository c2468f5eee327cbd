//! The attribution graph, in circuit-tracer's node order: features, errors, tokens, logits.

use serde::Serialize;
use std::sync::OnceLock;

use super::recorded::FromFile;
use super::{Answer, Paths, Target, effects, influence, prune};
use crate::network::Reading;

/// An active feature.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ActiveFeature"))]
pub struct Feature {
    pub layer: usize,
    pub position: usize,
    /// Index within its layer.
    pub index: usize,
    pub activation: f32,
}

impl Feature {
    /// Layer, position and index.
    pub fn place(&self) -> (usize, usize, usize) {
        (self.layer, self.position, self.index)
    }
}

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// Index into [`Graph::features`].
    Feature(usize),
    /// What the transcoder leaves unexplained of an MLP's output.
    Error { layer: usize, position: usize },
    /// A token's embedding, at its position.
    Token(usize),
    /// Index into [`Graph::targets`].
    Logit(usize),
    /// A feature of an attention layer, only in graphs from files: index into [`Graph::features`].
    AttentionFeature(usize),
    /// What attention features leave unexplained of an attention layer's output; only from files.
    AttentionError { layer: usize, position: usize },
    /// A constant that the model adds, such as a layer's bias; only from files.
    Bias { layer: usize, position: usize },
}

/// An attribution graph ("Circuit Tracing", 2025, section 3), unpruned; or what a file holds of one.
#[derive(Clone, Debug)]
pub struct Graph {
    /// Ids of the prompt's tokens.
    pub tokens: Vec<u32>,
    /// Layers of the model.
    pub layers: usize,
    /// What its edges take as given.
    pub reading: Reading,
    /// The features that are nodes, by layer, position and index; of a file so that each reads only
    /// from those before it.
    pub features: Vec<Feature>,
    /// How many active features could be nodes, of those that are connected or of all: see [`super::Options::unconnected`]. More than
    /// there are nodes where a limit was set.
    pub active_features: usize,
    /// The logits explained.
    pub targets: Vec<Target>,
    /// The most probable next tokens.
    pub answers: Vec<Answer>,
    /// `rows[target, source]`, for features and then logits: [features + targets, nodes]. An edge is
    /// the part of the target's pre-activation that comes directly from the source.
    pub rows: Vec<f32>,
    /// What biases, position embeddings, the first position's features and errors, and features that
    /// are no nodes add to each row, which then sums to [`Graph::pre_activations`]:
    /// [features + targets].
    pub remainder: Vec<f32>,
    /// The value that each row explains: a feature's pre-activation, a logit minus the mean logit.
    pub pre_activations: Vec<f32>,
    /// What only graphs from files have.
    pub(super) file: Option<FromFile>,
    /// Influence of the nodes and its cumulative shares, once they were asked for.
    pub(super) influence: OnceLock<(Vec<f32>, Vec<f32>)>,
}

impl Graph {
    /// Number of nodes.
    pub fn nodes(&self) -> usize {
        self.starts()[2] + self.targets.len()
    }

    /// The first node that is an error, a token and a logit. Biases, which only files have, stand
    /// behind the tokens.
    pub fn starts(&self) -> [usize; 3] {
        let errors = self.features.len();
        let (own, biases) = match &self.file {
            Some(file) => (file.errors.len(), file.biases.len()),
            None => (self.layers * self.tokens.len(), 0),
        };
        let tokens = errors + own;
        [errors, tokens, tokens + self.tokens.len() + biases]
    }

    /// What a node stands for.
    ///
    /// # Panics
    /// If there is no such node.
    pub fn node(&self, node: usize) -> Node {
        let [errors, tokens, logits] = self.starts();
        assert!(node < self.nodes(), "node {node} of {}", self.nodes());
        if node < errors {
            match &self.file {
                Some(file) if file.attention[node] => Node::AttentionFeature(node),
                _ => Node::Feature(node),
            }
        } else if node < tokens {
            let number = node - errors;
            match &self.file {
                Some(file) => file.errors[number],
                None => Node::Error {
                    layer: number / self.tokens.len(),
                    position: number % self.tokens.len(),
                },
            }
        } else if node < logits {
            let number = node - tokens;
            match (&self.file, number.checked_sub(self.tokens.len())) {
                (Some(file), Some(bias)) => file.biases[bias],
                _ => Node::Token(number),
            }
        } else {
            Node::Logit(node - logits)
        }
    }

    /// Index of a node's row in [`Graph::rows`]; errors, tokens and biases have none.
    pub fn row_index(&self, node: usize) -> Option<usize> {
        match self.node(node) {
            Node::Feature(feature) | Node::AttentionFeature(feature) => Some(feature),
            Node::Logit(logit) => Some(self.features.len() + logit),
            _ => None,
        }
    }

    /// The node that a row belongs to.
    pub fn row_node(&self, row: usize) -> usize {
        match row.checked_sub(self.features.len()) {
            None => row,
            Some(logit) => self.starts()[2] + logit,
        }
    }

    /// All inputs of a node, [nodes]; nothing for errors and tokens.
    pub fn inputs(&self, node: usize) -> Option<&[f32]> {
        let row = self.row_index(node)?;
        Some(&self.rows[row * self.nodes()..(row + 1) * self.nodes()])
    }

    /// What a node adds to each row's node: [features + targets].
    pub fn outputs(&self, node: usize) -> Vec<f32> {
        let rows = self.features.len() + self.targets.len();
        (0..rows)
            .map(|row| self.rows[row * self.nodes() + node])
            .collect()
    }

    /// The matrix `A[target, source]` with circuit-tracer's zero rows: [nodes, nodes].
    pub fn adjacency(&self) -> Vec<f32> {
        let nodes = self.nodes();
        let mut all = vec![0.0; nodes * nodes];
        for (row, values) in self.rows.chunks_exact(nodes).enumerate() {
            let node = self.row_node(row);
            all[node * nodes..(node + 1) * nodes].copy_from_slice(values);
        }
        all
    }

    /// Each node's influence on the targets, and each node's as a cumulative share in descending
    /// order (low is important), as circuit-tracer exports it: both [nodes].
    pub fn influence(&self) -> (&[f32], &[f32]) {
        let (influence, shares) = self.influence.get_or_init(|| {
            let influence = influence::of_nodes(self, &self.rows);
            let shares = influence::cumulative_shares(&influence);
            (influence, shares)
        });
        (influence, shares)
    }

    /// What a weighted sum of the targets' values loses in the frozen model when a node's
    /// contribution is taken away, along all paths and with its sign: [nodes]. Active features
    /// answer in proportion, their gates fixed. `weights` has one for each target: 1 for one logit
    /// and -1 for another gives the effects on their difference.
    ///
    /// # Panics
    /// If there are not as many weights as targets.
    pub fn effects(&self, weights: &[f64]) -> Vec<f64> {
        effects::of_nodes(self, weights)
    }

    /// How each row's pre-activation responds in the frozen model when features change by so much:
    /// pairs of an index into [`Graph::features`] and what is added to its activation. Of the
    /// others, the features of layers that `answers` says yes to respond in proportion, their gates
    /// fixed; with none, these are the direct edges. [features + targets]
    ///
    /// # Panics
    /// If there is no such feature.
    pub fn responses(&self, changes: &[(usize, f32)], answers: impl Fn(usize) -> bool) -> Vec<f64> {
        effects::of_changes(self, changes, answers)
    }

    /// The mean number of edges on a path from a token to a target, each path weighed by the
    /// influence that it carries ("Circuit Tracing", 2025, section 5); 1 is a direct edge. NaN where
    /// no path begins at a token.
    pub fn path_length(&self) -> f64 {
        let paths = self.token_paths();
        let sum = |part: fn(&Paths) -> f64| paths.iter().map(part).sum::<f64>();
        sum(|paths| paths.edges) / sum(|paths| paths.influence)
    }

    /// What carries each token's influence on the targets: [tokens].
    pub fn token_paths(&self) -> Vec<Paths> {
        influence::token_paths(self)
    }

    /// Replacement and completeness: of a graph from a file those of the whole graph, if they are
    /// told there, or else of what the file holds.
    pub fn scores(&self) -> influence::Scores {
        let told = self.file.as_ref().and_then(|file| file.scores);
        told.unwrap_or_else(|| influence::scores(self))
    }

    /// The same of this graph where only some features are told, [nodes]: the others count as errors.
    pub fn scores_told(&self, told: &[bool]) -> influence::Scores {
        influence::scores_told(self, told)
    }

    /// Whether the scores are those of the whole graph, and not of what pruning left in a file.
    pub fn scores_of_all(&self) -> bool {
        self.file.as_ref().is_none_or(|file| file.scores.is_some())
    }

    /// Keeps the nodes and edges that carry these shares of the influence, 0 to 1 each. The shares
    /// are of the whole graph's influence: of what a file holds of one that was pruned to 0.8, all is
    /// kept from 0.8 on, and half of it at 0.4.
    pub fn prune(&self, node_threshold: f32, edge_threshold: f32) -> prune::Pruned {
        let [nodes, edges] = self.file.as_ref().map_or([1.0; 2], |file| file.thresholds);
        let of_left = |threshold: f32, left: f32| match threshold < left {
            true => threshold / left,
            false => 1.0,
        };
        prune::prune(
            self,
            of_left(node_threshold, nodes),
            of_left(edge_threshold, edges),
        )
    }

    /// The thresholds with which [`Graph::prune`] leaves at most so many features and errors, and so
    /// many edges, but for equal ones: as large as they may be, in thousandths; 1 where all may stay.
    pub fn readable(&self, most_nodes: usize, most_edges: usize) -> (f32, f32) {
        prune::readable(self, most_nodes, most_edges)
    }
}
