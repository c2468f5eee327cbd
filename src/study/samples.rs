//! Features over sample texts: how often, how strongly and where they are active.

use super::StudyError;
use super::feature::{check, feature_facts};
use super::label::{FITS, Label, Trigger, by_token, sample_label};
use super::numbered::{Place, after_numbers};
use crate::engine::Engine;
use crate::model::Model;
use crate::network::Network;
use crate::order;
use std::ops::Range;

/// Most activations that are kept, 8 bytes each; sample texts need some tens of thousands.
const MOST_KEPT: usize = 1 << 23;
/// Multiplications of a step: about 10 ms of one core in a browser.
const STEP: usize = 1 << 26;
/// Steps of a histogram from 0 to the largest activation.
const BINS: usize = 24;
/// A number so many tokens before another at most is said of it, as in `30 weeks` and `32-year-old`.
const NUMBER_WITHIN: usize = 3;
/// Prompts of each context that are told.
const EXAMPLES: usize = 3;

/// One place of a sample text where a feature is active.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    pub context: u32,
    /// Place of the prompt among all.
    pub prompt: usize,
    /// The token with the largest activation.
    pub position: usize,
    /// All tokens of the prompt as the model reads it, its BOS first.
    pub tokens: Vec<u32>,
    /// One a token.
    pub activations: Vec<f32>,
}

/// What sample texts say of a feature.
#[derive(Clone, Debug, PartialEq)]
pub struct SampleFacts {
    /// Tokens that it is active on.
    pub active: usize,
    /// Tokens in all that have been computed, without the first of each prompt.
    pub tokens: usize,
    /// The largest activation.
    pub max: f32,
    /// Counts of activations above zero, in 24 equal steps from 0 to `max`.
    pub histogram: Vec<u32>,
    /// Context after context, of each the prompts with the strongest activations, strongest first.
    pub examples: Vec<Example>,
    /// A name by what it reads or says.
    pub label: Label,
}

/// A sample text.
struct Prompt {
    context: u32,
    /// Its places among all ids.
    places: Range<usize>,
}

/// Activations of all features over sample texts, computed for some prompts after others. Few are
/// active, so only those are kept.
pub struct Samples {
    /// Of all prompts in a row, each with its BOS.
    ids: Vec<u32>,
    prompts: Vec<Prompt>,
    /// Prompts of one length each, which are run together.
    steps: Vec<Vec<usize>>,
    done: usize,
    /// Tokens computed, without the first of each prompt.
    tokens: usize,
    features: usize,
    /// Of each feature, layer after layer: places among `ids`, and the activation there.
    active: Vec<Vec<(u32, f32)>>,
    kept: usize,
}

impl Samples {
    /// Sample texts of a model, (context, ids) each, with nothing computed yet. A BOS is put in
    /// front where it is missing.
    pub fn new(model: &Model, texts: impl IntoIterator<Item = (u32, Vec<u32>)>) -> Samples {
        let mut ids = Vec::new();
        let mut prompts = Vec::new();
        for (context, text) in texts {
            let text = model.with_bos(text);
            prompts.push(Prompt {
                context,
                places: ids.len()..ids.len() + text.len(),
            });
            ids.extend(text);
        }
        let config = &model.language.config;
        let (layers, features) = (config.layers, model.transcoder.features());
        let a_token = layers * config.width * (4 * config.width + 2 * config.inner + features);
        let length = |prompt: usize| prompts[prompt].places.len();
        let by_length = order::indices(prompts.len(), &|a, b| length(a).cmp(&length(b)));
        let steps = by_length
            .chunk_by(|a, b| length(*a) == length(*b))
            .flat_map(|alike| alike.chunks((STEP / (length(alike[0]) * a_token).max(1)).max(1)))
            .map(<[usize]>::to_vec)
            .collect();
        Samples {
            ids,
            prompts,
            steps,
            done: 0,
            tokens: 0,
            features,
            active: vec![Vec::new(); layers * features],
            kept: 0,
        }
    }

    /// Steps in all.
    pub fn total(&self) -> usize {
        self.steps.len()
    }

    /// Steps taken.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Takes a step; true once all are taken.
    ///
    /// # Errors
    /// An engine that fails, or [`StudyError::TooManyActivations`].
    ///
    /// # Panics
    /// If a text cannot be run: see [`crate::trace::Tracer::check`].
    pub async fn step<E: Engine>(&mut self, network: &Network<E>) -> Result<bool, StudyError> {
        let Some(together) = self.steps.get(self.done) else {
            return Ok(true);
        };
        let places: Vec<Range<usize>> = together
            .iter()
            .map(|prompt| self.prompts[*prompt].places.clone())
            .collect();
        let ids: Vec<u32> = places
            .iter()
            .flat_map(|places| &self.ids[places.clone()])
            .copied()
            .collect();
        let forward = network.forward(&ids, places.len(), None);
        let layers = network.encode(&forward);
        let (layers, _) = network.read_active(&layers, ids.len(), &[]).await?;
        let length = places[0].len();
        for (layer, found) in layers.iter().enumerate() {
            for found in found {
                let (prompt, position) = (found.row / length, found.row % length);
                // The first position, a BOS, has no features.
                if position == 0 {
                    continue;
                }
                if self.kept == MOST_KEPT {
                    return Err(StudyError::TooManyActivations { limit: MOST_KEPT });
                }
                self.kept += 1;
                let place = (places[prompt].start + position) as u32;
                self.active[layer * self.features + found.feature].push((place, found.activation));
            }
        }
        self.tokens += ids.len() - places.len();
        self.done += 1;
        Ok(self.done == self.steps.len())
    }

