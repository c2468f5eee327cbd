//! What sources write, carried up the network with all held.

use super::host::HostPrompt;
use super::products::{add, push, through};
use crate::engine::Engine;
use crate::engine::cpu::Cpu;
use crate::model::{EncoderInput, Values};
use crate::trace::Node;

/// What writes to the residual stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamSource {
    /// A node of the graph.
    Node(usize),
    /// The position embeddings, of all tokens together.
    Positions,
    /// All biases together, and what the first position's MLPs write.
    Biases,
}

/// What sources bring to each layer with all held, [sources, tokens, width] each.
pub struct CarriedUp {
    /// To the residual stream before the attention and, without what is written there, before the MLP.
    pub before: Vec<Values>,
    pub mids: Vec<Values>,
    /// To the values of its heads, each with its own: [sources, tokens, query_width].
    pub values: Vec<Values>,
    /// To the residual stream after the last layer.
    pub last: Values,
}

/// A vector that a source adds to what the MLP of a layer writes.
pub struct Write {
    pub layer: usize,
    pub position: usize,
    /// [width]
    pub vector: Values,
}

impl HostPrompt<'_> {
    /// All that a node writes to MLP outputs.
    pub fn writes(&self, node: usize) -> Vec<Write> {
        let [_, tokens, width] = self.sizes();
        match self.graph.node(node) {
            Node::Feature(i) => {
                let feature = self.graph.features[i];
                let decoder = &self.model.transcoder.layers[feature.layer].decoder;
                let vectors = decoder.row(feature.index).chunks_exact(width);
                let writes = vectors.enumerate().map(|(output, vector)| Write {
                    layer: feature.layer + output,
                    position: feature.position,
                    vector: vector.iter().map(|x| feature.activation * x).collect(),
                });
                writes.collect()
            }
            // The first position has no error: its node has no edges.
            Node::Error { layer, position } if position > 0 => {
                let at = (layer * tokens + position) * width;
                vec![Write {
                    layer,
                    position,
                    vector: self.on_host.errors[at..at + width].to_vec().into(),
                }]
            }
            _ => Vec::new(),
        }
    }

    /// What a source is before the first layer, added to `stream` [tokens, width].
    fn embed(&self, source: StreamSource, stream: &mut [f32]) {
        let language = &self.model.language;
        let width = language.config.width;
        match source {
            StreamSource::Positions => {
                if let Some(table) = &language.position_embedding {
                    for (position, stream) in stream.chunks_exact_mut(width).enumerate() {
                        add(stream, table.row(position));
                    }
                }
            }
            StreamSource::Biases => {}
            StreamSource::Node(node) => {
                if let Node::Token(position) = self.graph.node(node) {
                    let id = self.graph.tokens[position] as usize;
                    let stream = &mut stream[position * width..(position + 1) * width];
                    add(stream, language.token_embedding.row(id));
                }
            }
        }
    }

    /// Carries what sources write up to the attention of each of so many layers, with all held.
    pub fn carry_up(&self, sources: &[StreamSource], layers: usize) -> CarriedUp {
        let [all, tokens, width] = self.sizes();
        let (count, one) = (sources.len(), tokens * width);
        let mut stream = Values::from(vec![0.0; count * one]);
        let mut written: Vec<Vec<(usize, Write)>> = (0..all).map(|_| Vec::new()).collect();
        let biases = sources
            .iter()
            .position(|source| *source == StreamSource::Biases);
        for (place, source) in sources.iter().enumerate() {
            self.embed(*source, &mut stream[place * one..(place + 1) * one]);
            if let StreamSource::Node(node) = source {
                for write in self.writes(*node) {
                    written[write.layer].push((place, write));
                }
            }
        }
        let mut risen = CarriedUp {
            before: Vec::with_capacity(layers),
            mids: Vec::with_capacity(layers),
            values: Vec::with_capacity(layers),
            last: Values::default(),
        };
        for (layer, written) in written.iter().enumerate().take(layers) {
            let (state, block) = (
                &self.on_host.states[layer],
                &self.model.language.blocks[layer],
            );
            let normed = push(
                &block.attention_norm,
                &stream,
                &state.attention_scale,
                count,
            );
            let inner = self.config().query_width();
            let values = through(&normed, &state.weights[2], [width, inner], false);
            let patterns = state.pattern.repeat(count).into();
            let mixed = Cpu.attention_mix(&patterns, None, &values, 1, self.attention(count));
            risen.before.push(stream.clone());
            risen.values.push(values);
            let out = &block.attention_out.weight.values;
            add(&mut stream, &through(&mixed, out, [inner, width], false));
            if let Some(place) = biases {
                let everywhere = state.attention_constant.repeat(tokens);
                add(&mut stream[place * one..(place + 1) * one], &everywhere);
            }
            risen.mids.push(stream.clone());
            if let Some(skip) = &self.model.transcoder.layers[layer].skip {
                let read = match self.model.transcoder.input {
                    EncoderInput::ResidualMid => stream.clone(),
                    EncoderInput::MlpNorm => {
                        push(&block.mlp_norm, &stream, &state.mlp_scale, count)
                    }
                };
                let read = through(&read, &skip.values, [width, width], true);
                add(&mut stream, &read);
            }
            for (place, write) in written {
                let at = (place * tokens + write.position) * width;
                add(&mut stream[at..at + width], &write.vector);
            }
            if let Some(place) = biases {
                let constants = &self.on_host.constants[layer * one..(layer + 1) * one];
                add(&mut stream[place * one..(place + 1) * one], constants);
            }
        }
        risen.last = stream;
        risen
    }
}
