//! What a grade is of: the graphs of a prompt, the features that are tried and what is taken of them.

use crate::engine::Engine;
use crate::network::Reading;
use crate::order;
use crate::study::Nudge;
use crate::trace::{
    Answer, Feature, Graph, MAX_LOGITS, Options, PROBABILITY, Run, Targets, TraceError, Tracer,
};

/// Most features that are tried; where more are active, the most influential.
pub const MOST_TRIED: usize = 384;

/// Features that become nodes: more than fire on any prompt like those that the models here learned
/// from, and few enough for the memory of a browser's tab on a text of another kind.
const MOST_TRACED: usize = 4096;

/// circuit-tracer's default number of targets, and the tokens that become targets: these, and the
/// runner-up in any case.
pub fn targets(likely: &[Answer]) -> (usize, Vec<u32>) {
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

/// As a grade traces, with these targets.
pub fn options(tokens: Vec<u32>) -> Options {
    Options {
        targets: Targets::Tokens(tokens),
        max_features: Some(MOST_TRACED),
        batch_size: 128,
        ..Options::default()
    }
}

/// The graph in which the runner-up, if it is none of the default targets, has no weight.
pub async fn trace<E: Engine>(
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

/// The graph of the same features in another reading.
pub async fn read_otherwise<E: Engine>(
    tracer: &Tracer<E>,
    run: &Run<E>,
    options: &Options,
    held: &Graph,
    reading: Reading,
) -> Result<Graph, TraceError> {
    let options = Options {
        reading,
        features: Some(held.features.iter().map(Feature::place).collect()),
        ..options.clone()
    };
    tracer.graph(run, &options, |_| {}).await
}

/// The features to try: indices, the most influential first.
pub fn most_influential(graph: &Graph) -> Vec<usize> {
    let (influence, _) = graph.influence();
    let mut features = order::largest_first(&influence[..graph.features.len()]);
    features.truncate(MOST_TRIED);
    features
}

/// Takes this share of each feature away.
pub fn nudges(graph: &Graph, features: &[usize], share: f32) -> Vec<Nudge> {
    let each = features.iter().map(|feature| graph.features[*feature]);
    each.map(|feature| Nudge {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        change: -share * feature.activation,
    })
    .collect()
}
