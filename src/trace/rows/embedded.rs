//! Where rows meet what embeddings bring: behind the first layer. What an embedding becomes there, at every token, is the same for all rows, and
//! a prompt has far fewer tokens than its graph has rows.

use super::Sources;
use super::batches::BEGINNINGS;
use crate::engine::{Edges, EdgesBack, Engine, Product};

/// Most values of what embeddings become, for all beginnings of a prompt together: 128 MiB. Rows of longer prompts are carried through the
/// first layer.
const MOST_PUSHED: u64 = 1 << 25;

/// Whether rows of a prompt of so many tokens meet what its embeddings become.
pub(super) fn is_short(tokens: usize, width: usize, errors_answer: bool) -> bool {
    // [tokens, tokens, width] of each length, with and without the MLP. In 64 bits, which the page's usize has not.
    let beginnings: u64 = (1..=tokens.div_ceil(BEGINNINGS) as u64)
        .map(|step| (step * BEGINNINGS as u64).pow(2))
        .sum();
    let both = 1 + u64::from(errors_answer);
    beginnings.saturating_mul(width as u64 * both) <= MOST_PUSHED
}

/// What each token's embedding becomes behind the first layer's attention, and behind its MLP.
pub(super) struct Pushed<T> {
    /// [embeddings, tokens, width]
    mid: T,
    /// Where errors answer, but for what features take of that: the same shape.
    after: Option<T>,
    /// What all position embeddings together become behind the attention, where rows add up: [tokens, width].
    positions: Option<T>,
}

/// What rows meet at the first tokens of a prompt.
pub(super) struct Beginning<'p, E: Engine> {
    /// What embeddings become behind the first layer's attention, [embeddings, tokens, width], of the whole prompt.
    mid: &'p E::Tensor,
    /// Behind the first layer, or behind its attention where errors are held: the same shape, of these tokens.
    met: E::Tensor,
    /// By how much less an error answers to each embedding for what a feature of the first layer writes, [features, embeddings],
    /// and where these begin and end.
    by_feature: Option<(E::Tensor, E::Indices)>,
}

impl<E: Engine> Sources<'_, E> {
    /// Makes what rows meet.
    pub(super) fn push_embeddings(&self, errors_answer: bool) -> Pushed<E::Tensor> {
        let (engine, network) = (&self.network.engine, self.network);
        let (forward, hold) = (self.forward, &self.hold);
        let (tokens, width) = (forward.tokens, network.config().width);
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
        Pushed {
            mid,
            after,
            positions,
        }
    }

    /// Of so many tokens.
    pub(super) fn beginning<'p>(
        &self,
        pushed: &'p Pushed<E::Tensor>,
        tokens: usize,
    ) -> Beginning<'p, E> {
        let (engine, network) = (&self.network.engine, self.network);
        let (all, width) = (self.forward.tokens, network.config().width);
        let places: Vec<u32> = (0..tokens)
            .flat_map(|embedding| (0..tokens).map(move |at| (embedding * all + at) as u32))
            .collect();
        let met = pushed.after.as_ref().unwrap_or(&pushed.mid);
        let features = self.features.iter();
        let features = features.take_while(|feature| feature.layer == 0);
        let at = features.map(|feature| feature.position as u32);
        let at: Vec<u32> = at.take_while(|at| (*at as usize) < tokens).collect();
        let readers = self.error_derivatives.as_ref().filter(|_| !at.is_empty());
        let readers = readers.and_then(|derivatives| derivatives.readers(0));
        let by_feature = readers.map(|readers| {
            let ends = engine.upload_indices(&[0, at.len() as u32]);
            (self.products(&pushed.mid, readers, &at, tokens), ends)
        });
        Beginning {
            mid: &pushed.mid,
            met: network.take(met, &places, width),
            by_feature,
        }
    }

    /// Products of vectors [vectors, width], each at its token, and what the first so many embeddings become there, of [embeddings, all
    /// tokens, width]: [vectors, embeddings].
    fn products(
        &self,
        pushed: &E::Tensor,
        vectors: &E::Tensor,
        at: &[u32],
        embeddings: usize,
    ) -> E::Tensor {
        let (engine, count) = (&self.network.engine, at.len());
        let mut out = engine.zeros(embeddings * count);
        let columns: Vec<u32> = (0..count as u32).collect();
        let (columns, at) = (engine.upload_indices(&columns), engine.upload_indices(at));
        let width = self.network.config().width;
        let sizes = Edges {
            targets: embeddings,
            tokens: self.forward.tokens,
            width,
            sources: count,
            stride: width,
            offset: 0,
            columns: count,
        };
        engine.edges(&mut out, pushed, vectors, &at, &columns, sizes);
        let by_vector: Vec<u32> = (0..count)
            .flat_map(|vector| (0..embeddings).map(move |token| (token * count + vector) as u32))
            .collect();
        self.network.take(&out, &by_vector, 1)
    }

    /// Edges from tokens, and what positions bring, of so many rows from above the first layer's MLP, and of its own features, each at its
    /// token.
    pub(super) fn meet_embeddings(
        &self,
        out: &mut E::Tensor,
        gradient: &E::Tensor,
        above: usize,
        own: &[u32],
        tokens: usize,
        beginning: &Beginning<'_, E>,
    ) {
        let (engine, width) = (&self.network.engine, self.network.config().width);
        let rows = above + own.len();
        let mut met = engine.zeros(rows * tokens);
        if above > 0 {
            let product = Product {
                rows: above,
                inner: tokens * width,
                columns: tokens,
                transposed: true,
            };
            engine.matmul_add(&mut met, gradient, &beginning.met, product);
        }
        if let (Some((by_feature, ends)), 1..) = (&beginning.by_feature, above) {
            let sizes = EdgesBack {
                targets: above,
                tokens: 1,
                width: tokens,
                columns: self.columns(),
                first: 0,
            };
            engine.edges_back(&mut met, out, by_feature, ends, sizes);
        }
        if !own.is_empty() {
            let at: Vec<u32> = (above..rows).map(|row| row as u32).collect();
            let places = at.iter().zip(own);
            let places: Vec<u32> = places.map(|(row, at)| row * tokens as u32 + at).collect();
            let read = self.network.take(gradient, &places, width);
            let products = self.products(beginning.mid, &read, own, tokens);
            let at = engine.upload_indices(&at);
            engine.scatter_rows(&mut met, &products, &at, own.len(), tokens);
        }
        let first = self.width() - self.forward.tokens;
        let columns = |row: usize| (0..tokens).map(move |at| row * self.columns() + first + at);
        let places: Vec<u32> = (0..rows).flat_map(columns).map(|at| at as u32).collect();
        let places = engine.upload_indices(&places);
        engine.scatter_rows(out, &met, &places, rows * tokens, 1);
        let positions = self
            .pushed
            .as_ref()
            .and_then(|pushed| pushed.positions.as_ref());
        if let Some(positions) = positions {
            let sizes = [rows, tokens, width];
            self.remainder(out, gradient, sizes, positions, [tokens, width, 0]);
        }
    }
}

