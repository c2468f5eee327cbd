//! The grade of one graph: how far what it says can be trusted on this prompt. Features are shrunk
//! or switched off one at a time, on every rung of the ladder of freezing, and what happens is held
//! against what the graph predicts ("Circuit Tracing", 2025, section 5, "Evaluating Mechanistic
//! Faithfulness"; the rungs are our own).

mod errors;
mod figures;
mod second;
mod travels;
mod trials;
mod verdict;

pub use errors::ErrorShares;
pub use figures::Figure;
pub use second::{Second, TokenPaths};
pub use travels::Travel;
pub use trials::{Points, Readings, SHARES, Trial};
pub use verdict::{BetterTarget, Finding, Trust};

use super::statistics::{Fit, divergence, fit, ranks};
use super::{Free, Ladder, Nudge, Rung, StudyError, replaced};
use crate::engine::Engine;
use crate::network::{Network, Reading};
use crate::order;
use crate::trace::{
    Answer, EDGE_THRESHOLD, Feature, Graph, MAX_LOGITS, NODE_THRESHOLD, Options, PROBABILITY, Run,
    Targets, TraceError, Tracer, answers,
};
use serde::Serialize;
use std::rc::Rc;
use travels::Travels;

/// Most features that are tried; where more are active, the most influential.
pub const MOST_TRIED: usize = 384;

