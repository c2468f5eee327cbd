//! Attribution: targets, rows, influence, pruning, scores; the [`Graph`].
//!
//! The algorithm is that of "Circuit Tracing: Revealing Computational Graphs in Language Models"
//! (Ameisen et al., 2025), with the conventions of circuit-tracer 0.5.0.

mod assembly;
mod carry;
mod constants;
mod effects;
mod finite;
mod graph;
#[cfg(test)]
mod hand_worked;
mod heads;
mod influence;
mod looks;
mod prune;
mod recorded;
mod rows;
mod run;
mod select;
mod shares;
mod targets;
mod tracer;
mod written;

pub use carry::StreamSource;
pub use graph::{Feature, Graph, Node};
pub use influence::{Paths, Scores};
pub use looks::{HeadAt, HeadScore, Look, Pair};
pub use prune::{Edge, Pruned};
pub use recorded::{Recorded, RecordedTarget, Whole};
pub use run::Run;
pub use shares::Shares;
pub use targets::{Answer, Target, Targets, answers, probabilities};
pub use tracer::{Options, Phase, Tracer};

use crate::engine::EngineError;
use crate::model::Model;

/// circuit-tracer's defaults: most logits that become targets, and the probability that they reach.
pub const MAX_LOGITS: usize = 10;
pub const PROBABILITY: f32 = 0.95;
/// How many answers a graph lists.
pub const ANSWERS: usize = 10;
/// circuit-tracer's defaults for pruning: shares of the influence that nodes and edges keep.
pub const NODE_THRESHOLD: f32 = 0.8;
pub const EDGE_THRESHOLD: f32 = 0.98;

/// What keeps a prompt from being traced.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum TraceError {
    #[error("The prompt is empty: there is nothing to trace.")]
    Empty,
    #[error("The prompt has {tokens} tokens; this model reads at most {limit}.")]
    TooLong { tokens: usize, limit: usize },
    /// `name` is its number, and its text where the tokenizer knows it.
    #[error("Token {name} does not exist: this model knows {vocabulary} tokens, from 0 on.")]
    UnknownToken { name: String, vocabulary: usize },
    #[error(
        "The model's logits after this prompt are no finite numbers: its weights are too large."
    )]
    NotFinite,
    #[error(
        "On this prompt the residual stream before the MLP of layer {layer} is no finite number: weights of that layer's attention or of what stands before it are too large or damaged."
    )]
    NotFiniteStream { layer: usize },
    #[error(
        "Feature {feature} of layer {layer} has no finite activation at position {position}: its values in W_enc or b_enc of that layer are too large or damaged."
    )]
    NotFiniteFeature {
        layer: usize,
        position: usize,
        feature: usize,
    },
    /// `edge` says which, `suspect` names the tensors that are most likely at fault.
    #[error("The graph has no finite number for {edge}: {suspect} too large or damaged.")]
    NotFiniteEdge { edge: String, suspect: String },
    #[error("Nothing is asked for: at least one target token is needed.")]
    NoTargets,
    #[error("There is no node {node}: the graph has {nodes}, from 0 on.")]
    NoSuchNode { node: usize, nodes: usize },
    #[error("Node {node} has no inputs: it is an error or a token, so no edge leads to it.")]
    NoInputs { node: usize },
    #[error("There is no {name} {value}: the last one is {last}.")]
    NoSuch {
        name: &'static str,
        value: usize,
        last: usize,
    },
    #[error("A difference needs two tokens; both are {token:?}. Choose another to take away.")]
    SameTokens { token: String },
    #[error("The {name} must be {allowed}; it is {found}.")]
    Option {
        name: &'static str,
        allowed: &'static str,
        found: String,
    },
    #[error(transparent)]
    Engine(#[from] EngineError),
}

impl TraceError {
    /// A token that the model has not, though its tokenizer may.
    pub(crate) fn unknown_token(model: &Model, token: u32) -> TraceError {
        let (text, vocabulary) = (
            model.vocabulary.token(token),
            model.language.config.vocabulary,
        );
        TraceError::UnknownToken {
            name: match text == format!("#{token}") {
                true => token.to_string(),
                false => format!("{token}, {text},"),
            },
            vocabulary,
        }
    }
}
