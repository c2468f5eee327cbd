//! A prompt on the host: what sources write carried up with all held, and what targets read carried
//! down in a graph's reading. Where both meet, an edge falls into parts.

use super::{Graph, Node, Run, TraceError, Tracer};
use crate::engine::cpu::Cpu;
use crate::engine::{Attention, Engine, NormBack, NormRows, Product, Rotation};
use crate::model::{Config, EncoderInput, Model, Norm, Values};
use crate::network::{Reading, Rotary};
use crate::order;

/// Most bytes of sources that are carried up at once.
const AT_ONCE: usize = 64 << 20;

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

/// What a pass of the prompt left at one layer.
pub(super) struct State {
    /// The residual stream before the attention and before the MLP, [tokens, width].
    before: Values,
    mid: Values,
    /// Queries, keys and values, [tokens, 3 query_width]: each head with its own, though in the model several
    /// may have the same keys and values, so that each one's part can be told.
    pub qkv: Values,
    /// [heads, tokens (queries), tokens (keys)]
    pub pattern: Values,
    /// 1 / denominator in the attention's norm and in the MLP's, [tokens].
    pub attention_scale: Values,
    mlp_scale: Values,
    /// The weights of queries, of keys and of values, [width, query_width] each.
    pub weights: [Values; 3],
    /// What biases make the attention write at every token, [width].
    attention_constant: Values,
}

/// What a run left, on the host.
pub(super) struct OnHost {
    pub states: Vec<State>,
    /// Where positions are rotary.
    pub rotary: Option<Rotary<Values>>,
    /// [layers, tokens, width]
    errors: Values,
    /// What biases and the first position write in the MLPs' place, [layers, tokens, width].
    constants: Values,
    /// The residual stream after the last layer at the last token, [width], and its norm's 1 /
    /// denominator.
    last: Values,
    final_scale: f32,
}

/// A graph's prompt on the host.
pub(super) struct HostPrompt<'a> {
    pub model: &'a Model,
    graph: &'a Graph,
    /// What is held on the way down.
    reading: Reading,
    pub on_host: &'a OnHost,
}

/// What sources bring to each layer with all held, [sources, tokens, width] each.
pub(super) struct CarriedUp {
    /// To the residual stream before the attention and, without what is written there, before the MLP.
    pub before: Vec<Values>,
    pub mids: Vec<Values>,
    /// To the values of its heads, each with its own: [sources, tokens, query_width].
    pub values: Vec<Values>,
    /// To the residual stream after the last layer.
    pub last: Values,
}

