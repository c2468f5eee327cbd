//! LayerNorm: forwards, with its own denominator or a recorded one, and backwards.

use crate::engine::{Engine, NormBack};
use crate::model;

/// A LayerNorm's weight and bias, [width] each.
pub(crate) struct Norm<T> {
    weight: T,
    bias: T,
    epsilon: f32,
    width: usize,
}

/// What a norm leaves behind.
pub(crate) struct Normed<T> {
    /// [rows, width]
    pub out: T,
    /// 1 / standard deviation, [rows]; none where a recorded one was taken.
    pub scale: Option<T>,
}

/// A norm in a prompt that was run.
pub(crate) struct NormAt<'a, T> {
    /// What it read, [tokens, width].
    pub x: &'a T,
    /// Its 1 / standard deviation, [tokens].
    pub scale: &'a T,
    pub tokens: usize,
    /// Whether its denominator is a constant.
    pub held: bool,
}

impl<T> Norm<T> {
    pub fn new<E: Engine<Tensor = T>>(engine: &E, norm: &model::Norm, epsilon: f32) -> Self {
        Norm {
            weight: engine.upload(&norm.weight),
            bias: engine.upload(&norm.bias),
            epsilon,
            width: norm.weight.len(),
        }
    }

    /// Runs on x [rows, width]; a given 1 / standard deviation [rows] is taken in place of its own.
    pub fn run<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        x: &T,
        rows: usize,
        scale: Option<&T>,
    ) -> Normed<T> {
        let Norm { weight, bias, .. } = self;
        let (out, scale) = match scale {
            None => {
                let (out, scale) =
                    engine.layer_norm(x, weight, bias, self.epsilon, rows, self.width);
                (out, Some(scale))
            }
            Some(scale) => {
                let out = engine.layer_norm_frozen(x, weight, bias, scale, rows, self.width);
                (out, None)
            }
        };
        Normed { out, scale }
    }

    /// Adds to `out` the gradients by what the norm read, from those by what it gave, both
    /// [targets, tokens, width].
    pub fn pull_back<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        out: &mut T,
        gradient: &T,
        targets: usize,
        at: &NormAt<'_, T>,
    ) {
        let sizes = NormBack {
            targets,
            tokens: at.tokens,
            width: self.width,
            held: at.held,
        };
        engine.layer_norm_back(out, gradient, at.x, &self.weight, at.scale, sizes);
    }
}
