//! How MLPs answer beyond the features: by their own derivative, less that of the features that are active, whose gates are given. In a
//! graph that holds nothing the errors are what answers so; all paths together are then the original's own derivative.

use super::mlp::Slopes;
use super::norm::NormAt;
use super::{Active, Forward, Hold, Leading, Network};
use crate::engine::{EdgesBack, Engine, is_negligible};
use std::ops::Range;

/// Most values of a layer's derivative that are kept, and of those by neurons, or of neurons, that are made together: 16 MiB.
pub(super) const MOST_KEPT: usize = 1 << 22;

/// Tokens whose derivatives are made together: so few that several cores have some, and so many that weights are seldom transposed.
const TOKENS_AT_ONCE: usize = 8;

/// What the errors of a prompt's layers answer by.
pub(crate) struct ErrorDerivatives<E: Engine> {
    layers: Vec<LayerErrors<E>>,
    /// Columns of the rows that the features' edges stand in.
    columns: usize,
}

/// One layer's.
struct LayerErrors<E: Engine> {
    /// None of a layer that nothing goes back through.
    mlp: Option<Derivative<E>>,
    /// The gradients of the active features by the residual stream before the MLP, over minus their activations, [features, width];
    /// none where none is active.
    readers: Option<E::Tensor>,
    /// Where each token's begin among them, and behind the last token their number, [tokens + 1].
    starts: E::Indices,
    /// The first one's column.
    first: usize,
}

/// Of an MLP with the norm before it, at each token.
enum Derivative<E: Engine> {
    /// By its neurons: two products a row.
    Neurons(Slopes<E::Tensor>),
    /// Whole, which is dear to make and quick to use: [tokens, width (outputs), width (inputs)], and where each token's begin.
    Whole(E::Tensor, E::Indices),
}

/// Rows of a gradient that are to go back through a layer's MLP.
pub(crate) struct RowsBack<'a, T> {
    /// The tokens at which each of them may be other than zero.
    pub spans: &'a [Range<usize>],
    /// Edges so far, [targets, columns]: those of the layer's features are complete.
    pub edges: &'a T,
}

impl<E: Engine> ErrorDerivatives<E> {
    /// The gradients of a layer's active features by the residual stream before the MLP, over minus their activations, [features, width]: by
    /// so much their error answers less. None where none is active.
    pub(crate) fn readers(&self, layer: usize) -> Option<&E::Tensor> {
        self.layers[layer].readers.as_ref()
    }
}

impl<E: Engine> Network<E> {
    /// Of a prompt that was run, from a layer on; below it nothing goes back through an MLP. `features` are each layer's active ones in the order
    /// of their tokens; in rows of so many columns they stand one layer after the other, from the first column on. Nothing is read back.
    pub(crate) fn error_derivatives(
        &self,
        forward: &Forward<E::Tensor>,
        features: &[Vec<Active>],
        columns: usize,
        from: usize,
        hold: &Hold,
    ) -> ErrorDerivatives<E> {
        let layers = self.engine.each(features.len(), |layer| {
            let (below, from_here) = features.split_at(layer);
            let (here, above) = (&from_here[0], &from_here[1..]);
            let begin = |token| here.partition_point(|active| active.row < token) as u32;
            let starts: Vec<u32> = (0..=forward.tokens).map(begin).collect();
            let rows = self.tokens_of_rows(above, forward.tokens);
            LayerErrors {
                mlp: (layer >= from).then(|| self.derivative(layer, forward, rows, hold)),
                readers: self.over_activations(layer, here, forward, hold),
                starts: self.engine.upload_indices(&starts),
                first: below.iter().map(Vec::len).sum(),
            }
        });
        ErrorDerivatives { layers, columns }
    }

    fn over_activations(
        &self,
        layer: usize,
        features: &[Active],
        forward: &Forward<E::Tensor>,
        hold: &Hold,
    ) -> Option<E::Tensor> {
        if features.is_empty() {
            return None;
        }
        let indices: Vec<u32> = features.iter().map(|a| a.feature as u32).collect();
        let positions: Vec<u32> = features.iter().map(|a| a.row as u32).collect();
        // What is too small for its inverse writes nothing either.
        let scale = |a: &Active| match a.activation.is_normal() {
            true => -1.0 / a.activation,
            false => 0.0,
        };
        let scales: Vec<f32> = features.iter().map(scale).collect();
        let readers = self.readers(layer, &indices, &positions, forward, hold);
        let (count, width) = (features.len(), self.config().width);
        let scales = self.engine.upload(&scales);
        Some(self.engine.scale_tokens(&readers, &scales, 1, count, width))
    }

