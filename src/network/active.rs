//! The active features of a forward pass on the host: few are, so no more is read back.

use super::Network;
use crate::engine::{Engine, EngineError};

/// Most active features of a token that are read back by their places. A layer with a token that has more is read whole.
const MOST_ACTIVE: usize = 256;

/// A feature that is active on a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Active {
    /// Which token, of all in a row.
    pub row: usize,
    /// Index within its layer.
    pub feature: usize,
    pub activation: f32,
}

impl<E: Engine> Network<E> {
    /// The active features of each layer, by row and index, from activations [rows, features] as [`Network::encode`] gives them;
    /// and `others`, the first values of other tensors, which are read with them. What is no number counts as active.
    ///
    /// # Errors
    /// As [`Engine::read`].
    pub async fn read_active(
        &self,
        layers: &[E::Tensor],
        rows: usize,
        others: &[(&E::Tensor, usize)],
    ) -> Result<(Vec<Vec<Active>>, Vec<Vec<f32>>), EngineError> {
        let engine = &self.engine;
        let features = self.model.transcoder.features();
        // Twice as many numbers as these are read of each row.
        let most = MOST_ACTIVE.min(features / 4);
        let stride = 1 + 2 * most;
        let found: Vec<_> = layers
            .iter()
            .map(|layer| engine.active(layer, most, rows, features))
            .collect();
        let mut wanted = others.to_vec();
        wanted.extend(found.iter().map(|found| (found, rows * stride)));
        let mut others = engine.read(&wanted).await?;
        let found = others.split_off(others.len() - layers.len());

        let mut active = Vec::with_capacity(layers.len());
        for (layer, found) in layers.iter().zip(found) {
            let counts = found.iter().step_by(stride);
            let mut counts = counts.map(|count| count.to_bits() as usize);
            let whole = match counts.any(|count| count > most) {
                true => engine.read(&[(layer, rows * features)]).await?.remove(0),
                false => Vec::new(),
            };
            active.push(of_layer(&found, &whole, rows, most));
        }
        Ok((active, others))
    }
}

/// The active features of a layer by row and index, from what was found on each row, [rows, 1 + 2 most], as [`Engine::active`] says it;
/// if more than `most` are active on one, from all of its activations, `whole` [rows, features].
fn of_layer(found: &[f32], whole: &[f32], rows: usize, most: usize) -> Vec<Active> {
    let (stride, features) = (found.len() / rows, whole.len() / rows);
    let mut active = Vec::new();
    let mut keep = |row, feature, activation| {
        if activation != 0.0 {
            active.push(Active {
                row,
                feature,
                activation,
            });
        }
    };
    if !whole.is_empty() {
        for (place, value) in whole.iter().enumerate() {
            keep(place / features, place % features, *value);
        }
        return active;
    }
    for row in 0..rows {
        let found = &found[row * stride..][..stride];
        for i in 1..=found[0].to_bits() as usize {
            keep(row, found[i].to_bits() as usize, found[i + most]);
        }
    }
    active
}
