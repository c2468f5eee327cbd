//! Numbers that are none. Weights that are finite can have products that are not; a graph of such would look
//! as if nothing fed anything, so it is an error that says where to look.

use super::{Feature, Target, TraceError};
use crate::network::Active;
use crate::trace::rows::Start;

/// What the sources and targets of rows are.
pub(super) struct Places<'a> {
    pub features: &'a [Feature],
    pub layers: usize,
    pub tokens: usize,
}

/// Whether 1 / standard deviation is that of finite values.
pub(super) fn is_scale(scale: f32) -> bool {
    scale.is_finite() && scale > 0.0
}

/// Checks 1 / standard deviation of the residual stream before each layer's MLP, per layer [tokens].
pub(super) fn check_streams(mlp_scales: &[Vec<f32>]) -> Result<(), TraceError> {
    let odd = |scales: &Vec<f32>| scales.iter().any(|scale| !is_scale(*scale));
    match mlp_scales.iter().position(odd) {
        Some(layer) => Err(TraceError::NotFiniteStream { layer }),
        None => Ok(()),
    }
}

/// Checks the activations of a layer: the active ones, of `count` in all.
pub(super) fn check_activations(
    layer: usize,
    active: &[Active],
    count: usize,
) -> Result<(), TraceError> {
    let values = || active.iter().map(|active| active.activation);
    if sum_is_finite(values(), count) {
        return Ok(());
    }
    let odd = values().position(|value| !value.is_finite());
    // Where only their sum is too large, the largest.
    let place = odd.unwrap_or_else(|| largest(values()));
    Err(TraceError::NotFiniteFeature {
        layer,
        position: active[place].row,
        feature: active[place].feature,
    })
}

/// Whether a row's edges, its remainder and their sums are finite.
pub(super) fn is_row(edges: &[f32], remainder: f32) -> bool {
    sum_is_finite(edges.iter().copied(), edges.len()) && remainder.is_finite()
}

impl Places<'_> {
    /// What is said of a row that [`is_row`] refuses.
    pub fn fault(&self, start: &Start<'_>, edges: &[f32], remainder: f32) -> TraceError {
        let target = match start {
            Start::Logit(Target { name, .. }) => format!("the logit {name}"),
            Start::Feature(feature) => self.feature(*feature),
        };
        let odd: Vec<usize> = (0..edges.len())
            .filter(|i| !edges[*i].is_finite())
            .collect();
        let others = edges
            .iter()
            .filter(|edge| edge.is_finite() && **edge != 0.0);
        // Where most edges are at fault it is their common end.
        let (edge, suspect) = if odd.len() > 1 && odd.len() > others.count() {
            let suspect = match start {
                Start::Logit(_) => "the unembedding or the final norm is".to_string(),
                Start::Feature(feature) => {
                    let Feature { layer, index, .. } = self.features[*feature];
                    format!("W_enc of feature {index} of layer {layer} is")
                }
            };
            (format!("most edges to {target}"), suspect)
        } else if odd.is_empty() && !remainder.is_finite() {
            let suspect = "biases or position embeddings are".to_string();
            (format!("the remainder of {target}"), suspect)
        } else {
            let place = odd
                .first()
                .copied()
                .unwrap_or_else(|| largest(edges.iter().copied()));
            let (source, suspect) = self.source(place);
            (format!("the edge from {source} to {target}"), suspect)
        };
        TraceError::NotFiniteEdge { edge, suspect }
    }

    fn feature(&self, feature: usize) -> String {
        let Feature {
            layer,
            position,
            index,
            ..
        } = self.features[feature];
        format!("feature {index} of layer {layer} at position {position}")
    }

    /// A source, by its place in a row, and the tensors that make what it writes.
    fn source(&self, place: usize) -> (String, String) {
        let Some(other) = place.checked_sub(self.features.len()) else {
            let Feature { layer, index, .. } = self.features[place];
            let suspect = format!("W_dec or W_enc of feature {index} of layer {layer} is");
            return (self.feature(place), suspect);
        };
        let (layer, position) = (other / self.tokens, other % self.tokens);
        if layer < self.layers {
            let suspect = format!("a decoder that writes to layer {layer}, or the MLP there, is");
            return (
                format!("the error of layer {layer} at position {position}"),
                suspect,
            );
        }
        let suspect = "the embedding of that token is".to_string();
        (format!("the token at position {position}"), suspect)
    }
}

/// Whether the sum of the magnitudes of `count` values, of which these are all that are not zero, is surely finite. By their bits,
/// which is fast.
fn sum_is_finite(values: impl Iterator<Item = f32>, count: usize) -> bool {
    let magnitudes = values.map(|value| value.to_bits() & (u32::MAX >> 1));
    let largest = f32::from_bits(magnitudes.fold(0, u32::max));
    (f64::from(largest) * count as f64) < f64::from(f32::MAX)
}

/// The place of the largest magnitude.
fn largest(values: impl Iterator<Item = f32>) -> usize {
    let sizes = values.map(f32::abs).enumerate();
    let largest = sizes.max_by(|a, b| a.1.total_cmp(&b.1));
    largest.map_or(0, |(place, _)| place)
}