/// Features that become nodes: more than fire on any prompt like those that the models here learned
/// from, and few enough for the memory of a browser's tab on a text of another kind.
const MOST_TRACED: usize = 4096;

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
    /// Traces a prompt, with its answer and the runner-up as first targets. Where the runner-up is
    /// not among the default targets it is added with a probability of zero, so that influence,
    /// pruning and scores are those without it.
    ///
    /// # Errors
    /// As [`Tracer::graph`].
    pub async fn new(tracer: &Tracer<E>, run: Rc<Run<E>>) -> Result<Self, StudyError> {
        let likely = answers(run.logits(), MAX_LOGITS.max(2));
        let (default_targets, tokens) = targets(&likely);
        let options = options(tokens);
        let graph = trace(tracer, &run, &options, default_targets).await?;
        let live = live(tracer, &run, &options, &graph).await?;
        let ladder = Ladder::new(run.clone(), &graph.features);
        let tried = most_influential(&graph);
        let batches = ladder.batches(&nudges(&graph, &tried, 1.0));
        let graphs = Readings {
            held: &graph,
            live: &live,
        };
        let trials = trials::begin(graphs, &tried);
        Ok(Grading {
            moved: vec![0.0; tried.len()],
            travels: Travels::new(graph.layers),
            graph,
            live,
            default_targets,
            run,
            ladder,
            tried,
            left: (0..batches.len()).rev().collect(),
            begun: None,
            given: Vec::new(),
            batches,
            trials,
        })
    }

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

    /// Steps taken, here or elsewhere.
    pub fn done(&self) -> usize {
        let (at_hand, taken) = self.begun.map_or((0, 0), |(_, taken)| (1, taken));
        let whole = self.batches.len() - self.left.len() - self.given.len() - at_hand;
        whole * self.trials.len() + taken
    }

    /// Steps in all, each one batch of features, a share and a rung.
    pub fn total(&self) -> usize {
        self.batches.len() * self.trials.len()
    }

    /// Tries a few features on one rung; true once nothing is left to begin: then what was given
    /// away may still be on its way.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn step(&mut self, network: &Network<E>) -> Result<bool, StudyError> {
        let next = self.begun.or_else(|| Some((self.left.pop()?, 0)));
        let Some((batch, trial)) = next else {
            return Ok(true);
        };
        self.begun = Some((batch, trial));
        let indices = &self.batches[batch];
        let (rung, share) = (self.trials[trial].rung, self.trials[trial].share);
        let features: Vec<usize> = indices.iter().map(|i| self.tried[*i]).collect();
        let nudges = nudges(&self.graph, &features, share);
        let off = share == 1.0;
        let changes = self.ladder.batch(network, &nudges, rung, off).await?;
        let vocabulary = network.config().vocabulary;
        for (i, logits) in indices.iter().zip(changes.logits.chunks_exact(vocabulary)) {
            self.trials[trial].measure(&self.graph, *i, logits);
            if off && rung == Rung::Everything {
                self.moved[*i] = divergence(self.run.logits(), logits);
            }
        }
        if off {
            let layers: Vec<usize> = nudges.iter().map(|nudge| nudge.layer).collect();
            self.travels.add(rung, &layers, changes.streams);
        }
        self.begun = Some((batch, trial + 1)).filter(|(_, taken)| *taken < self.trials.len());
        Ok(self.begun.is_none() && self.left.is_empty())
    }

    /// Gives a batch away, to be tried by another grading of the same prompt: its number, for
    /// [`Grading::receive`] there. None where all are begun.
    pub fn give(&mut self) -> Option<usize> {
        // The last in line, so that steps here go on where they are.
        let batch = (!self.left.is_empty()).then(|| self.left.remove(0))?;
        self.given.push(batch);
        Some(batch)
    }

    /// Takes back what was given away and is not there yet.
    pub fn take_back(&mut self) {
        self.left.append(&mut self.given);
    }

    /// Has nothing but a batch tried that another grading of the prompt gave away; once steps are
    /// taken [`Grading::results`] has what came of it.
    ///
    /// # Panics
    /// If there is no such batch.
    pub fn receive(&mut self, batch: usize) {
        assert!(batch < self.batches.len(), "there is no batch {batch}");
        self.left = vec![batch];
        self.begun = None;
        self.travels = Travels::new(self.graph.layers);
    }

    /// What came of a batch that was received, for [`Grading::add`] of the grading that gave it.
    ///
    /// # Panics
    /// If there is no such batch.
    pub fn results(&self, batch: usize) -> Vec<f64> {
        let mut results = vec![batch as f64];
        for i in &self.batches[batch] {
            for trial in &self.trials {
                results.extend([trial.difference.measured[*i], trial.answer.measured[*i]]);
            }
            results.push(self.moved[*i]);
        }
        results.extend(self.travels.sums());
        results
    }

    /// Adds what came of a batch that was given away. False, and nothing is added, if it is none of
    /// those, or not of this graph.
    pub fn add(&mut self, results: &[f64]) -> bool {
        let Some((batch, values)) = results.split_first() else {
            return false;
        };
        let Some(at) = self.given.iter().position(|given| *given as f64 == *batch) else {
            return false;
        };
        let batch = &self.batches[self.given[at]];
        let one = 2 * self.trials.len() + 1;
        if values.len() != batch.len() * one + travels::SUMS {
            return false;
        }
        let (values, sums) = values.split_at(batch.len() * one);
        for (i, values) in batch.iter().zip(values.chunks_exact(one)) {
            for (trial, values) in self.trials.iter_mut().zip(values.chunks_exact(2)) {
                trial.difference.measured[*i] = values[0];
                trial.answer.measured[*i] = values[1];
            }
            self.moved[*i] = values[one - 1];
        }
        self.travels.add_sums(sums);
        self.given.swap_remove(at);
        true
    }

    /// Puts together what the trials show; `second` is the same language model with the other kind
    /// of transcoder.
    ///
    /// # Errors
    /// An engine that fails.
    ///
    /// # Panics
    /// If there are steps left.
    pub async fn finish<F: Engine>(
        &self,
        network: &Network<E>,
        second: Option<&Tracer<F>>,
    ) -> Result<Grade, StudyError> {
        assert_eq!(self.done(), self.total(), "steps are left");
        let graph = &self.graph;
        let vocabulary = &network.model.vocabulary;
        let (influence, _) = graph.influence();
        let kept = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD).nodes;
        let tried = self.tried.iter();
        let of_tried: Vec<f64> = tried.map(|i| f64::from(influence[*i])).collect();
        let (influence_rank, divergence_rank) = (ranks(&of_tried), ranks(&self.moved));
        let features: Vec<Tried> = self
            .tried
            .iter()
            .zip(&self.moved)
            .enumerate()
            .map(|(place, (i, moved))| {
                let feature = graph.features[*i];
                Tried {
                    layer: feature.layer,
                    position: feature.position,
                    index: feature.index,
                    activation: feature.activation,
                    influence: influence[*i],
                    kept: kept[*i],
                    divergence: *moved,
                    influence_rank: influence_rank[place],
                    divergence_rank: divergence_rank[place],
                }
            })
            .collect();
        let second = match second {
            None => None,
            Some(tracer) => Some(self.second(tracer).await?),
        };
        let [answer, runner_up] = [0, 1].map(|target: usize| graph.targets[target].name.clone());
        let mut grade = Grade {
            answer,
            runner_up,
            figures: Vec::new(),
            findings: Vec::new(),
            better_target: None,
            trials: self.trials.clone(),
            features,
            active_features: graph.active_features,
            travels: self.travels.of_all(),
            errors: ErrorShares::new(graph),
            replaced: replaced_answer(network, self.run.ids(), graph.targets[0].token, |token| {
                vocabulary.token(token)
            })
            .await?,
            second,
        };
        grade.figures = figures::of(&grade, graph);
        grade.better_target = verdict::better_target(&grade);
        grade.findings = verdict::of(&grade, |position| vocabulary.token(graph.tokens[position]));
        Ok(grade)
    }

    /// How well the local replacement model foretells the original with everything free, where every
    /// feature tried writes 5 % less: measured changes of the answer's logit less the runner-up's, on
    /// those of the local replacement model in which these norms and patterns respond as well. With
    /// neither it is the graph's own prediction. None where one side does not vary.
    ///
    /// # Errors
    /// An engine that fails.
    ///
    /// # Panics
    /// If there are steps left.
    pub async fn live(
        &self,
        network: &Network<E>,
        norms: bool,
        patterns: bool,
    ) -> Result<Option<Fit>, StudyError> {
        assert_eq!(self.done(), self.total(), "steps are left");
        let [share, _] = SHARES;
        let free = Free {
            mlps: false,
            norms,
            patterns,
        };
        let nudges = nudges(&self.graph, &self.tried, share);
        let changes = self.ladder.changes(network, &nudges, free).await?;
        let mut foretold = Trial::new(self.graphs(), &self.tried, Rung::Everything, share);
        let vocabulary = network.config().vocabulary;
        for (feature, logits) in changes.chunks_exact(vocabulary).enumerate() {
            foretold.measure(&self.graph, feature, logits);
        }
        let mut trials = self.trials.iter();
        let original = trials.find(|one| one.id == foretold.id);
        let original = original.expect("every share is tried on every rung");
        let predicted = &foretold.difference.measured;
        Ok(fit(predicted, &original.difference.measured))
    }

    /// A second opinion: the same prompt through the other kind of transcoder; needs no step.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn second<F: Engine>(&self, tracer: &Tracer<F>) -> Result<Second, StudyError> {
        let tokens = self
            .graph
            .targets
            .iter()
            .map(|target| target.token)
            .collect();
        let run = tracer.run(self.run.ids()).await?;
        let other = trace(tracer, &run, &options(tokens), self.default_targets).await?;
        let kind = tracer.network.model.transcoder.kind;
        Ok(Second::new(&self.graph, &other, kind))
    }

    /// How one feature's change is answered on each rung, from the lowest: for each, what is
    /// predicted and measured of the answer's logit less the runner-up's, and of the answer's logit
    /// less the mean.
    ///
    /// # Errors
    /// A feature that is no node of the graph, or an engine that fails.
    pub async fn rungs(
        &self,
        network: &Network<E>,
        (layer, position, index): (usize, usize, usize),
        share: f32,
    ) -> Result<Vec<Trial>, StudyError> {
        let place = (layer, position, index);
        let mut features = self.graph.features.iter();
        let found = features.position(|f| (f.layer, f.position, f.index) == place);
        let Some(feature) = found else {
            let (feature, position) = (index, position);
            return Err(StudyError::NotInGraph {
                layer,
                position,
                feature,
            });
        };
        let nudges = nudges(&self.graph, &[feature], share);
        let mut trials = Vec::with_capacity(Rung::ALL.len());
        for rung in Rung::ALL {
            let mut trial = Trial::new(self.graphs(), &[feature], rung, share);
            let changes = self.ladder.changes(network, &nudges, rung).await?;
            trial.measure(&self.graph, 0, &changes);
            trials.push(trial);
        }
        Ok(trials)
    }
}

