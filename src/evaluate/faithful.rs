//! Does the graph foretell what the model does? Features are shrunk or switched off, one at a time,
//! and the change of the answer is compared with the graph's prediction.

use super::asked::Prompt;
use super::goals::Goals;
use super::graphs::Traced;
use super::statistics::{Fit, divergence, fit, mean, spearman};
use super::{EvaluateError, Goal, Measure, Subject};
use crate::study::{Ladder, Nudge, Rung};
use crate::trace::{EDGE_THRESHOLD, Graph, NODE_THRESHOLD};

/// Most features that are tried on a prompt; where more are active, the most influential.
const MOST: usize = 512;

/// An experiment that is made with every feature.
struct Trial {
    /// What is free to respond.
    rung: Rung,
    /// How much is taken away of what the feature writes.
    share: f32,
    id: &'static str,
    name: &'static str,
}

const TRIALS: [Trial; 4] = [
    Trial {
        rung: Rung::Mlps,
        share: 0.05,
        id: "mlps-free/5",
        name: "MLPs free, 5 % less",
    },
    Trial {
        rung: Rung::Mlps,
        share: 1.0,
        id: "mlps-free/100",
        name: "MLPs free, all off",
    },
    Trial {
        rung: Rung::Everything,
        share: 0.05,
        id: "everything-free/5",
        name: "everything free, 5 % less",
    },
    Trial {
        rung: Rung::Everything,
        share: 1.0,
        id: "everything-free/100",
        name: "everything free, all off",
    },
];

/// How well each trial came out as predicted; nothing where too little varies.
type Fits = [Option<Fit>; TRIALS.len()];

/// What one prompt shows.
#[derive(Default)]
pub(super) struct Faithful {
    /// Of the answer's logit minus the runner-up's.
    difference: Fits,
    /// Of the answer's logit minus the mean logit.
    answer: Fits,
    /// Rank correlation of influence and divergence: of all features tried, and of those kept.
    influence: Option<f64>,
    influence_kept: Option<f64>,
    /// Whether more features were active than were tried.
    limited: bool,
}

/// Tries a prompt's features.
///
/// # Errors
/// None that a traced prompt can have, but those of [`Ladder::changes`].
pub(super) fn experiment(
    subject: &Subject<'_>,
    prompt: &Prompt,
    traced: &Traced,
) -> Result<Faithful, EvaluateError> {
    let graph = &traced.graph;
    let tried = most_influential(graph);
    let ladder = Ladder::new(subject.network(), &prompt.ids, &graph.features);
    let [answer, runner_up] = [0, 1].map(|target: usize| graph.targets[target].token as usize);
    let mut weights = vec![0.0; graph.targets.len()];
    weights[0] = 1.0;
    let of_answer = graph.effects(&weights);
    weights[1] = -1.0;
    let of_difference = graph.effects(&weights);

    let mut found = Faithful {
        limited: tried.len() < graph.features.len(),
        ..Faithful::default()
    };
    for (i, trial) in TRIALS.iter().enumerate() {
        let nudges = nudges(graph, &tried, trial.share);
        let changes = pollster::block_on(ladder.changes(&nudges, trial.rung))?;
        let changes = changes.chunks_exact(traced.logits.len());
        let predicted = |effects: &[f64]| -> Vec<f64> {
            let each = tried.iter().map(|feature| effects[*feature]);
            each.map(|effect| -f64::from(trial.share) * effect)
                .collect()
        };
        let measured =
            |of: &dyn Fn(&[f32]) -> f64| -> Vec<f64> { changes.clone().map(of).collect() };
        let difference =
            measured(&|changes| f64::from(changes[answer]) - f64::from(changes[runner_up]));
        found.difference[i] = fit(&predicted(&of_difference), &difference);
        let beyond_mean = measured(&|changes| {
            let sum: f64 = changes.iter().map(|change| f64::from(*change)).sum();
            f64::from(changes[answer]) - sum / changes.len() as f64
        });
        found.answer[i] = fit(&predicted(&of_answer), &beyond_mean);
        if trial.rung == Rung::Everything && trial.share == 1.0 {
            let moved = measured(&|changes| divergence(&traced.logits, changes));
            (found.influence, found.influence_kept) = ranks(graph, &tried, &moved);
        }
    }
    Ok(found)
}

