//! Attention: what heads take from the tokens by where they look, forwards and backwards.

use super::affine::Affine;
use super::rotary::Rotary;
use super::{Sizes, fresh};
use crate::engine::{self, Engine, Product};
use crate::model;
use std::sync::Arc;

/// One layer's heads.
pub(crate) struct Attention<T> {
    /// To queries, keys and values, [width, query_width + 2 key_width].
    pub(super) read: Affine<T>,
    /// The last part of it, [width, key_width].
    pub(super) values: Affine<T>,
    /// The norm before and the values' weights in one, but for the norm's 1 / denominator, [width, key_width].
    pub(super) normed_values: T,
    /// From what the heads took, [query_width, width].
    pub(super) write: Affine<T>,
    /// Where positions are rotary.
    pub(super) rotary: Option<Arc<Rotary<T>>>,
    pub(super) heads: usize,
    pub(super) key_heads: usize,
    pub(super) width: usize,
    pub(super) query_width: usize,
    pub(super) looking: fresh::Kept<T>,
}

/// What the heads of a layer took.
pub(crate) struct Heads<T> {
    /// Queries, keys and values, [rows, query_width + 2 key_width], turned where positions are rotary;
    /// where the pattern was given the values alone, [rows, key_width].
    pub qkv: T,
    /// None where it was given.
    pub pattern: Option<T>,
    /// From the values, [rows, query_width].
    pub mixed: T,
}

/// Heads in a prompt that was run.
pub(crate) struct HeadsAt<'a, T> {
    /// [heads, tokens, tokens]; see [`super::Leading::pattern`].
    pub pattern: &'a T,
    /// [tokens, query_width + 2 key_width]
    pub qkv: &'a T,
    pub tokens: usize,
    /// Whether patterns are constants.
    pub held: bool,
}

impl<T> Attention<T> {
    pub fn new<E: Engine<Tensor = T>>(
        engine: &E,
        block: &model::Block,
        config: &model::Config,
        rotary: Option<Arc<Rotary<T>>>,
    ) -> Self {
        let values = last_columns(&block.attention_in, config.key_width());
        Attention {
            read: Affine::new(engine, &block.attention_in),
            normed_values: engine.upload(&normed(&block.attention_norm, &values.weight)),
            values: Affine::new(engine, &values),
            write: Affine::new(engine, &block.attention_out),
            rotary,
            heads: config.heads,
            key_heads: config.key_heads,
            width: config.width,
            query_width: config.query_width(),
            looking: Default::default(),
        }
    }

    /// The sizes of so many sequences, and of what of them is turned.
    pub(super) fn sizes(&self, sizes: Sizes) -> (engine::Attention, engine::Rotation) {
        let attention = engine::Attention {
            sequences: sizes.sequences,
            tokens: sizes.tokens,
            past: sizes.past,
            heads: self.heads,
            key_heads: self.key_heads,
            width: self.query_width,
        };
        let turned = engine::Rotation {
            rows: sizes.rows(),
            tokens: sizes.tokens,
            first: sizes.past,
            stride: attention.stride(),
            heads: self.heads + self.key_heads,
            head_width: attention.head_width(),
            back: false,
        };
        (attention, turned)
    }

    /// The same of one prompt without a past.
    pub(super) fn of_one_prompt(&self, tokens: usize) -> (engine::Attention, engine::Rotation) {
        self.sizes(Sizes {
            sequences: 1,
            tokens,
            past: 0,
        })
    }

    /// What the heads take from normed tokens [rows, width]. `past` are the queries, keys and values
    /// of the tokens before, [past, query_width + 2 key_width]. A given pattern is taken in place of the own one.
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
        let (attention, turned) = self.sizes(sizes);
        let mut qkv = from.run(engine, normed, sizes.rows());
        if let (Some(rotary), None) = (&self.rotary, pattern) {
            rotary.run(engine, &mut qkv, turned);
        }
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

