//! What one asks of features: interventions, the ladder of freezing, the replaced model, operand
//! plots.

mod intervene;
mod ladder;
mod operands;
mod replaced;

pub use intervene::{Intervention, Mode, Outcome, intervene};
pub use ladder::{Ladder, Nudge, Rung};
pub use operands::{OPERANDS, OperandPlots, Plot, Template};
pub use replaced::{reconstruct, replaced};

use crate::engine::EngineError;

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
        "So many features fire on prompts like this one that more than {limit} activations would have to be kept."
    )]
    TooManyActivations { limit: usize },
    #[error("The value of feature {feature} at layer {layer} must be a finite number.")]
    NotFinite { layer: usize, feature: usize },
    #[error(transparent)]
    Engine(#[from] EngineError),
}
