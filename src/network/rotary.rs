//! Rotary positions: queries and keys are turned by where their tokens stand, so that a score depends
//! on how far apart two tokens are. A rotation is pulled back by its inverse.

use crate::engine::{Engine, Rotation};

/// The turns of every position.
pub(crate) struct Rotary<T> {
    /// Of each position the cosines of its pairs of lanes and then their sines, [positions, head_width].
    table: T,
}

impl<T> Rotary<T> {
    /// The turns of so many positions, with the frequencies of [`crate::model::Config::rotary`].
    pub fn new<E: Engine<Tensor = T>>(engine: &E, frequencies: &[f32], positions: usize) -> Self {
        let mut table = Vec::with_capacity(positions * 2 * frequencies.len());
        for position in 0..positions {
            // In f64: an angle may be many turns.
            let angles = frequencies
                .iter()
                .map(|frequency| position as f64 * f64::from(*frequency));
            table.extend(angles.clone().map(|angle| angle.cos() as f32));
            table.extend(angles.map(|angle| angle.sin() as f32));
        }
        Rotary {
            table: engine.upload(&table),
        }
    }

    /// Turns queries and keys, in place.
    pub fn run<E: Engine<Tensor = T>>(&self, engine: &E, x: &mut T, sizes: Rotation) {
        engine.rotate(
            x,
            &self.table,
            Rotation {
                back: false,
                ..sizes
            },
        );
    }

    /// Makes gradients by turned queries and keys those by what was turned, in place.
    pub fn pull_back<E: Engine<Tensor = T>>(&self, engine: &E, gradient: &mut T, sizes: Rotation) {
        engine.rotate(
            gradient,
            &self.table,
            Rotation {
                back: true,
                ..sizes
            },
        );
    }
}
