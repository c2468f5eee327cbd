//! What a target reads, carried down the network as a graph's reading holds.

use super::host::HostPrompt;
use super::products::{add, dot, pull, subtract, through};
use crate::engine::cpu::Cpu;
use crate::engine::{Engine, Rotation};
use crate::model::{EncoderInput, Norm, Values};
use crate::network::Mlp;
use crate::trace::Node;

/// What a target reads at a layer, [tokens, width] each.
pub struct Read {
    /// Of what the MLP writes; empty where the target itself reads at this layer.
    pub written: Values,
    /// Of the residual stream between attention and MLP.
    pub mid: Values,
    /// Of the values of the attention's heads, each with its own: [tokens, query_width].
    pub values: Values,
    /// What live sites of this layer add to what is read of the residual stream before it.
    pub live: Live,
}

/// Parts of a gradient that are none where all is held. Empty where a site is held.
#[derive(Default)]
pub struct Live {
    /// By where each head looks, of its query and of its key: [heads x 2][tokens, width].
    pub looks: Vec<Values>,
    /// Through the attention's norm.
    pub norm: Values,
    /// Through the norm before the MLP, of what comes back through a skip path or an error: of the residual stream before it.
    pub mlp_norm: Values,
    /// Through what the MLP answers beyond features and skip path, of the same.
    pub errors: Values,
}

/// What a target reads.
pub struct CarriedDown {
    /// Its layer, and the position at which it reads; a logit reads what the last layer leaves.
    pub layer: usize,
    pub position: usize,
    /// What it reads there with its norm held, and what the norm's derivative adds, [width].
    pub held: Values,
    pub live: Values,
    /// By layer, from the first up to its own.
    pub reads: Vec<Read>,
}

