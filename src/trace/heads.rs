//! How edges pass through attention: the exact split of an edge over the heads of each layer.
//!
//! With patterns and denominators frozen all is linear, so what a source writes can be carried up
//! and what a target reads carried down until both meet at a layer. There each head's part of the
//! edge is one product, and what no head takes is in the residual stream. ("Circuit Tracing",
//! 2025, sums these paths up in one edge; here they are told apart, one layer at a time.)

use super::frozen::read_through_norm;
use super::rows::split_outputs;
use super::{Graph, Node, TraceError, Tracer};
use crate::engine::cpu::Cpu;
use crate::engine::{Attention, Engine, Product};
use crate::model::{EncoderInput, Model};
use crate::order;

/// Most bytes of sources that are carried up at once.
const AT_ONCE: usize = 64 << 20;

impl<E: Engine> Tracer<E> {
    /// Splits edges over attention heads: for each (source, target) of `pairs`, both nodes of a
    /// graph of this tracer's, and for each layer, the part of the edge that goes through each head
    /// there, and last the part that goes through none: [pairs, layers, heads + 1]. The latter
    /// stays in the residual stream, is written above the layer, or is read below it. Each layer's
    /// numbers sum to the edge. What no source writes to (logits, errors of the first position)
    /// gives zeros.
    ///
    /// The prompt is run once more, since a graph does not keep its forward pass.
    ///
    /// # Errors
    /// A node that does not exist or a target without inputs, or an engine that fails.
    ///
    /// # Panics
    /// If the graph is of another model.
    pub async fn heads(
        &self,
        graph: &Graph,
        pairs: &[(usize, usize)],
    ) -> Result<Vec<f32>, TraceError> {
        self.check(&graph.tokens)?;
        for (source, target) in pairs {
            let nodes = graph.nodes();
            if let Some(node) = [*source, *target].into_iter().find(|node| *node >= nodes) {
                return Err(TraceError::NoSuchNode { node, nodes });
            }
            if graph.row_index(*target).is_none() {
                return Err(TraceError::NoInputs { node: *target });
            }
        }
        let prompt = self.prompt(graph).await?;
        let [layers, tokens, width] = prompt.sizes();
        let numbers = layers * (prompt.heads() + 1);
        let mut out = vec![0.0; pairs.len() * numbers];

        let by_source = order::indices(pairs.len(), &|a, b| pairs[a].0.cmp(&pairs[b].0));
        let alike: Vec<&[usize]> = by_source
            .chunk_by(|a, b| pairs[*a].0 == pairs[*b].0)
            .collect();
        let at_once = (AT_ONCE / (8 * layers * tokens * width)).max(1);
        for alike in alike.chunks(at_once) {
            let sources: Vec<usize> = alike.iter().map(|same| pairs[same[0]].0).collect();
            let risen = prompt.carry_up(&sources);
            // (place among these sources, pair), by target.
            let mut wanted: Vec<(usize, usize)> = Vec::new();
            for (place, same) in alike.iter().enumerate() {
                wanted.extend(same.iter().map(|pair| (place, *pair)));
            }
            let target = |(_, pair): &(usize, usize)| pairs[*pair].1;
            order::sort(&mut wanted, &|a, b| target(a).cmp(&target(b)));
            for same in wanted.chunk_by(|a, b| target(a) == target(b)) {
                let reading = prompt.carry_down(target(&same[0]));
                for (place, pair) in same {
                    let out = &mut out[pair * numbers..(pair + 1) * numbers];
                    prompt.split(&risen, *place, sources[*place], &reading, out);
                }
            }
        }
        Ok(out)
    }

