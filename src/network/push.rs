//! Changes that begin at one token each, and what they change at every token further up: the transpose of what goes back. A prompt has few
//! tokens beside the rows of its graph, so what the first layer does to them is cheaper than carrying every row down through it.

use super::attention::{Attention, HeadsAt};
use super::crossing::norm_at;
use super::errors::MOST_KEPT;
use super::fresh::lanes;
use super::norm::NormAt;
use super::{Forward, Hold, Network, mlp_norm_at, take};
use crate::engine::{Engine, Spread};
use std::ops::Range;

impl<E: Engine> Network<E> {
    /// What changes x of the residual stream before a layer's attention, each at its own token, [tokens, width], are in the stream after
    /// it: [changes, tokens, width]. The prompt is a sequence without a past.
    pub(crate) fn attention_push(
        &self,
        x: &E::Tensor,
        layer: usize,
        forward: &Forward<E::Tensor>,
        hold: &Hold,
    ) -> E::Tensor {
        let (engine, parts) = (&self.engine, &self.layers[layer]);
        let (state, tokens) = (&forward.layers[layer], forward.tokens);
        let norm = norm_at(layer, forward, tokens, hold);
        let normed = parts.attention_norm.push(engine, x, &norm);
        let heads = HeadsAt {
            pattern: &state.pattern,
            qkv: &state.qkv,
            tokens,
            held: hold.patterns.contains(&layer),
        };
        let mut out = parts.attention.push(engine, &normed, &heads);
        let own = engine.upload_indices(&own_places(tokens));
        engine.scatter_rows(&mut out, x, &own, tokens, self.config().width);
        out
    }

    /// What changes of the stream before a layer's MLP, which are nothing before their own token, are behind it, where the MLP answers by
    /// its own derivative: both [changes, tokens, width].
    pub(crate) fn mlp_push(
        &self,
        x: &E::Tensor,
        layer: usize,
        forward: &Forward<E::Tensor>,
        hold: &Hold,
    ) -> E::Tensor {
        let (engine, parts) = (&self.engine, &self.layers[layer]);
        let (tokens, width) = (forward.tokens, self.config().width);
        let slopes = parts
            .mlp
            .slopes(engine, &forward.layers[layer].mlp_normed, tokens);
        let mut out = engine.zeros(tokens * tokens * width);
        engine.add_scaled(&mut out, 0, x, 0, tokens * tokens * width, 1.0);
        let norm = mlp_norm_at(layer, forward, tokens, hold);
        let neurons = tokens * parts.mlp.inner;
        // In parts that several cores can share, though most prompts have no more tokens than an engine's rows.
        let at_once = engine.rows_at_once(neurons).min(MOST_KEPT / neurons) / 4;
        let at_once = at_once.max(1);
        let pushed = engine.each(tokens.div_ceil(at_once), |part| {
            let changes = part * at_once..tokens.min((part + 1) * at_once);
            let (places, at) = from_own_token(changes, tokens);
            let there = NormAt {
                x: &take(engine, norm.x, &at, width),
                scale: &take(engine, norm.scale, &at, 1),
                tokens: at.len(),
                held: norm.held,
            };
            let changes = take(engine, x, &places, width);
            let normed = parts.mlp_norm.push(engine, &changes, &there);
            (places, parts.mlp.push(engine, &normed, &at, &slopes))
        });
        for (places, values) in pushed {
            let count = places.len();
            let places = engine.upload_indices(&places);
            engine.scatter_rows(&mut out, &values, &places, count, width);
        }
        out
    }
}

impl<T> Attention<T> {
    /// What changes of the normed tokens, each of its own, [tokens, width], change in what the heads write: [changes, tokens, width].
    fn push<E: Engine<Tensor = T>>(&self, engine: &E, normed: &T, at: &HeadsAt<'_, T>) -> T {
        let (tokens, heads, key_heads) = (at.tokens, self.heads, self.key_heads);
        let (_, turned) = self.of_one_prompt(tokens);
        let row = heads + 2 * key_heads;
        let all: Vec<u32> = (0..tokens as u32).collect();
        let looks = self.looks(engine, &all, at);
        let mut out = engine.zeros(tokens * tokens * self.query_width);
        if at.held {
            let values = self.values.push(engine, normed, tokens);
            let values = self.apart(engine, &values, tokens, key_heads, 0);
            self.look_from(engine, &mut out, &looks, &values, tokens);
            return self.write.push(engine, &out, tokens * tokens);
        }
        let mut changed = self.read.push(engine, normed, tokens);
        if let Some(rotary) = &self.rotary {
            rotary.run(engine, &mut changed, turned);
        }
        let first_value = heads + key_heads;
        let values = self.apart(engine, &changed, tokens, row, first_value);
        self.look_from(engine, &mut out, &looks, &values, tokens);
        let weights = self.by_changed_keys(engine, &looks, &changed, at);
        let values = self.apart(engine, at.qkv, tokens, row, first_value);
        self.look_from(engine, &mut out, &weights, &values, tokens);
        self.less_what_was_taken(engine, &mut out, &weights, at);
        let own = self.by_changed_queries(engine, &looks, &changed, at);
        let places = engine.upload_indices(&own_places(tokens));
        engine.scatter_rows(&mut out, &own, &places, tokens, self.query_width);
        self.write.push(engine, &out, tokens * tokens)
    }