    /// At how many tokens the rows of these layers' features and of a few logits may be other than zero below them, all together.
    fn tokens_of_rows(&self, above: &[Vec<Active>], tokens: usize) -> usize {
        let Some((last, between)) = above.split_last() else {
            return 0;
        };
        let between = between.iter().flatten().map(|active| active.row + 1);
        let last = last.iter().filter(|active| active.row + 1 == tokens);
        between.sum::<usize>() + last.count() * tokens
    }

    /// Whole where rows that stand at so many tokens are worth that.
    fn derivative(
        &self,
        layer: usize,
        forward: &Forward<E::Tensor>,
        rows: usize,
        hold: &Hold,
    ) -> Derivative<E> {
        let (engine, tokens, width) = (&self.engine, forward.tokens, self.config().width);
        let mlp = &self.layers[layer].mlp;
        let slopes = mlp.slopes(engine, &forward.layers[layer].mlp_normed, tokens);
        let neurons = mlp.inner;
        // Those of which a derivative takes no notice are counted where that costs nothing.
        let live = match engine.held(slopes.of_neurons()) {
            Some(slopes) => slopes.iter().filter(|x| !is_negligible(**x)).count(),
            None => tokens * neurons,
        };
        let is_worth_it = rows * (2 * neurons).saturating_sub(width) > width * live;
        if !is_worth_it || tokens * width * width > MOST_KEPT {
            return Derivative::Neurons(slopes);
        }
        let most = (MOST_KEPT / (width * neurons)).max(1);
        let at_once = (engine.rows_at_once(neurons) / width).max(TOKENS_AT_ONCE);
        let at_once = at_once.min(most);
        let here = |part: usize| part * at_once..tokens.min((part + 1) * at_once);
        let parts = engine.each(tokens.div_ceil(at_once), |part| {
            let here: Vec<u32> = here(part).map(|token| token as u32).collect();
            let normed = mlp.derivatives(engine, &here, &slopes);
            self.mlp_norm_back(&normed, width, layer, forward, &here, hold)
        });
        let mut whole = engine.zeros(tokens * width * width);
        for (part, values) in parts.iter().enumerate() {
            let here = here(part);
            let count = width * here.len();
            let places =
                (0..width).flat_map(|output| here.clone().map(move |t| t * width + output));
            let places: Vec<u32> = places.map(|place| place as u32).collect();
            let places = engine.upload_indices(&places);
            engine.scatter_rows(&mut whole, values, &places, count, width);
        }
        let starts: Vec<u32> = (0..=tokens).map(|token| (token * width) as u32).collect();
        Derivative::Whole(whole, engine.upload_indices(&starts))
    }

    /// Most values of a token that stand side by side on the way through a layer: neurons' values where errors answer.
    pub(crate) fn widest(&self, answering: bool) -> usize {
        let neurons = self.layers.iter().map(|layer| layer.mlp.inner);
        let neurons = neurons.filter(|_| answering).max().unwrap_or(0);
        self.config().width.max(neurons)
    }

    /// Adds to `gradient` [targets, tokens, width], by what a layer writes in its MLP's place, what comes back through its error and
    /// its skip path.
    pub(crate) fn errors_back(
        &self,
        gradient: &mut E::Tensor,
        rows: &RowsBack<'_, E::Tensor>,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
        derivatives: &ErrorDerivatives<E>,
    ) {
        let (engine, here) = (&self.engine, &derivatives.layers[layer]);
        let (targets, tokens, width) = (rows.spans.len(), at.tokens, self.config().width);
        let sizes = EdgesBack {
            targets,
            tokens,
            width,
            columns: derivatives.columns,
            first: here.first,
        };
        match here.mlp.as_ref().expect("asked for") {
            Derivative::Neurons(slopes) => {
                self.neurons_back(gradient, rows.spans, layer, at, hold, slopes);
            }
            Derivative::Whole(whole, starts) => {
                let mut before = engine.zeros(targets * tokens * width);
                engine.add_scaled(&mut before, 0, gradient, 0, targets * tokens * width, 1.0);
                let sizes = EdgesBack {
                    columns: tokens * width,
                    first: 0,
                    ..sizes
                };
                engine.edges_back(gradient, &before, whole, starts, sizes);
            }
        }
        if let Some(readers) = &here.readers {
            engine.edges_back(gradient, rows.edges, readers, &here.starts, sizes);
        }
    }