    /// Runs a graph's prompt again and reads back what is frozen in it.
    async fn prompt<'a>(&'a self, graph: &'a Graph) -> Result<Prompt<'a>, TraceError> {
        let network = &self.network;
        let config = network.config();
        let (layers, tokens, width) = (config.layers, graph.tokens.len(), config.width);
        let forward = network.forward(&graph.tokens, 1, None);
        let activations = network.encode(&forward);
        let (errors, _) = split_outputs(network, &self.frozen, &forward, &activations);
        let mut wanted = vec![
            (&errors, layers * tokens * width),
            (&forward.final_scale, tokens),
        ];
        for (state, frozen) in forward.layers.iter().zip(&self.frozen) {
            wanted.push((&state.pattern, config.heads * tokens * tokens));
            wanted.push((&state.attention_scale, tokens));
            wanted.push((&state.mlp_scale, tokens));
            wanted.push((&frozen.value_path, width * width));
            wanted.extend(frozen.skip_path.iter().map(|skip| (skip, width * width)));
        }
        let mut values = network.engine.read(&wanted).await?.into_iter();
        let mut next = || values.next().expect("every tensor is read");
        let (errors, final_scale) = (next(), next()[tokens - 1]);
        let layers = self.frozen.iter().map(|frozen| FrozenPrompt {
            pattern: next(),
            attention_scale: next(),
            mlp_scale: next(),
            value_path: next(),
            skip_path: frozen.skip_path.is_some().then(&mut next),
        });
        Ok(Prompt {
            model: &network.model,
            graph,
            layers: layers.collect(),
            errors,
            final_scale,
        })
    }
}

/// What is frozen at one layer. The paths are those of `frozen.rs`.
struct FrozenPrompt {
    /// [heads, tokens (queries), tokens (keys)]
    pattern: Vec<f32>,
    /// 1 / standard deviation in the attention's LayerNorm, [tokens].
    attention_scale: Vec<f32>,
    /// The same in the MLP's.
    mlp_scale: Vec<f32>,
    /// [width (input), width (value)]
    value_path: Vec<f32>,
    /// [width (output), width (input)]
    skip_path: Option<Vec<f32>>,
}

/// A prompt's frozen network on the host.
struct Prompt<'a> {
    model: &'a Model,
    graph: &'a Graph,
    layers: Vec<FrozenPrompt>,
    /// [layers, tokens, width]
    errors: Vec<f32>,
    /// Of the last token.
    final_scale: f32,
}

/// What sources bring to each layer, [sources, tokens, width] each.
struct Risen {
    /// To the residual stream before the attention.
    streams: Vec<Vec<f32>>,
    /// To the values of its heads, up to the attention's LayerNorm's denominator.
    values: Vec<Vec<f32>>,
}

/// What a target reads at a layer, [tokens, width] each.
struct Reading {
    /// Of what the MLP writes; empty where the target itself reads at this layer.
    written: Vec<f32>,
    /// Of the residual stream between attention and MLP.
    mid: Vec<f32>,
    /// Of the values of the attention's heads, its LayerNorm's denominator included.
    values: Vec<f32>,
}

/// A vector that a source adds to what the MLP of a layer writes.
struct Write {
    layer: usize,
    position: usize,
    /// [width]
    vector: Vec<f32>,
}

