//! Steering: features of a prompt switched off, scaled or set, alone or together, and what follows:
//! new answers, features that moved, and what the graph had predicted of that.

use super::intervene::{from_base, patterns_from_base};
use super::{Intervention, Mode, Outcome, StudyError};
use crate::engine::Engine;
use crate::network::Network;
use crate::order;
use crate::trace::{ANSWERS, Answer, Feature, Graph, HeadAt, Run, TraceError, Tracer, answers};
use std::rc::Rc;
use std::str::FromStr;

/// What a feature is set to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Setting {
    /// A multiple of its activation without interventions; 0 is off. A feature that is silent stays so.
    Times(f32),
    /// An activation.
    To(f32),
}

/// A feature at a position, and what it is set to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steer {
    pub layer: usize,
    pub position: usize,
    /// Index within its layer.
    pub feature: usize,
    pub set: Setting,
}

/// `LAYER/FEATURE@POSITION=VALUE`; a value that begins with an x is a multiple: `0/153@6=x-1`.
impl FromStr for Steer {
    type Err = String;

    fn from_str(text: &str) -> Result<Steer, String> {
        Steer::parse(text, &|number| number.parse().ok())
    }
}

impl Steer {
    /// The same, with a reader of numbers: the page has one of its own.
    ///
    /// # Errors
    /// A sentence that says how a setting is written.
    pub fn parse(text: &str, number: &dyn Fn(&str) -> Option<f32>) -> Result<Steer, String> {
        let wrong = || {
            format!(
                "{text:?} sets no feature: write LAYER/FEATURE@POSITION=VALUE, with a multiple as x2"
            )
        };
        let parse = || -> Option<Steer> {
            let (place, value) = text.split_once('=')?;
            let (feature, position) = place.split_once('@')?;
            let (layer, feature) = feature.split_once('/')?;
            let set = match value.strip_prefix('x') {
                Some(times) => Setting::Times(number(times)?),
                None => Setting::To(number(value)?),
            };
            Some(Steer {
                layer: layer.parse().ok()?,
                position: position.parse().ok()?,
                feature: feature.parse().ok()?,
                set,
            })
        };
        parse().ok_or_else(wrong)
    }
}

/// `direct`, `patterns`, `free`, or `constrained:1-3` for the layers from 1 to 3.
impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Mode, String> {
        let layers = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            let (first, last): (usize, usize) = (first.parse().ok()?, last.parse().ok()?);
            (first <= last).then_some(Mode::Constrained(first..last.checked_add(1)?))
        };
        match text {
            "direct" => Some(Mode::Direct),
            "patterns" => Some(Mode::PatternsFrozen),
            "free" => Some(Mode::Free),
            _ => text.strip_prefix("constrained:").and_then(layers),
        }
        .ok_or_else(|| {
            format!("{text:?} is no mode: use direct, constrained:1-3, patterns or free")
        })
    }
}

/// A prompt that has been run without interventions, ready for them.
pub struct Steering<E: Engine> {
    run: Rc<Run<E>>,
    /// What the model does without interventions.
    pub before: Outcome,
}

/// What came of steering.
#[derive(Clone, Debug)]
pub struct Steered {
    /// The settings as activations; of two on one feature only the later.
    pub interventions: Vec<Intervention>,
    /// What the model does with them.
    pub after: Outcome,
}

/// What a graph predicts of an intervention, and what came of it.
#[derive(Clone, Debug)]
pub struct Foretold {
    /// Of the graph's features and then of its targets, the change of the pre-activation:
    /// [features + targets]. None where a feature that was changed is no node of the graph.
    pub predicted: Option<Vec<f64>>,
    /// [features + targets]
    pub measured: Vec<f64>,
}

impl<E: Engine> Steering<E> {
    /// Of a prompt that was run by this network.
    ///
    /// # Errors
    /// Logits that are no finite numbers, or an engine that fails.
    pub async fn new(network: &Network<E>, run: Rc<Run<E>>) -> Result<Self, StudyError> {
        let before = from_base(network, &run.forward, run.ids(), &[], &Mode::Free).await?;
        finite(&before, TraceError::NotFinite)?;
        Ok(Steering { run, before })
    }

    /// The prompt.
    pub fn ids(&self) -> &[u32] {
        self.run.ids()
    }

    /// Settings as activations; of two on one feature only the later.
    ///
    /// # Errors
    /// A feature that does not exist, or a setting that is no number.
    pub fn interventions(
        &self,
        network: &Network<E>,
        steers: &[Steer],
    ) -> Result<Vec<Intervention>, StudyError> {
        let transcoder = &network.model.transcoder;
        let mut found: Vec<Intervention> = Vec::new();
        for one in steers {
            let place = (one.layer, one.position, one.feature);
            let (Setting::Times(given) | Setting::To(given)) = one.set;
            super::check(transcoder, self.ids().len(), place, given)?;
            let value = match one.set {
                Setting::Times(times) => {
                    let at = one.position * transcoder.features() + one.feature;
                    times * self.before.activations[one.layer][at]
                }
                Setting::To(value) => value,
            };
            found.retain(|other| (other.layer, other.position, other.feature) != place);
            found.push(Intervention {
                layer: one.layer,
                position: one.position,
                feature: one.feature,
                value,
            });
        }
        Ok(found)
    }