/// What a target reads at a layer, [tokens, width] each.
pub(super) struct Read {
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
pub(super) struct Live {
    /// By where each head looks, of its query and of its key: [heads x 2][tokens, width].
    pub looks: Vec<Values>,
    /// Through the attention's norm.
    pub norm: Values,
    /// Through the norm before a skip path: of the residual stream before the MLP.
    pub skip: Values,
}

/// What a target reads.
pub(super) struct CarriedDown {
    /// Its layer, and the position at which it reads; a logit reads what the last layer leaves.
    pub layer: usize,
    pub position: usize,
    /// What it reads there with its norm held, and what the norm's derivative adds, [width].
    pub held: Values,
    pub live: Values,
    /// By layer, from the first up to its own.
    pub reads: Vec<Read>,
}

/// A vector that a source adds to what the MLP of a layer writes.
pub(super) struct Write {
    pub layer: usize,
    pub position: usize,
    /// [width]
    pub vector: Values,
}

impl<E: Engine> Tracer<E> {
    /// Calls `meet` for each (source, target) of `pairs` with a graph's prompt, what the sources brought up, the place of
    /// this one among them, what the target reads, and the number of the pair.
    ///
    /// # Errors
    /// A node that does not exist or a target without inputs, or an engine that fails.
    pub(super) async fn meet(
        &self,
        run: &Run<E>,
        graph: &Graph,
        pairs: &[(usize, usize)],
        reading: Reading,
        meet: &mut dyn FnMut(&HostPrompt<'_>, &CarriedUp, usize, &CarriedDown, usize),
    ) -> Result<(), TraceError> {
        for (source, target) in pairs {
            let nodes = graph.nodes();
            if let Some(node) = [*source, *target].into_iter().find(|node| *node >= nodes) {
                return Err(TraceError::NoSuchNode { node, nodes });
            }
            if graph.row_index(*target).is_none() {
                return Err(TraceError::NoInputs { node: *target });
            }
        }
        let prompt = self.prompt(run, graph, reading).await?;
        let [layers, tokens, width] = prompt.sizes();
        let by_source = order::indices(pairs.len(), &|a, b| pairs[a].0.cmp(&pairs[b].0));
        let alike: Vec<&[usize]> = by_source
            .chunk_by(|a, b| pairs[*a].0 == pairs[*b].0)
            .collect();
        let at_once = (AT_ONCE / (12 * layers * tokens * width)).max(1);
        for alike in alike.chunks(at_once) {
            let sources = alike
                .iter()
                .map(|same| StreamSource::Node(pairs[same[0]].0));
            let risen = prompt.carry_up(&sources.collect::<Vec<_>>(), layers);
            // (place among these sources, pair), by target.
            let mut wanted: Vec<(usize, usize)> = Vec::new();
            for (place, same) in alike.iter().enumerate() {
                wanted.extend(same.iter().map(|pair| (place, *pair)));
            }
            let target = |(_, pair): &(usize, usize)| pairs[*pair].1;
            order::sort(&mut wanted, &|a, b| target(a).cmp(&target(b)));
            for same in wanted.chunk_by(|a, b| target(a) == target(b)) {
                let read = prompt.carry_down(target(&same[0]));
                for (place, pair) in same {
                    meet(&prompt, &risen, *place, &read, *pair);
                }
            }
        }
        Ok(())
    }

    /// A graph's prompt on the host: read back when it is asked for first.
    pub(super) async fn prompt<'a>(
        &'a self,
        run: &'a Run<E>,
        graph: &'a Graph,
        reading: Reading,
    ) -> Result<HostPrompt<'a>, TraceError> {
        assert_eq!(run.ids(), graph.tokens, "the graph is another prompt's");
        let on_host = match run.on_host.get() {
            Some(there) => there,
            None => {
                let read = self.read_back(run).await?;
                run.on_host.get_or_init(|| read)
            }
        };
        Ok(HostPrompt {
            model: &self.network.model,
            graph,
            reading,
            on_host,
        })
    }

    async fn read_back(&self, run: &Run<E>) -> Result<OnHost, TraceError> {
        let network = &self.network;
        let config = network.config();
        let forward = &run.forward;
        let (layers, tokens, width) = (config.layers, forward.tokens, config.width);
        let mut wanted = vec![
            (&run.errors, layers * tokens * width),
            (&run.constants, layers * tokens * width),
            (&forward.last, tokens * width),
            (&forward.final_scale, tokens),
        ];
        for (state, constants) in forward.layers.iter().zip(&self.constants) {
            wanted.push((&state.before, tokens * width));
            wanted.push((&state.mid, tokens * width));
            let stride = config.query_width() + 2 * config.key_width();
            wanted.push((&state.qkv, tokens * stride));
            wanted.push((&state.pattern, config.heads * tokens * tokens));
            wanted.push((&state.attention_scale, tokens));
            wanted.push((&state.mlp_scale, tokens));
            wanted.push((&constants.attention, width));
        }
        let values = network.engine.read(&wanted).await?;
        let mut values = values.into_iter().map(Values::from);
        let mut next = || values.next().expect("every tensor is read");
        let (errors, constants, last) = (next(), next(), next());
        let final_scale = next()[tokens - 1];
        let states = network.model.language.blocks.iter().map(|block| State {
            before: next(),
            mid: next(),
            qkv: each_its_own(config, &next()),
            pattern: next(),
            attention_scale: next(),
            mlp_scale: next(),
            attention_constant: next(),
            weights: parts(config, &block.attention_in.weight.values),
        });
        let rotary = config.rotary.as_ref();
        Ok(OnHost {
            states: states.collect(),
            rotary: rotary.map(|rotary| Rotary::new(&Cpu, rotary, tokens)),
            errors,
            constants,
            last: last[(tokens - 1) * width..].to_vec().into(),
            final_scale,
        })
    }
}

/// Queries, keys and values side by side, [rows, query_width + 2 key_width], with keys and values again
/// for each head that has them: [rows, 3 query_width].
pub(super) fn each_its_own(config: &Config, rows: &[f32]) -> Values {
    let (queries, keys) = (config.query_width(), config.key_width());
    let mut out = Vec::with_capacity(rows.len());
    for row in rows.chunks_exact(queries + 2 * keys) {
        out.extend_from_slice(&row[..queries]);
        for first in [queries, queries + keys] {
            out.extend((0..queries).map(|lane| row[first + config.key_lane(lane)]));
        }
    }
    out.into()
}

