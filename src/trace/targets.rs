//! What is explained: which logits, or directions in logit space.

use super::{MAX_LOGITS, PROBABILITY, TraceError};
use crate::model::{Matrix, Model};
use crate::order;

/// Which logits become targets.
#[derive(Clone, Debug, PartialEq)]
pub enum Targets {
    /// The most probable next tokens: the fewest that reach `probability` together, at most
    /// `most`. circuit-tracer's default is 10 and 0.95.
    Likely { most: usize, probability: f32 },
    /// These tokens, whatever their probability; one given twice counts once.
    Tokens(Vec<u32>),
    /// One logit minus another, with weight 1.
    Difference { token: u32, minus: u32 },
}

impl Default for Targets {
    fn default() -> Self {
        Targets::Likely {
            most: MAX_LOGITS,
            probability: PROBABILITY,
        }
    }
}

/// A target at the last token.
#[derive(Clone, Debug, PartialEq)]
pub struct Target {
    /// The token's id. For a difference, vocabulary size + its place among the targets, as
    /// circuit-tracer numbers directions that are no token.
    pub token: u32,
    /// How people would call it.
    pub name: String,
    /// The weight with which influence starts here: a probability, or 1 for a difference.
    pub probability: f32,
    /// The value explained: the logit minus the mean of all logits, or the difference.
    pub value: f32,
    /// For a difference, the two tokens.
    pub pair: Option<(u32, u32)>,
    /// The direction in the output of the final norm, [width].
    pub(super) direction: Vec<f32>,
}

impl Target {
    /// What it makes of changes of all logits, [vocabulary]: its own less their mean, or the
    /// difference of two. NaN for a token that is not among them.
    pub fn along(&self, changes: &[f64]) -> f64 {
        let change = |token: u32| changes.get(token as usize).copied().unwrap_or(f64::NAN);
        match self.pair {
            Some((token, minus)) => change(token) - change(minus),
            None => change(self.token) - changes.iter().sum::<f64>() / changes.len() as f64,
        }
    }
}

/// A candidate for the next token.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The token's id.
    pub token: u32,
    pub probability: f32,
    /// As the model gives it, without the mean taken away.
    pub logit: f32,
}

/// Softmax of logits.
pub fn probabilities(logits: &[f32]) -> Vec<f32> {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = logits.iter().map(|logit| (logit - largest).exp()).collect();
    let sum: f64 = powers.iter().map(|power| f64::from(*power)).sum();
    powers
        .iter()
        .map(|power| (f64::from(*power) / sum) as f32)
        .collect()
}

/// The `most` most probable tokens, in order.
pub fn answers(logits: &[f32], most: usize) -> Vec<Answer> {
    let probabilities = probabilities(logits);
    order::largest(logits, most)
        .into_iter()
        .map(|token| Answer {
            token: token as u32,
            probability: probabilities[token],
            logit: logits[token],
        })
        .collect()
}

/// The targets that are asked for, given the logits after the last token and the unembedding's mean row.
///
/// # Errors
/// A token outside the vocabulary, none at all, or a difference of a token from itself.
pub(super) fn choose(
    wanted: &Targets,
    logits: &[f32],
    model: &Model,
    mean_row: &[f32],
) -> Result<Vec<Target>, TraceError> {
    let (unembedding, vocabulary) = (model.language.unembedding(), &model.vocabulary);
    let known = |token: u32| match (token as usize) < logits.len() {
        true => Ok(token),
        false => Err(TraceError::unknown_token(model, token)),
    };
    let tokens: Vec<u32> = match wanted {
        Targets::Likely { most, probability } => {
            let mut sum = 0.0;
            let mut chosen = Vec::new();
            for answer in answers(logits, *most) {
                chosen.push(answer.token);
                sum += answer.probability;
                if sum >= *probability {
                    break;
                }
            }
            chosen
        }
        Targets::Tokens(tokens) => {
            // A second node for a token would have the id of the first.
            let mut chosen = Vec::new();
            for token in tokens {
                if !chosen.contains(&known(*token)?) {
                    chosen.push(*token);
                }
            }
            chosen
        }
        Targets::Difference { token, minus } => {
            let (token, minus) = (known(*token)?, known(*minus)?);
            if token == minus {
                let token = vocabulary.token(token);
                return Err(TraceError::SameTokens { token });
            }
            let pairs = unembedding.row(token as usize).iter();
            return Ok(vec![Target {
                token: logits.len() as u32,
                name: format!("{} − {}", vocabulary.token(token), vocabulary.token(minus)),
                probability: 1.0,
                value: logits[token as usize] - logits[minus as usize],
                pair: Some((token, minus)),
                direction: pairs
                    .zip(unembedding.row(minus as usize))
                    .map(|(a, b)| a - b)
                    .collect(),
            }]);
        }
    };
    if tokens.is_empty() {
        return Err(TraceError::NoTargets);
    }
    let probabilities = probabilities(logits);
    let mean_logit =
        logits.iter().map(|logit| f64::from(*logit)).sum::<f64>() / logits.len() as f64;
    let target = |token: u32| Target {
        token,
        name: vocabulary.token(token),
        probability: probabilities[token as usize],
        value: (f64::from(logits[token as usize]) - mean_logit) as f32,
        pair: None,
        direction: unembedding
            .row(token as usize)
            .iter()
            .zip(mean_row)
            .map(|(value, mean)| value - mean)
            .collect(),
    };
    Ok(tokens.into_iter().map(target).collect())
}

/// The mean row of the unembedding, [width].
pub(super) fn mean_row(unembedding: &Matrix) -> Vec<f32> {
    let mut sums = vec![0.0f64; unembedding.columns];
    for row in unembedding.values.chunks_exact(unembedding.columns) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += f64::from(*value);
        }
    }
    sums.iter()
        .map(|sum| (sum / unembedding.rows as f64) as f32)
        .collect()
}
