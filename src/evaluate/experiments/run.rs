//! What all experiments share: prompts are steered in every setting, beside a control, on all cores.

use super::{Arm, Experiment, Set, Setting, Spread, Trial};
use crate::engine::cpu::Cpu;
use crate::evaluate::{EvaluateError, Subject};
use crate::study::{self, Mode, Outcome, Steer, Steering};
use crate::trace::answers;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The paper's: features at minus their activation, and attention patterns held.
pub const STEERED: f32 = -1.0;
/// Off.
pub const OFF: f32 = 0.0;

/// An experiment before it is run.
#[derive(Clone, Debug)]
pub struct Design {
    pub id: &'static str,
    pub name: &'static str,
    pub features: &'static str,
    pub control: &'static str,
    pub criteria: Vec<&'static str>,
    /// The factor of its principal setting.
    pub factor: f32,
}

/// A feature at a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub layer: usize,
    pub position: usize,
    pub feature: usize,
}

/// What is done to a feature.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// It is set to a multiple of its activation, which the setting tells.
    Away(Place),
    /// It is set to an activation.
    To(Place, f32),
}

/// From the logits of the next token, [vocabulary]: what they are as a distribution of numbers, and
/// which criteria hold.
pub type Judge<'a> = Box<dyn Fn(&[f32]) -> (Option<Spread>, Vec<bool>) + 'a>;

/// A design's plan for one prompt.
pub struct Attempt<'a> {
    pub steered: Vec<Change>,
    pub control: Vec<Change>,
    /// See [`Trial::expected`].
    pub expected: Vec<String>,
    pub judge: Judge<'a>,
}

/// The features that are active in a prompt of so many tokens, in order.
pub fn active(outcome: &Outcome, tokens: usize) -> Vec<Place> {
    let layers = outcome.activations.iter().enumerate();
    let places = layers.flat_map(|(layer, values)| {
        let features = values.len() / tokens;
        let active = values
            .iter()
            .enumerate()
            .filter(|(_, value)| **value != 0.0);
        active.map(move |(at, _)| Place {
            layer,
            position: at / features,
            feature: at % features,
        })
    });
    places.collect()
}

/// A feature's activation in a prompt of so many tokens.
pub fn activation(outcome: &Outcome, tokens: usize, place: Place) -> f32 {
    let values = &outcome.activations[place.layer];
    values[place.position * (values.len() / tokens) + place.feature]
}

/// Runs designs on prompts, given as ids with the BOS first. `prepare` makes one attempt for each
/// design of a prompt, given by its number and already run.
///
/// # Errors
/// What `prepare` fails with, or logits that are no finite numbers.
pub fn run<'a>(
    subject: &Subject<'_>,
    designs: &[Design],
    prompts: &[&[u32]],
    all: bool,
    prepare: impl Fn(usize, &Steering<Cpu>) -> Result<Vec<Attempt<'a>>, EvaluateError> + Sync,
) -> Result<Vec<Experiment>, EvaluateError> {
    let done = AtomicUsize::new(0);
    // [prompt][design][setting]
    let trials = prompts
        .par_iter()
        .enumerate()
        .map(|(i, ids)| {
            let steering = subject.steering(ids)?;
            let attempts = prepare(i, &steering)?;
            let pairs = attempts.iter().zip(designs);
            let trials = pairs.map(|(attempt, design)| {
                let settings = settings(design.factor, all).into_iter();
                let each = settings.map(|setting| trial(subject, &steering, attempt, setting));
                each.collect::<Result<Vec<Trial>, EvaluateError>>()
            });
            let trials = trials.collect::<Result<Vec<_>, _>>()?;
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (subject.observe)("experiments", done, prompts.len());
            Ok(trials)
        })
        .collect::<Result<Vec<_>, EvaluateError>>()?;
    let each = designs.iter().enumerate().map(|(d, design)| Experiment {
        id: design.id,
        name: design.name,
        features: design.features,
        control: design.control,
        criteria: design.criteria.clone(),
        settings: settings(design.factor, all)
            .into_iter()
            .enumerate()
            .map(|(s, (factor, free))| Setting {
                factor,
                mode: if free { "free" } else { "patterns" },
                trials: trials.iter().map(|prompt| prompt[d][s].clone()).collect(),
            })
            .collect(),
    });
    Ok(each.collect())
}

/// Settings as (factor, whether nothing is held), the principal one first.
fn settings(principal: f32, all: bool) -> Vec<(f32, bool)> {
    let other = if principal == OFF { STEERED } else { OFF };
    let mut settings = vec![(principal, false)];
    if all {
        settings.extend([(other, false), (principal, true), (other, true)]);
    }
    settings
}

fn trial(
    subject: &Subject<'_>,
    steering: &Steering<Cpu>,
    attempt: &Attempt<'_>,
    (factor, free): (f32, bool),
) -> Result<Trial, EvaluateError> {
    let mode = if free {
        Mode::Free
    } else {
        Mode::PatternsFrozen
    };
    let vocabulary = &subject.network().model.vocabulary;
    let size = subject.network().config().vocabulary;
    let tokens = steering.ids().len();
    let arm = |changes: &[Change]| -> Result<Arm, EvaluateError> {
        let steers: Vec<Steer> = changes.iter().map(|one| one.steer(factor)).collect();
        let run = steering.run(subject.network(), &steers, &mode);
        let steered = pollster::block_on(run)?;
        let logits = steered.after.last_logits(size);
        let answer = &answers(logits, 1)[0];
        let (numbers, holds) = (attempt.judge)(logits);
        let set = steered.interventions.iter().map(|one| {
            let place = Place {
                layer: one.layer,
                position: one.position,
                feature: one.feature,
            };
            Set {
                layer: one.layer,
                position: one.position,
                feature: one.feature,
                before: activation(&steering.before, tokens, place),
                value: one.value,
            }
        });
        Ok(Arm {
            set: set.collect(),
            answer: vocabulary.token(answer.token),
            probability: answer.probability,
            numbers,
            holds,
        })
    };
    let before = answers(steering.before.last_logits(size), 1)[0].token;
    Ok(Trial {
        tokens: steering
            .ids()
            .iter()
            .map(|id| vocabulary.token(*id))
            .collect(),
        before: vocabulary.token(before),
        expected: attempt.expected.clone(),
        steered: arm(&attempt.steered)?,
        control: arm(&attempt.control)?,
    })
}

impl Change {
    /// As steering has it; the factor is of features that are set to a multiple.
    pub fn steer(self, factor: f32) -> Steer {
        let (place, set) = match self {
            Change::Away(place) => (place, study::Setting::Times(factor)),
            Change::To(place, value) => (place, study::Setting::To(value)),
        };
        Steer {
            layer: place.layer,
            position: place.position,
            feature: place.feature,
            set,
        }
    }
}
