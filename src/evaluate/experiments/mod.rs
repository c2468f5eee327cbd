//! Do features do what their roles say? They are steered, and the answer is held against a criterion
//! that was fixed beforehand; beside it the same with as many other features, chosen at random. The
//! experiments are those of "On the Biology of a Large Language Model" (2025, sections on addition and
//! on medical diagnoses). The principal setting is that paper's, features at minus their activation
//! with attention patterns held; in a swap, features at what they are in the other prompt.

mod cases;
mod numbers;
pub(super) mod pick;
mod plans;
pub(super) mod run;
mod sums;

use super::sweep::{self, Sweep};
use super::{EvaluateError, Loaded, Measure, Subject, TRANSCODER, goals};
use serde::Serialize;
use std::path::Path;

/// Prompts that are tried.
pub const TRIED: usize = 100;

const GROUP: &str = "Experiments";

/// One experiment, with every setting in which it was run.
#[derive(Clone, Debug, Serialize)]
pub struct Experiment {
    /// Stays the same from run to run.
    pub id: &'static str,
    /// What is steered and what should come of it, in words.
    pub name: &'static str,
    /// Which features are steered.
    pub features: &'static str,
    /// Which features are steered for comparison.
    pub control: &'static str,
    /// What must hold, all of it, for the experiment to come out.
    pub criteria: Vec<&'static str>,
    /// The first is the principal one.
    pub settings: Vec<Setting>,
}

/// What came of an experiment in one setting.
#[derive(Clone, Debug, Serialize)]
pub struct Setting {
    /// The multiple of its activation that a feature is set to.
    pub factor: f32,
    /// What is held as it was: `"patterns"` (attention) or `"free"` (nothing).
    pub mode: &'static str,
    pub trials: Vec<Trial>,
}

/// One prompt.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    /// The tokens, with the BOS first.
    pub tokens: Vec<String>,
    /// The model's answer as it is.
    pub before: String,
    /// In addition the sum, or the other sum where lookups are swapped; in a diagnosis what the
    /// runner-up condition would have one ask.
    pub expected: Vec<String>,
    pub steered: Arm,
    pub control: Arm,
}

/// A prompt with features set.
#[derive(Clone, Debug, Serialize)]
pub struct Arm {
    pub set: Vec<Set>,
    /// The most probable token, and its probability.
    pub answer: String,
    pub probability: f32,
    /// In addition, what the distribution of the next token is as one of numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Spread>,
    /// Of each criterion, whether it holds.
    pub holds: Vec<bool>,
}

/// A feature that was set.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Set {
    pub layer: usize,
    pub position: usize,
    pub feature: usize,
    /// Activations.
    pub before: f32,
    pub value: f32,
}

/// A distribution of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Spread {
    /// Probability of the sum.
    pub sum: f64,
    pub mean: f64,
    pub deviation: f64,
}

impl Setting {
    /// In how many trials all criteria hold: (steered, control).
    pub fn come_out(&self) -> (usize, usize) {
        self.count(|arm| arm.holds.iter().all(|holds| *holds))
    }

    /// In how many trials one of the criteria holds: (steered, control).
    pub fn hold(&self, criterion: usize) -> (usize, usize) {
        self.count(|arm| arm.holds[criterion])
    }

    fn count(&self, choose: impl Fn(&Arm) -> bool) -> (usize, usize) {
        let steered = self
            .trials
            .iter()
            .filter(|trial| choose(&trial.steered))
            .count();
        let control = self
            .trials
            .iter()
            .filter(|trial| choose(&trial.control))
            .count();
        (steered, control)
    }

    /// How many features are set in the mean: (steered, control).
    pub fn features(&self) -> (f64, f64) {
        let mean = |choose: fn(&Trial) -> &Arm| {
            let set: usize = self
                .trials
                .iter()
                .map(|trial| choose(trial).set.len())
                .sum();
            set as f64 / self.trials.len() as f64
        };
        (mean(|trial| &trial.steered), mean(|trial| &trial.control))
    }
}

/// Runs the experiments of a model folder on at most so many held-out prompts, in every setting.
///
/// # Errors
/// A file that is missing or not as it should be, prompts that no experiment is made for, or a model
/// whose logits are no finite numbers.
pub fn experiments(
    folder: &Path,
    transcoder: Option<&Path>,
    prompts: usize,
    observe: super::Observe<'_>,
) -> Result<Vec<Experiment>, EvaluateError> {
    let transcoder = transcoder.map_or_else(|| folder.join(TRANSCODER), Path::to_path_buf);
    let loaded = Loaded::new(folder, &[transcoder])?;
    let subject = loaded.subject(0, observe);
    let found = run_all(&subject, None, prompts, true)?;
    if found.iter().all(|one| one.settings[0].trials.is_empty()) {
        return Err(EvaluateError::NothingToTry {
            folder: folder.display().to_string(),
        });
    }
    Ok(found)
}

/// The experiments as measures, each in its principal setting and with its control. Nothing where a
/// model has no prompts for them.
pub(super) fn measures(
    subject: &Subject<'_>,
    sweep: &Sweep,
) -> Result<Vec<Measure>, EvaluateError> {
    let found = run_all(subject, Some(sweep), TRIED, false)?;
    Ok(found.iter().flat_map(shares).collect())
}

fn shares(experiment: &Experiment) -> Vec<Measure> {
    let setting = &experiment.settings[0];
    let (steered, control) = setting.come_out();
    let trials = setting.trials.len();
    let name = format!("{} ({}x)", experiment.name, setting.factor);
    let by_chance = format!("{}, random features", experiment.name);
    let share = |id: &str, name: String, part: usize| {
        let measure = Measure::share(GROUP, format!("experiment/{id}"), name, part, trials);
        measure.map(|measure| measure.to_be(goals::of_experiment(id)))
    };
    let steered = share(experiment.id, name, steered);
    let control = share(&format!("{}/control", experiment.id), by_chance, control);
    steered.into_iter().chain(control).collect()
}

/// Runs the experiments of the subject's domain, in all settings or in the principal one.
fn run_all(
    subject: &Subject<'_>,
    sweep: Option<&Sweep>,
    prompts: usize,
    all: bool,
) -> Result<Vec<Experiment>, EvaluateError> {
    if !subject.exam.is_diagnosis() {
        return sums::run_sums(subject, prompts, all);
    }
    match sweep {
        Some(sweep) => cases::run_cases(subject, sweep, prompts, all),
        None => cases::run_cases(subject, &sweep::sweep(subject)?, prompts, all),
    }
}
