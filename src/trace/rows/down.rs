//! One batch of rows on its way down the network: where they start, what they meet and what they cross.

use super::{Beginning, Sources, Start};
use crate::engine::{Edges, Engine};
use crate::network::{Crossing, Leading, RowsBack};
use std::ops::Range;

impl<E: Engine> Sources<'_, E> {
    /// Records one batch, whose targets are sorted from the last layer to the first:
    /// [targets, width() + tokens], the remainder by position in the last columns. Rows meet embeddings behind the first layer where its
    /// `beginning` is given.
    pub(super) fn record(
        &self,
        starts: &[Start<'_>],
        at: &Leading<'_, E::Tensor>,
        beginning: Option<&Beginning<'_, E>>,
    ) -> E::Tensor {
        let engine = &self.network.engine;
        let (tokens, width) = (at.tokens, self.network.config().width);
        let mut out = engine.zeros(starts.len() * self.columns());
        // The gradient of each target by the residual stream, [targets, tokens, width].
        let mut gradient = engine.zeros(starts.len() * tokens * width);
        let mut live = self.inject_logits(&mut gradient, starts, tokens);
        let mut older = 0;
        for layer in (0..self.constants.len()).rev() {
            let beginning = beginning.filter(|_| layer == 0);
            if live > 0 {
                self.read_mlp_output(&mut out, &gradient, layer, [live, tokens, width]);
                let (network, hold) = (&self.network, &self.hold);
                match &self.error_derivatives {
                    None => network.skip_back(&mut gradient, live, layer, at, hold),
                    Some(_) if beginning.is_some() => {}
                    Some(derivatives) => {
                        let rows = RowsBack {
                            spans: &self.spans(&starts[..live], layer),
                            edges: &out,
                        };
                        network.errors_back(&mut gradient, &rows, layer, at, hold, derivatives);
                    }
                }
            }
            let above = live;
            live += self.inject_features(&mut gradient, &starts[live..], layer, [live, tokens]);
            if live == 0 {
                continue;
            }
            let (constant, all) = (&self.constants[layer].attention, [live, tokens, width]);
            self.remainder(&mut out, &gradient, all, constant, [tokens, 0, 0]);
            if let Some(beginning) = beginning {
                let own = self.begin_at(&starts[above..live]);
                self.meet_embeddings(&mut out, &gradient, above, &own, tokens, beginning);
                break;
            }
            let fresh = self.begin_at(&starts[older..live]);
            let rows = Crossing {
                older,
                fresh: &fresh,
            };
            let hold = &self.hold;
            self.network
                .attention_back(&mut gradient, rows, layer, at, hold);
            older = live;
        }
        if beginning.is_none() && live > 0 {
            let places = (&self.all_positions, &self.token_columns);
            let (sizes, layout) = ([live, tokens, width], [tokens, width, 0]);
            self.edges(&mut out, &gradient, sizes, &self.tokens, places, layout);
            if let Some(positions) = &self.positions {
                self.remainder(&mut out, &gradient, sizes, positions, layout);
            }
        }
        out
    }

    /// The tokens at which each of these rows may be other than zero, where it comes to a layer's MLP.
    fn spans(&self, starts: &[Start<'_>], layer: usize) -> Vec<Range<usize>> {
        let is_last = layer + 1 == self.constants.len();
        let begins = self.begin_at(starts).into_iter().map(|at| at as usize);
        let span = |at| if is_last { at..at + 1 } else { 0..at + 1 };
        begins.map(span).collect()
    }

    /// The token at which each of these rows begins.
    fn begin_at(&self, starts: &[Start<'_>]) -> Vec<u32> {
        let token = |start: &Start<'_>| match start {
            Start::Logit(_) => self.forward.tokens - 1,
            Start::Feature(feature) => self.features[*feature].position,
        };
        starts.iter().map(|start| token(start) as u32).collect()
    }

    /// Starts the rows of logits, which come first, at the last token; returns how many.
    fn inject_logits(
        &self,
        gradient: &mut E::Tensor,
        starts: &[Start<'_>],
        tokens: usize,
    ) -> usize {
        let engine = &self.network.engine;
        let width = self.network.config().width;
        let mut directions = Vec::new();
        let mut places = Vec::new();
        for (row, start) in starts.iter().enumerate() {
            let Start::Logit(target) = start else { break };
            directions.extend_from_slice(&target.direction);
            places.push((row * tokens + tokens - 1) as u32);
        }
        if !places.is_empty() {
            let (rows, indices) = (engine.upload(&directions), engine.upload_indices(&places));
            let rows = self
                .network
                .read_last(&rows, places.len(), self.forward, &self.hold);
            engine.scatter_rows(gradient, &rows, &indices, places.len(), width);
        }
        places.len()
    }

    /// Starts the rows of a layer's features, which come first among `starts`; returns how many.
    /// `first` is the row of the first.
    fn inject_features(
        &self,
        gradient: &mut E::Tensor,
        starts: &[Start<'_>],
        layer: usize,
        [first, tokens]: [usize; 2],
    ) -> usize {
        let engine = &self.network.engine;
        let width = self.network.config().width;
        let (mut indices, mut positions, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for start in starts {
            let Start::Feature(feature) = start else {
                break;
            };
            let feature = &self.features[*feature];
            if feature.layer != layer {
                break;
            }
            indices.push(feature.index as u32);
            positions.push(feature.position as u32);
            places.push(((first + places.len()) * tokens + feature.position) as u32);
        }
        if !places.is_empty() {
            let (forward, hold) = (self.forward, &self.hold);
            let rows = self
                .network
                .readers(layer, &indices, &positions, forward, hold);
            let at = engine.upload_indices(&places);
            engine.scatter_rows(gradient, &rows, &at, places.len(), width);
        }
        places.len()
    }

    /// Edges from everything that writes to a layer's MLP output.
    fn read_mlp_output(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        layer: usize,
        sizes: [usize; 3],
    ) {
        let [_, tokens, width] = sizes;
        let written = &self.written[layer];
        let layout = [written.until[tokens - 1], width, 0];
        let at = (&written.positions, &written.columns);
        self.edges(out, gradient, sizes, &written.vectors, at, layout);
    }

    /// Adds what constants contribute, `[count, stride, offset]` vectors, where rows add up.
    pub(super) fn remainder(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        sizes: [usize; 3],
        vectors: &E::Tensor,
        layout: [usize; 3],
    ) {
        if self.adds_up {
            let places = (&self.all_positions, &self.remainder_columns);
            self.edges(out, gradient, sizes, vectors, places, layout);
        }
    }

    /// Adds the edges of `[count, stride, offset]` vectors to so many targets, whose gradients have so many tokens of this width.
    pub(super) fn edges(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        [live, tokens, width]: [usize; 3],
        vectors: &E::Tensor,
        (positions, columns): (&E::Indices, &E::Indices),
        [sources, stride, offset]: [usize; 3],
    ) {
        if sources == 0 || live == 0 {
            return;
        }
        let sizes = Edges {
            targets: live,
            tokens,
            width,
            sources,
            stride,
            offset,
            columns: self.columns(),
        };
        let engine = &self.network.engine;
        engine.edges(out, gradient, vectors, positions, columns, sizes);
    }
}
