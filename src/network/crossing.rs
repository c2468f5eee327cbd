//! Gradients that go back through a layer's attention: those that any tokens have, and those that begin at one token.

use super::attention::HeadsAt;
use super::norm::NormAt;
use super::{Forward, Hold, Leading, Network};
use crate::engine::Engine;

/// The rows of a gradient [older + fresh, tokens, width], by the residual stream after a layer's attention, which they have yet
/// to cross.
#[derive(Clone, Copy)]
pub(crate) struct Crossing<'a> {
    /// How many there are of the rows that came first.
    pub older: usize,
    /// Of each row that follows the one token at which it is not zero.
    pub fresh: &'a [u32],
}

impl Crossing<'_> {
    /// All together.
    pub fn rows(self) -> usize {
        self.older + self.fresh.len()
    }
}

impl<E: Engine> Network<E> {
    /// Adds to `gradient` [targets, tokens, width], by the residual stream after a layer's attention,
    /// what comes back through that attention: it is then by the stream before it.
    pub(crate) fn attention_back(
        &self,
        gradient: &mut E::Tensor,
        rows: Crossing<'_>,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
    ) {
        let (engine, parts) = (&self.engine, &self.layers[layer]);
        let heads = self.heads_at(layer, at, hold);
        if hold.attention(layer) {
            parts
                .attention
                .add_back(engine, gradient, rows.older, &heads);
            self.spread(gradient, rows, layer, at, hold);
            return;
        }
        let (attention, seen) = (&parts.attention, at.seen(layer));
        let spreads = !rows.fresh.is_empty() && (heads.held || seen.is_some());
        let normed = if spreads {
            let width = self.config().width;
            let mut normed = engine.zeros(rows.rows() * at.tokens * width);
            if rows.older > 0 {
                attention.pull_back_to(engine, &mut normed, gradient, rows.older, &heads);
            }
            let read = self.take(gradient, &rows.places(at.tokens), width);
            attention.spread_normed(engine, &mut normed, &read, rows, &heads, seen);
            normed
        } else {
            attention.pull_back(engine, gradient, rows.rows(), &heads)
        };
        let at = norm_at(layer, at.forward, at.tokens, hold);
        parts
            .attention_norm
            .pull_back(engine, gradient, &normed, rows.rows(), &at);
    }

    /// The same for the fresh rows alone, where patterns and norm are held: each head takes what it reads of a row's one token to the
    /// tokens that it looks at from there, which is far less than the product of a row for each of them.
    fn spread(
        &self,
        gradient: &mut E::Tensor,
        rows: Crossing<'_>,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
    ) {
        if rows.fresh.is_empty() {
            return;
        }
        let read = self.take(gradient, &rows.places(at.tokens), self.config().width);
        let heads = self.heads_at(layer, at, hold);
        let attention = &self.layers[layer].attention;
        attention.spread(&self.engine, gradient, &read, rows, &heads);
    }

    fn heads_at<'a>(
        &'a self,
        layer: usize,
        at: &'a Leading<'_, E::Tensor>,
        hold: &Hold,
    ) -> HeadsAt<'a, E::Tensor> {
        HeadsAt {
            pattern: at.pattern(layer),
            qkv: &at.forward.layers[layer].qkv,
            tokens: at.tokens,
            held: hold.patterns.contains(&layer),
        }
    }
}

/// A layer's norm before the attention, at the first tokens of a prompt that was run.
pub(super) fn norm_at<'a, T>(
    layer: usize,
    forward: &'a Forward<T>,
    tokens: usize,
    hold: &Hold,
) -> NormAt<'a, T> {
    let state = &forward.layers[layer];
    NormAt {
        x: &state.before,
        scale: &state.attention_scale,
        tokens,
        held: hold.norms.contains(&layer),
    }
}

#[cfg(all(test, feature = "gpu"))]
mod tests {
    use super::*;
    use crate::engine::cpu::Cpu;
    use crate::engine::gpu::Gpu;
    use crate::network::{Reading, RowsBack};
    use crate::random::{self, Family, Random, Shape};
    use attograph::model::{EncoderInput, TranscoderKind};
    use pollster::block_on;
    use std::sync::Arc;

    const TOKENS: usize = 9;

    /// Networks with blocks as GPT-2's, and with others.
    fn networks<E: Engine>(engine: impl Fn() -> E) -> Vec<Network<E>> {
        let shape = Shape {
            layers: 2,
            width: 12,
            heads: 4,
            inner: 9,
            features: 5,
            kind: TranscoderKind::CrossLayer,
            input: EncoderInput::MlpNorm,
            jump: true,
            skip: false,
            tied: true,
        };
        let grouped = Family {
            root_mean_square: true,
            biases: false,
            key_heads: 2,
            head_width: 6,
            rotary: true,
            gated: true,
        };
        let without = Family {
            rotary: false,
            ..grouped
        };
        let models = [
            random::model(shape, 3),
            random::of_family(shape, grouped, 4),
            random::of_family(shape, without, 5),
        ];
        let network = |model| Network::new(engine(), Arc::new(model));
        models.into_iter().map(network).collect()
    }

    fn read<E: Engine>(engine: &E, tensor: &E::Tensor, length: usize) -> Vec<f32> {
        block_on(engine.read(&[(tensor, length)]))
            .unwrap()
            .remove(0)
    }

