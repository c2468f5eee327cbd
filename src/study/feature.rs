//! What the weights alone say of a feature, whatever the prompt ("Circuit Tracing", 2025: output
//! and embedding weights, section 3; virtual weights, section 5).

use super::StudyError;
use crate::model::{EncoderInput, Model, Norm};
use crate::order;

/// Tokens in each list.
const TOKENS: usize = 10;
/// Features in each list.
const CONNECTIONS: usize = 20;
/// Effects are told on the numbers 0 to 199, where the vocabulary has at least those to 99.
const NUMBERS: usize = 200;
const NEEDED_NUMBERS: usize = 100;

/// A token, and how strongly something acts on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Effect {
    pub token: u32,
    pub value: f32,
}

/// Another feature, and the virtual weight to or from it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Connection {
    pub layer: usize,
    /// Index within its layer.
    pub index: usize,
    pub weight: f32,
}

/// What the weights alone say of a feature.
#[derive(Clone, Debug, PartialEq)]
pub struct FeatureFacts {
    /// Effects on the logits, the largest first; see [`logit_effects`].
    pub top: Vec<Effect>,
    /// The smallest first.
    pub bottom: Vec<Effect>,
    /// Effects on the numbers 0 to 199; NaN where a number is no token. None if one of 0 to 99 is
    /// none.
    pub numbers: Option<Vec<f32>>,
    /// Tokens whose embedding the encoder reads most strongly: the part of the pre-activation that
    /// comes straight from the token's embedding, up to the MLP norm's denominator where one lies
    /// between.
    pub reads: Vec<Effect>,
    /// Virtual weights from features of earlier layers, the strongest first: pre-activation per
    /// unit of the source's activation, again up to that denominator. Through the residual stream
    /// alone: what attention or a transcoder's skip path carries is not in it.
    pub inputs: Vec<Connection>,
    /// Virtual weights to features of later layers, likewise.
    pub outputs: Vec<Connection>,
}

/// Computes the facts of a feature: a few products of a vector with a matrix, no prompt, no engine.
///
/// # Errors
/// [`StudyError::NotInModel`] where there is no such feature.
pub fn feature_facts(
    model: &Model,
    layer: usize,
    index: usize,
) -> Result<FeatureFacts, StudyError> {
    check(model, layer, index)?;
    let effects = logit_effects(model, layer, index);
    let reader = reader(model, layer, index);
    let embedding = &model.language.token_embedding;
    let reads: Vec<f32> = (0..embedding.rows)
        .map(|token| dot(&reader, embedding.row(token)))
        .collect();
    Ok(FeatureFacts {
        top: first_tokens(&effects, |value| -value),
        bottom: first_tokens(&effects, |value| value),
        numbers: numbers(model, &effects),
        reads: first_tokens(&reads, |value| -value),
        inputs: inputs(model, layer, &reader),
        outputs: outputs(model, layer, index),
    })
}

/// Checks that a feature exists.
pub(super) fn check(model: &Model, layer: usize, index: usize) -> Result<(), StudyError> {
    let (layers, features) = (model.transcoder.layers.len(), model.transcoder.features());
    match layer < layers && index < features {
        true => Ok(()),
        false => Err(StudyError::NotInModel {
            layer,
            feature: index,
            layers,
            features,
        }),
    }
}

/// What a unit of activation adds to each logit by the way that nothing bends, [vocabulary]: the
/// sum of the feature's decoder vectors, through the final norm and the unembedding, without the
/// mean over the vocabulary. The norm's denominator, which belongs to a prompt, is left out: the
/// unit is logit x standard deviation of the last residual stream.
///
/// # Panics
/// If there is no such feature.
pub fn logit_effects(model: &Model, layer: usize, index: usize) -> Vec<f32> {
    let language = &model.language;
    let mut written = written(model, layer, index, model.transcoder.layers.len());
    through(&mut written, &language.final_norm);
    let unembedding = language.unembedding();
    let mut effects: Vec<f32> = (0..unembedding.rows)
        .map(|token| dot(&written, unembedding.row(token)))
        .collect();
    centre(&mut effects);
    effects
}

