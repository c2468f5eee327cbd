//! Interventions: features set to a value, and what the model then does.
//!
//! The modes and their meaning are circuit-tracer's ("Circuit Tracing", 2025, section 4): what is
//! frozen decides whether one sees direct effects or all that follows.

use super::StudyError;
use crate::engine::Engine;
use crate::model::Transcoder;
use crate::network::{Forward, Hold, Network, Recorded, Sizes, Walk};
use std::ops::Range;

/// A feature set to a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Intervention {
    pub layer: usize,
    pub position: usize,
    /// Index within its layer.
    pub feature: usize,
    /// The activation that it is given, absolute.
    pub value: f32,
}

/// What is held as it was without the intervention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Patterns, normalisation denominators and all other feature outputs: what the edges predict.
    Direct,
    /// Patterns, and the MLP outputs of these layers. Changes are written at these layers only, and
    /// are measured from the activations without the intervention. All layers: the same as
    /// [`Mode::Direct`]. No layers: the same as [`Mode::PatternsFrozen`].
    Constrained(Range<usize>),
    /// Patterns only.
    PatternsFrozen,
    /// Nothing.
    Free,
}

impl Mode {
    /// What is held at what it was without the intervention, in a model of so many layers. Norms are
    /// held where every MLP is.
    pub fn hold(&self, layers: usize) -> Hold {
        let mlps = match self {
            Mode::Direct => Hold::ALL,
            Mode::Constrained(range) if !range.is_empty() => range.clone(),
            _ => Hold::NONE,
        };
        let every = mlps.start == 0 && mlps.end >= layers;
        Hold {
            patterns: match self {
                Mode::Free => Hold::NONE,
                _ => Hold::ALL,
            },
            norms: if every { Hold::ALL } else { Hold::NONE },
            mlps,
        }
    }

    /// Whether a model of so many layers has those that are held.
    fn check(&self, layers: usize) -> Result<(), StudyError> {
        match self {
            Mode::Constrained(range) if !range.is_empty() && range.end > layers => {
                let layer = range.end - 1;
                Err(StudyError::NoSuchLayer { layer, layers })
            }
            _ => Ok(()),
        }
    }
}

/// What a model does under an intervention.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// [tokens, vocabulary]
    pub logits: Vec<f32>,
    /// Per layer [tokens, features]; zero at the first position.
    pub activations: Vec<Vec<f32>>,
    /// Per layer [tokens, features].
    pub pre_activations: Vec<Vec<f32>>,
}

impl Outcome {
    /// The logits after the last token, [vocabulary].
    pub fn last_logits(&self, vocabulary: usize) -> &[f32] {
        &self.logits[self.logits.len() - vocabulary..]
    }
}

/// Runs a prompt with features set to values. The transcoder never replaces the model: what it
/// would write differently is added to what the MLPs write. Of several values for one feature the
/// last counts.
///
/// # Errors
/// A feature or a frozen layer that does not exist, a value that is no number, or an engine that
/// fails.
///
/// # Panics
/// If the prompt cannot be run: see [`crate::trace::Tracer::check`].
pub async fn intervene<E: Engine>(
    network: &Network<E>,
    ids: &[u32],
    interventions: &[Intervention],
    mode: &Mode,
) -> Result<Outcome, StudyError> {
    let base = network.forward(ids, 1, None);
    from_base(network, &base, ids, interventions, mode).await
}

/// The same, for a prompt that has been run without interventions.
pub(super) async fn from_base<E: Engine>(
    network: &Network<E>,
    base: &Forward<E::Tensor>,
    ids: &[u32],
    interventions: &[Intervention],
    mode: &Mode,
) -> Result<Outcome, StudyError> {
    let walked = walk(network, base, ids, interventions, mode)?;
    read(network, base, &walked).await
}

/// The patterns of a layer in such a run, [heads, tokens, tokens]. Errors as [`intervene`].
pub(super) async fn patterns_from_base<E: Engine>(
    network: &Network<E>,
    base: &Forward<E::Tensor>,
    ids: &[u32],
    interventions: &[Intervention],
    mode: &Mode,
    layer: usize,
) -> Result<Vec<f32>, StudyError> {
    let walked = walk(network, base, ids, interventions, mode)?;
    let pattern = walked.patterns[layer].as_ref();
    let pattern = pattern.unwrap_or(&base.layers[layer].pattern);
    let size = network.config().heads * ids.len() * ids.len();
    let mut values = network.engine.read(&[(pattern, size)]).await?;
    Ok(values.remove(0))
}

/// An [`Outcome`] on the engine.
struct Walked<T> {
    logits: T,
    activations: Vec<T>,
    pre_activations: Vec<T>,
    /// Of each layer whose patterns are not held, [heads, tokens, tokens].
    patterns: Vec<Option<T>>,
}