    /// Runs the prompt with features set.
    ///
    /// # Errors
    /// A feature or a frozen layer that does not exist, a setting that is no number or so large that
    /// the logits are none, or an engine that fails.
    pub async fn run(
        &self,
        network: &Network<E>,
        steers: &[Steer],
        mode: &Mode,
    ) -> Result<Steered, StudyError> {
        let interventions = self.interventions(network, steers)?;
        let after = from_base(network, &self.run.forward, self.ids(), &interventions, mode).await?;
        finite(&after, StudyError::TooLarge)?;
        Ok(Steered {
            interventions,
            after,
        })
    }

    /// How much a head looks at each token with features set, [tokens]; zero after the query.
    ///
    /// # Errors
    /// As [`Steering::run`], and a layer, head or token that does not exist.
    pub async fn pattern(
        &self,
        network: &Network<E>,
        steers: &[Steer],
        mode: &Mode,
        at: HeadAt,
    ) -> Result<Vec<f32>, StudyError> {
        let tokens = self.ids().len();
        at.check(network.config(), tokens)?;
        let set = self.interventions(network, steers)?;
        let all = patterns_from_base(network, &self.run.forward, self.ids(), &set, mode, at.layer)
            .await?;
        let first = (at.head * tokens + at.query) * tokens;
        let row = all[first..first + tokens].to_vec();
        match row.iter().all(|weight| weight.is_finite()) {
            true => Ok(row),
            false => Err(StudyError::TooLarge),
        }
    }

    /// What this prompt's graph had predicted, and what came of it. With everything frozen the
    /// prediction is the direct edges, else all paths; where a range of layers is frozen, only
    /// features of the others answer, and a feature's whole contribution is counted, though it is
    /// written at these layers alone.
    ///
    /// # Panics
    /// If the graph is another prompt's or model's.
    pub fn foretold(&self, graph: &Graph, steered: &Steered, mode: &Mode) -> Foretold {
        let (tokens, layers) = (self.ids().len(), graph.layers);
        let node = |one: &Intervention| {
            let place = (one.layer, one.position, one.feature);
            let mut features = graph.features.iter();
            features.position(|f| (f.layer, f.position, f.index) == place)
        };
        let changes: Option<Vec<(usize, f32)>> = steered
            .interventions
            .iter()
            .map(|one| {
                let node = node(one)?;
                Some((node, one.value - graph.features[node].activation))
            })
            .collect();
        let frozen = match mode {
            Mode::Direct => 0..layers,
            Mode::Constrained(range) => range.clone(),
            Mode::PatternsFrozen | Mode::Free => 0..0,
        };
        let (before, after) = (&self.before, &steered.after);
        let features = before.activations[0].len() / tokens;
        let vocabulary = before.logits.len() / tokens;
        let mut measured: Vec<f64> = graph
            .features
            .iter()
            .map(|feature| {
                let at = feature.position * features + feature.index;
                let strength =
                    |outcome: &Outcome| f64::from(outcome.pre_activations[feature.layer][at]);
                strength(after) - strength(before)
            })
            .collect();
        let change: Vec<f64> = after
            .last_logits(vocabulary)
            .iter()
            .zip(before.last_logits(vocabulary))
            .map(|(after, before)| f64::from(*after) - f64::from(*before))
            .collect();
        measured.extend(graph.targets.iter().map(|target| target.along(&change)));
        Foretold {
            predicted: changes
                .map(|changes| graph.responses(&changes, |layer| !frozen.contains(&layer))),
            measured,
        }
    }

    /// Features that fire where they were silent and were not set, the strongest first, at most so
    /// many.
    pub fn newly_active(&self, steered: &Steered, most: usize) -> Vec<Feature> {
        let features = self.before.activations[0].len() / self.ids().len();
        let mut active = Vec::new();
        let layers = steered.after.activations.iter();
        for (layer, (after, before)) in layers.zip(&self.before.activations).enumerate() {
            for (at, activation) in after.iter().enumerate() {
                let (position, index) = (at / features, at % features);
                if before[at] == 0.0 && *activation != 0.0 {
                    active.push(Feature {
                        layer,
                        position,
                        index,
                        activation: *activation,
                    });
                }
            }
        }
        active.retain(|one| {
            let mut set = steered.interventions.iter();
            !set.any(|s| (s.layer, s.position, s.feature) == (one.layer, one.position, one.index))
        });
        order::sort(&mut active, &|a, b| b.activation.total_cmp(&a.activation));
        active.truncate(most);
        active
    }
}

/// The most probable tokens after a prompt with features set. They stay set at their positions
/// while the text grows; the tokens that follow are free of them, but read what they changed.
///
/// # Errors
/// As [`Steering::run`], and [`TraceError::TooLong`] where the context is full.
pub async fn steered_next<E: Engine>(
    tracer: &Tracer<E>,
    ids: &[u32],
    interventions: &[Intervention],
    mode: &Mode,
) -> Result<Vec<Answer>, StudyError> {
    tracer.check(ids)?;
    let network = &tracer.network;
    let outcome = super::intervene(network, ids, interventions, mode).await?;
    let error = match interventions {
        [] => TraceError::NotFinite.into(),
        _ => StudyError::TooLarge,
    };
    finite(&outcome, error)?;
    let logits = outcome.last_logits(network.config().vocabulary);
    Ok(answers(logits, ANSWERS))
}

fn finite(outcome: &Outcome, error: impl Into<StudyError>) -> Result<(), StudyError> {
    match outcome.logits.iter().all(|logit| logit.is_finite()) {
        true => Ok(()),
        false => Err(error.into()),
    }
}
