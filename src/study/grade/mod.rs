//! The grade of one graph: how far what it says can be trusted on this prompt. Features are shrunk
//! or switched off one at a time, on every rung of the ladder of freezing, and what happens is held
//! against what the graph predicts ("Circuit Tracing", 2025, section 5, "Evaluating Mechanistic
//! Faithfulness"; the rungs are our own).

mod beside;
mod errors;
mod figures;
mod finish;
mod given;
mod second;
mod steps;
mod traced;
mod travels;
mod trials;
mod verdict;

pub use beside::ErrorsHeld;
pub use errors::ErrorShares;
pub use figures::Figure;
pub use second::{Second, TokenPaths};
pub use traced::MOST_TRIED;
pub use travels::Travel;
pub use trials::{Points, Readings, SHARES, Trial};
pub use verdict::{BetterTarget, Finding, Trust};

use super::Ladder;
use crate::engine::Engine;
use crate::trace::{Graph, Run};
use serde::Serialize;
use std::rc::Rc;
use travels::Travels;

/// A graph that is being graded, one step after the other.
pub struct Grading<E: Engine> {
    run: Rc<Run<E>>,
    graph: Graph,
    /// The same features and targets, with nothing held.
    live: Graph,
    /// Targets that the graph has by default; the runner-up may be one more.
    default_targets: usize,
    ladder: Ladder<E>,
    /// The features tried, as indices into the graph's; the most influential first.
    tried: Vec<usize>,
    /// Indices into `tried` that are run together.
    batches: Vec<Vec<usize>>,
    /// Batches that nobody has begun, the next one last.
    left: Vec<usize>,
    /// The batch at hand, and how many of its trials are done.
    begun: Option<(usize, usize)>,
    /// Batches that are tried elsewhere.
    given: Vec<usize>,
    trials: Vec<Trial>,
    /// For each feature tried, how far the answer's distribution moves when it is switched off and
    /// nothing is frozen, in nats.
    moved: Vec<f64>,
    travels: Travels,
}

/// What a graph's trials show.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Grade {
    /// The most probable next token, and the second.
    pub answer: String,
    pub runner_up: String,
    /// Everything that is one number, with its name.
    pub figures: Vec<Figure>,
    /// In plain words, what can be trusted and what cannot.
    pub findings: Vec<Finding>,
    /// The target that is foretold clearly better than the other.
    pub better_target: Option<BetterTarget>,
    pub trials: Vec<Trial>,
    /// The features tried, in the order of the trials' points.
    pub features: Vec<Tried>,
    /// How many features are active; more than were tried where there are very many.
    pub active_features: usize,
    pub travels: Vec<Travel>,
    pub errors: ErrorShares,
    /// What the model says with every MLP replaced by the transcoder, and how probable that is.
    pub replaced: Replaced,
    /// The same prompt through the other kind of transcoder, where there is one.
    pub second: Option<Second>,
}

/// A feature that was tried.
#[derive(Clone, Copy, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Tried {
    pub layer: usize,
    pub position: usize,
    pub index: usize,
    pub activation: f32,
    pub influence: f32,
    /// Whether pruning at the default thresholds keeps it.
    pub kept: bool,
    /// Of switching it off with nothing frozen, in nats.
    pub divergence: f64,
    /// Their ranks among the features tried, from 1 on; equal ones share the mean of theirs.
    pub influence_rank: f64,
    pub divergence_rank: f64,
}

/// The replaced model's answer.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Replaced {
    pub token: String,
    pub probability: f32,
    pub same: bool,
}

impl<E: Engine> Grading<E> {
    /// The graph that is graded.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The graph in both readings.
    fn graphs(&self) -> Readings<&Graph> {
        Readings {
            held: &self.graph,
            live: &self.live,
        }
    }

    /// The graph's scores, which need no experiment.
    pub fn scores(&self) -> Vec<Figure> {
        figures::scores(&self.graph)
    }
}