    /// How much more each head looks from each token at one whose key changes, before the others make room: [tokens, heads, changes].
    fn by_changed_keys<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        looks: &T,
        changed: &T,
        at: &HeadsAt<'_, T>,
    ) -> T {
        let (tokens, heads) = (at.tokens, self.heads);
        let scores = self.scores(engine, at.qkv, changed, tokens);
        engine.scale_tokens(looks, &scores, 1, tokens * heads * tokens, 1)
    }

    /// What each head takes where a token's own query changes: [tokens, query_width].
    fn by_changed_queries<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        looks: &T,
        changed: &T,
        at: &HeadsAt<'_, T>,
    ) -> T {
        let (tokens, heads) = (at.tokens, self.heads);
        let scores = self.scores(engine, changed, at.qkv, tokens);
        // A softmax's derivative is symmetric.
        let looks = engine.softmax_back(looks, &scores, tokens * heads, tokens);
        let by_head = exchanged(tokens, heads);
        let looks = take(engine, &looks, &by_head, tokens);
        let (sizes, _) = self.of_one_prompt(tokens);
        engine.attention_mix(&looks, None, at.qkv, 3, sizes)
    }

    /// The others make room: what each head took of all tokens becomes less by as much as it looks more, `weights` [tokens, heads, changes].
    fn less_what_was_taken<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        out: &mut T,
        weights: &T,
        at: &HeadsAt<'_, T>,
    ) {
        let (tokens, heads) = (at.tokens, self.heads);
        let (sizes, _) = self.of_one_prompt(tokens);
        let taken = engine.attention_mix(at.pattern, None, at.qkv, 3, sizes);
        let taken = self.apart(engine, &taken, tokens, heads, 0);
        let length = tokens * tokens * self.query_width;
        let mut by_token = engine.zeros(length);
        self.spread_all(engine, &mut by_token, weights, &taken, tokens);
        let by_change = exchanged(tokens, tokens);
        let by_change = take(engine, &by_token, &by_change, self.query_width);
        engine.add_scaled(out, 0, &by_change, 0, length, -1.0);
    }

    /// Adds to `out` [changes, tokens, query_width] what each head takes of a token's `values` [changes, heads, query_width], by how it looks at it
    /// from all, [tokens, heads, changes].
    fn look_from<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        out: &mut T,
        looks: &T,
        values: &T,
        tokens: usize,
    ) {
        let heads = self.heads;
        let from_all = move |change, head| {
            (0..tokens).map(move |token| ((token * heads + head) * tokens + change) as u32)
        };
        let places = (0..tokens)
            .flat_map(|change| (0..heads).flat_map(move |head| from_all(change, head)))
            .collect::<Vec<u32>>();
        let looks_at = take(engine, looks, &places, 1);
        self.spread_all(engine, out, &looks_at, values, tokens);
    }

    fn spread_all<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        out: &mut T,
        weights: &T,
        rows: &T,
        tokens: usize,
    ) {
        let sizes = Spread {
            first: 0,
            count: tokens,
            tokens,
            heads: self.heads,
            width: self.query_width,
        };
        let last = engine.upload_indices(&vec![tokens as u32 - 1; tokens]);
        engine.attention_spread(out, weights, rows, &last, sizes);
    }

    /// Scores of one table's queries and another's keys, both [tokens, query_width + 2 key_width]: [tokens (queries), heads, tokens (keys)].
    fn scores<E: Engine<Tensor = T>>(&self, engine: &E, queries: &T, keys: &T, tokens: usize) -> T {
        let heads = self.heads;
        let row = heads + 2 * self.key_heads;
        let queries = self.scaled(engine, queries, &lanes(tokens, row, 0..heads));
        let places = lanes(tokens, row, heads..heads + self.key_heads);
        let keys = take(engine, keys, &places, self.head_width());
        let (sizes, _) = self.of_one_prompt(tokens);
        engine.head_products(&queries, &keys, tokens, sizes)
    }

    /// Each head's lanes of a table by themselves, [tokens, heads, query_width], zero in the lanes of others. The table has so many heads' lanes
    /// a row, and the last of them, from the `first` on, are meant; heads that share values have the same.
    fn apart<E: Engine<Tensor = T>>(
        &self,
        engine: &E,
        table: &T,
        tokens: usize,
        row: usize,
        first: usize,
    ) -> T {
        let heads = self.heads;
        let group = heads / (row - first);
        let lane = |token: usize| (0..heads).map(move |head| token * row + first + head / group);
        let places: Vec<u32> = (0..tokens).flat_map(lane).map(|at| at as u32).collect();
        let there: Vec<u32> = (0..tokens * heads)
            .map(|at| (at * heads + at % heads) as u32)
            .collect();
        let values = take(engine, table, &places, self.head_width());
        let there = engine.upload_indices(&there);
        let mut out = engine.zeros(tokens * heads * self.query_width);
        engine.scatter_rows(&mut out, &values, &there, tokens * heads, self.head_width());
        out
    }
}

/// The place of each token's change at its own token, in [changes, tokens].
fn own_places(tokens: usize) -> Vec<u32> {
    (0..tokens).map(|at| (at * tokens + at) as u32).collect()
}

/// The places of a table [rows, columns] in the order of its columns.
fn exchanged(rows: usize, columns: usize) -> Vec<u32> {
    let of_column = |column| (0..rows).map(move |row| (row * columns + column) as u32);
    (0..columns).flat_map(of_column).collect()
}

/// Of these changes the places in [changes, tokens] from their own token on, and the token of each.
fn from_own_token(changes: Range<usize>, tokens: usize) -> (Vec<u32>, Vec<u32>) {
    changes
        .flat_map(|change| {
            (change..tokens).map(move |at| ((change * tokens + at) as u32, at as u32))
        })
        .unzip()
}