impl HostPrompt<'_> {
    /// Carries what a target reads down from its layer to the first, as the reading holds.
    pub fn carry_down(&self, target: usize) -> CarriedDown {
        let [layers, tokens, width] = self.sizes();
        let mut target = self.start(target);
        let mut gradient = Values::from(vec![0.0; tokens * width]);
        let here = target.position * width..(target.position + 1) * width;
        gradient[here.clone()].copy_from_slice(&target.held);
        add(&mut gradient[here], &target.live);
        for layer in (0..layers.min(target.layer + 1)).rev() {
            let mut written = Values::default();
            let mut live = Live::default();
            if layer < target.layer {
                written = gradient.clone();
                self.mlp_back(&target.reads, layer, &mut gradient, &written, &mut live);
            }
            let mid = gradient.clone();
            let values = self.attention_back(layer, &mut gradient, &mut live);
            target.reads.push(Read {
                written,
                mid,
                values,
                live,
            });
        }
        target.reads.reverse();
        target
    }

    /// What a target reads where it stands.
    fn start(&self, target: usize) -> CarriedDown {
        let [layers, tokens, _] = self.sizes();
        let (language, transcoder) = (&self.model.language, &self.model.transcoder);
        let (layer, position, direction, norm) = match self.graph.node(target) {
            Node::Feature(i) => {
                let feature = self.graph.features[i];
                let direction = transcoder.layers[feature.layer].encoder.row(feature.index);
                let norm = (transcoder.input == EncoderInput::MlpNorm).then(|| {
                    let (state, at) = (&self.on_host.states[feature.layer], feature.position);
                    let norm = &language.blocks[feature.layer].mlp_norm;
                    let width = direction.len();
                    (
                        norm,
                        &state.mid[at * width..(at + 1) * width],
                        state.mlp_scale[at],
                    )
                });
                (feature.layer, feature.position, direction, norm)
            }
            Node::Logit(i) => {
                let direction = self.graph.targets[i].direction.as_slice();
                let norm = (
                    &language.final_norm,
                    &self.on_host.last[..],
                    self.on_host.final_scale,
                );
                (layers, tokens - 1, direction, Some(norm))
            }
            _ => unreachable!("targets are checked to have inputs"),
        };
        let (held, live) = match norm {
            None => (Values::from(direction.to_vec()), Values::default()),
            Some((norm, x, scale)) => {
                let (x, scale) = (x.to_vec().into(), vec![scale].into());
                let held = pull(norm, direction, &x, &scale, true);
                let mut live = Values::default();
                if !self.reading.norms() {
                    live = pull(norm, direction, &x, &scale, false);
                    subtract(&mut live, &held);
                }
                (held, live)
            }
        };
        CarriedDown {
            layer,
            position,
            held,
            live,
            reads: Vec::new(),
        }
    }

    /// Adds what comes back through a layer's skip path, and where errors answer through its error. `above` are what the
    /// target reads at the layers above, from the last on.
    fn mlp_back(
        &self,
        above: &[Read],
        layer: usize,
        gradient: &mut [f32],
        written: &Values,
        live: &mut Live,
    ) {
        let [_, tokens, width] = self.sizes();
        let none = || Values::from(vec![0.0; tokens * width]);
        let skip = self.model.transcoder.layers[layer].skip.as_ref();
        let skip = skip.map(|skip| through(written, &skip.values, [width, width], false));
        let answers = !self.reading.errors();
        if skip.is_none() && !answers {
            return;
        }
        // By what the encoder reads: what the skip path brings back, and what the error takes away, the features' part and the skip path's.
        let mut read = skip.unwrap_or_else(none);
        let mut errors = none();
        // By what the norm before the MLP gives.
        let mut normed = none();
        if answers {
            subtract(&mut errors, &read);
            subtract(&mut errors, &self.features_back(above, layer, written));
            normed = self.neurons_back(layer, written);
        }
        let (state, norm) = (
            &self.on_host.states[layer],
            &self.model.language.blocks[layer].mlp_norm,
        );
        match self.model.transcoder.input {
            EncoderInput::ResidualMid => {
                add(gradient, &read);
                add(gradient, &errors);
                read = none();
            }
            EncoderInput::MlpNorm => {
                add(&mut normed, &errors);
                errors = none();
            }
        }
        if answers {
            let held = pull(norm, &normed, &state.mid, &state.mlp_scale, true);
            add(&mut errors, &held);
            live.errors = errors;
        }
        add(&mut normed, &read);
        live.mlp_norm = self.norm_back(norm, &normed, &state.mid, &state.mlp_scale, gradient);
    }

    /// What comes back through a layer's active features, their gates given: of what the encoder reads, [tokens, width].
    fn features_back(&self, above: &[Read], layer: usize, written: &Values) -> Values {
        let [_, tokens, width] = self.sizes();
        let part = &self.model.transcoder.layers[layer];
        let mut out = Values::from(vec![0.0; tokens * width]);
        for feature in self.active.iter().filter(|one| one.layer == layer) {
            let here = feature.position * width..(feature.position + 1) * width;
            let vectors = part.decoder.row(feature.index).chunks_exact(width);
            let gradients = std::iter::once(written).chain(above.iter().rev().map(|r| &r.written));
            // Where the target itself reads, nothing is read of what is written.
            let met = vectors.zip(gradients);
            let met = met.map(|(vector, gradient)| match gradient.is_empty() {
                true => 0.0,
                false => dot(&gradient[here.clone()], vector),
            });
            let by_activation = met.sum::<f64>() as f32;
            for (out, weight) in out[here].iter_mut().zip(part.encoder.row(feature.index)) {
                *out += by_activation * weight;
            }
        }
        out
    }

    /// What comes back through a layer's neurons: of the output of its norm, [tokens, width].
    fn neurons_back(&self, layer: usize, written: &Values) -> Values {
        let [_, tokens, _] = self.sizes();
        let config = self.config();
        let mlp = Mlp::new(&Cpu, &self.model.language.blocks[layer], config.activation);
        let slopes = mlp.slopes(&Cpu, &self.on_host.states[layer].mlp_normed, tokens);
        let all: Vec<u32> = (0..tokens as u32).collect();
        mlp.pull_back(&Cpu, written, &all, &slopes)
    }

    /// Adds what comes back through a layer's attention; what it reads of the heads' values.
    fn attention_back(&self, layer: usize, gradient: &mut [f32], live: &mut Live) -> Values {
        let (state, block) = (
            &self.on_host.states[layer],
            &self.model.language.blocks[layer],
        );
        let sizes = self.attention(1);
        let ([_, tokens, width], inner) = (self.sizes(), sizes.width);
        let out = &block.attention_out.weight.values;
        let mixed = through(&gradient.to_vec().into(), out, [width, inner], true);
        let values = Cpu.attention_unmix(&state.pattern, &mixed, sizes);
        let mut normed = through(&values, &state.weights[2], [inner, width], true);
        let norm = &block.attention_norm;
        if !self.reading.patterns() {
            let scores = Cpu.attention_scores_back(&state.pattern, &state.qkv, &mixed, sizes);
            let mut qkv = Cpu.attention_back(&state.pattern, &scores, &state.qkv, &mixed, sizes);
            if let Some(rotary) = &self.on_host.rotary {
                let turned = Rotation {
                    rows: tokens,
                    tokens,
                    first: 0,
                    stride: sizes.stride(),
                    heads: 2 * sizes.heads,
                    head_width: sizes.head_width(),
                    back: false,
                };
                rotary.pull_back(&Cpu, &mut qkv, turned);
            }
            for head in 0..sizes.heads {
                for (side, weight) in state.weights[..2].iter().enumerate() {
                    let lanes = self.lanes(&qkv, head, side);
                    let looks = through(&lanes, weight, [inner, width], true);
                    add(&mut normed, &looks);
                    live.looks.push(pull(
                        norm,
                        &looks,
                        &state.before,
                        &state.attention_scale,
                        true,
                    ));
                }
            }
        }
        live.norm = self.norm_back(
            norm,
            &normed,
            &state.before,
            &state.attention_scale,
            gradient,
        );
        values
    }

    /// Of gradients by queries, keys and values [tokens, 3 query_width] those of one head's queries (0)
    /// or keys (1), the others zero: [tokens, query_width].
    fn lanes(&self, qkv: &[f32], head: usize, side: usize) -> Values {
        let [_, tokens, _] = self.sizes();
        let (width, head_width) = (self.config().query_width(), self.config().head_width);
        let mut lanes = Values::from(vec![0.0; tokens * width]);
        for (row, qkv) in lanes
            .chunks_exact_mut(width)
            .zip(qkv.chunks_exact(3 * width))
        {
            let first = head * head_width;
            let from = side * width + first;
            row[first..first + head_width].copy_from_slice(&qkv[from..from + head_width]);
        }
        lanes
    }

    /// Adds what comes back through a norm; what its derivative has of it where
    /// it is live, and nothing where it is held.
    fn norm_back(
        &self,
        norm: &Norm,
        read: &[f32],
        x: &Values,
        scale: &Values,
        gradient: &mut [f32],
    ) -> Values {
        let held = pull(norm, read, x, scale, true);
        add(gradient, &held);
        if self.reading.norms() {
            return Values::default();
        }
        let mut live = pull(norm, read, x, scale, false);
        subtract(&mut live, &held);
        add(gradient, &live);
        live
    }
}
