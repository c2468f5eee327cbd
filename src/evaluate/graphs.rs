//! Graphs of held-out prompts: their scores, and on half of the prompts their grades. A figure here
//! is the mean of the same figure of each grade.

use super::goals::Goals;
use super::{EvaluateError, Goal, Measure, Subject};
use crate::study::grade::{Figure, Grading, MOST_TRIED};
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a prompt shows: all figures of its grade, or the graph's scores alone.
struct Found {
    figures: Vec<Figure>,
    /// Whether more features were active than were tried.
    limited: bool,
}

/// Measures on so many prompts, half of them with all experiments.
///
/// # Errors
/// Logits that are no finite numbers.
pub(super) fn measures(subject: &Subject<'_>, count: usize) -> Result<Vec<Measure>, EvaluateError> {
    let prompts = subject.exam.spread(count);
    let graded = count.div_ceil(2);
    let done = AtomicUsize::new(0);
    let found = prompts
        .par_iter()
        .enumerate()
        .map(|(i, prompt)| {
            let found = look(subject, &prompt.ids, i < graded)?;
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (subject.observe)("graphs and experiments", done, count);
            Ok(found)
        })
        .collect::<Result<Vec<Found>, EvaluateError>>()?;
    Ok(means(&found, subject.exam.goals))
}

fn look(subject: &Subject<'_>, ids: &[u32], whole: bool) -> Result<Found, EvaluateError> {
    let mut grading = pollster::block_on(Grading::new(subject.tracer, ids))?;
    if !whole {
        return Ok(Found {
            figures: grading.scores(),
            limited: false,
        });
    }
    while !pollster::block_on(grading.step(subject.network()))? {}
    let grade = pollster::block_on(grading.finish(subject.network(), subject.other))?;
    Ok(Found {
        limited: grade.features.len() < grade.active_features,
        figures: grade.figures,
    })
}

/// Means over prompts, figure by figure, in the order in which grades have them.
fn means(found: &[Found], goals: Goals) -> Vec<Measure> {
    let limited = found.iter().any(|one| one.limited);
    let most = found.iter().max_by_key(|one| one.figures.len());
    let mut measures = Vec::new();
    for figure in most.map_or(&[][..], |one| &one.figures) {
        let same = found.iter().filter_map(|one| {
            let mut figures = one.figures.iter();
            figures.find(|other| other.id == figure.id)
        });
        let values: Vec<f64> = same.map(|figure| figure.value).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut name = figure.name.clone();
        if limited && figure.id.starts_with("faithful/") {
            name.push_str(&format!(", the {MOST_TRIED} most influential features"));
        }
        let measure = Measure::new(figure.group, &*figure.id, name, mean, figure.unit);
        measures.push(measure.of(values.len()).to_be(goal(&figure.id, goals)));
    }
    measures
}

/// What a figure is held to.
fn goal(id: &str, goals: Goals) -> Option<Goal> {
    match id {
        "score/replacement" => Some(goals.replacement),
        "score/completeness" => Some(goals.completeness),
        "faithful/mlps-free/5/difference" => Some(goals.mlps_free[0]),
        "faithful/mlps-free/100/difference" => Some(goals.mlps_free[1]),
        "faithful/everything-free/5/difference" => Some(goals.everything_free[0]),
        "faithful/everything-free/100/difference" => Some(goals.everything_free[1]),
        "influence/all" => Some(goals.influence),
        "influence/kept" => Some(goals.influence_kept),
        _ => None,
    }
}
