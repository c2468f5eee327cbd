//! Where errors come in: how much of the influence begins at what the transcoder leaves unexplained.

use crate::trace::Graph;
use serde::Serialize;

/// Of the influence on the answers that begins anywhere, at tokens or at errors, the shares that
/// begin at error nodes.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ErrorShares {
    /// [layers][tokens]
    pub shares: Vec<Vec<f64>>,
    /// All together: what the replacement score leaves.
    pub all: f64,
}

impl ErrorShares {
    pub(super) fn new(graph: &Graph) -> ErrorShares {
        let (influence, _) = graph.influence();
        let [errors, tokens, logits] = graph.starts();
        let sum = |from: usize, to: usize| -> f64 {
            influence[from..to].iter().map(|x| f64::from(*x)).sum()
        };
        let total = sum(errors, logits);
        let layers = influence[errors..tokens].chunks_exact(graph.tokens.len());
        ErrorShares {
            shares: layers
                .map(|row| row.iter().map(|x| f64::from(*x) / total).collect())
                .collect(),
            all: sum(errors, tokens) / total,
        }
    }

    /// The share of one layer, all tokens together.
    pub fn layer(&self, layer: usize) -> f64 {
        self.shares[layer].iter().sum()
    }

    /// Where most errors come in: (layer, position, share).
    pub fn largest(&self) -> (usize, usize, f64) {
        let mut largest = (0, 0, 0.0);
        for (layer, row) in self.shares.iter().enumerate() {
            for (position, share) in row.iter().enumerate() {
                if *share > largest.2 {
                    largest = (layer, position, *share);
                }
            }
        }
        largest
    }
}
