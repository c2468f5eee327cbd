//! What one asks of features: interventions and steering, the ladder of freezing, the grade of a
//! graph, the replaced model, operand plots and the templates they are over, sample texts, what their weights say, labels and
//! roles; of nodes, the edges among them, a subgraph to start from and which of another graph they are;
//! and of prompts, whether they are like the training texts.

mod align;
mod among;
#[cfg(test)]
mod drawn;
mod feature;
pub mod grade;
mod intervene;
mod label;
mod ladder;
mod likeness;
mod near;
mod next;
mod numbered;
mod operands;
mod patterns;
mod replaced;
mod report;
mod role;
mod samples;
#[cfg(test)]
mod small;
pub mod statistics;
mod steer;
mod story;
pub mod sum_text;
mod template;
mod unseen;
mod whole;

pub use align::Outline;
pub use among::{Suggestion, edges_among, suggest};
pub use feature::{Connection, Effect, FeatureFacts, feature_facts, logit_effects};
pub use intervene::{Intervention, Mode, Outcome, intervene};
pub use label::{FITS, HEDGE, Label, Trigger, operand_label, sample_label};
pub use ladder::{Changes, Free, Ladder, Nudge, Rung};
pub use likeness::{Allowance, Likeness, Surprise, excess, mean_excess, surprises};
pub use near::near;
pub use next::{next, token};
pub use operands::{OPERANDS, OperandPlots, Plot};
pub use patterns::with_patterns;
pub use replaced::{reconstruct, replaced};
pub use report::{LogitChange, Moved, Report, Shift};
pub use role::{Precision, Reads, Role, role};
pub use samples::{Example, SampleFacts, Samples};
pub use steer::{Foretold, Setting, Steer, Steered, Steering, steered_next};
pub use story::{Called, Flow, Item, Kind, MOST_ITEMS, Part, Story, flows_among, part, story};
pub use template::Template;
pub use unseen::{Unseen, UnseenWord};
pub use whole::{Begun, WholeAnswer, begun, whole_answer};

use crate::engine::EngineError;
use crate::model::Transcoder;
use crate::trace::TraceError;

/// What keeps a question from being answered.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum StudyError {
    #[error(
        "There is no feature {feature} at layer {layer}, position {position}: the model has {layers} layers with {features} features, and the prompt {tokens} tokens."
    )]
    NoSuchFeature {
        layer: usize,
        position: usize,
        feature: usize,
        layers: usize,
        features: usize,
        tokens: usize,
    },
    #[error(
        "There is no feature {feature} at layer {layer}: the model has {layers} layers with {features} features."
    )]
    NotInModel {
        layer: usize,
        feature: usize,
        layers: usize,
        features: usize,
    },
    #[error(
        "So many features fire on prompts like this one that more than {limit} activations would have to be kept."
    )]
    TooManyActivations { limit: usize },
    #[error("The value of feature {feature} at layer {layer} must be a finite number.")]
    NotFinite { layer: usize, feature: usize },
    #[error(
        "With these settings the model's logits are no finite numbers: the values are too large."
    )]
    TooLarge,
    #[error("There is no layer {layer}: the model has {layers} layers, from 0 on.")]
    NoSuchLayer { layer: usize, layers: usize },
    #[error(
        "Feature {feature} of layer {layer} is no node of the graph at position {position}: it is not active there."
    )]
    NotInGraph {
        layer: usize,
        position: usize,
        feature: usize,
    },
    #[error(transparent)]
    Trace(#[from] TraceError),
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Checks that a feature exists in a prompt of so many tokens, and that what it is given is a number.
fn check(
    transcoder: &Transcoder,
    tokens: usize,
    (layer, position, feature): (usize, usize, usize),
    value: f32,
) -> Result<(), StudyError> {
    let (layers, features) = (transcoder.layers.len(), transcoder.features());
    if layer >= layers || position >= tokens || feature >= features {
        return Err(StudyError::NoSuchFeature {
            layer,
            position,
            feature,
            layers,
            features,
            tokens,
        });
    }
    if !value.is_finite() {
        return Err(StudyError::NotFinite { layer, feature });
    }
    Ok(())
}
