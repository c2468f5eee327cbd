//! Where rows meet what embeddings bring: behind the first layer. What an embedding becomes there, at every token, is the same for all rows, and
//! a prompt has far fewer tokens than its graph has rows.

use super::Sources;
use crate::engine::{Edges, EdgesBack, Engine, Product};
use crate::network::Crossing;

/// Most values of what embeddings become, [tokens, tokens, width], for a whole prompt: 64 MiB. Rows of longer prompts are carried
/// through the first layer.
const MOST_PUSHED: usize = 1 << 24;

/// What each token's embedding becomes behind the first layer's attention, and behind its MLP.
pub(super) struct Pushed<T> {
    /// [embeddings, tokens, width]
    mid: T,
    /// Where errors answer, but for what features take of that: the same shape.
    after: Option<T>,
    /// What all position embeddings together become behind the attention, where rows add up: [tokens, width].
    positions: Option<T>,
}

/// The same for the first tokens of a prompt.
pub(super) struct Beginning<E: Engine> {
    /// [embeddings, tokens, width]
    mid: E::Tensor,
    after: Option<E::Tensor>,
    /// By how much less an error answers to each embedding for what a feature of the first layer writes, [features, embeddings],
    /// and where these begin and end.
    less: Option<(E::Tensor, E::Indices)>,
    /// [tokens, tokens], and as many places of the one token that sums stand at.
    identity: E::Tensor,
    first: E::Indices,
}

impl<E: Engine> Sources<'_, E> {
    /// None for a prompt that is too long.
    pub(super) fn pushed(&self, errors_answer: bool) -> Option<Pushed<E::Tensor>> {
        let (engine, network) = (&self.network.engine, self.network);
        let (forward, hold) = (self.forward, &self.hold);
        let (tokens, width) = (forward.tokens, network.config().width);
        if tokens * tokens * width > MOST_PUSHED {
            return None;
        }
        let mid = network.attention_push(&self.tokens, 0, forward, hold);
        let after = errors_answer.then(|| network.mlp_push(&mid, 0, forward, hold));
        let positions = self.positions.as_ref().filter(|_| self.adds_up);
        let positions = positions.map(|positions| {
            let each = network.attention_push(positions, 0, forward, hold);
            let all = engine.upload(&vec![1.0; tokens]);
            let product = Product {
                rows: 1,
                inner: tokens,
                columns: tokens * width,
                transposed: false,
            };
            engine.matmul(&all, &each, None, product)
        });
        Some(Pushed {
            mid,
            after,
            positions,
        })
    }

    /// Of so many tokens.
    pub(super) fn beginning(&self, pushed: &Pushed<E::Tensor>, tokens: usize) -> Beginning<E> {
        let (engine, network) = (&self.network.engine, self.network);
        let (all, width) = (self.forward.tokens, network.config().width);
        let places: Vec<u32> = (0..tokens)
            .flat_map(|embedding| (0..tokens).map(move |at| (embedding * all + at) as u32))
            .collect();
        let first = |values: &E::Tensor| network.take(values, &places, width);
        let mid = first(&pushed.mid);
        let readers = self.error_derivatives.as_ref();
        let readers = readers.and_then(|derivatives| derivatives.readers(0));
        let less = readers.map(|readers| {
            let features = self
                .features
                .iter()
                .take_while(|feature| feature.layer == 0);
            let at = features.map(|feature| feature.position as u32);
            let at: Vec<u32> = at.take_while(|at| (*at as usize) < tokens).collect();
            let ends = engine.upload_indices(&[0, at.len() as u32]);
            (self.products(&mid, readers, &at, tokens), ends)
        });
        let mut identity = vec![0.0; tokens * tokens];
        identity
            .iter_mut()
            .step_by(tokens + 1)
            .for_each(|x| *x = 1.0);
        Beginning {
            after: pushed.after.as_ref().map(first),
            mid,
            less,
            identity: engine.upload(&identity),
            first: engine.upload_indices(&vec![0; tokens]),
        }
    }

    /// Products of vectors [vectors, width], each at its token, and what embeddings become there, [embeddings, tokens, width]:
    /// [vectors, embeddings].
    fn products(
        &self,
        pushed: &E::Tensor,
        vectors: &E::Tensor,
        at: &[u32],
        tokens: usize,
    ) -> E::Tensor {
        let (engine, count) = (&self.network.engine, at.len());
        let mut out = engine.zeros((tokens * count).max(1));
        let columns: Vec<u32> = (0..count as u32).collect();
        let (columns, at) = (engine.upload_indices(&columns), engine.upload_indices(at));
        let width = self.network.config().width;
        let sizes = Edges {
            targets: tokens,
            tokens,
            width,
            sources: count,
            stride: width,
            offset: 0,
            columns: count,
        };
        engine.edges(&mut out, pushed, vectors, &at, &columns, sizes);
        let by_vector: Vec<u32> = (0..count)
            .flat_map(|vector| (0..tokens).map(move |token| (token * count + vector) as u32))
            .collect();
        self.network.take(&out, &by_vector, 1)
    }

    /// Edges from tokens, and what positions bring, of rows that have yet to cross the first layer's attention, and older ones, where errors
    /// answer, its MLP.
    pub(super) fn meet_embeddings(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        rows: Crossing<'_>,
        tokens: usize,
        beginning: &Beginning<E>,
    ) {
        let (engine, width) = (&self.network.engine, self.network.config().width);
        let mut met = engine.zeros(rows.rows() * tokens);
        if rows.older > 0 {
            let product = Product {
                rows: rows.older,
                inner: tokens * width,
                columns: tokens,
                transposed: true,
            };
            let pushed = beginning.after.as_ref().unwrap_or(&beginning.mid);
            engine.matmul_add(&mut met, gradient, pushed, product);
        }
        if let (Some((less, ends)), 1..) = (&beginning.less, rows.older) {
            let sizes = EdgesBack {
                targets: rows.older,
                tokens: 1,
                width: tokens,
                columns: self.columns(),
                first: 0,
            };
            engine.edges_back(&mut met, out, less, ends, sizes);
        }
        if !rows.fresh.is_empty() {
            let read = self.network.take(gradient, &rows.places(tokens), width);
            let fresh = self.products(&beginning.mid, &read, rows.fresh, tokens);
            let places: Vec<u32> = (rows.older..rows.rows()).map(|row| row as u32).collect();
            let places = engine.upload_indices(&places);
            engine.scatter_rows(&mut met, &fresh, &places, rows.fresh.len(), tokens);
        }
        let places = (&beginning.first, &self.token_columns);
        let sizes = [rows.rows(), 1, tokens];
        self.edges(
            out,
            &met,
            sizes,
            &beginning.identity,
            places,
            [tokens, tokens, 0],
        );
        let positions = self
            .pushed
            .as_ref()
            .and_then(|pushed| pushed.positions.as_ref());
        if let Some(positions) = positions {
            let sizes = [rows.rows(), tokens, width];
            self.remainder(out, gradient, sizes, positions, [tokens, width, 0]);
        }
    }
}