    fn near(about: &str, found: &[f32], expected: &[f32]) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(expected) {
            assert!(
                (found - expected).abs() < 1e-5 * expected.abs().max(1.0),
                "{about}: {found}, not {expected}"
            );
        }
    }

    /// Three rows of any tokens and four of one each, which see no later one.
    fn gradients(tokens: usize, width: usize, at: &[u32]) -> Vec<f32> {
        let mut gradient = Random::new(7).values((3 + at.len()) * tokens * width, 1.0);
        let rows = gradient.chunks_exact_mut(tokens * width).skip(3);
        for (row, at) in rows.zip(at) {
            row[..*at as usize * width].fill(0.0);
            row[(*at as usize + 1) * width..].fill(0.0);
        }
        gradient
    }

    /// Part by part, all rows alike.
    fn part_by_part<E: Engine>(
        network: &Network<E>,
        gradient: &mut E::Tensor,
        targets: usize,
        layer: usize,
        at: &Leading<'_, E::Tensor>,
        hold: &Hold,
    ) {
        let (engine, parts) = (&network.engine, &network.layers[layer]);
        let heads = network.heads_at(layer, at, hold);
        let normed = parts.attention.pull_back(engine, gradient, targets, &heads);
        let norm = norm_at(layer, at.forward, at.tokens, hold);
        let part = &parts.attention_norm;
        part.pull_back(engine, gradient, &normed, targets, &norm);
    }

    fn short_cuts_are_the_general_way<E: Engine>(engine: impl Fn() -> E) {
        let fresh = [4, 0, 2, 4];
        for network in networks(engine) {
            let (engine, width) = (&network.engine, network.config().width);
            let forward = network.forward(&random::prompt(TOKENS, 5), 1, None);
            for (tokens, layer) in [(TOKENS, 0), (TOKENS, 1), (5, 0), (5, 1)] {
                let values = gradients(tokens, width, &fresh);
                let back = |cross: &dyn Fn(&mut E::Tensor)| {
                    let mut gradient = engine.upload(&values);
                    cross(&mut gradient);
                    read(engine, &gradient, values.len())
                };
                let plain = network.leading(&forward, tokens, 0, &Hold::NOTHING);
                for reading in Reading::ALL {
                    let hold = Hold::from(reading);
                    let expected = back(&|gradient| {
                        let rows = 3 + fresh.len();
                        part_by_part(&network, gradient, rows, layer, &plain, &hold);
                    });
                    let at = network.leading(&forward, tokens, 0, &hold);
                    for (older, fresh) in [(3, &fresh[..]), (3 + fresh.len(), &[])] {
                        let rows = Crossing { older, fresh };
                        let found = back(&|gradient| {
                            network.attention_back(gradient, rows, layer, &at, &hold);
                        });
                        let about = format!("{tokens}, {layer}, {older}, holding {reading}");
                        near(&about, &found, &expected);
                    }
                }
            }
        }
    }

    /// What comes back through attention and MLP, times a change of the stream before, token by token, is the gradient times what that
    /// change becomes.
    fn pushing_is_the_transpose<E: Engine>(engine: impl Fn() -> E) {
        for network in networks(engine) {
            let (engine, width) = (&network.engine, network.config().width);
            let forward = network.forward(&random::prompt(TOKENS, 6), 1, None);
            let change = Random::new(8).values(TOKENS * width, 1.0);
            let values = gradients(TOKENS, width, &[1]);
            let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
            for reading in Reading::ALL {
                let hold = Hold::from(reading);
                let at = network.leading(&forward, TOKENS, 0, &hold);
                let mut gradient = engine.upload(&values);
                let mut pushed =
                    network.attention_push(&engine.upload(&change), 0, &forward, &hold);
                if !reading.errors() {
                    pushed = network.mlp_push(&pushed, 0, &forward, &hold);
                    let nothing = engine.zeros(1);
                    let rows = RowsBack {
                        spans: &[0..TOKENS, 0..TOKENS, 0..TOKENS, 0..TOKENS],
                        edges: &nothing,
                    };
                    let features = [vec![], vec![]];
                    let derivatives = network.error_derivatives(&forward, &features, 0, 0, &hold);
                    network.errors_back(&mut gradient, &rows, 0, &at, &hold, &derivatives);
                }
                let rows = Crossing {
                    older: 4,
                    fresh: &[],
                };
                network.attention_back(&mut gradient, rows, 0, &at, &hold);
                let back = read(engine, &gradient, values.len());
                let pushed = read(engine, &pushed, TOKENS * TOKENS * width);
                let expected: Vec<f32> = back
                    .chunks_exact(width)
                    .zip(change.chunks_exact(width).cycle())
                    .map(|(back, change)| product(back, change))
                    .collect();
                let found: Vec<f32> = values
                    .chunks_exact(TOKENS * width)
                    .flat_map(|row| {
                        pushed
                            .chunks_exact(TOKENS * width)
                            .map(|change| product(row, change))
                    })
                    .collect();
                near(&format!("holding {reading}"), &found, &expected);
            }
        }
    }

    fn gpu() -> Gpu {
        block_on(Gpu::new()).expect("a Vulkan device, perhaps in software")
    }

    #[test]
    fn short_cuts_are_the_general_way_on_the_cpu() {
        short_cuts_are_the_general_way(|| Cpu);
    }

    #[test]
    fn short_cuts_are_the_general_way_on_the_gpu() {
        short_cuts_are_the_general_way(gpu);
    }

    #[test]
    fn pushing_is_the_transpose_on_the_cpu() {
        pushing_is_the_transpose(|| Cpu);
    }

    #[test]
    fn pushing_is_the_transpose_on_the_gpu() {
        pushing_is_the_transpose(gpu);
    }
}
