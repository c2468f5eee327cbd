//! A graph's nodes as arrays, one value a node, and what is said of the whole.

use super::{Source, Trace, answer_records};
use crate::export;
use crate::trace::Node;
use crate::web::record;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Trace {
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

    /// What edges take as given: `patterns,norms`, one of them, `errors`, or `nothing`.
    #[wasm_bindgen(getter)]
    pub fn hold(&self) -> String {
        self.graph().reading.to_string()
    }
}
