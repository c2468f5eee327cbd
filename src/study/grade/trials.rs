//! One trial: every feature less by a share, on one rung of the ladder; predicted and measured.

use crate::study::Rung;
use crate::study::statistics::{Fit, fit, spearman};
use crate::trace::Graph;
use serde::Serialize;

/// How much is taken away of what a feature writes.
pub const SHARES: [f32; 2] = [0.05, 1.0];

/// What was predicted and measured, a point a feature.
#[derive(Clone, Debug, Default, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Points {
    /// By the graph with patterns and norms held.
    pub predicted: Vec<f64>,
    /// By the live one.
    pub live: Vec<f64>,
    pub measured: Vec<f64>,
}

/// Two readings' predictions of the same.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readings<T> {
    pub held: T,
    pub live: T,
}

impl Points {
    /// None where one side does not vary.
    pub fn fit(&self) -> Readings<Option<Fit>> {
        Readings {
            held: fit(&self.predicted, &self.measured),
            live: fit(&self.live, &self.measured),
        }
    }

    /// The rank correlations. None where one side does not vary.
    pub fn rank(&self) -> Readings<Option<f64>> {
        Readings {
            held: spearman(&self.predicted, &self.measured),
            live: spearman(&self.live, &self.measured),
        }
    }

    /// The largest deviation, as a share of the largest prediction. None where nothing is predicted.
    pub fn deviation(&self) -> Option<f64> {
        let largest = |values: &mut dyn Iterator<Item = f64>| values.fold(0.0, f64::max);
        let pairs = self.predicted.iter().zip(&self.measured);
        let deviation = largest(&mut pairs.map(|(p, m)| (p - m).abs()));
        let predicted = largest(&mut self.predicted.iter().map(|p| p.abs()));
        (predicted > 0.0).then(|| deviation / predicted)
    }
}

/// An experiment that is made with every feature.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Trial {
    /// As ids of figures begin: `faithful/mlps-free/5`.
    pub id: String,
    /// What is free to respond.
    pub rung: Rung,
    /// How much is taken away of what the feature writes.
    pub share: f32,
    /// The answer's logit less the runner-up's.
    pub difference: Points,
    /// The answer's logit less the mean logit.
    pub answer: Points,
}

impl Trial {
    /// With predictions of these graphs, and nothing measured yet. `features` are indices into
    /// theirs, which are the same.
    pub(super) fn new(
        graphs: Readings<&Graph>,
        features: &[usize],
        rung: Rung,
        share: f32,
    ) -> Trial {
        let points = |answer: f64, runner_up: f64| {
            let predicted = |graph: &Graph| {
                let mut weights = vec![0.0; graph.targets.len()];
                weights[0] = answer;
                weights[1] = runner_up;
                let effects = graph.effects(&weights);
                let each = features.iter();
                each.map(|i| -f64::from(share) * effects[*i]).collect()
            };
            Points {
                predicted: predicted(graphs.held),
                live: predicted(graphs.live),
                measured: vec![0.0; features.len()],
            }
        };
        Trial {
            id: format!("faithful/{}/{}", rung.id(), percent(share)),
            rung,
            share,
            difference: points(1.0, -1.0),
            answer: points(1.0, 0.0),
        }
    }

    /// Notes how the logits, [vocabulary], changed with a feature.
    pub(super) fn measure(&mut self, graph: &Graph, feature: usize, changes: &[f32]) {
        let changes: Vec<f64> = changes.iter().map(|change| f64::from(*change)).collect();
        let [answer, runner_up] = [0, 1].map(|i: usize| graph.targets[i].token as usize);
        self.difference.measured[feature] = changes[answer] - changes[runner_up];
        self.answer.measured[feature] = graph.targets[0].along(&changes);
    }
}

/// A share in whole percent.
pub(super) fn percent(share: f32) -> u32 {
    (100.0 * share).round() as u32
}

/// All trials of some features: for each share all rungs, from the lowest.
pub(super) fn begin(graphs: Readings<&Graph>, features: &[usize]) -> Vec<Trial> {
    let all = SHARES
        .into_iter()
        .flat_map(|share| Rung::ALL.map(|rung| (rung, share)));
    all.map(|(rung, share)| Trial::new(graphs, features, rung, share))
        .collect()
}
