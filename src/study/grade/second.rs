//! A second opinion: the same prompt through the other kind of transcoder. A cross-layer transcoder
//! may "skip the middle" and rewrite a computation of two steps as one; per-layer transcoders
//! cannot, so paths that differ much are a warning ("Circuit Tracing", 2025, section on limitations).

use crate::model::TranscoderKind;
use crate::study::statistics::fit;
use crate::trace::{Graph, Paths};
use serde::Serialize;

/// How far apart two tell a path before they disagree about it: as a share of the largest effect of a token, where the signs
/// are opposite; and as shares of its influence that pass through the middle layers.
const TOLERANCE: f64 = 0.1;

/// Tokens where less of the influence begins, in both graphs, are not told apart: nobody would look at their paths.
const NOTEWORTHY: f64 = 0.01;

/// What the other graph is like.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SecondOpinion", optional_fields))]
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
    pub paths: TokenPaths,
}

/// Each token's path to the answer, as this graph tells it and as the other does.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct TokenPaths {
    /// What each token's embedding adds, along all paths, to the answer's logit less the runner-up's: [here and there][tokens].
    pub effects: Vec<Vec<f64>>,
    /// Of the influence that begins at each token, the share that passes through a feature of a layer between the first and
    /// the last: [here and there][tokens].
    pub middle: Vec<Vec<f64>>,
    /// Positions of the tokens about which the two disagree: more than [`NOTEWORTHY`] of the influence begins there, and the
    /// effects have opposite signs or the shares differ, either by more than [`TOLERANCE`].
    pub differ: Vec<usize>,
    /// Of the influence that begins at tokens, in this graph, the share at those about which they do not.
    pub agreement: f64,
}

impl TokenPaths {
    fn new(graphs: [&Graph; 2], effects: [Vec<f64>; 2]) -> TokenPaths {
        let paths = graphs.map(Graph::token_paths);
        let sum = |paths: &[Paths]| paths.iter().map(|path| path.influence).sum::<f64>();
        let all = [sum(&paths[0]), sum(&paths[1])];
        let largest = effects
            .iter()
            .flatten()
            .fold(0.0, |a: f64, b| a.max(b.abs()));
        let mut middle = vec![Vec::new(); 2];
        let (mut differ, mut agreement) = (Vec::new(), 0.0);
        for (token, (here, there)) in paths[0].iter().zip(&paths[1]).enumerate() {
            let apart = |a: f64, b: f64, whole: f64| (a - b).abs() > TOLERANCE * whole;
            let share = |path: &Paths| path.middle / path.influence.max(f64::MIN_POSITIVE);
            let (a, b) = (effects[0][token], effects[1][token]);
            let (through, through_there) = (share(here), share(there));
            let turned = a * b < 0.0 && apart(a, b, largest);
            let influence = here.influence / all[0];
            let noteworthy = influence.max(there.influence / all[1]) > NOTEWORTHY;
            match noteworthy && (turned || apart(through, through_there, 1.0)) {
                true => differ.push(token),
                false => agreement += influence,
            }
            middle[0].push(through);
            middle[1].push(through_there);
        }
        TokenPaths {
            effects: effects.into(),
            middle,
            differ,
            agreement,
        }
    }
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
            paths: TokenPaths::new([graph, other], [here, there]),
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
