//! An MLP. In a graph its output is what features, errors and biases write, so it is only run.

use super::affine::Affine;
use crate::engine::{Activation, Engine};
use crate::model;

/// One layer's MLP.
pub(crate) struct Mlp<T> {
    read: Affine<T>,
    write: Affine<T>,
    activation: Activation,
    /// Neurons.
    inner: usize,
}

impl<T> Mlp<T> {
    pub fn new<E: Engine<Tensor = T>>(
        engine: &E,
        block: &model::Block,
        activation: Activation,
    ) -> Self {
        Mlp {
            read: Affine::new(engine, &block.mlp_in),
            write: Affine::new(engine, &block.mlp_out),
            activation,
            inner: block.mlp_in.weight.columns,
        }
    }

    /// What it writes, [rows, width], from normed tokens [rows, width].
    pub fn run<E: Engine<Tensor = T>>(&self, engine: &E, normed: &T, rows: usize) -> T {
        let hidden = self.read.run(engine, normed, rows);
        let hidden = engine.activate(&hidden, self.activation, rows * self.inner);
        self.write.run(engine, &hidden, rows)
    }
}
