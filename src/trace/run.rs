//! A prompt that was run, once: graphs in either reading, heads, the ladder, grades and surprises are asked of it.
//! Steering walks up from it with nothing set, too, so that both of its sides are rounded alike.

use super::carry::OnHost;
use super::rows::split_outputs;
use super::{Feature, TraceError, Tracer, finite};
use crate::engine::Engine;
use crate::network::{Forward, Network};
use std::rc::Rc;
use std::sync::OnceLock;

/// A prompt that was run. Its forward pass stays on the engine; of the features the active ones alone are kept, on
/// the host.
pub struct Run<E: Engine> {
    ids: Vec<u32>,
    pub(crate) forward: Forward<E::Tensor>,
    /// The active ones, by layer, position and index; none at the first position.
    pub(super) features: Vec<Feature>,
    /// After the last token, [vocabulary].
    pub(super) logits: Vec<f32>,
    /// What features and skip paths leave of each MLP's output, [layers, tokens, width].
    pub(super) errors: E::Tensor,
    /// What biases and the first position write in the MLPs' place, [layers, tokens, width].
    pub(super) constants: E::Tensor,
    /// Read back when heads are asked for first.
    pub(super) on_host: OnceLock<OnHost>,
}

impl<E: Engine> Run<E> {
    /// The prompt as it ran, with the BOS first.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The active features, by layer, position and index; none at the first position.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Whether a path leads from a feature to a target: none does from the last layer, where nothing attends any more, but at the last
    /// token.
    pub(super) fn is_connected(&self, feature: &Feature) -> bool {
        feature.layer + 1 < self.forward.layers.len() || feature.position + 1 == self.ids.len()
    }

    /// The logits after the last token, [vocabulary].
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }
}

impl<E: Engine> Tracer<E> {
    /// Runs a prompt, with a BOS in front as [`crate::model::Model::with_bos`] has it.
    ///
    /// # Errors
    /// A prompt that is empty or too long or has a token that does not exist, weights so large that numbers
    /// are none, or an engine that fails.
    pub async fn run(&self, ids: &[u32]) -> Result<Rc<Run<E>>, TraceError> {
        let network = &self.network;
        let ids = network.model.with_bos(ids.to_vec());
        self.check(&ids)?;
        let forward = network.forward(&ids, 1, None);
        let activations = network.encode(&forward);
        let (errors, constants) = split_outputs(network, &self.constants, &forward, &activations);
        let (features, logits) = read(network, &forward, &activations).await?;
        Ok(Rc::new(Run {
            ids,
            forward,
            features,
            logits,
            errors,
            constants,
            on_host: OnceLock::new(),
        }))
    }
}

/// Reads what the host has to know before rows can be computed: the active features, and the logits after the last
/// token.
async fn read<E: Engine>(
    network: &Network<E>,
    forward: &Forward<E::Tensor>,
    activations: &[E::Tensor],
) -> Result<(Vec<Feature>, Vec<f32>), TraceError> {
    let tokens = forward.tokens;
    let features = network.model.transcoder.features();
    let logits = network.last_logits(forward);
    let mut tensors = vec![
        (&logits, network.config().vocabulary),
        (&forward.final_scale, tokens),
    ];
    let states = forward.layers.iter();
    tensors.extend(states.map(|state| (&state.mlp_scale, tokens)));
    let (found, mut values) = network.read_active(activations, tokens, &tensors).await?;
    let mlp_scales = values.split_off(2);
    let final_scale = values[1][tokens - 1];
    let logits = values.swap_remove(0);
    finite::check_streams(&mlp_scales)?;
    if !finite::is_scale(final_scale) || logits.iter().any(|logit| !logit.is_finite()) {
        return Err(TraceError::NotFinite);
    }

    let mut active = Vec::new();
    for (layer, found) in found.iter().enumerate() {
        finite::check_activations(layer, found, tokens * features)?;
        // The first position, a BOS, has no feature nodes.
        let nodes = found.iter().filter(|found| found.row > 0);
        active.extend(nodes.map(|found| Feature {
            layer,
            position: found.row,
            index: found.feature,
            activation: found.activation,
        }));
    }
    Ok((active, logits))
}
