//! One attribution graph: what the page shows of it.

use super::engine::Runner;
use super::steer::Base;
use super::{record, thrown};
use crate::engine::either::Either;
use crate::export::{self, About, Arrangement, Origin};
use crate::order;
use crate::trace::{self, HeadAt, Node, Run};
use crate::wire::{AnswerRecord, HeadScoreRecord, Inputs, Numbers, Outputs, PrunedRecord, Timing};
use serde_json::value::RawValue;
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Answers as the page reads them.
pub(super) fn answer_records(
    answers: &[trace::Answer],
    token: impl Fn(u32) -> String,
    name: impl Fn(u32) -> String,
) -> JsValue {
    let records = answers.iter().map(|answer| AnswerRecord {
        token: token(answer.token),
        name: name(answer.token),
        id: answer.token,
        probability: answer.probability,
        logit: answer.logit,
    });
    record(&records.collect::<Vec<_>>())
}

/// The graph of a prompt, unpruned; or what a file holds of one.
#[wasm_bindgen]
pub struct Trace {
    source: Source,
    /// The prompt as it runs without interventions, once features were set.
    pub(super) steering: OnceCell<Rc<Base>>,
}

/// A graph that was traced here, of a prompt that was run once for all that is asked of it.
pub(super) struct TracedGraph {
    pub graph: trace::Graph,
    pub run: Rc<Run<Either>>,
    pub runner: Rc<Runner>,
    pub timing: Timing,
}

/// Where a graph comes from.
enum Source {
    Traced(Box<TracedGraph>),
    File(Box<export::Opened>),
}

impl Trace {
    pub(super) fn new(traced: TracedGraph) -> Trace {
        Trace {
            source: Source::Traced(Box::new(traced)),
            steering: OnceCell::new(),
        }
    }

    /// A graph from a file.
    pub(super) fn opened(opened: export::Opened) -> Trace {
        Trace {
            source: Source::File(Box::new(opened)),
            steering: OnceCell::new(),
        }
    }

    pub(super) fn graph(&self) -> &trace::Graph {
        match &self.source {
            Source::Traced(traced) => &traced.graph,
            Source::File(opened) => &opened.graph,
        }
    }

