//! Graphs of held-out prompts: their scores, and on half of the prompts whether they foretell what
//! the model does.

use super::asked::Prompt;
use super::faithful::{self, Faithful};
use super::statistics::mean;
use super::{EvaluateError, Measure, Subject};
use crate::trace::{Graph, MAX_LOGITS, Options, PROBABILITY, Scores, Targets, answers};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A prompt's graph, whose first targets are the most likely token and the runner-up.
pub(super) struct Traced {
    pub graph: Graph,
    /// The original's logits after the last token.
    pub logits: Vec<f32>,
}

/// Measures on so many prompts, half of them for the experiments.
///
/// # Errors
/// Logits that are no finite numbers.
pub(super) fn measures(subject: &Subject<'_>, count: usize) -> Result<Vec<Measure>, EvaluateError> {
    let prompts = subject.exam.spread(count);
    let tried = count.div_ceil(2);
    let done = AtomicUsize::new(0);
    let found = prompts
        .par_iter()
        .enumerate()
        .map(|(i, prompt)| {
            let traced = trace(subject, prompt)?;
            let faithful = match i < tried {
                true => Some(faithful::experiment(subject, prompt, &traced)?),
                false => None,
            };
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (subject.observe)("graphs and experiments", done, count);
            Ok((traced.graph.scores(), faithful))
        })
        .collect::<Result<Vec<(Scores, Option<Faithful>)>, EvaluateError>>()?;
    let (scores, faithful): (Vec<Scores>, Vec<Option<Faithful>>) = found.into_iter().unzip();
    let goals = subject.exam.goals;
    let mut measures = Vec::new();
    for (id, of, goal) in [
        (
            "replacement",
            (|s| s.replacement) as fn(&Scores) -> f32,
            goals.replacement,
        ),
        ("completeness", |s| s.completeness, goals.completeness),
    ] {
        let values: Vec<f64> = scores.iter().map(|scores| f64::from(of(scores))).collect();
        let (id, name) = (
            format!("score/{id}"),
            format!("{id} score, mean of held-out prompts"),
        );
        measures.extend(mean(&values).map(|value| {
            let measure = Measure::new("Graphs", id, name, value, "");
            measure.of(values.len()).to_be(goal)
        }));
    }
    let faithful: Vec<Faithful> = faithful.into_iter().flatten().collect();
    measures.extend(faithful::measures(&faithful, goals));
    Ok(measures)
}

/// The graph with the default targets. Where the runner-up is not among them it is added with a
/// probability of zero, so that influence, pruning and scores are those without it.
fn trace(subject: &Subject<'_>, prompt: &Prompt) -> Result<Traced, EvaluateError> {
    let network = subject.network();
    let forward = network.forward(&prompt.ids, 1, None);
    let logits = network.last_logits(&forward);
    super::top(&logits)?;
    let likely = answers(&logits, MAX_LOGITS.max(2));
    let mut sum = 0.0;
    let default = likely.iter().take(MAX_LOGITS).take_while(|answer| {
        let short = sum < PROBABILITY;
        sum += answer.probability;
        short
    });
    let default = default.count();
    let tokens = likely
        .iter()
        .take(default.max(2))
        .map(|answer| answer.token);
    let options = Options {
        targets: Targets::Tokens(tokens.collect()),
        ..Options::default()
    };
    let traced = subject.tracer.trace(&prompt.ids, &options, |_| {});
    let mut graph = pollster::block_on(traced)?;
    for target in graph.targets.iter_mut().skip(default) {
        target.probability = 0.0;
    }
    Ok(Traced { graph, logits })
}