impl Prompt<'_> {
    /// Layers, tokens and width.
    fn sizes(&self) -> [usize; 3] {
        let tokens = self.graph.tokens.len();
        [self.layers.len(), tokens, self.model.language.config.width]
    }

    fn heads(&self) -> usize {
        self.model.language.config.heads
    }

    /// All that a source writes to MLP outputs.
    fn writes(&self, source: usize) -> Vec<Write> {
        let [_, tokens, width] = self.sizes();
        match self.graph.node(source) {
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
                    vector: self.errors[at..at + width].to_vec(),
                }]
            }
            _ => Vec::new(),
        }
    }

    /// Carries what sources write up to every layer.
    fn carry_up(&self, sources: &[usize]) -> Risen {
        let [layers, tokens, width] = self.sizes();
        let mut stream = vec![0.0; sources.len() * tokens * width];
        let mut written: Vec<Vec<(usize, Write)>> = (0..layers).map(|_| Vec::new()).collect();
        for (place, source) in sources.iter().enumerate() {
            if let Node::Token(position) = self.graph.node(*source) {
                let id = self.graph.tokens[position] as usize;
                let embedding = self.model.language.token_embedding.row(id);
                let at = (place * tokens + position) * width;
                stream[at..at + width].copy_from_slice(embedding);
            }
            for write in self.writes(*source) {
                written[write.layer].push((place, write));
            }
        }
        let mut risen = Risen {
            streams: Vec::with_capacity(layers),
            values: Vec::with_capacity(layers),
        };
        for (layer, written) in written.iter().enumerate() {
            let frozen = &self.layers[layer];
            let attention_out = &self.model.language.blocks[layer]
                .attention_out
                .weight
                .values;
            let values = self.through(&stream, &frozen.value_path, false);
            let mixed = mix(frozen, &values, self.heads(), tokens, width);
            risen.streams.push(stream.clone());
            risen.values.push(values);
            add(&mut stream, &self.through(&mixed, attention_out, false));
            if let Some(skip) = &frozen.skip_path {
                let mut skipped = self.through(&stream, skip, true);
                self.scale_skip(layer, &mut skipped);
                add(&mut stream, &skipped);
            }
            for (place, write) in written {
                let at = (place * tokens + write.position) * width;
                add(&mut stream[at..at + width], &write.vector);
            }
        }
        risen
    }

    /// Carries what a target reads down from its layer to the first: one reading a layer.
    fn carry_down(&self, target: usize) -> Vec<Reading> {
        let [layers, tokens, width] = self.sizes();
        let language = &self.model.language;
        let transcoder = &self.model.transcoder;
        let mut direction;
        // The layer and position where the direction reads the stream between attention and MLP;
        // a logit reads what the last MLP leaves.
        let (from, position) = match self.graph.node(target) {
            Node::Feature(i) => {
                let feature = self.graph.features[i];
                let encoder = &transcoder.layers[feature.layer].encoder;
                direction = encoder.row(feature.index).to_vec();
                if transcoder.input == EncoderInput::MlpNorm {
                    read_through_norm(&mut direction, &language.blocks[feature.layer].mlp_norm);
                    let scale = self.layers[feature.layer].mlp_scale[feature.position];
                    direction.iter_mut().for_each(|x| *x *= scale);
                }
                (feature.layer, feature.position)
            }
            Node::Logit(i) => {
                direction = self.graph.targets[i].direction.clone();
                read_through_norm(&mut direction, &language.final_norm);
                direction.iter_mut().for_each(|x| *x *= self.final_scale);
                (layers, tokens - 1)
            }
            _ => unreachable!("targets are checked to have inputs"),
        };
        let mut gradient = vec![0.0; tokens * width];
        gradient[position * width..(position + 1) * width].copy_from_slice(&direction);
        let mut readings = Vec::with_capacity(from + 1);
        for layer in (0..layers.min(from + 1)).rev() {
            let frozen = &self.layers[layer];
            let mut written = Vec::new();
            if layer < from {
                written.clone_from(&gradient);
                if let Some(skip) = &frozen.skip_path {
                    let mut skipped = self.through(&gradient, skip, false);
                    self.scale_skip(layer, &mut skipped);
                    add(&mut gradient, &skipped);
                }
            }
            let mid = gradient.clone();
            let attention_out = &language.blocks[layer].attention_out.weight.values;
            let mixed = self.through(&gradient, attention_out, true);
            let sizes = Attention {
                sequences: 1,
                tokens,
                past: 0,
                heads: self.heads(),
                width,
            };
            let values =
                Cpu.attention_unmix(&frozen.pattern, &frozen.attention_scale, &mixed, sizes);
            add(
                &mut gradient,
                &self.through(&values, &frozen.value_path, true),
            );
            readings.push(Reading {
                written,
                mid,
                values,
            });
        }
        readings.reverse();
        readings
    }

    /// Splits one edge: `out` is [layers, heads + 1].
    fn split(
        &self,
        risen: &Risen,
        place: usize,
        source: usize,
        reading: &[Reading],
        out: &mut [f32],
    ) {
        let [_, tokens, width] = self.sizes();
        let heads = self.heads();
        let here = place * tokens * width..(place + 1) * tokens * width;
        let writes = self.writes(source);
        // What the source writes to this layer's MLP output or a later one.
        let mut above = 0.0;
        let (read, beyond) = out.split_at_mut(reading.len() * (heads + 1));
        for (layer, (reading, out)) in reading
            .iter()
            .zip(read.chunks_exact_mut(heads + 1))
            .enumerate()
            .rev()
        {
            for write in writes.iter().filter(|write| write.layer == layer) {
                let at = write.position * width;
                if let Some(read) = reading.written.get(at..at + width) {
                    above += dot(read, &write.vector);
                }
            }
            let by = dot(&reading.mid, &risen.streams[layer][here.clone()]);
            out[heads] = (by + above) as f32;
            let values = &risen.values[layer][here.clone()];
            let rows = values
                .chunks_exact(width)
                .zip(reading.values.chunks_exact(width));
            let mut through = vec![0.0f64; heads];
            for (value, read) in rows {
                let lanes = value
                    .chunks_exact(width / heads)
                    .zip(read.chunks_exact(width / heads));
                for (through, (value, read)) in through.iter_mut().zip(lanes) {
                    *through += dot(value, read);
                }
            }
            for (out, through) in out.iter_mut().zip(through) {
                *out = through as f32;
            }
        }
        // Layers above the target's have no part in the edge.
        let edge: f32 = read[read.len() - (heads + 1)..].iter().sum();
        for out in beyond.chunks_exact_mut(heads + 1) {
            out[heads] = edge;
        }
    }

    /// The product of rows [any, width] with a matrix [width, width].
    fn through(&self, rows: &Vec<f32>, matrix: &Vec<f32>, transposed: bool) -> Vec<f32> {
        let [_, _, width] = self.sizes();
        let product = Product {
            rows: rows.len() / width,
            inner: width,
            columns: width,
            transposed,
        };
        Cpu.matmul(rows, matrix, None, product)
    }

    /// Applies the MLP's LayerNorm's denominators to what went through a skip path, if that lies
    /// behind the LayerNorm: [any, tokens, width].
    fn scale_skip(&self, layer: usize, skipped: &mut [f32]) {
        let [_, tokens, width] = self.sizes();
        if self.model.transcoder.input == EncoderInput::MlpNorm {
            let scales = self.layers[layer].mlp_scale[..tokens].iter().cycle();
            for (row, scale) in skipped.chunks_exact_mut(width).zip(scales) {
                row.iter_mut().for_each(|x| *x *= scale);
            }
        }
    }
}

