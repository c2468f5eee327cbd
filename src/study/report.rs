//! What came of steering, as the command line writes it and the page reads it.

use super::statistics::fit;
use super::{Mode, Steered, Steering};
use crate::engine::Engine;
use crate::model::Vocabulary;
use crate::order;
use crate::trace::{ANSWERS, Feature, Graph, answers, probabilities};
use serde::Serialize;

/// Features that fire where they were silent: at most so many are listed.
const MOST_NEWLY_ACTIVE: usize = 20;

/// See [`Steering`].
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SteerReport", optional_fields))]
pub struct Report {
    /// The features that were set.
    pub set: Vec<Moved>,
    /// Tokens among the first answers before or after, by their probability after.
    pub answers: Vec<Shift>,
    /// The change of every token's logit, largest first.
    pub logits: Vec<LogitChange>,
    /// The graph's features, in its order.
    pub features: Vec<Moved>,
    /// Features that fire where they were silent, the strongest first.
    pub newly_active: Vec<Feature>,
    /// Names of the graph's targets.
    pub targets: Vec<String>,
    /// Change of the pre-activation of each of the graph's features and then targets, as the graph
    /// predicts it; nothing where a feature that was set is no node of the graph.
    pub predicted: Option<Vec<f64>>,
    /// The same as it came.
    pub measured: Vec<f64>,
    /// Of measured on predicted, over the features and targets that were not set and should move;
    /// nothing where too few do.
    pub pearson: Option<f64>,
    pub slope: Option<f64>,
}

/// A feature's activation before and after.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Moved {
    pub layer: usize,
    pub position: usize,
    pub index: usize,
    pub before: f32,
    pub after: f32,
}

/// A token's probability and logit before and after.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Shift {
    pub token: String,
    pub id: u32,
    pub before: f32,
    pub after: f32,
    pub logit_before: f32,
    pub logit_after: f32,
}

/// How a token's logit changed.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct LogitChange {
    pub token: String,
    pub id: u32,
    pub change: f32,
}

impl Report {
    /// Puts together what came of steering this prompt, with its graph.
    ///
    /// # Panics
    /// If the graph is another prompt's or model's.
    pub fn new<E: Engine>(
        steering: &Steering<E>,
        steered: &Steered,
        mode: &Mode,
        graph: &Graph,
        vocabulary: &Vocabulary,
    ) -> Report {
        let tokens = steering.ids().len();
        let size = steering.before.logits.len() / tokens;
        let before = steering.before.last_logits(size);
        let after = steered.after.last_logits(size);
        let features = steering.before.activations[0].len() / tokens;
        let moved = |layer: usize, position: usize, index: usize| {
            let at = position * features + index;
            Moved {
                layer,
                position,
                index,
                before: steering.before.activations[layer][at],
                after: steered.after.activations[layer][at],
            }
        };
        let foretold = steering.foretold(graph, steered, mode);
        let set = steered.interventions.iter().map(|one| Moved {
            after: one.value,
            ..moved(one.layer, one.position, one.feature)
        });
        let set: Vec<Moved> = set.collect();
        let is_set = |row: usize| {
            let feature = graph.features.get(row);
            feature.is_some_and(|f| {
                let place = (f.layer, f.position, f.index);
                set.iter().any(|s| (s.layer, s.position, s.index) == place)
            })
        };
        let fitted = foretold.predicted.as_ref().and_then(|predicted| {
            let pairs = predicted.iter().zip(&foretold.measured).enumerate();
            let (x, y): (Vec<f64>, Vec<f64>) = pairs
                .filter(|(row, (predicted, _))| **predicted != 0.0 && !is_set(*row))
                .map(|(_, (predicted, measured))| (*predicted, *measured))
                .unzip();
            fit(&x, &y)
        });
        Report {
            answers: shifts(before, after, vocabulary),
            logits: changes(before, after, vocabulary),
            features: graph
                .features
                .iter()
                .map(|feature| moved(feature.layer, feature.position, feature.index))
                .collect(),
            newly_active: steering.newly_active(steered, MOST_NEWLY_ACTIVE),
            targets: graph.targets.iter().map(|t| t.name.clone()).collect(),
            predicted: foretold.predicted,
            measured: foretold.measured,
            pearson: fitted.map(|fit| fit.pearson),
            slope: fitted.map(|fit| fit.slope),
            set,
        }
    }
}

fn shifts(before: &[f32], after: &[f32], vocabulary: &Vocabulary) -> Vec<Shift> {
    let (p_before, p_after) = (probabilities(before), probabilities(after));
    let first = [before, after].map(|logits| answers(logits, ANSWERS));
    let mut ids: Vec<u32> = first.iter().flatten().map(|answer| answer.token).collect();
    order::sort(&mut ids, &|a, b| {
        let by = |p: &[f32]| p[*b as usize].total_cmp(&p[*a as usize]);
        by(&p_after).then(by(&p_before)).then(a.cmp(b))
    });
    ids.dedup();
    let each = ids.into_iter().map(|id| {
        let i = id as usize;
        Shift {
            token: vocabulary.token(id),
            id,
            before: p_before[i],
            after: p_after[i],
            logit_before: before[i],
            logit_after: after[i],
        }
    });
    each.collect()
}

fn changes(before: &[f32], after: &[f32], vocabulary: &Vocabulary) -> Vec<LogitChange> {
    let pairs = after.iter().zip(before).enumerate();
    let mut changes: Vec<LogitChange> = pairs
        .map(|(id, (after, before))| LogitChange {
            token: vocabulary.token(id as u32),
            id: id as u32,
            change: after - before,
        })
        .collect();
    order::sort(&mut changes, &|a, b| {
        b.change.abs().total_cmp(&a.change.abs())
    });
    changes
}