fn walk<E: Engine>(
    network: &Network<E>,
    base: &Forward<E::Tensor>,
    ids: &[u32],
    interventions: &[Intervention],
    mode: &Mode,
) -> Result<Walked<E::Tensor>, StudyError> {
    let engine = &network.engine;
    let transcoder = &network.model.transcoder;
    let (layers, features) = (transcoder.layers.len(), transcoder.features());
    let (tokens, width) = (ids.len(), network.config().width);
    let by_layer = sort(interventions, transcoder, tokens)?;
    mode.check(layers)?;
    let hold = mode.hold(layers);
    let constrained = !hold.mlps.is_empty();

    let mut first_silent = vec![1.0; tokens];
    first_silent[0] = 0.0;
    let first_silent = engine.upload(&first_silent);
    let activate = |layer: usize, pre: &E::Tensor| {
        let active = network.activate(layer, pre, tokens);
        engine.scale_tokens(&active, &first_silent, 1, tokens, features)
    };

    let sizes = Sizes {
        sequences: 1,
        tokens,
        past: 0,
    };
    let walk = Walk::new(network, sizes, None).holding(&hold, Recorded::Prompt(base));
    let mut x = engine.upload(&network.embed(ids, tokens, 0));
    let mut deltas = engine.zeros(layers * tokens * width);
    let (mut activations, mut pre_activations) = (Vec::new(), Vec::new());
    let mut patterns = Vec::new();
    for (layer, (before, here)) in base.layers.iter().zip(&by_layer).enumerate() {
        let at = walk.before_mlp(layer, &x);
        let transcoder = network.transcoder(layer);
        let input = network.encoder_input(&at.mid, &at.mlp_normed);
        let of_base = network.encoder_input(&before.mid, &before.mlp_normed);
        let pre = network.pre_activations(layer, input, tokens);
        let active = activate(layer, &pre);

        if !here.is_empty() {
            let from = constrained
                .then(|| activate(layer, &network.pre_activations(layer, of_base, tokens)));
            let from = from.as_ref().unwrap_or(&active);
            steer(network, &mut deltas, from, layer, tokens, here);
        }
        let held = hold.mlps.contains(&layer);
        let mut out = engine.zeros(tokens * width);
        let mut write = |x: &E::Tensor, from: usize, factor: f32| {
            engine.add_scaled(&mut out, 0, x, from, tokens * width, factor);
        };
        if held {
            write(&before.mlp_out, 0, 1.0);
            for (read, factor) in [(input, 1.0), (of_base, -1.0)] {
                if let Some(skip) = transcoder.skip(engine, read, tokens) {
                    write(&skip, 0, factor);
                }
            }
        } else {
            write(&network.mlp(layer, &at.mlp_normed, tokens), 0, 1.0);
        }
        if held || !constrained {
            write(&deltas, layer * tokens * width, 1.0);
        }
        x = engine.add(&at.mid, &out, tokens * width);
        activations.push(active);
        pre_activations.push(pre);
        patterns.push(at.pattern);
    }
    Ok(Walked {
        logits: walk.logits(&x),
        activations,
        pre_activations,
        patterns,
    })
}

/// Checks interventions and sorts them by layer; of two on one feature the later stays.
fn sort(
    interventions: &[Intervention],
    transcoder: &Transcoder,
    tokens: usize,
) -> Result<Vec<Vec<Intervention>>, StudyError> {
    let place = |one: &Intervention| (one.layer, one.position, one.feature);
    let mut by_layer = vec![Vec::new(); transcoder.layers.len()];
    for (i, one) in interventions.iter().enumerate() {
        super::check(transcoder, tokens, place(one), one.value)?;
        let mut later = interventions[i + 1..].iter();
        if !later.any(|other| place(other) == place(one)) {
            by_layer[one.layer].push(*one);
        }
    }
    Ok(by_layer)
}

/// Records what a layer's interventions write, to this and later layers.
fn steer<E: Engine>(
    network: &Network<E>,
    deltas: &mut E::Tensor,
    activations: &E::Tensor,
    layer: usize,
    tokens: usize,
    interventions: &[Intervention],
) {
    let engine = &network.engine;
    let indices = |index: fn(&Intervention) -> usize| {
        let values: Vec<u32> = interventions.iter().map(|one| index(one) as u32).collect();
        engine.upload_indices(&values)
    };
    let values: Vec<f32> = interventions.iter().map(|one| one.value).collect();
    let part = network.transcoder(layer);
    engine.steer(
        deltas,
        activations,
        &part.decoder,
        &indices(|one| one.position),
        &indices(|one| one.feature),
        &engine.upload(&values),
        interventions.len(),
        part.decoding(tokens, layer),
    );
}

async fn read<E: Engine>(
    network: &Network<E>,
    base: &Forward<E::Tensor>,
    walked: &Walked<E::Tensor>,
) -> Result<Outcome, StudyError> {
    let Walked {
        logits,
        activations,
        pre_activations,
        ..
    } = walked;
    let tokens = base.tokens;
    let features = network.model.transcoder.features();
    let mut tensors = vec![(logits, tokens * network.config().vocabulary)];
    let all = activations.iter().chain(pre_activations);
    tensors.extend(all.map(|tensor| (tensor, tokens * features)));
    let mut values = network.engine.read(&tensors).await?;
    let pre_activations = values.split_off(1 + activations.len());
    let activations = values.split_off(1);
    Ok(Outcome {
        logits: values.remove(0),
        activations,
        pre_activations,
    })
}
