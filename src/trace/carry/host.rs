//! A graph's prompt on the host: what its run left, read back when it is asked for first.

use crate::engine::cpu::Cpu;
use crate::engine::{Attention, Engine};
use crate::model::{Config, Model, Values};
use crate::network::{Reading, Rotary};
use crate::trace::{Feature, Graph, Run, TraceError, Tracer};

/// What a pass of the prompt left at one layer.
pub struct State {
    /// The residual stream before the attention and before the MLP, [tokens, width].
    pub before: Values,
    pub mid: Values,
    /// Queries, keys and values, [tokens, 3 query_width]: each head with its own, though in the model several
    /// may have the same keys and values, so that each one's part can be told.
    pub qkv: Values,
    /// [heads, tokens (queries), tokens (keys)]
    pub pattern: Values,
    /// 1 / denominator in the attention's norm and in the MLP's, [tokens].
    pub attention_scale: Values,
    pub mlp_scale: Values,
    /// The output of the MLP's norm, [tokens, width].
    pub mlp_normed: Values,
    /// The weights of queries, of keys and of values, [width, query_width] each.
    pub weights: [Values; 3],
    /// What biases make the attention write at every token, [width].
    pub attention_constant: Values,
}

/// What a run left, on the host.
pub struct OnHost {
    pub states: Vec<State>,
    /// Where positions are rotary.
    pub rotary: Option<Rotary<Values>>,
    /// [layers, tokens, width]
    pub errors: Values,
    /// What biases and the first position write in the MLPs' place, [layers, tokens, width].
    pub constants: Values,
    /// The residual stream after the last layer at the last token, [width], and its norm's 1 /
    /// denominator.
    pub last: Values,
    pub final_scale: f32,
}

/// A graph's prompt on the host.
pub struct HostPrompt<'a> {
    pub model: &'a Model,
    pub graph: &'a Graph,
    /// All that are active, whether or not they are nodes of the graph.
    pub active: &'a [Feature],
    /// What is held on the way down.
    pub reading: Reading,
    pub on_host: &'a OnHost,
}

impl<E: Engine> Tracer<E> {
    /// A graph's prompt on the host: read back when it is asked for first.
    pub(in crate::trace) async fn prompt<'a>(
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
            active: &run.features,
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
            wanted.push((&state.mlp_normed, tokens * width));
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
            mlp_normed: next(),
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

    /// Of heads each with its own keys and values, as [`State::qkv`] has them.
    pub fn attention(&self, sequences: usize) -> Attention {
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

/// Queries, keys and values side by side, [rows, query_width + 2 key_width], with keys and values again
/// for each head that has them: [rows, 3 query_width].
pub fn each_its_own(config: &Config, rows: &[f32]) -> Values {
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