/// The features to try: indices, the most influential first.
fn most_influential(graph: &Graph) -> Vec<usize> {
    let (influence, _) = graph.influence();
    let mut features: Vec<usize> = (0..graph.features.len()).collect();
    features.sort_by(|a, b| influence[*b].total_cmp(&influence[*a]));
    features.truncate(MOST);
    features
}

/// Takes this share of each feature away.
fn nudges(graph: &Graph, features: &[usize], share: f32) -> Vec<Nudge> {
    let each = features.iter().map(|feature| graph.features[*feature]);
    each.map(|feature| Nudge {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        change: -share * feature.activation,
    })
    .collect()
}

/// Rank correlation of the features' influence with how far the answer's distribution moved: of all
/// these features, and of those that pruning keeps.
fn ranks(graph: &Graph, features: &[usize], moved: &[f64]) -> (Option<f64>, Option<f64>) {
    let (influence, _) = graph.influence();
    let kept = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD).nodes;
    let of = |keep: &dyn Fn(usize) -> bool| {
        let pairs = features.iter().zip(moved);
        let (x, y): (Vec<f64>, Vec<f64>) = pairs
            .filter(|(feature, _)| keep(**feature))
            .map(|(feature, moved)| (f64::from(influence[*feature]), *moved))
            .unzip();
        spearman(&x, &y)
    };
    (of(&|_| true), of(&|feature| kept[feature]))
}

/// Means over prompts.
pub(super) fn measures(found: &[Faithful], goals: Goals) -> Vec<Measure> {
    let which = match found.iter().any(|one| one.limited) {
        true => format!("the {MOST} most influential features"),
        false => "all active features".to_string(),
    };
    let goals_of_trials: [Goal; TRIALS.len()] = [
        goals.mlps_free[0],
        goals.mlps_free[1],
        goals.everything_free[0],
        goals.everything_free[1],
    ];
    let mut measures = Vec::new();
    for (i, goal) in goals_of_trials.into_iter().enumerate() {
        let fits: Vec<Fit> = found.iter().filter_map(|one| one.difference[i]).collect();
        let about = ("difference", "answer − runner-up");
        measures.extend(of_trial(&TRIALS[i], about, &which, Some(goal), &fits));
    }
    for (i, trial) in TRIALS.iter().enumerate() {
        let fits: Vec<Fit> = found.iter().filter_map(|one| one.answer[i]).collect();
        let about = ("answer", "answer's logit");
        measures.extend(of_trial(trial, about, &which, None, &fits));
    }
    const GROUP: &str = "Influence against switching off";
    let values: Vec<f64> = found.iter().filter_map(|one| one.influence).collect();
    let name = format!("influence and divergence: rank correlation, {which}");
    let all = averaged(GROUP, "influence/all", name, &values);
    measures.extend(all.map(|measure| measure.to_be(goals.influence)));
    let values: Vec<f64> = found.iter().filter_map(|one| one.influence_kept).collect();
    let name = "influence and divergence: rank correlation, features kept by pruning";
    let kept = averaged(GROUP, "influence/kept", name, &values);
    measures.extend(kept.map(|measure| measure.to_be(goals.influence_kept)));
    measures
}

/// Correlation and slope of one trial.
fn of_trial(
    trial: &Trial,
    (id, about): (&str, &str),
    which: &str,
    goal: Option<Goal>,
    fits: &[Fit],
) -> impl Iterator<Item = Measure> {
    const GROUP: &str = "Prediction against experiment";
    let key = format!("faithful/{}/{id}", trial.id);
    let name = format!("{}, {about}", trial.name);
    let pearson: Vec<f64> = fits.iter().map(|fit| fit.pearson).collect();
    let slope: Vec<f64> = fits.iter().map(|fit| fit.slope).collect();
    let words = format!("{name}: correlation, {which}");
    let correlation = averaged(GROUP, &key, words, &pearson).map(|measure| measure.to_be(goal));
    let words = format!("{name}: slope of measured on predicted");
    let slope = averaged(GROUP, format!("{key}/slope"), words, &slope);
    correlation.into_iter().chain(slope)
}

/// A mean over prompts; none of nothing.
fn averaged(
    group: &'static str,
    id: impl Into<String>,
    name: impl Into<String>,
    values: &[f64],
) -> Option<Measure> {
    let value = mean(values)?;
    Some(Measure::new(group, id, name, value, "").of(values.len()))
}