/// circuit-tracer's default number of targets, and the tokens that become targets: these, and the
/// runner-up in any case.
fn targets(likely: &[Answer]) -> (usize, Vec<u32>) {
    let mut sum = 0.0;
    let default = likely.iter().take(MAX_LOGITS).take_while(|answer| {
        let short = sum < PROBABILITY;
        sum += answer.probability;
        short
    });
    let default = default.count();
    let all = likely.iter().take(default.max(2));
    (default, all.map(|answer| answer.token).collect())
}

fn options(tokens: Vec<u32>) -> Options {
    Options {
        targets: Targets::Tokens(tokens),
        max_features: Some(MOST_TRACED),
        batch_size: 128,
        ..Options::default()
    }
}

async fn trace<E: Engine>(
    tracer: &Tracer<E>,
    run: &Run<E>,
    options: &Options,
    default_targets: usize,
) -> Result<Graph, TraceError> {
    let mut graph = tracer.graph(run, options, |_| {}).await?;
    for target in graph.targets.iter_mut().skip(default_targets) {
        target.probability = 0.0;
    }
    Ok(graph)
}

/// The live graph of the same features.
async fn live<E: Engine>(
    tracer: &Tracer<E>,
    run: &Run<E>,
    options: &Options,
    held: &Graph,
) -> Result<Graph, TraceError> {
    let options = Options {
        reading: Reading::LIVE,
        features: Some(held.features.iter().map(Feature::place).collect()),
        ..options.clone()
    };
    tracer.graph(run, &options, |_| {}).await
}

/// The features to try: indices, the most influential first.
fn most_influential(graph: &Graph) -> Vec<usize> {
    let (influence, _) = graph.influence();
    let mut features = order::largest_first(&influence[..graph.features.len()]);
    features.truncate(MOST_TRIED);
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

async fn replaced_answer<E: Engine>(
    network: &Network<E>,
    ids: &[u32],
    answer: u32,
    name: impl Fn(u32) -> String,
) -> Result<Replaced, StudyError> {
    let logits = replaced(network, &[], ids, 1);
    let vocabulary = network.config().vocabulary;
    let logits = &network.engine.read(&[(&logits, vocabulary)]).await?[0];
    let top = answers(logits, 1).swap_remove(0);
    Ok(Replaced {
        token: name(top.token),
        probability: top.probability,
        same: top.token == answer,
    })
}