    /// What traced it, and the prompt as it ran.
    ///
    /// # Errors
    /// It comes from a file.
    pub(super) fn traced(&self) -> Result<&TracedGraph, JsValue> {
        match &self.source {
            Source::Traced(traced) => Ok(traced),
            Source::File(_) => Err(thrown(
                "This graph comes from a file, so there is no model here to ask: trace the prompt anew.",
            )),
        }
    }
}

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
    fn nodes<T>(&self, of: impl Fn(Node) -> T) -> Vec<T> {
        let graph = self.graph();
        (0..graph.nodes())
            .map(|node| of(graph.node(node)))
            .collect()
    }

    /// The text of one of the answers.
    fn name(&self, token: u32) -> String {
        match &self.source {
            Source::Traced(traced) => traced.runner.network.model.vocabulary.token(token),
            Source::File(opened) => {
                let own = opened.own.as_ref().and_then(|own| own.name(token));
                let mut targets = opened.graph.targets.iter();
                let target = targets.find(|target| target.token == token);
                own.or(target.map(|target| target.name.as_str()))
                    .unwrap_or_default()
                    .to_owned()
            }
        }
    }

    /// The prompt's tokens.
    #[wasm_bindgen(getter)]
    pub fn tokens(&self) -> Vec<String> {
        match &self.source {
            Source::Traced(traced) => {
                let tokens = traced.graph.tokens.iter();
                tokens.map(|id| self.name(*id)).collect()
            }
            Source::File(opened) => opened.tokens.clone(),
        }
    }

    /// The most probable next tokens.
    #[wasm_bindgen(getter, unchecked_return_type = "wire.Answer[]")]
    pub fn answers(&self) -> JsValue {
        let name = |token| match &self.source {
            Source::Traced(traced) => traced.runner.network.model.vocabulary.name(token),
            Source::File(_) => self.name(token),
        };
        answer_records(&self.graph().answers, |token| self.name(token), name)
    }

    /// Names of the targets, in the order of the logit nodes.
    #[wasm_bindgen(getter)]
    pub fn target_names(&self) -> Vec<String> {
        let targets = self.graph().targets.iter();
        targets.map(|target| target.name.clone()).collect()
    }

    /// Layers of the model.
    #[wasm_bindgen(getter)]
    pub fn layers(&self) -> usize {
        self.graph().layers
    }

    /// 0 feature, 1 error, 2 token, 3 logit; 4 attention feature, 5 attention error, 6 bias.
    #[wasm_bindgen(getter)]
    pub fn kind(&self) -> Vec<u8> {
        self.nodes(|node| match node {
            Node::Feature(_) => 0,
            Node::Error { .. } => 1,
            Node::Token(_) => 2,
            Node::Logit(_) => 3,
            Node::AttentionFeature(_) => 4,
            Node::AttentionError { .. } => 5,
            Node::Bias { .. } => 6,
        })
    }

    /// -1 for tokens, the number of layers for logits.
    #[wasm_bindgen(getter)]
    pub fn layer(&self) -> Vec<i32> {
        let graph = self.graph();
        self.nodes(|node| match node {
            Node::Feature(i) | Node::AttentionFeature(i) => graph.features[i].layer as i32,
            Node::Error { layer, .. }
            | Node::AttentionError { layer, .. }
            | Node::Bias { layer, .. } => layer as i32,
            Node::Token(_) => -1,
            Node::Logit(_) => graph.layers as i32,
        })
    }

    /// The position of each node's token.
    #[wasm_bindgen(getter)]
    pub fn position(&self) -> Vec<u32> {
        let graph = self.graph();
        self.nodes(|node| match node {
            Node::Feature(i) | Node::AttentionFeature(i) => graph.features[i].position as u32,
            Node::Error { position, .. }
            | Node::AttentionError { position, .. }
            | Node::Bias { position, .. }
            | Node::Token(position) => position as u32,
            Node::Logit(_) => graph.tokens.len() as u32 - 1,
        })
    }

    /// Feature index, token id for tokens and logits, 0 for the others.
    #[wasm_bindgen(getter)]
    pub fn index(&self) -> Vec<u32> {
        let graph = self.graph();
        self.nodes(|node| match node {
            Node::Feature(i) | Node::AttentionFeature(i) => graph.features[i].index as u32,
            Node::Token(position) => graph.tokens[position],
            Node::Logit(i) => graph.targets[i].token,
            _ => 0,
        })
    }

    /// Activations of features, probabilities of logits.
    #[wasm_bindgen(getter)]
    pub fn activation(&self) -> Vec<f32> {
        let graph = self.graph();
        self.nodes(|node| match node {
            Node::Feature(i) | Node::AttentionFeature(i) => graph.features[i].activation,
            Node::Logit(i) => graph.targets[i].probability,
            _ => 0.0,
        })
    }

    /// Cumulative share of influence: low is important.
    #[wasm_bindgen(getter)]
    pub fn influence(&self) -> Vec<f32> {
        self.graph().influence().1.to_vec()
    }

    /// Ids, as in the JSON that is written of a traced graph.
    #[wasm_bindgen(getter)]
    pub fn id(&self) -> Vec<String> {
        match &self.source {
            Source::Traced(traced) => {
                let nodes = 0..traced.graph.nodes();
                nodes
                    .map(|node| export::node_id(&traced.graph, node))
                    .collect()
            }
            Source::File(opened) => opened.ids.clone(),
        }
    }

    #[wasm_bindgen(getter)]
    pub fn replacement(&self) -> f32 {
        self.graph().scores().replacement
    }

    #[wasm_bindgen(getter)]
    pub fn completeness(&self) -> f32 {
        self.graph().scores().completeness
    }

    #[wasm_bindgen(getter)]
    pub fn active_features(&self) -> usize {
        self.graph().active_features
    }

    /// Of a graph from a file it is not known.
    #[wasm_bindgen(getter, unchecked_return_type = "wire.Timing | undefined")]
    pub fn timing(&self) -> JsValue {
        match &self.source {
            Source::Traced(traced) => record(&traced.timing),
            Source::File(_) => JsValue::UNDEFINED,
        }
    }

    /// Whether the scores are those of the whole graph, and not of what pruning left in a file.
    #[wasm_bindgen(getter)]
    pub fn scores_of_all(&self) -> bool {
        self.graph().scores_of_all()
    }

    /// What is left of the graph with these shares of the influence. Features active on more than
    /// a share `density` of tokens are left out too where `frequencies` tells of each on how many it
    /// is, [layers, features].
    pub(super) fn left(
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

    /// What edges take as given: `patterns,norms`, one of them, or `nothing`.
    #[wasm_bindgen(getter)]
    pub fn hold(&self) -> String {
        self.graph().reading.to_string()
    }

    /// Parts of edges by what is not held: see [`trace::Shares`]. `sources` and `targets` are pairs of
    /// nodes; [pairs, 2 + layers x heads x 2]: with all held, through norms, and through where each
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
            let first = [shares.held, shares.norms];
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

    pub(super) fn check(&self, node: usize) -> Result<(), JsValue> {
        match node < self.graph().nodes() {
            true => Ok(()),
            false => Err(thrown(format!("This graph has no node {node}."))),
        }
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
