//! Graphs of held-out prompts: their scores, and on half of the prompts their grades. A figure here
//! is the mean of the same figure of each grade.

use super::asked::Prompt;
use super::goals::Goals;
use super::{EvaluateError, Goal, Measure, Subject};
use crate::study::grade::{ErrorsHeld, Figure, Grading, MOST_TRIED};
use crate::study::statistics::Fit;
use crate::trace::Graph;
use rayon::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Prompts of those with all experiments, on which the local replacement model is run as well.
const LIVE: usize = 20;

/// How much a prompt is asked.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Scores,
    Grade,
    Live,
}

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
            let depth = match i < graded {
                false => Depth::Scores,
                true if i < LIVE => Depth::Live,
                true => Depth::Grade,
            };
            let found = look(subject, prompt, depth)?;
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            (subject.observe)("graphs and experiments", done, count);
            Ok(found)
        })
        .collect::<Result<Vec<Found>, EvaluateError>>()?;
    Ok(means(&found, subject.exam.goals))
}

fn look(subject: &Subject<'_>, prompt: &Prompt, depth: Depth) -> Result<Found, EvaluateError> {
    let network = subject.network();
    let run = pollster::block_on(subject.tracer.run(&prompt.ids))?;
    let mut grading = pollster::block_on(Grading::new(subject.tracer, run))?;
    let begins = begins(subject, prompt, grading.graph());
    if depth == Depth::Scores {
        return Ok(Found {
            figures: [grading.scores(), begins].concat(),
            limited: false,
        });
    }
    while !pollster::block_on(grading.step(network))? {}
    let grade = pollster::block_on(grading.finish(network, subject.other))?;
    let mut figures = [grade.figures, begins].concat();
    if depth == Depth::Live {
        let [norms, both] =
            [false, true].map(|patterns| pollster::block_on(grading.live(network, true, patterns)));
        if let (Some(norms), Some(both)) = (norms?, both?) {
            figures.extend(live(norms.pearson, both.pearson));
        }
    }
    let errors = pollster::block_on(grading.errors_held(subject.tracer))?;
    figures.extend(errors_held(errors));
    Ok(Found {
        limited: grade.features.len() < grade.active_features,
        figures,
    })
}

/// Where the influence on the answers begins, its magnitudes as [`Graph::influence`] has them: of all
/// that begins at tokens the share at the BOS, and in a sum at all but the operands and the answering
/// token. Operands are where the sums in these words differ.
fn begins(subject: &Subject<'_>, prompt: &Prompt, graph: &Graph) -> Vec<Figure> {
    let forms = &subject.exam.forms;
    let (influence, _) = graph.influence();
    let [_, tokens, logits] = graph.starts();
    let of_tokens = &influence[tokens..logits];
    let share = |counts: &dyn Fn(usize) -> bool| {
        let sum = |counts: &dyn Fn(usize) -> bool| -> f64 {
            let counted = of_tokens.iter().enumerate().filter(|(i, _)| counts(*i));
            counted.map(|(_, x)| f64::from(*x)).sum()
        };
        100.0 * sum(counts) / sum(&|_| true)
    };
    let mut figures = Vec::new();
    let mut add = |id: &str, place: &str, value: f64| {
        if value.is_finite() {
            figures.push(Figure {
                group: "Where influence begins",
                id: format!("begins/{id}"),
                name: format!(
                    "influence on the answers that begins at {place}, of all from tokens"
                ),
                value,
                unit: "%",
            });
        }
    };
    if let Some(form) = prompt.form {
        let operands = &forms[form].operands;
        let elsewhere = |i: usize| !operands[i] && i + 1 < operands.len();
        let place = "tokens other than the operands and the answering token";
        add("elsewhere", place, share(&elsewhere));
    }
    let bos = subject.network().model.language.config.bos;
    if bos.is_some_and(|bos| graph.tokens[0] == bos) {
        add("bos", "the BOS", share(&|i| i == 0));
    }
    figures
}

/// How well the local replacement model foretells the original, with patterns held and alive.
fn live(norms: f64, both: f64) -> Vec<Figure> {
    let figure = |id: &str, what: &str, value| Figure {
        group: "The local replacement model, run with 5 % less of a feature",
        id: format!("live/{id}"),
        name: format!("answer − runner-up against the original, everything free: {what}"),
        value,
        unit: "",
    };
    vec![
        figure("norms", "correlation, norms alive, patterns held", norms),
        figure("both", "correlation, norms and patterns alive", both),
        figure("gain", "what patterns alive add to it", both - norms),
    ]
}

