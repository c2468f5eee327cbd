//! An MLP: it runs, and where the errors of a graph answer, it pulls back.

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

/// The derivatives of its neurons at a prompt's tokens, [tokens, inner] each.
pub(crate) struct Slopes<T> {
    /// Of what a neuron writes by what it reads.
    read: T,
    /// By what its gate reads.
    gate: Option<T>,
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

    /// At normed tokens [tokens, width].
    pub fn slopes<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        normed: &T,
        tokens: usize,
    ) -> Slopes<T> {
        let (read, length) = (self.read.run(engine, normed, tokens), tokens * self.inner);
        match &self.gate {
            None => Slopes {
                read: engine.activation_slope(&read, self.activation, length),
                gate: None,
            },
            Some(gate) => {
                let gate = gate.run(engine, normed, tokens);
                let slope = engine.activation_slope(&gate, self.activation, length);
                Slopes {
                    read: engine.activate(&gate, self.activation, length),
                    gate: Some(engine.scale_tokens(&slope, &read, 1, length, 1)),
                }
            }
        }
    }

    /// Gradients by the normed tokens from those by what is written, both [targets, tokens, width].
    pub fn pull_back<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        gradient: &T,
        [targets, tokens]: [usize; 2],
        slopes: &Slopes<T>,
    ) -> T {
        let rows = targets * tokens;
        let hidden = self.write.pull_back(engine, gradient, rows);
        // Every neuron at every token is a token of width 1.
        let by = |slope| engine.scale_tokens(&hidden, slope, targets, tokens * self.inner, 1);
        let mut normed = self.read.pull_back(engine, &by(&slopes.read), rows);
        if let (Some(gate), Some(slope)) = (&self.gate, &slopes.gate) {
            gate.pull_back_to(engine, &mut normed, &by(slope), rows);
        }
        normed
    }
}
