//! What is written in the place of a layer's MLP in one prompt: by features, errors and constants, side by side, so that a row
//! meets all that stands at a token in one product.

use super::{Feature, Run};
use crate::engine::Engine;
use crate::model::TranscoderKind;
use crate::network::Network;
use crate::order;

/// Everything that is written in the place of one layer's MLP, sorted by position.
pub(super) struct Written<T, I> {
    /// [sources, width]
    pub vectors: T,
    /// Of each source its position, and its column in a row, [sources].
    pub positions: I,
    pub columns: I,
    /// How many sources stand at each token or before it, [tokens].
    pub until: Vec<usize>,
}

/// Rows of a table that are sources.
struct Taken<'a, T> {
    table: &'a T,
    sources: Vec<Source>,
}

struct Source {
    position: usize,
    column: usize,
    /// Its row of the table, and what that is times.
    row: usize,
    scale: f32,
}

/// What is written in a layer's place; what constants write only where rows add up. Nothing is read back.
pub(super) fn written<E: Engine>(
    network: &Network<E>,
    run: &Run<E>,
    layer: usize,
    adds_up: bool,
) -> Written<E::Tensor, E::Indices> {
    let (engine, width) = (&network.engine, network.config().width);
    let tokens = run.forward.tokens;
    let taken = taken(network, run, layer, adds_up);
    // (table, source of it), as they are to lie.
    let all = taken.iter().enumerate();
    let all = all.flat_map(|(table, taken)| (0..taken.sources.len()).map(move |i| (table, i)));
    let all: Vec<(usize, usize)> = all.collect();
    let source = |(table, i): (usize, usize)| &taken[table].sources[i];
    let position = |i: usize| source(all[i]).position;
    let order = order::indices(all.len(), &|a, b| position(a).cmp(&position(b)));
    let mut places: Vec<Vec<u32>> = taken
        .iter()
        .map(|taken| vec![0; taken.sources.len()])
        .collect();
    for (place, i) in order.iter().enumerate() {
        let (table, source) = all[*i];
        places[table][source] = place as u32;
    }
    let mut vectors = engine.zeros(all.len() * width);
    for (Taken { table, sources }, places) in taken.iter().zip(&places) {
        let scales: Vec<f32> = sources.iter().map(|source| source.scale).collect();
        let scales = engine.upload(&scales);
        let rows = indices(engine, sources.iter().map(|source| source.row));
        let rows = engine.gather_rows(table, &rows, &scales, sources.len(), width);
        let places = engine.upload_indices(places);
        engine.scatter_rows(&mut vectors, &rows, &places, sources.len(), width);
    }
    Written {
        vectors,
        positions: indices(engine, order.iter().map(|i| position(*i))),
        columns: indices(engine, order.iter().map(|i| source(all[*i]).column)),
        until: (0..tokens)
            .map(|token| order.partition_point(|i| position(*i) <= token))
            .collect(),
    }
}

/// The sources of a layer: features of each layer that writes there, errors and constants.
fn taken<'a, E: Engine>(
    network: &'a Network<E>,
    run: &'a Run<E>,
    layer: usize,
    adds_up: bool,
) -> Vec<Taken<'a, E::Tensor>> {
    let (transcoder, tokens) = (&network.model.transcoder, run.forward.tokens);
    let features = &run.features;
    let first_writer = match transcoder.kind {
        TranscoderKind::CrossLayer => 0,
        TranscoderKind::PerLayer => layer,
    };
    let mut taken: Vec<Taken<'a, E::Tensor>> = (first_writer..=layer)
        .map(|from| {
            let outputs = transcoder.outputs(from);
            let start = features.partition_point(|feature| feature.layer < from);
            let end = features.partition_point(|feature| feature.layer <= from);
            let here = features[start..end].iter().zip(start..);
            let source = |(feature, column): (&Feature, usize)| Source {
                position: feature.position,
                column,
                row: feature.index * outputs + layer - from,
                scale: feature.activation,
            };
            Taken {
                table: &network.transcoder(from).decoder,
                sources: here.map(source).collect(),
            }
        })
        .collect();
    let layers = transcoder.layers.len();
    let at = |first: usize, column: usize| Taken {
        table: &run.errors,
        sources: (first..tokens)
            .map(|position| Source {
                position,
                column: column + position,
                row: layer * tokens + position,
                scale: 1.0,
            })
            .collect(),
    };
    // The first position has no error node; what it writes is part of the remainder.
    taken.push(at(1, features.len() + layer * tokens));
    if adds_up {
        taken.push(Taken {
            table: &run.constants,
            ..at(0, features.len() + (layers + 1) * tokens)
        });
    }
    taken
}

fn indices<E: Engine>(engine: &E, values: impl Iterator<Item = usize>) -> E::Indices {
    let values: Vec<u32> = values.map(|value| value as u32).collect();
    engine.upload_indices(&values)
}