/// What is foretold where errors are held, and how much of it all is their answer.
fn errors_held(found: ErrorsHeld) -> Vec<Figure> {
    let figure = |id: &str, name: &str, value, unit| Figure {
        group: "Errors that answer, nothing frozen and 5 % less of a feature",
        id: format!("live/errors-{id}"),
        name: name.into(),
        value,
        unit,
    };
    let foretold = |id: &str, what: &str, fit: Option<Fit>| {
        let name = format!("{what}, errors held: correlation");
        fit.map(|fit| figure(id, &name, fit.pearson, ""))
    };
    let through = figure(
        "share",
        "of the changes that are foretold with nothing held, through what errors answer",
        100.0 * found.through_errors,
        "%",
    );
    let all = [
        foretold("held/difference", "answer − runner-up", found.difference),
        foretold("held/answer", "answer’s logit", found.answer),
        Some(through).filter(|one| one.value.is_finite()),
    ];
    all.into_iter().flatten().collect()
}

/// Means over the prompts that have a figure, figure by figure, in the order in which grades have
/// them.
fn means(found: &[Found], goals: Goals) -> Vec<Measure> {
    let limited = found.iter().any(|one| one.limited);
    let mut all: Vec<&Figure> = Vec::new();
    for one in found {
        let mut next = 0;
        for figure in &one.figures {
            let known = all.iter().position(|other| other.id == figure.id);
            let place = known.unwrap_or_else(|| {
                all.insert(next, figure);
                next
            });
            next = place + 1;
        }
    }
    let mut measures = Vec::new();
    for figure in all {
        let same = found.iter().filter_map(|one| {
            let mut figures = one.figures.iter();
            figures.find(|other| other.id == figure.id)
        });
        let values: Vec<f64> = same.map(|figure| figure.value).collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let mut name = figure.name.clone();
        let of_features = ["faithful/", "live/"].map(|of| figure.id.starts_with(of));
        if limited && of_features.contains(&true) {
            name.push_str(&format!(", the {MOST_TRIED} most influential features"));
        }
        let measure = Measure::new(figure.group, &*figure.id, name, mean, figure.unit);
        measures.push(measure.over(values.len()).to_be(goal(&figure.id, goals)));
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
        "faithful/everything-free/5/difference/live"
        | "faithful/everything-free/5/answer/live"
        | "live/errors-held/difference"
        | "live/errors-held/answer" => Some(goals.live_reading[0]),
        "faithful/everything-free/5/difference/live/slope"
        | "faithful/everything-free/5/answer/live/slope" => Some(goals.live_slope),
        "faithful/everything-free/100/difference/live" => Some(goals.live_reading[1]),
        "live/norms" => Some(goals.live),
        "live/gain" => Some(goals.live_gain),
        "influence/all" => Some(goals.influence),
        "influence/kept" => Some(goals.influence_kept),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::goals;
    use super::*;

    fn found(figures: &[(&str, f64)], limited: bool) -> Found {
        let figure = |(id, value): &(&str, f64)| Figure {
            group: "a group",
            id: (*id).into(),
            name: format!("the name of {id}"),
            value: *value,
            unit: "%",
        };
        Found {
            figures: figures.iter().map(figure).collect(),
            limited,
        }
    }

    #[test]
    fn every_figure_that_any_prompt_has_is_averaged_over_those_that_have_it() {
        let prompts = [
            found(&[("one", 1.0), ("three", 4.0), ("four", 5.0)], false),
            found(&[("one", 2.0), ("two", 7.0), ("four", 6.0)], false),
            found(&[("one", 6.0)], false),
        ];
        let measures = means(&prompts, goals::ADDITION);
        let key = |m: &Measure| (m.measure.clone(), m.value, m.of);
        let expected = [
            ("one", 3.0, 3),
            ("two", 7.0, 1),
            ("three", 4.0, 1),
            ("four", 5.5, 2),
        ];
        let expected = expected.map(|(id, value, of)| (id.to_string(), value, Some(of)));
        assert_eq!(measures.iter().map(key).collect::<Vec<_>>(), expected);
        assert_eq!(measures[1].name, "the name of two");
        assert_eq!((measures[1].group, measures[1].unit), ("a group", "%"));
        assert!(means(&[], goals::ADDITION).is_empty());
    }

    #[test]
    fn names_say_where_not_all_features_were_tried() {
        let figures = [("faithful/mlps-free/5/answer", 1.0), ("path/length", 2.0)];
        let names = |limited: bool| -> Vec<String> {
            let prompts = [found(&figures, limited), found(&figures, false)];
            let measures = means(&prompts, goals::ADDITION);
            measures.into_iter().map(|measure| measure.name).collect()
        };
        let all = figures.map(|(id, _)| format!("the name of {id}"));
        assert_eq!(names(false), all);
        let limit = ", the 384 most influential features";
        assert_eq!(names(true), [format!("{}{limit}", all[0]), all[1].clone()]);
    }
}