    /// Where the heads look, [heads, tokens, tokens], by the queries, keys and values of the first `tokens` of a prompt's tokens.
    pub fn pattern<E: Engine<Tensor = T>>(&self, engine: &E, qkv: &T, tokens: usize) -> T {
        let (attention, _) = self.of_one_prompt(tokens);
        engine.attention_pattern(None, qkv, attention)
    }

    /// What it writes to the residual stream, [rows, width], of what the heads took, [rows, query_width].
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
        let reads = self.reads(engine, gradient, targets, at);
        self.reading(at)
            .pull_back(engine, &reads, targets * at.tokens)
    }

    /// Adds them to the leading part of `normed` [any, tokens, width].
    pub fn pull_back_to<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        normed: &mut T,
        gradient: &T,
        targets: usize,
        at: &HeadsAt<'_, T>,
    ) {
        let reads = self.reads(engine, gradient, targets, at);
        self.reading(at)
            .pull_back_to(engine, normed, &reads, targets * at.tokens);
    }

    /// What gradients go back through: patterns that are held know nothing of queries and keys.
    fn reading(&self, at: &HeadsAt<'_, T>) -> &Affine<T> {
        if at.held { &self.values } else { &self.read }
    }

    /// Gradients by the values, [targets, tokens, key_width], or where patterns are live by queries, keys and values [targets, tokens,
    /// query_width + 2 key_width], from those by what it writes, [targets, tokens, width].
    pub fn reads<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        gradient: &T,
        targets: usize,
        at: &HeadsAt<'_, T>,
    ) -> T {
        let mixed = self.write.pull_back(engine, gradient, targets * at.tokens);
        let (sizes, turned) = self.sizes(Sizes {
            sequences: targets,
            tokens: at.tokens,
            past: 0,
        });
        if at.held {
            return engine.attention_unmix(at.pattern, &mixed, sizes);
        }
        let scores = engine.attention_scores_back(at.pattern, at.qkv, &mixed, sizes);
        let mut qkv = engine.attention_back(at.pattern, &scores, at.qkv, &mixed, sizes);
        if let Some(rotary) = &self.rotary {
            rotary.pull_back(engine, &mut qkv, turned);
        }
        qkv
    }

    /// With patterns and norm held, adds to gradients [targets, tokens, width] by the stream after the attention what makes them those by the
    /// stream before it. The pattern has the norm's 1 / denominators in it.
    pub fn add_back<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        gradient: &mut T,
        targets: usize,
        at: &HeadsAt<'_, T>,
    ) {
        if targets > 0 {
            let reads = self.reads(engine, gradient, targets, at);
            let product = Product {
                rows: targets * at.tokens,
                inner: self.query_width / self.heads * self.key_heads,
                columns: self.width,
                transposed: true,
            };
            engine.matmul_add(gradient, &reads, &self.normed_values, product);
        }
    }
}

/// A norm and a weight after it in one, but for the norm's 1 / denominator: [width, columns].
fn normed(norm: &model::Norm, weight: &model::Matrix) -> Vec<f32> {
    let columns = weight.columns;
    let rows = weight.values.chunks_exact(columns).zip(&norm.weight[..]);
    let mut out: Vec<f32> = rows
        .flat_map(|(row, scale)| row.iter().map(move |x| x * scale))
        .collect();
    if norm.centred {
        for column in 0..columns {
            let lanes = out.iter_mut().skip(column).step_by(columns);
            let mean = lanes.map(|x| f64::from(*x)).sum::<f64>() / weight.rows as f64;
            for x in out.iter_mut().skip(column).step_by(columns) {
                *x -= mean as f32;
            }
        }
    }
    out
}

/// The last columns of a weight and of its bias.
fn last_columns(affine: &model::Affine, width: usize) -> model::Affine {
    let model::Affine { weight, bias } = affine;
    let columns = weight.columns;
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