/// What a feature has written to the residual stream when layer `before` reads it, [width].
fn written(model: &Model, layer: usize, index: usize, before: usize) -> Vec<f32> {
    let width = model.language.config.width;
    let decoder = model.transcoder.layers[layer].decoder.row(index);
    let mut sum = vec![0.0; width];
    // Its first block writes at its own layer; per-layer transcoders have no other.
    for block in decoder.chunks_exact(width).take(before - layer) {
        for (sum, value) in sum.iter_mut().zip(block) {
            *sum += value;
        }
    }
    sum
}

/// The direction in the residual stream that a feature reads, [width], up to the denominator of a
/// norm that lies between.
fn reader(model: &Model, layer: usize, index: usize) -> Vec<f32> {
    let mut direction = model.transcoder.layers[layer].encoder.row(index).to_vec();
    if model.transcoder.input == EncoderInput::MlpNorm {
        // The transpose of what the norm does.
        let norm = &model.language.blocks[layer].mlp_norm;
        scale(&mut direction, norm);
        if norm.centred {
            centre(&mut direction);
        }
    }
    direction
}

fn inputs(model: &Model, layer: usize, reader: &[f32]) -> Vec<Connection> {
    let from = |source| {
        move |index| Connection {
            layer: source,
            index,
            weight: dot(reader, &written(model, source, index, layer)),
        }
    };
    let features = model.transcoder.features();
    strongest(
        (0..layer)
            .flat_map(|source| (0..features).map(from(source)))
            .collect(),
    )
}

fn outputs(model: &Model, layer: usize, index: usize) -> Vec<Connection> {
    let transcoder = &model.transcoder;
    let mut found = Vec::new();
    for target in layer + 1..transcoder.layers.len() {
        // The norm is folded into what is written, once, rather than into every reader.
        let mut written = written(model, layer, index, target);
        if transcoder.input == EncoderInput::MlpNorm {
            through(&mut written, &model.language.blocks[target].mlp_norm);
        }
        let encoder = &transcoder.layers[target].encoder;
        found.extend((0..encoder.rows).map(|index| Connection {
            layer: target,
            index,
            weight: dot(&written, encoder.row(index)),
        }));
    }
    strongest(found)
}

fn numbers(model: &Model, effects: &[f32]) -> Option<Vec<f32>> {
    let id = |number: usize| model.vocabulary.id_of_number(number as u32);
    (0..NEEDED_NUMBERS)
        .all(|number| id(number).is_some())
        .then(|| {
            (0..NUMBERS)
                .map(|number| id(number).map_or(f32::NAN, |id| effects[id as usize]))
                .collect()
        })
}

/// The tokens that come first by this key of their values.
fn first_tokens(values: &[f32], key: impl Fn(f32) -> f32) -> Vec<Effect> {
    let mut all: Vec<Effect> = (0..)
        .zip(values)
        .map(|(token, value)| Effect {
            token,
            value: *value,
        })
        .collect();
    order::sort(&mut all, &|a, b| key(a.value).total_cmp(&key(b.value)));
    all.truncate(TOKENS);
    all
}

fn strongest(mut all: Vec<Connection>) -> Vec<Connection> {
    all.retain(|connection| connection.weight != 0.0);
    order::sort(&mut all, &|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
    all.truncate(CONNECTIONS);
    all
}

fn centre(values: &mut [f32]) {
    let mean = values.iter().sum::<f32>() / values.len() as f32;
    for value in values {
        *value -= mean;
    }
}

/// What a norm makes of what is written, without its denominator and its bias.
fn through(values: &mut [f32], norm: &Norm) {
    if norm.centred {
        centre(values);
    }
    scale(values, norm);
}

fn scale(values: &mut [f32], norm: &Norm) {
    for (value, weight) in values.iter_mut().zip(&norm.weight) {
        *value *= weight;
    }
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