/// What each head takes from the values of [any, tokens, width], which all share the pattern.
fn mix(
    frozen: &FrozenPrompt,
    values: &[f32],
    heads: usize,
    tokens: usize,
    width: usize,
) -> Vec<f32> {
    let mut mixed = vec![0.0; values.len()];
    let sequences = values.chunks_exact(tokens * width);
    for (values, mixed) in sequences.zip(mixed.chunks_exact_mut(tokens * width)) {
        for (key, values) in values.chunks_exact(width).enumerate() {
            // Sources reach nothing before their own position.
            if values.iter().all(|value| *value == 0.0) {
                continue;
            }
            for query in key..tokens {
                let mixed = &mut mixed[query * width..(query + 1) * width];
                let lanes = mixed
                    .chunks_exact_mut(width / heads)
                    .zip(values.chunks_exact(width / heads));
                for (head, (mixed, values)) in lanes.enumerate() {
                    let weight = frozen.attention_scale[key]
                        * frozen.pattern[(head * tokens + query) * tokens + key];
                    for (mixed, value) in mixed.iter_mut().zip(values) {
                        *mixed += weight * value;
                    }
                }
            }
        }
    }
    mixed
}

fn add(out: &mut [f32], more: &[f32]) {
    for (out, more) in out.iter_mut().zip(more) {
        *out += more;
    }
}

/// Summed in f64: the parts of an edge may be far larger than the edge.
fn dot(a: &[f32], b: &[f32]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
