//! LayerNorm or RMSNorm: forwards, with its own denominator or a recorded one, and backwards.

use crate::engine::{Engine, NormBack, NormRows};
use crate::model;

/// A norm's weight and bias, [width] each.
pub(crate) struct Norm<T> {
    weight: T,
    /// Zeros where there is none.
    bias: T,
    epsilon: f32,
    width: usize,
    centred: bool,
}

/// What a norm leaves behind.
pub(crate) struct Normed<T> {
    /// [rows, width]
    pub out: T,
    /// 1 / denominator, [rows]; none where a recorded one was taken.
    pub scale: Option<T>,
}

/// A norm in a prompt that was run.
pub(crate) struct NormAt<'a, T> {
    /// What it read, [tokens, width].
    pub x: &'a T,
    /// Its 1 / denominator, [tokens].
    pub scale: &'a T,
    pub tokens: usize,
    /// Whether its denominator is a constant.
    pub held: bool,
}

impl<T> Norm<T> {
    pub fn new<E: Engine<Tensor = T>>(engine: &E, norm: &model::Norm, epsilon: f32) -> Self {
        Norm {
            weight: engine.share(&norm.weight),
            bias: match &norm.bias {
                Some(bias) => engine.share(bias),
                None => engine.zeros(norm.weight.len()),
            },
            epsilon,
            width: norm.weight.len(),
            centred: norm.centred,
        }
    }

    /// Runs on x [rows, width]; a given 1 / denominator [rows] is taken in place of its own.
    pub fn run<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        x: &T,
        rows: usize,
        scale: Option<&T>,
    ) -> Normed<T> {
        let Norm { weight, bias, .. } = self;
        let sizes = NormRows {
            rows,
            width: self.width,
            centred: self.centred,
        };
        let (out, scale) = match scale {
            None => {
                let (out, scale) = engine.norm(x, weight, bias, self.epsilon, sizes);
                (out, Some(scale))
            }
            Some(scale) => {
                let out = engine.norm_frozen(x, weight, bias, scale, sizes);
                (out, None)
            }
        };
        Normed { out, scale }
    }

    /// What a change x [tokens, width] of what the norm read changes in what it gave, [tokens, width].
    pub fn push<E: Engine<Tensor = T>>(&self, engine: &E, x: &T, at: &NormAt<'_, T>) -> T {
        let (tokens, width) = (at.tokens, self.width);
        let sizes = NormBack {
            targets: 1,
            tokens,
            width,
            centred: self.centred,
            held: at.held,
        };
        // Without its weight a norm's derivative is symmetric: it is the same forwards and backwards.
        let ones = engine.upload(&vec![1.0; width]);
        let mut out = engine.zeros(tokens * width);
        engine.norm_back(&mut out, x, at.x, &ones, at.scale, sizes);
        engine.scale_tokens(&out, &self.weight, tokens, width, 1)
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
            centred: self.centred,
            held: at.held,
        };
        engine.norm_back(out, gradient, at.x, &self.weight, at.scale, sizes);
    }
}
