//! A second opinion: the same prompt through the other kind of transcoder. A cross-layer transcoder
//! may "skip the middle" and rewrite a computation of two steps as one; per-layer transcoders
//! cannot, so paths that differ much are a warning ("Circuit Tracing", 2025, section on limitations).

use crate::model::TranscoderKind;
use crate::study::statistics::fit;
use crate::trace::Graph;
use serde::Serialize;

/// What the other graph is like.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Second {
    pub per_layer: bool,
    pub features: usize,
    pub replacement: f32,
    pub completeness: f32,
    /// Of this graph and of the other: see [`Graph::path_length`].
    pub path_lengths: [f64; 2],
    /// Correlation over the prompt's tokens: how much each token's embedding adds, along all paths,
    /// to the answer's logit less the runner-up's, in this graph and in the other.
    pub agreement: Option<f64>,
}

impl Second {
    pub(super) fn new(graph: &Graph, other: &Graph, kind: TranscoderKind) -> Second {
        let [here, there] = [graph, other].map(of_tokens);
        let scores = other.scores();
        Second {
            per_layer: kind == TranscoderKind::PerLayer,
            features: other.features.len(),
            replacement: scores.replacement,
            completeness: scores.completeness,
            path_lengths: [graph.path_length(), other.path_length()],
            agreement: fit(&here, &there).map(|fit| fit.pearson),
        }
    }
}

/// Effects of the tokens' embeddings on the answer less the runner-up, [tokens].
fn of_tokens(graph: &Graph) -> Vec<f64> {
    let mut weights = vec![0.0; graph.targets.len()];
    weights[0] = 1.0;
    weights[1] = -1.0;
    let [_, tokens, logits] = graph.starts();
    graph.effects(&weights)[tokens..logits].to_vec()
}
