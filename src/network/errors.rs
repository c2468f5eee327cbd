//! How MLPs answer beyond the features: by their own derivative, less that of the features that are active, whose gates are given. In a
//! graph that holds nothing the errors are what answers so; all paths together are then the original's own derivative.

use super::mlp::Slopes;
use super::norm::NormAt;
use super::{Active, Forward, Hold, Leading, Network, Reads};
use crate::engine::{EdgesBack, Engine};

/// What the errors of a prompt's layers answer by.
pub(crate) struct Answering<E: Engine> {
    layers: Vec<LayerErrors<E>>,
    /// Columns of the rows that the features' edges stand in.
    columns: usize,
}

/// One layer's.
struct LayerErrors<E: Engine> {
    slopes: Slopes<E::Tensor>,
    /// What the active features read, over minus their activations, [features, width]; none where none is active.
    readers: Option<E::Tensor>,
    /// Where each token's begin among them, and behind the last token their number, [tokens + 1].
    starts: E::Indices,
    /// The first one's column.
    first: usize,
}

impl<E: Engine> Network<E> {
    /// Of a prompt that was run. `features` are each layer's active ones in the order of their tokens; in rows of so many columns
    /// they stand one layer after the other, from the first column on. Nothing is read back.
    pub(crate) fn answering(
        &self,
        forward: &Forward<E::Tensor>,
        features: &[Vec<Active>],
        columns: usize,
    ) -> Answering<E> {
        let mut first = 0;
        let layers = features.iter().enumerate().map(|(layer, features)| {
            let begin = |token| features.partition_point(|active| active.row < token) as u32;
            let starts: Vec<u32> = (0..=forward.tokens).map(begin).collect();
            let indices: Vec<u32> = features.iter().map(|a| a.feature as u32).collect();
            let scales: Vec<f32> = features.iter().map(|a| -1.0 / a.activation).collect();
            let there = LayerErrors {
                slopes: self.layers[layer].mlp.slopes(
                    &self.engine,
                    &forward.layers[layer].mlp_normed,
                    forward.tokens,
                ),
                readers: (!features.is_empty()).then(|| {
                    self.engine.gather_rows(
                        &self.transcoder(layer).encoder,
                        &self.engine.upload_indices(&indices),
                        &self.engine.upload(&scales),
                        indices.len(),
                        self.config().width,
                    )
                }),
                starts: self.engine.upload_indices(&starts),
                first,
            };
            first += features.len();
            there
        });
        Answering {
            layers: layers.collect(),
            columns,
        }
    }

    /// Adds to `gradient` [targets, tokens, width], by what a layer writes in its MLP's place, what comes back through its error and
    /// its skip path. In `rows` [targets, columns] the edges of its features are complete.
    pub(crate) fn errors_back(
        &self,
        gradient: &mut E::Tensor,
        rows: &E::Tensor,
        targets: usize,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
        answering: &Answering<E>,
    ) {
        let (engine, parts) = (&self.engine, &self.layers[layer]);
        let here = &answering.layers[layer];
        let sizes = [targets, at.tokens];
        let mut normed = parts.mlp.pull_back(engine, gradient, sizes, &here.slopes);
        let features = |out: &mut E::Tensor| {
            let Some(readers) = &here.readers else { return };
            let sizes = EdgesBack {
                targets,
                tokens: at.tokens,
                width: self.config().width,
                columns: answering.columns,
                first: here.first,
            };
            engine.edges_back(out, rows, readers, &here.starts, sizes);
        };
        match self.model.transcoder.input {
            Reads::MlpNorm => features(&mut normed),
            Reads::ResidualMid => features(gradient),
        }
        let state = &at.forward.layers[layer];
        let at = NormAt {
            x: &state.mid,
            scale: &state.mlp_scale,
            tokens: at.tokens,
            held: hold.norms.contains(&layer),
        };
        parts
            .mlp_norm
            .pull_back(engine, gradient, &normed, targets, &at);
    }
}
