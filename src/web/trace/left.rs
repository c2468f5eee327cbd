//! What is left of a graph after pruning, for the page and for other viewers.

use super::{Source, Trace};
use crate::export::{self, About, Arrangement, Origin};
use crate::order;
use crate::trace::{self, Node};
use crate::web::{record, thrown};
use crate::wire::{Numbers, PrunedRecord};
use serde_json::value::RawValue;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Trace {
    /// What is left of the graph with these shares of the influence. Features active on more than
    /// a share `density` of tokens are left out too where `frequencies` tells of each on how many it
    /// is, [layers, features].
    pub(in crate::web) fn left(
        &self,
        node_threshold: f32,
        edge_threshold: f32,
        density: f32,
        frequencies: Option<Vec<f32>>,
    ) -> trace::Pruned {
        let graph = self.graph();
        let mut pruned = graph.prune(node_threshold, edge_threshold);
        // The features of a file need not be this model's.
        if let (Some(frequencies), Source::Traced(_)) = (frequencies, &self.source) {
            let features = frequencies.len() / graph.layers;
            pruned.retain(|node| match graph.node(node) {
                Node::Feature(i) => {
                    let feature = graph.features[i];
                    frequencies[feature.layer * features + feature.index] <= density
                }
                _ => true,
            });
        }
        pruned
    }

    /// Thresholds of nodes and edges that leave no more than can be read: see [`trace::Graph::readable`].
    pub fn readable(&self, nodes: usize, edges: usize) -> Vec<f32> {
        let (node, edge) = self.graph().readable(nodes, edges);
        vec![node, edge]
    }

    /// What is left after pruning, the strongest edges first: `{ nodes, sources, targets, weights }`; see [`Trace::left`].
    #[wasm_bindgen(unchecked_return_type = "wire.Pruned")]
    pub fn prune(
        &self,
        node_threshold: f32,
        edge_threshold: f32,
        density: f32,
        frequencies: Option<Vec<f32>>,
    ) -> JsValue {
        let mut pruned = self.left(node_threshold, edge_threshold, density, frequencies);
        let strength = |edge: &trace::Edge| edge.weight.abs();
        order::sort(&mut pruned.edges, &|a, b| {
            strength(b).total_cmp(&strength(a))
        });
        let nodes = (0..pruned.nodes.len()).filter(|node| pruned.nodes[*node]);
        let edges = || pruned.edges.iter();
        record(&PrunedRecord {
            nodes: nodes.collect(),
            sources: edges().map(|edge| edge.source).collect(),
            targets: edges().map(|edge| edge.target).collect(),
            weights: Numbers(edges().map(|edge| edge.weight).collect()),
        })
    }

    /// The pruned graph as JSON for other viewers, with an arrangement or none; one from a file as
    /// that file, with what its reader changed. See [`Trace::left`] for what is in it. `page` is
    /// JSON that the page keeps in the file of a traced graph.
    ///
    /// # Errors
    /// An arrangement that is none, or a page's JSON that is none.
    #[expect(clippy::too_many_arguments)]
    pub fn json(
        &self,
        model: &str,
        prompt: &str,
        node_threshold: f32,
        edge_threshold: f32,
        density: f32,
        frequencies: Option<Vec<f32>>,
        #[wasm_bindgen(unchecked_param_type = "wire.Arrangement | undefined")] arrangement: JsValue,
        page: Option<String>,
    ) -> Result<String, JsValue> {
        let arrangement: Arrangement = match arrangement.is_undefined() {
            true => Arrangement::default(),
            false => serde_wasm_bindgen::from_value(arrangement).map_err(thrown)?,
        };
        let graph = self.graph();
        let pruned = self.left(node_threshold, edge_threshold, density, frequencies);
        let runner = match &self.source {
            Source::File(opened) => {
                let thresholds = [node_threshold, edge_threshold];
                return Ok(opened.original.json(&pruned, thresholds, &arrangement));
            }
            Source::Traced(traced) => &traced.runner,
        };
        let page = page.map(RawValue::from_string).transpose();
        let page = page.map_err(thrown)?;
        let answers = graph.answers.iter().map(|answer| self.name(answer.token));
        let about = About {
            origin: Origin {
                model,
                transcoder: runner.network.model.transcoder.kind.name(),
                density,
                answers: &answers.collect::<Vec<_>>(),
                page: page.as_deref(),
            },
            prompt,
            tokens: &self.tokens(),
            node_threshold,
            edge_threshold,
            arrangement: &arrangement,
        };
        Ok(export::json(graph, &pruned, &about))
    }
}