    /// Adds what comes back through a layer's neurons and the norm before them, at the tokens where there is something.
    fn neurons_back(
        &self,
        gradient: &mut E::Tensor,
        spans: &[Range<usize>],
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
        slopes: &Slopes<E::Tensor>,
    ) {
        let (engine, mlp, width) = (&self.engine, &self.layers[layer].mlp, self.config().width);
        let (mut places, mut tokens) = (Vec::new(), Vec::new());
        for (row, span) in spans.iter().enumerate() {
            for token in span.clone() {
                places.push((row * at.tokens + token) as u32);
                tokens.push(token as u32);
            }
        }
        let count = places.len();
        let there = self.take(gradient, &places, width);
        let normed = mlp.pull_back(engine, &there, &tokens, slopes);
        let out = self.mlp_norm_back(&normed, 1, layer, at.forward, &tokens, hold);
        let places = engine.upload_indices(&places);
        engine.scatter_rows(gradient, &out, &places, count, width);
    }

    /// Gradients by the residual stream before a layer's MLP, from those by what the norm gave: both [targets, tokens, width], at these
    /// tokens.
    fn mlp_norm_back(
        &self,
        normed: &E::Tensor,
        targets: usize,
        layer: usize,
        forward: &Forward<E::Tensor>,
        tokens: &[u32],
        hold: &Hold,
    ) -> E::Tensor {
        let (engine, state, width) = (&self.engine, &forward.layers[layer], self.config().width);
        let norm = NormAt {
            x: &self.take(&state.mid, tokens, width),
            scale: &self.take(&state.mlp_scale, tokens, 1),
            tokens: tokens.len(),
            held: hold.norms.contains(&layer),
        };
        let mut out = engine.zeros(targets * tokens.len() * width);
        let part = &self.layers[layer].mlp_norm;
        part.pull_back(engine, &mut out, normed, targets, &norm);
        out
    }
}

#[cfg(all(test, feature = "gpu"))]
mod tests {
    use super::*;
    use crate::engine::cpu::Cpu;
    use crate::engine::gpu::Gpu;
    use crate::network::Reading;
    use crate::random::{self, Family, Random, Shape};
    use attograph::model::{EncoderInput, TranscoderKind};
    use pollster::block_on;
    use std::sync::Arc;

    const TOKENS: usize = 7;

    /// Both ways through an MLP's derivative give the same, for rows of all tokens and of one.
    fn whole_is_neuron_by_neuron<E: Engine>(engine: impl Fn() -> E) {
        let shape = Shape {
            layers: 2,
            width: 40,
            heads: 4,
            inner: 50,
            features: 5,
            kind: TranscoderKind::PerLayer,
            input: EncoderInput::MlpNorm,
            jump: true,
            skip: false,
            tied: true,
        };
        let gated = Family {
            root_mean_square: true,
            biases: false,
            key_heads: 2,
            head_width: 10,
            rotary: false,
            gated: true,
        };
        for model in [random::model(shape, 3), random::of_family(shape, gated, 4)] {
            let network = Network::new(engine(), Arc::new(model));
            let (engine, width) = (&network.engine, network.config().width);
            let forward = network.forward(&random::prompt(TOKENS, 5), 1, None);
            let spans = [0..TOKENS, 0..3, 4..5];
            let mut values = Random::new(7).values(spans.len() * TOKENS * width, 1.0);
            for (row, span) in values.chunks_exact_mut(TOKENS * width).zip(&spans) {
                row[..span.start * width].fill(0.0);
                row[span.end * width..].fill(0.0);
            }
            for reading in [Reading::Nothing, Reading::Norms] {
                let hold = Hold::from(reading);
                let at = network.leading(&forward, TOKENS, 0, &hold);
                let edges = engine.zeros(1);
                let rows = RowsBack {
                    spans: &spans,
                    edges: &edges,
                };
                let found = [0, 1 << 20].map(|above| {
                    let mut derivatives =
                        network.error_derivatives(&forward, &[vec![], vec![]], 0, 0, &hold);
                    let mlp = network.derivative(1, &forward, above, &hold);
                    let is_whole = matches!(mlp, Derivative::Whole(..));
                    derivatives.layers[1].mlp = Some(mlp);
                    assert_eq!(is_whole, above > 0);
                    let mut gradient = engine.upload(&values);
                    network.errors_back(&mut gradient, &rows, 1, &at, &hold, &derivatives);
                    block_on(engine.read(&[(&gradient, values.len())]))
                        .unwrap()
                        .remove(0)
                });
                assert_ne!(found[0], values, "something comes back");
                for (one, other) in found[0].iter().zip(&found[1]) {
                    assert!(
                        (one - other).abs() < 1e-5 * one.abs().max(1.0),
                        "{one}, {other}"
                    );
                }
            }
        }
    }

    #[test]
    fn whole_is_neuron_by_neuron_on_the_cpu() {
        whole_is_neuron_by_neuron(|| Cpu);
    }

    #[test]
    fn whole_is_neuron_by_neuron_on_the_gpu() {
        whole_is_neuron_by_neuron(|| {
            block_on(Gpu::new()).expect("a Vulkan device, perhaps in software")
        });
    }
}