#[cfg(all(test, feature = "gpu"))]
mod tests {
    use super::*;
    use crate::engine::cpu::Cpu;
    use crate::engine::gpu::Gpu;
    use crate::network::{Network, Reading};
    use crate::random::{self, Family, Shape};
    use crate::trace::rows::{Row, Start};
    use crate::trace::{Targets, Tracer, targets};
    use attograph::model::{EncoderInput, TranscoderKind};
    use pollster::block_on;
    use std::sync::Arc;

    fn rows<E: Engine>(tracer: &Tracer<E>, reading: Reading, pushes: bool) -> Vec<Row> {
        let run = block_on(tracer.run(&random::prompt(9, 5))).unwrap();
        let (network, constants) = (&tracer.network, &tracer.constants);
        let sources = Sources::pushing(network, constants, &run, reading, pushes);
        let mean = targets::mean_row(network.model.language.unembedding());
        let likely = Targets::Likely {
            most: 3,
            probability: 1.0,
        };
        let targets = targets::choose(&likely, &run.logits, &network.model, &mean).unwrap();
        let starts: Vec<Start<'_>> = (0..run.features.len())
            .map(Start::Feature)
            .chain(targets.iter().map(Start::Logit))
            .collect();
        let mut rows = vec![Row::default(); starts.len()];
        let mut keep = |i: usize, edges: &[f32], remainder| {
            let edges = edges.to_vec();
            rows[i] = Row { edges, remainder };
        };
        block_on(sources.rows(&starts, 8, &mut keep, &mut |_| {})).unwrap();
        rows
    }

    /// Rows that meet embeddings behind the first layer are those that are carried down to them.
    fn both_ways_are_the_same<E: Engine>(engine: impl Fn() -> E) {
        let mut compared = 0;
        let kinds = [TranscoderKind::CrossLayer, TranscoderKind::PerLayer];
        for (kind, layers) in kinds.into_iter().flat_map(|kind| [(kind, 1), (kind, 3)]) {
            let shape = Shape {
                layers,
                width: 12,
                heads: 4,
                inner: 9,
                features: 7,
                kind,
                input: EncoderInput::MlpNorm,
                jump: true,
                skip: kind == TranscoderKind::PerLayer,
                tied: true,
            };
            let other = Family {
                root_mean_square: true,
                biases: false,
                key_heads: 2,
                head_width: 6,
                rotary: true,
                gated: true,
            };
            for model in [random::model(shape, 3), random::of_family(shape, other, 4)] {
                let tracer = Tracer::new(Network::new(engine(), Arc::new(model)));
                for reading in Reading::ALL {
                    let [met, carried] = [true, false].map(|pushes| rows(&tracer, reading, pushes));
                    for (met, carried) in met.iter().zip(&carried) {
                        let largest = carried.edges.iter().fold(1e-3f32, |m, x| m.max(x.abs()));
                        let edges = met.edges.iter().zip(&carried.edges);
                        for (a, b) in edges.chain([(&met.remainder, &carried.remainder)]) {
                            assert!((a - b).abs() < 1e-4 * largest, "{reading}: {a}, {b}");
                            compared += usize::from(*b != 0.0);
                        }
                    }
                }
            }
        }
        assert!(compared > 10_000, "{compared} edges");
    }

    #[test]
    fn what_is_made_of_long_prompts_is_bounded() {
        assert!(is_short(1, 4096, true) && is_short(96, 128, true));
        assert!(!is_short(1024, 768, false) && !is_short(1 << 20, 1 << 14, true));
    }

    #[test]
    fn both_ways_are_the_same_on_the_cpu() {
        both_ways_are_the_same(|| Cpu);
    }

    #[test]
    fn both_ways_are_the_same_on_the_gpu() {
        both_ways_are_the_same(|| {
            block_on(Gpu::new()).expect("a Vulkan device, perhaps in software")
        });
    }
}
