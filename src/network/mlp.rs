//! An MLP. In a graph its output is what features, errors and biases write, so it is only run.

use super::affine::Affine;
use crate::engine::{Activation, Engine};
use crate::model;

/// One layer's MLP.
pub(crate) struct Mlp<T> {
    read: Affine<T>,
    /// Of a gated MLP; the activation function is then its.
    gate: Option<Affine<T>>,
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
            gate: block
                .mlp_gate
                .as_ref()
                .map(|gate| Affine::new(engine, gate)),
            write: Affine::new(engine, &block.mlp_out),
            activation,
            inner: block.mlp_in.weight.columns,
        }
    }

    /// What it writes, [rows, width], from normed tokens [rows, width].
    pub fn run<E: Engine<Tensor = T>>(&self, engine: &E, normed: &T, rows: usize) -> T {
        let (hidden, length) = (self.read.run(engine, normed, rows), rows * self.inner);
        let hidden = match &self.gate {
            None => engine.activate(&hidden, self.activation, length),
            Some(gate) => {
                let gate = gate.run(engine, normed, rows);
                let gate = engine.activate(&gate, self.activation, length);
                // An elementwise product: every value is a token of width 1.
                engine.scale_tokens(&hidden, &gate, 1, length, 1)
            }
        };
        self.write.run(engine, &hidden, rows)
    }
}
