//! From a prompt to its graph.

use super::assembly::Assembly;
use super::constants::{self, LayerConstants};
use super::rows::{Row, Sources, Start};
use super::select::Ranking;
use super::{ANSWERS, Answer, Feature, Graph, Run, Target, Targets, TraceError, answers, targets};
use crate::engine::Engine;
use crate::network::{Network, Reading};
use std::pin::Pin;
use std::sync::OnceLock;

/// How a graph is computed. The defaults are circuit-tracer's.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    pub targets: Targets,
    /// Most features that become nodes; none: all that are active.
    pub max_features: Option<usize>,
    /// Whether features from which no path leads to a target become nodes as well, as circuit-tracer has it: those of the last layer at
    /// any token but the last. They have no influence, and pruning always drops them, but each has a row to compute.
    pub unconnected: bool,
    /// The features that become nodes, in place of the most influential: layer, position and index of
    /// each, in this order. Those that are not active are left out.
    pub features: Option<Vec<(usize, usize, usize)>>,
    /// Rows computed together. With `max_features` it also sets how often features are ranked.
    pub batch_size: usize,
    /// Batches between two rankings.
    pub update_interval: usize,
    /// What edges take as given.
    pub reading: Reading,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            targets: Targets::default(),
            max_features: None,
            unconnected: true,
            features: None,
            batch_size: 512,
            update_interval: 4,
            reading: Reading::Held,
        }
    }
}

/// How far a trace has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The model has run, and its active features are known.
    Forward,
    /// So many of so many rows are computed.
    Rows { done: usize, total: usize },
}

/// A network that is ready to be traced.
pub struct Tracer<E: Engine> {
    /// The model on its engine.
    pub network: Network<E>,
    pub(super) constants: Vec<LayerConstants<E::Tensor>>,
    /// The mean row of the unembedding, [width].
    mean_unembedding: Vec<f32>,
}

/// What a graph explains.
struct Explained {
    answers: Vec<Answer>,
    targets: Vec<Target>,
}

impl<E: Engine> Tracer<E> {
    /// Prepares a network: works out what its biases write.
    pub fn new(network: Network<E>) -> Self {
        Tracer {
            constants: constants::of_layers(&network),
            mean_unembedding: targets::mean_row(network.model.language.unembedding()),
            network,
        }
    }

    /// Checks that a prompt can be run.
    ///
    /// # Errors
    /// It is empty, too long, or has a token that does not exist.
    pub fn check(&self, ids: &[u32]) -> Result<(), TraceError> {
        let config = self.network.config();
        if ids.is_empty() {
            return Err(TraceError::Empty);
        }
        if ids.len() > config.context {
            return Err(TraceError::TooLong {
                tokens: ids.len(),
                limit: config.context,
            });
        }
        match ids.iter().find(|id| **id as usize >= config.vocabulary) {
            Some(token) => Err(TraceError::unknown_token(&self.network.model, *token)),
            None => Ok(()),
        }
    }

    /// Runs a prompt and computes its graph: [`Tracer::run`], and then [`Tracer::graph`].
    ///
    /// # Errors
    /// Those of both.
    pub async fn trace(
        &self,
        ids: &[u32],
        options: &Options,
        mut observe: impl FnMut(Phase),
    ) -> Result<Graph, TraceError> {
        check_options(options)?;
        let run = self.run(ids).await?;
        observe(Phase::Forward);
        self.graph(&run, options, observe).await
    }

    /// Computes the graph of a prompt that was run. `observe` is told how far it has come.
    ///
    /// # Errors
    /// An impossible option, a number that is none, or an engine that fails.
    ///
    /// # Panics
    /// If it was run by another tracer.
    pub async fn graph(
        &self,
        run: &Run<E>,
        options: &Options,
        mut observe: impl FnMut(Phase),
    ) -> Result<Graph, TraceError> {
        // Boxed, so that the code is there once and not in every caller.
        let traced: Pin<Box<dyn Future<Output = _> + '_>> =
            Box::pin(self.graph_observed(run, options, &mut observe));
        traced.await
    }

