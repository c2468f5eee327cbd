//! Rotary positions: queries and keys are turned by where their tokens stand, so that a score depends
//! on how far apart two tokens are. A rotation is pulled back by its inverse.

use crate::engine::{Engine, Rotation};
use crate::model;

/// The turns of every position.
pub(crate) struct Rotary<T> {
    /// Of each position the cosines of its pairs of lanes and then their sines, [positions, head_width].
    table: T,
    head_width: usize,
}

/// Rows of heads side by side.
#[derive(Clone, Copy)]
pub(crate) struct Turned {
    pub rows: usize,
    /// Row `r` stands at position `first + r % tokens`.
    pub tokens: usize,
    pub first: usize,
    /// Values of a row; its first heads are turned.
    pub stride: usize,
    pub heads: usize,
}

impl<T> Rotary<T> {
    /// The turns of so many positions.
    pub fn new<E: Engine<Tensor = T>>(
        engine: &E,
        rotary: &model::Rotary,
        positions: usize,
    ) -> Self {
        let head_width = 2 * rotary.frequencies.len();
        let mut table = Vec::with_capacity(positions * head_width);
        for position in 0..positions {
            // In f64: an angle may be many turns.
            let angles = rotary.frequencies.iter();
            let angles = angles.map(|frequency| position as f64 * f64::from(*frequency));
            table.extend(angles.clone().map(|angle| angle.cos() as f32));
            table.extend(angles.map(|angle| angle.sin() as f32));
        }
        Rotary {
            table: engine.upload(&table),
            head_width,
        }
    }

    /// Turns queries and keys, in place.
    pub fn run<E: Engine<Tensor = T>>(&self, engine: &E, x: &mut T, turned: Turned) {
        self.rotate(engine, x, turned, false);
    }

    /// Makes gradients by turned queries and keys those by what was turned, in place.
    pub fn pull_back<E: Engine<Tensor = T>>(&self, engine: &E, gradient: &mut T, turned: Turned) {
        self.rotate(engine, gradient, turned, true);
    }

    fn rotate<E: Engine<Tensor = T>>(&self, engine: &E, x: &mut T, turned: Turned, back: bool) {
        let Turned {
            rows,
            tokens,
            first,
            stride,
            heads,
        } = turned;
        let sizes = Rotation {
            rows,
            tokens,
            first,
            stride,
            heads,
            head_width: self.head_width,
            back,
        };
        engine.rotate(x, &self.table, sizes);
    }
}
