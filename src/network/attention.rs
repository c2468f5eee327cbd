//! Attention: what heads take from the tokens by where they look, forwards and backwards.

use super::Sizes;
use super::affine::Affine;
use crate::engine::{self, Engine};
use crate::model;

/// One layer's heads.
pub(crate) struct Attention<T> {
    /// To queries, keys and values, [width, 3 width].
    read: Affine<T>,
    /// The last third of it.
    values: Affine<T>,
    /// From what the heads took, [width, width].
    write: Affine<T>,
    heads: usize,
    width: usize,
}

/// What the heads of a layer took.
pub(crate) struct Heads<T> {
    /// Queries, keys and values, [rows, 3 width]; where the pattern was given the values alone.
    pub qkv: T,
    /// None where it was given.
    pub pattern: Option<T>,
    /// From the values, [rows, width].
    pub mixed: T,
}

/// Heads in a prompt that was run.
pub(crate) struct HeadsAt<'a, T> {
    /// [heads, tokens, tokens]
    pub pattern: &'a T,
    /// [tokens, 3 width]
    pub qkv: &'a T,
    pub tokens: usize,
    /// Whether patterns are constants.
    pub held: bool,
}

impl<T> Attention<T> {
    pub fn new<E: Engine<Tensor = T>>(engine: &E, block: &model::Block, heads: usize) -> Self {
        Attention {
            read: Affine::new(engine, &block.attention_in),
            values: Affine::new(engine, &values_of(&block.attention_in)),
            write: Affine::new(engine, &block.attention_out),
            heads,
            width: block.attention_out.weight.rows,
        }
    }

    /// What the heads take from normed tokens [rows, width]. `past` are the queries, keys and values
    /// of the tokens before. A given pattern is taken in place of the own one.
    pub fn run<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        normed: &T,
        sizes: Sizes,
        past: Option<&T>,
        pattern: Option<&T>,
    ) -> Heads<T> {
        // A pattern that is given needs no queries and keys.
        let (from, parts) = match pattern {
            Some(_) => (&self.values, 1),
            None => (&self.read, 3),
        };
        let qkv = from.run(engine, normed, sizes.rows());
        let attention = engine::Attention {
            sequences: sizes.sequences,
            tokens: sizes.tokens,
            past: sizes.past,
            heads: self.heads,
            width: self.width,
        };
        let own = pattern
            .is_none()
            .then(|| engine.attention_pattern(past, &qkv, attention));
        let used = pattern.or(own.as_ref()).expect("one of the two");
        let mixed = engine.attention_mix(used, past, &qkv, parts, attention);
        Heads {
            mixed,
            pattern: own,
            qkv,
        }
    }

    /// What it writes to the residual stream, [rows, width], of what the heads took.
    pub fn write<E: Engine<Tensor = T>>(&self, engine: &E, mixed: &T, rows: usize) -> T {
        self.write.run(engine, mixed, rows)
    }

    /// Gradients by the normed tokens from those by what it writes, both [targets, tokens, width].
    pub fn pull_back<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        gradient: &T,
        targets: usize,
        at: &HeadsAt<'_, T>,
    ) -> T {
        let rows = targets * at.tokens;
        let mixed = self.write.pull_back(engine, gradient, rows);
        let sizes = engine::Attention {
            sequences: targets,
            tokens: at.tokens,
            past: 0,
            heads: self.heads,
            width: self.width,
        };
        if at.held {
            let values = engine.attention_unmix(at.pattern, &mixed, sizes);
            return self.values.pull_back(engine, &values, rows);
        }
        let scores = engine.attention_scores_back(at.pattern, at.qkv, &mixed, sizes);
        let qkv = engine.attention_back(at.pattern, &scores, at.qkv, &mixed, sizes);
        self.read.pull_back(engine, &qkv, rows)
    }
}

/// Of what makes queries, keys and values, [width, 3 width], the part that makes values.
fn values_of(attention_in: &model::Affine) -> model::Affine {
    let model::Affine { weight, bias } = attention_in;
    let (columns, width) = (weight.columns, weight.columns / 3);
    let rows = weight.values.chunks_exact(columns);
    model::Affine {
        weight: model::Matrix {
            rows: weight.rows,
            columns: width,
            values: rows
                .flat_map(|row| row[columns - width..].to_vec())
                .collect(),
        },
        bias: bias.as_ref().map(|bias| bias[columns - width..].to_vec()),
    }
}