    async fn graph_observed(
        &self,
        run: &Run<E>,
        options: &Options,
        observe: &mut dyn FnMut(Phase),
    ) -> Result<Graph, TraceError> {
        check_options(options)?;
        let explained = self.explained(run, &options.targets)?;
        let sources = Sources::new(&self.network, &self.constants, run, options.reading);
        let active = run.features.len();
        let among: Vec<usize> = (0..active)
            .filter(|i| options.unconnected || run.is_connected(&run.features[*i]))
            .collect();
        let candidates = among.len();
        let limit = options.max_features.unwrap_or(candidates);
        // Rows that were computed to rank features by.
        let mut ranked = Vec::new();
        let selected: Vec<usize> = match &options.features {
            None if limit < candidates => {
                let targets = &explained.targets;
                let selected;
                (selected, ranked) =
                    limited(&sources, targets, options, (&among, limit), observe).await?;
                selected
            }
            None => among,
            Some(wanted) => {
                let all = run.features.iter().enumerate();
                all.filter(|(_, feature)| wanted.binary_search(&feature.place()).is_ok())
                    .map(|(i, _)| i)
                    .collect()
            }
        };
        let sizes = [active, sources.width() - active, explained.targets.len()];
        let mut assembly = Assembly::new(&selected, sizes, options.reading.adds_up());
        if ranked.is_empty() {
            let features = selected.iter().copied().map(Start::Feature);
            let starts: Vec<Start<'_>> = features
                .chain(explained.targets.iter().map(Start::Logit))
                .collect();
            let total = starts.len();
            let mut keep = |i: usize, edges: &[f32], left| assembly.keep(i, edges, left);
            let mut told = |done| observe(Phase::Rows { done, total });
            sources
                .rows(&starts, options.batch_size, &mut keep, &mut told)
                .await?;
        }
        for (i, row) in ranked.into_iter().enumerate() {
            assembly.keep(i, &row.edges, row.remainder);
        }
        let (rows, remainder) = (assembly.rows, assembly.remainder);
        Ok(self.assemble(
            run,
            explained,
            options.reading,
            (&selected, candidates),
            (rows, remainder),
        ))
    }

    fn explained(&self, run: &Run<E>, targets: &Targets) -> Result<Explained, TraceError> {
        let model = &self.network.model;
        let targets = targets::choose(targets, &run.logits, model, &self.mean_unembedding)?;
        if targets.iter().any(|target| !target.value.is_finite()) {
            return Err(TraceError::NotFinite);
        }
        Ok(Explained {
            answers: answers(&run.logits, ANSWERS),
            targets,
        })
    }

    /// The graph of these features, of so many that could be nodes, and targets, with its rows and their remainders.
    fn assemble(
        &self,
        run: &Run<E>,
        explained: Explained,
        reading: Reading,
        (selected, candidates): (&[usize], usize),
        (rows, remainder): (Vec<f32>, Vec<f32>),
    ) -> Graph {
        let features: Vec<Feature> = selected.iter().map(|i| run.features[*i]).collect();
        let values = features.iter().map(|feature| feature.activation);
        let pre_activations = values
            .chain(explained.targets.iter().map(|target| target.value))
            .collect();
        Graph {
            tokens: run.ids().to_vec(),
            layers: self.constants.len(),
            reading,
            active_features: candidates,
            features,
            rows,
            remainder,
            pre_activations,
            targets: explained.targets,
            answers: explained.answers,
            file: None,
            influence: OnceLock::new(),
        }
    }
}

/// circuit-tracer's adaptive selection: logits first, then features by the influence known so far.
async fn limited<E: Engine>(
    sources: &Sources<'_, E>,
    targets: &[Target],
    options: &Options,
    (among, limit): (&[usize], usize),
    observe: &mut dyn FnMut(Phase),
) -> Result<(Vec<usize>, Vec<Row>), TraceError> {
    let logits = targets.len();
    let starts: Vec<Start<'_>> = targets.iter().map(Start::Logit).collect();
    let mut ranking = Ranking::default();
    let mut rows = vec![Row::default(); starts.len()];
    sources
        .rows(
            &starts,
            options.batch_size,
            &mut kept_in(&mut rows),
            &mut |_| {},
        )
        .await?;
    for (row, target) in rows.into_iter().zip(targets) {
        ranking.add_target(row, target.probability);
    }
    while ranking.taken() < limit {
        let queue = options
            .update_interval
            .saturating_mul(options.batch_size)
            .min(limit - ranking.taken());
        let chosen = ranking.next(among, queue);
        let starts: Vec<Start<'_>> = chosen.iter().copied().map(Start::Feature).collect();
        let before = logits + ranking.taken();
        let mut told = |done| {
            observe(Phase::Rows {
                done: before + done,
                total: logits + limit,
            });
        };
        let mut rows = vec![Row::default(); starts.len()];
        sources
            .rows(
                &starts,
                options.batch_size,
                &mut kept_in(&mut rows),
                &mut told,
            )
            .await?;
        for (feature, row) in chosen.into_iter().zip(rows) {
            ranking.add_feature(feature, row);
        }
    }
    Ok(ranking.finish())
}

/// Keeps rows as they come.
fn kept_in(rows: &mut [Row]) -> impl FnMut(usize, &[f32], f32) {
    |i, edges, remainder| {
        let edges = edges.to_vec();
        rows[i] = Row { edges, remainder };
    }
}

fn check_options(options: &Options) -> Result<(), TraceError> {
    let positive = |name, value: usize| match value {
        0 => Err(TraceError::Option {
            name,
            allowed: "at least 1",
            found: "0".into(),
        }),
        _ => Ok(()),
    };
    positive("batch size", options.batch_size)?;
    positive("update interval", options.update_interval)?;
    if let Some(limit) = options.max_features {
        positive("number of features", limit)?;
    }
    if let Targets::Likely { most, probability } = options.targets {
        positive("number of logits", most)?;
        if !(0.0..=1.0).contains(&probability) {
            return Err(TraceError::Option {
                name: "cumulative probability",
                allowed: "between 0 and 1",
                found: probability.to_string(),
            });
        }
    }
    Ok(())
}
