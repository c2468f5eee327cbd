//! Gradients that each stand at one token still, through a layer's attention: they go to the tokens that its heads look at from
//! there by one vector a head, which is far less than the products of a row for each of them.

use super::attention::{Attention, HeadsAt};
use super::{Crossing, Sizes, take};
use crate::engine::{Engine, Product, Spread};
use std::sync::OnceLock;

/// What such rows meet where patterns are live: a prompt's tokens as a layer's heads see them.
pub(crate) struct Seen<T> {
    /// [tokens, key_width]
    values: T,
    /// Over the root of a head's width, by head, zero in the lanes of others: [heads x tokens, query_width].
    keys: T,
    /// What a score's key is read by: each token's queries over that root through the keys' weights, [tokens, heads, width].
    readers: T,
}

/// The weights of queries and of keys, each by itself: [width, query_width] and [width, key_width].
pub(super) struct Looking<T> {
    queries: T,
    keys: T,
}

impl<T> Attention<T> {
    /// With patterns and norm held, adds to gradients by the stream after the attention what makes them those by the stream before it:
    /// `read` [rows, width] is what they are at their token. The pattern has the norm's 1 / denominators in it.
    pub fn spread<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        gradient: &mut T,
        read: &T,
        rows: Crossing<'_>,
        at: &HeadsAt<'_, T>,
    ) {
        let mixed = self.write.pull_back(engine, read, rows.fresh.len());
        let looks = self.looks(engine, rows.fresh, at);
        let by_head = self.by_head(engine, &mixed, &self.normed_values, self.width, rows);
        self.spread_by(engine, gradient, &looks, &by_head, rows, at.tokens);
    }

    /// Adds to gradients by the normed tokens, [any, tokens, width], what comes back through the values, and with what is `seen` through
    /// where the heads look.
    pub fn spread_normed<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        normed: &mut T,
        read: &T,
        rows: Crossing<'_>,
        at: &HeadsAt<'_, T>,
        seen: Option<&Seen<T>>,
    ) {
        let (count, tokens) = (rows.fresh.len(), at.tokens);
        let mixed = self.write.pull_back(engine, read, count);
        let looks = self.looks(engine, rows.fresh, at);
        let by_head = self.by_head(engine, &mixed, &self.values.weight, self.width, rows);
        self.spread_by(engine, normed, &looks, &by_head, rows, tokens);
        let Some(seen) = seen else { return };

        let products = self.by_head(engine, &mixed, &seen.values, tokens, rows);
        let scores = engine.softmax_back(&looks, &products, count * self.heads, tokens);
        let readers = take(engine, &seen.readers, rows.fresh, self.heads * self.width);
        self.spread_by(engine, normed, &scores, &readers, rows, tokens);
        let through = |inner, columns, transposed| Product {
            rows: count,
            inner,
            columns,
            transposed,
        };
        let product = through(self.heads * tokens, self.query_width, false);
        let queries = engine.matmul(&scores, &seen.keys, None, product);
        let product = through(self.query_width, self.width, true);
        let weight = &self.looking(engine).queries;
        let own = engine.matmul(&queries, weight, None, product);
        let places = engine.upload_indices(&rows.places(tokens));
        engine.scatter_rows(normed, &own, &places, count, self.width);
    }

    /// The first `tokens` of a prompt whose queries, keys and values are given; none where positions are rotary, which turn each key by
    /// itself.
    pub fn seen<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        qkv: &T,
        tokens: usize,
    ) -> Option<Seen<T>> {
        if self.rotary.is_some() {
            return None;
        }
        let (heads, key_heads, head_width) = (self.heads, self.key_heads, self.head_width());
        let row = heads + 2 * key_heads;
        let first_value = heads + key_heads;
        let values = lanes(tokens, row, first_value..row);
        let queries = self.scaled(engine, qkv, &lanes(tokens, row, 0..heads));
        let (sizes, _) = self.of_one_prompt(tokens);
        let weight = &self.looking(engine).keys;
        let readers = engine.head_products(&queries, weight, self.width, sizes);

        let group = heads / key_heads;
        let of_head =
            |head: usize| (0..tokens).map(move |token| token * row + heads + head / group);
        let places: Vec<u32> = (0..heads).flat_map(of_head).map(|at| at as u32).collect();
        let by_head = (0..heads * tokens).map(|at| (at * heads + at / tokens) as u32);
        let mut keys = engine.zeros(heads * tokens * self.query_width);
        let there = engine.upload_indices(&by_head.collect::<Vec<u32>>());
        engine.scatter_rows(
            &mut keys,
            &self.scaled(engine, qkv, &places),
            &there,
            heads * tokens,
            head_width,
        );
        Some(Seen {
            values: take(engine, qkv, &values, head_width),
            keys,
            readers,
        })
    }

    /// Heads' lanes of a table at these places, over the root of their width, [places, head_width].
    pub(super) fn scaled<E: Engine<Tensor = T>>(&self, engine: &E, table: &T, places: &[u32]) -> T {
        let factor = 1.0 / (self.head_width() as f32).sqrt();
        let scales = engine.upload(&vec![factor; places.len()]);
        let indices = engine.upload_indices(places);
        engine.gather_rows(table, &indices, &scales, places.len(), self.head_width())
    }

    pub(super) fn head_width(&self) -> usize {
        self.query_width / self.heads
    }

    fn looking<E: Engine<Tensor = T>>(&self, engine: &E) -> &Looking<T> {
        self.looking.get_or_init(|| {
            let row = self.heads + 2 * self.key_heads;
            let part = |columns| {
                let places = lanes(self.width, row, columns);
                take(engine, &self.read.weight, &places, self.head_width())
            };
            Looking {
                queries: part(0..self.heads),
                keys: part(self.heads..self.heads + self.key_heads),
            }
        })
    }

    /// Where the heads look from each row's token: [rows, heads, tokens].
    pub(super) fn looks<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        fresh: &[u32],
        at: &HeadsAt<'_, T>,
    ) -> T {
        let heads = 0..self.heads;
        let places: Vec<u32> = fresh
            .iter()
            .flat_map(|token| {
                heads
                    .clone()
                    .map(move |head| (head * at.tokens) as u32 + token)
            })
            .collect();
        take(engine, at.pattern, &places, at.tokens)
    }

    /// See [`Engine::head_products`], for rows of one token each.
    fn by_head<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        mixed: &T,
        weight: &T,
        columns: usize,
        rows: Crossing<'_>,
    ) -> T {
        let (one_each, _) = self.sizes(Sizes {
            sequences: rows.fresh.len(),
            tokens: 1,
            past: 0,
        });
        engine.head_products(mixed, weight, columns, one_each)
    }

    fn spread_by<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        out: &mut T,
        weights: &T,
        by_head: &T,
        rows: Crossing<'_>,
        tokens: usize,
    ) {
        let sizes = Spread {
            first: rows.older,
            count: rows.fresh.len(),
            tokens,
            heads: self.heads,
            width: self.width,
        };
        let at = engine.upload_indices(rows.fresh);
        engine.attention_spread(out, weights, by_head, &at, sizes);
    }
}

impl Crossing<'_> {
    /// Where the fresh rows' tokens are in the gradient.
    pub(super) fn places(&self, tokens: usize) -> Vec<u32> {
        let rows = self.fresh.iter().enumerate();
        rows.map(|(row, token)| ((self.older + row) * tokens) as u32 + token)
            .collect()
    }
}

/// The places of these columns of a table, in rows of so many columns, one row after the other. A column is a head's lanes.
pub(super) fn lanes(rows: usize, row: usize, columns: std::ops::Range<usize>) -> Vec<u32> {
    let of_row = |at: usize| {
        columns
            .clone()
            .map(move |column| (at * row + column) as u32)
    };
    (0..rows).flat_map(of_row).collect()
}

/// What [`Attention`] keeps of [`Looking`], made when it is wanted first.
pub(super) type Kept<T> = OnceLock<Looking<T>>;
