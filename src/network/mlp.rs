//! An MLP: it runs, and where the errors of a graph answer, it pulls back.

use super::affine::Affine;
use super::take;
use crate::engine::{Activation, DiagonalProducts, Engine};
use crate::model;

/// One layer's MLP.
pub(crate) struct Mlp<T> {
    read: Affine<T>,
    /// Of a gated MLP; the activation function is then its.
    gate: Option<Affine<T>>,
    write: Affine<T>,
    activation: Activation,
    /// Neurons.
    pub inner: usize,
}

/// The derivatives of its neurons at a prompt's tokens, [tokens, inner] each.
pub(crate) struct Slopes<T> {
    /// Of what a neuron writes by what it reads.
    read: T,
    /// By what its gate reads.
    gate: Option<T>,
}

impl<T> Slopes<T> {
    /// [tokens, inner]
    pub fn of_neurons(&self) -> &T {
        &self.read
    }
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

    /// What changes of the normed tokens change in what is written, both [rows, width], where each row stands at one of the tokens.
    pub fn push<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        normed: &T,
        tokens: &[u32],
        slopes: &Slopes<T>,
    ) -> T {
        let (rows, inner) = (tokens.len(), self.inner);
        let through = |read: &Affine<T>, slope: &T| {
            let slope = take(engine, slope, tokens, inner);
            let changed = read.push(engine, normed, rows);
            engine.scale_tokens(&changed, &slope, 1, rows * inner, 1)
        };
        let mut hidden = through(&self.read, &slopes.read);
        if let (Some(gate), Some(slope)) = (&self.gate, &slopes.gate) {
            hidden = engine.add(&hidden, &through(gate, slope), rows * inner);
        }
        self.write.push(engine, &hidden, rows)
    }

    /// Gradients by normed tokens from those by what is written, both [rows, width], where each row stands at one of the tokens.
    pub fn pull_back<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        gradient: &T,
        tokens: &[u32],
        slopes: &Slopes<T>,
    ) -> T {
        let (rows, inner) = (tokens.len(), self.inner);
        let hidden = self.write.pull_back(engine, gradient, rows);
        let by = |slope| {
            let slope = take(engine, slope, tokens, inner);
            engine.scale_tokens(&hidden, &slope, 1, rows * inner, 1)
        };
        let mut normed = self.read.pull_back(engine, &by(&slopes.read), rows);
        if let (Some(gate), Some(slope)) = (&self.gate, &slopes.gate) {
            gate.pull_back_to(engine, &mut normed, &by(slope), rows);
        }
        normed
    }

    /// The derivatives of all outputs by some of the normed tokens: [width (outputs), tokens, width (inputs)].
    pub fn derivatives<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        tokens: &[u32],
        slopes: &Slopes<T>,
    ) -> T {
        let sizes = DiagonalProducts {
            rows: self.write.outputs,
            tokens: tokens.len(),
            inner: self.inner,
            columns: self.read.inputs,
        };
        let through = |read: &Affine<T>, slope: &T| {
            let slope = take(engine, slope, tokens, self.inner);
            engine.diagonal_products(&self.write.weight, &read.weight, &slope, sizes)
        };
        let out = through(&self.read, &slopes.read);
        match (&self.gate, &slopes.gate) {
            (Some(gate), Some(slope)) => {
                let length = sizes.rows * sizes.tokens * sizes.columns;
                engine.add(&out, &through(gate, slope), length)
            }
            _ => out,
        }
    }
}
