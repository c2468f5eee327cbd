//! What is asked of single nodes and edges, and of a head.

use super::{Trace, TracedGraph};
use crate::order;
use crate::trace::{self, HeadAt};
use crate::web::{record, thrown};
use crate::wire::{HeadScoreRecord, Inputs, Numbers, Outputs};
use wasm_bindgen::prelude::*;

/// Nodes and weights, the strongest first; zeros left out.
fn strongest(weights: impl Iterator<Item = (usize, f32)>) -> (Numbers<u32>, Numbers<f32>) {
    let mut all: Vec<(usize, f32)> = weights.filter(|(_, weight)| *weight != 0.0).collect();
    order::sort(&mut all, &|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let weights = all.iter().map(|(_, weight)| *weight).collect();
    (
        all.iter().map(|(node, _)| *node).collect(),
        Numbers(weights),
    )
}

/// Pairs of nodes.
fn pairs(sources: Vec<u32>, targets: Vec<u32>) -> Result<Vec<(usize, usize)>, JsValue> {
    if sources.len() != targets.len() {
        let (sources, targets) = (sources.len(), targets.len());
        let sentence = format!("{sources} sources and {targets} targets are no pairs.");
        return Err(thrown(sentence));
    }
    let pairs = sources.into_iter().zip(targets);
    Ok(pairs.map(|(s, t)| (s as usize, t as usize)).collect())
}

#[wasm_bindgen]
impl Trace {
    /// A node's inputs, the strongest first: `{ nodes, weights, remainder, total }`.
    ///
    /// # Errors
    /// A node that does not exist.
    #[wasm_bindgen(unchecked_return_type = "wire.Inputs")]
    pub fn inputs(&self, node: usize) -> Result<JsValue, JsValue> {
        self.check(node)?;
        let graph = self.graph();
        let weights = graph.inputs(node).unwrap_or_default();
        let (nodes, weights) = strongest(weights.iter().copied().enumerate());
        let of_row = |values: &[f32]| graph.row_index(node).map_or(0.0, |row| values[row]);
        Ok(record(&Inputs {
            nodes,
            weights,
            remainder: of_row(&graph.remainder),
            total: of_row(&graph.pre_activations),
        }))
    }

    /// A node's outputs, the strongest first: `{ nodes, weights }`.
    ///
    /// # Errors
    /// A node that does not exist.
    #[wasm_bindgen(unchecked_return_type = "wire.Outputs")]
    pub fn outputs(&self, node: usize) -> Result<JsValue, JsValue> {
        self.check(node)?;
        let weights = self.graph().outputs(node).into_iter().enumerate();
        let weights = weights.map(|(row, weight)| (self.graph().row_node(row), weight));
        let (nodes, weights) = strongest(weights);
        Ok(record(&Outputs { nodes, weights }))
    }

    /// How edges pass through attention: see [`trace::Tracer::heads`]. `sources` and `targets` are
    /// pairs of nodes; [pairs, layers, heads + 1].
    ///
    /// # Errors
    /// A graph from a file, arrays of different lengths, a node that does not exist, a target without inputs, or an
    /// engine that fails.
    pub async fn heads(&self, sources: Vec<u32>, targets: Vec<u32>) -> Result<Vec<f32>, JsValue> {
        let pairs = pairs(sources, targets)?;
        let TracedGraph {
            graph, run, runner, ..
        } = self.traced()?;
        runner.heads(run, graph, &pairs).await.map_err(thrown)
    }

    /// Parts of edges by what is not held: see [`trace::Shares`]. `sources` and `targets` are pairs of
    /// nodes; [pairs, 3 + layers x heads x 2]: with all held, through norms, through what errors answer, and through where each
    /// head looks, of its query and of its key.
    ///
    /// # Errors
    /// As [`Trace::heads`].
    pub async fn shares(&self, sources: Vec<u32>, targets: Vec<u32>) -> Result<Vec<f64>, JsValue> {
        let pairs = pairs(sources, targets)?;
        let TracedGraph {
            graph, run, runner, ..
        } = self.traced()?;
        let all = runner.shares(run, graph, &pairs).await.map_err(thrown)?;
        let numbers = all.iter().flat_map(|shares| {
            let first = [shares.held, shares.norms, shares.errors];
            first.into_iter().chain(shares.looks.iter().copied())
        });
        Ok(numbers.collect())
    }

    /// Why a head looks where it looks: see [`trace::Tracer::look`]. `{ score, rest, pattern, scores,
    /// queries, keys, subtracted, parts }`; of each pair what stands at the query and at the key: a
    /// node, -1 for the position embeddings, -2 for biases.
    ///
    /// # Errors
    /// A graph from a file, a layer, head or token that does not exist, or an engine that fails.
    #[wasm_bindgen(unchecked_return_type = "wire.HeadScore")]
    pub async fn look(
        &self,
        layer: usize,
        head: usize,
        query: usize,
        key: usize,
        minus: Option<usize>,
        most: usize,
    ) -> Result<JsValue, JsValue> {
        let TracedGraph {
            graph, run, runner, ..
        } = self.traced()?;
        let look = trace::Look {
            at: HeadAt { layer, head, query },
            key,
            minus,
        };
        let found = runner.look(run, graph, look, most).await.map_err(thrown)?;
        Ok(record(&HeadScoreRecord::from(found)))
    }
}