    /// Share of the tokens on which each feature is active, [layers, features], of what has been
    /// computed.
    pub fn frequencies(&self) -> Vec<f32> {
        let tokens = self.tokens.max(1) as f32;
        self.active
            .iter()
            .map(|active| active.len() as f32 / tokens)
            .collect()
    }

    /// What has been found of a feature of this model.
    ///
    /// # Errors
    /// [`StudyError::NotInModel`] where there is no such feature.
    pub fn feature(
        &self,
        model: &Model,
        layer: usize,
        index: usize,
    ) -> Result<SampleFacts, StudyError> {
        check(model, layer, index)?;
        let mut active = self.active[layer * self.features + index].clone();
        order::sort(&mut active, &|a, b| a.0.cmp(&b.0));
        let max = active
            .iter()
            .fold(0.0, |max: f32, (_, value)| max.max(*value));
        let mut histogram = vec![0; BINS];
        for (_, value) in &active {
            let bin = (BINS as f32 * value / max) as usize;
            histogram[bin.min(BINS - 1)] += 1;
        }
        let facts = feature_facts(model, layer, index)?;
        let by_tokens = sample_label(
            model,
            layer,
            &self.triggers(&active),
            |token| self.occurrences(token),
            &facts,
        );
        let label = match by_tokens.fit < FITS {
            true => self.by_number(model, &active).filter(|it| it.fit >= FITS),
            false => None,
        };
        Ok(SampleFacts {
            active: active.len(),
            tokens: self.tokens,
            max,
            histogram,
            examples: self.examples(&active),
            label: label.unwrap_or(by_tokens),
        })
    }

    /// The prompt that a place is in.
    fn prompt_of(&self, place: u32) -> usize {
        self.prompts
            .partition_point(|prompt| prompt.places.end <= place as usize)
    }

    /// Of activations in the order of their places: one example a prompt, the strongest of each
    /// context.
    fn examples(&self, active: &[(u32, f32)]) -> Vec<Example> {
        let mut found: Vec<(f32, Example)> = active
            .chunk_by(|a, b| self.prompt_of(a.0) == self.prompt_of(b.0))
            .map(|here| {
                let prompt = self.prompt_of(here[0].0);
                let Prompt { context, places } = &self.prompts[prompt];
                let mut activations = vec![0.0; places.len()];
                let (mut position, mut largest) = (0, 0.0);
                for (place, value) in here {
                    let at = *place as usize - places.start;
                    activations[at] = *value;
                    if *value > largest {
                        (position, largest) = (at, *value);
                    }
                }
                let example = Example {
                    context: *context,
                    prompt,
                    position,
                    tokens: self.ids[places.clone()].to_vec(),
                    activations,
                };
                (largest, example)
            })
            .collect();
        order::sort(&mut found, &|a, b| {
            let by_context = a.1.context.cmp(&b.1.context);
            by_context.then(b.0.total_cmp(&a.0))
        });
        found
            .chunk_by(|a, b| a.1.context == b.1.context)
            .flat_map(|of_context| of_context.iter().take(EXAMPLES))
            .map(|(_, example)| example.clone())
            .collect()
    }

    /// How often a token stands in the texts that have been computed, at the first position not.
    fn occurrences(&self, token: u32) -> usize {
        let prompts = self.steps[..self.done].iter().flatten();
        prompts
            .flat_map(|prompt| &self.ids[self.prompts[*prompt].places.clone()][1..])
            .filter(|id| **id == token)
            .count()
    }

    /// A name by the numbers before the token on which a feature is active most; `active` are its places, in order, with its activations.
    fn by_number(&self, model: &Model, active: &[(u32, f32)]) -> Option<Label> {
        let mut held = Vec::with_capacity(active.len());
        let mut totals = [0.0; 2];
        for (place, value) in active {
            held.push((self.ids[*place as usize], *value));
            totals[self.prompt_of(*place) % 2] += value;
        }
        let held = by_token(held).into_iter();
        let (token, _) = held.max_by(|a, b| a.1.total_cmp(&b.1))?;
        let value = |place: u32| {
            let found = active.binary_search_by_key(&place, |(place, _)| *place);
            found.map_or(0.0, |found| active[found].1)
        };
        let vocabulary = &model.vocabulary;
        let mut places = Vec::new();
        for prompt in self.steps[..self.done].iter().flatten() {
            let all = self.prompts[*prompt].places.clone();
            for at in all.clone().skip(1).filter(|at| self.ids[*at] == token) {
                let near = at.saturating_sub(NUMBER_WITHIN).max(all.start)..at;
                let number = near.rev().find_map(|at| vocabulary.number(self.ids[at]));
                places.extend(number.map(|number| Place {
                    number,
                    activation: value(at as u32),
                    judges: prompt % 2 == 1,
                }));
            }
        }
        after_numbers(vocabulary.token(token).trim(), &places, totals)
    }

    /// What stands where a feature is active.
    fn triggers(&self, active: &[(u32, f32)]) -> Vec<Trigger> {
        active
            .iter()
            .map(|(place, activation)| {
                let at = *place as usize;
                let end = self.prompts[self.prompt_of(*place)].places.end;
                Trigger {
                    token: self.ids[at],
                    // There is a BOS before it at least.
                    before: self.ids[at - 1],
                    after: (at + 1 < end).then(|| self.ids[at + 1]),
                    activation: *activation,
                }
            })
            .collect()
    }
}
