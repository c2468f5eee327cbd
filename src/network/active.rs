//! The active features of a forward pass on the host: few are, so no more is read back.

use super::Network;
use crate::engine::{Engine, EngineError};

/// Most active features of a token that are read back by their places. The rows of tokens that have more are read whole.
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

        let count = |found: &[f32]| found[0].to_bits() as usize;
        let mut whole = Vec::new();
        for (layer, found) in layers.iter().zip(&found) {
            let found = found.chunks_exact(stride).enumerate();
            let full = found.filter(|(_, found)| count(found) > most);
            let full: Vec<u32> = full.map(|(row, _)| row as u32).collect();
            if !full.is_empty() {
                let taken = self.take(layer, &full, features);
                whole.push((taken, full.len() * features));
            }
        }
        let wanted: Vec<_> = whole
            .iter()
            .map(|(taken, length)| (taken, *length))
            .collect();
        let whole = match wanted.is_empty() {
            true => Vec::new(),
            false => engine.read(&wanted).await?,
        };
        let mut whole = whole.iter().flat_map(|rows| rows.chunks_exact(features));

        let layers = found.iter().map(|found| {
            let mut active = Vec::new();
            for (row, found) in found.chunks_exact(stride).enumerate() {
                let mut keep = |feature, activation| {
                    active.push(Active {
                        row,
                        feature,
                        activation,
                    })
                };
                let count = count(found);
                if count <= most {
                    let (places, values) = found[1..].split_at(most);
                    for (place, value) in places[..count].iter().zip(values) {
                        keep(place.to_bits() as usize, *value);
                    }
                } else {
                    let values = whole.next().expect("each that is full was read");
                    for (feature, value) in values.iter().enumerate() {
                        if *value != 0.0 {
                            keep(feature, *value);
                        }
                    }
                }
            }
            active
        });
        Ok((layers.collect(), others))
    }
}
