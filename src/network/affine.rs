//! A weight and a bias, forwards and backwards.

use crate::engine::{Engine, Product};
use crate::model;

/// A weight [inputs, outputs] and perhaps a bias [outputs].
pub(crate) struct Affine<T> {
    pub(super) weight: T,
    bias: Option<T>,
    /// How many there are of them.
    pub inputs: usize,
    /// How many there are of them.
    pub outputs: usize,
}

impl<T> Affine<T> {
    pub fn new<E: Engine<Tensor = T>>(engine: &E, affine: &model::Affine) -> Self {
        Affine {
            weight: engine.share(&affine.weight.values),
            bias: affine.bias.as_ref().map(|bias| engine.upload(bias)),
            inputs: affine.weight.rows,
            outputs: affine.weight.columns,
        }
    }

    /// [rows, outputs] from x [rows, inputs].
    pub fn run<E: Engine<Tensor = T>>(&self, engine: &E, x: &T, rows: usize) -> T {
        let product = Product {
            rows,
            inner: self.inputs,
            columns: self.outputs,
            transposed: false,
        };
        engine.matmul(x, &self.weight, self.bias.as_ref(), product)
    }

    /// What a change x [rows, inputs] of the inputs changes in the outputs: the same without the bias.
    pub fn push<E: Engine<Tensor = T>>(&self, engine: &E, x: &T, rows: usize) -> T {
        let product = Product {
            rows,
            inner: self.inputs,
            columns: self.outputs,
            transposed: false,
        };
        engine.matmul(x, &self.weight, None, product)
    }

    /// Gradients by the inputs, [rows, inputs], from those by the outputs, [rows, outputs].
    pub fn pull_back<E: Engine<Tensor = T>>(&self, engine: &E, gradient: &T, rows: usize) -> T {
        engine.matmul(gradient, &self.weight, None, self.back(rows))
    }

    /// Adds them to the leading part of `out` [any, inputs].
    pub fn pull_back_to<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        out: &mut T,
        gradient: &T,
        rows: usize,
    ) {
        engine.matmul_add(out, gradient, &self.weight, self.back(rows));
    }

    fn back(&self, rows: usize) -> Product {
        Product {
            rows,
            inner: self.outputs,
            columns: self.inputs,
            transposed: true,
        }
    }
}