/// The parts of it for queries, for keys and for values, [rows, query_width] each.
fn parts(config: &Config, rows: &[f32]) -> [Values; 3] {
    let (rows, width) = (each_its_own(config, rows), config.query_width());
    [0, 1, 2].map(|part| {
        let rows = rows.chunks_exact(3 * width);
        rows.flat_map(|row| row[part * width..(part + 1) * width].to_vec())
            .collect()
    })
}

impl HostPrompt<'_> {
    /// Layers, tokens and width.
    pub fn sizes(&self) -> [usize; 3] {
        let tokens = self.graph.tokens.len();
        [
            self.on_host.states.len(),
            tokens,
            self.model.language.config.width,
        ]
    }

    pub fn config(&self) -> &Config {
        &self.model.language.config
    }

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

    /// Carries what a target reads down from its layer to the first, as the reading holds.
    fn carry_down(&self, target: usize) -> CarriedDown {
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
                live.skip = self.skip_back(layer, &mut gradient);
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
                if !self.reading.norms {
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

    /// Adds what comes back through a layer's skip path; what its live norm has of it.
    fn skip_back(&self, layer: usize, gradient: &mut [f32]) -> Values {
        let Some(skip) = &self.model.transcoder.layers[layer].skip else {
            return Values::default();
        };
        let [_, _, width] = self.sizes();
        let read = through(
            &gradient.to_vec().into(),
            &skip.values,
            [width, width],
            false,
        );
        if self.model.transcoder.input == EncoderInput::ResidualMid {
            add(gradient, &read);
            return Values::default();
        }
        let (state, norm) = (
            &self.on_host.states[layer],
            &self.model.language.blocks[layer].mlp_norm,
        );
        self.norm_back(norm, &read, &state.mid, &state.mlp_scale, gradient)
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
        if !self.reading.patterns {
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
        if self.reading.norms {
            return Values::default();
        }
        let mut live = pull(norm, read, x, scale, false);
        subtract(&mut live, &held);
        add(gradient, &live);
        live
    }

    /// Of heads each with its own keys and values, as [`State::qkv`] has them.
    fn attention(&self, sequences: usize) -> Attention {
        let [_, tokens, _] = self.sizes();
        let config = self.config();
        Attention {
            sequences,
            tokens,
            past: 0,
            heads: config.heads,
            key_heads: config.heads,
            width: config.query_width(),
        }
    }
}

/// The product of rows [any, inner] with a matrix [inner, columns], or stored as [columns, inner].
fn through(
    rows: &Values,
    matrix: &Values,
    [inner, columns]: [usize; 2],
    transposed: bool,
) -> Values {
    let product = Product {
        rows: rows.len() / inner,
        inner,
        columns,
        transposed,
    };
    Cpu.matmul(rows, matrix, None, product)
}

/// Sources [sources, tokens, width] through a norm whose denominators are held; its bias is no source's.
pub(super) fn push(norm: &Norm, x: &Values, scale: &[f32], sources: usize) -> Values {
    let (width, scale) = (norm.weight.len(), scale.repeat(sources).into());
    let no_bias = vec![0.0; width].into();
    let sizes = NormRows {
        rows: x.len() / width,
        width,
        centred: norm.centred,
    };
    Cpu.norm_frozen(x, &norm.weight, &no_bias, &scale, sizes)
}

/// Gradients by the output of a norm, [tokens, width], as gradients by its input x.
fn pull(norm: &Norm, gradient: &[f32], x: &Values, scale: &Values, held: bool) -> Values {
    let width = norm.weight.len();
    let sizes = NormBack {
        targets: 1,
        tokens: gradient.len() / width,
        width,
        centred: norm.centred,
        held,
    };
    let mut out = Values::from(vec![0.0; gradient.len()]);
    let gradient = gradient.to_vec().into();
    Cpu.norm_back(&mut out, &gradient, x, &norm.weight, scale, sizes);
    out
}

fn add(out: &mut [f32], more: &[f32]) {
    for (out, more) in out.iter_mut().zip(more) {
        *out += more;
    }
}

fn subtract(out: &mut [f32], less: &[f32]) {
    for (out, less) in out.iter_mut().zip(less) {
        *out -= less;
    }
}

/// Summed in f64: the parts of an edge may be far larger than the edge.
pub(super) fn dot(a: &[f32], b: &[f32]) -> f64 {
    let pairs = a.iter().zip(b);
    pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}
