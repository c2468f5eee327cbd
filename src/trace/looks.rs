//! Why a head looks where it looks: a score falls into pairs of what stands at the query and what stands
//! at the key.
//!
//! A score before the softmax is a query times a key, each of which is a sum over all that reached its
//! token: features, errors, tokens, positions and biases, carried up with patterns and denominators
//! held. So it is a sum over pairs, exactly. ("Tracing Attention Computation Through Feature
//! Interactions", 2025, does so with the features at the two tokens; here what attention brought there
//! counts for where it came from.)

use super::carry::{CarriedUp, HostPrompt, StreamSource, dot, each_its_own, push};
use super::{Graph, Run, TraceError, Tracer};
use crate::engine::cpu::Cpu;
use crate::engine::{Engine, Rotation};
use crate::model::{Config, Values};
use crate::network::Reading;
use crate::order;

/// A head, and the token that looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadAt {
    pub layer: usize,
    pub head: usize,
    pub query: usize,
}

/// A head and the token that looks, the one it looks at, and perhaps another that it could look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub at: HeadAt,
    pub key: usize,
    /// If so, the score is the difference of the two.
    pub minus: Option<usize>,
}

/// A score in parts.
#[derive(Clone, Debug)]
pub struct HeadScore {
    /// The score, or the difference of two.
    pub score: f64,
    /// How much the head looks at each token, [tokens]; zero after the query.
    pub pattern: Vec<f32>,
    /// All scores of the query, as far as it sees, [query + 1].
    pub scores: Vec<f32>,
    /// The largest parts, by size.
    pub pairs: Vec<Pair>,
    /// What all other pairs add.
    pub rest: f64,
}

/// What a pair adds to a score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pair {
    pub query: StreamSource,
    pub key: StreamSource,
    /// Whether it is of the key that is subtracted; its part has its sign.
    pub subtracted: bool,
    pub part: f64,
}

/// Most floats of what sources bring to one layer.
const AT_ONCE: usize = 16 << 20;

impl<E: Engine> Tracer<E> {
    /// Splits a score over pairs of sources, of which the `most` largest are told one by one. Where
    /// features of the graph's prompt are no nodes, what they bring is in the rest.
    ///
    /// # Errors
    /// A layer, head or token that does not exist, a key after the query, or an engine that fails.
    ///
    /// # Panics
    /// If the graph is of another model, or the run of another prompt.
    pub async fn look(
        &self,
        run: &Run<E>,
        graph: &Graph,
        look: Look,
        most: usize,
    ) -> Result<HeadScore, TraceError> {
        look.at.check(self.network.config(), graph.tokens.len())?;
        for key in [Some(look.key), look.minus].into_iter().flatten() {
            below(
                "key token, which the query has to see,",
                key,
                look.at.query + 1,
            )?;
        }
        let prompt = self.prompt(run, graph, Reading::Held).await?;
        Ok(split(&prompt, graph, look, most))
    }
}

impl HeadAt {
    /// # Errors
    /// A layer or head that the model has not, or a token that is none of the prompt's.
    pub(crate) fn check(self, config: &Config, tokens: usize) -> Result<(), TraceError> {
        below("layer", self.layer, config.layers)?;
        below("head", self.head, config.heads)?;
        below("query token", self.query, tokens)
    }
}

fn below(name: &'static str, value: usize, limit: usize) -> Result<(), TraceError> {
    match value < limit {
        true => Ok(()),
        false => Err(TraceError::NoSuch {
            name,
            value,
            last: limit - 1,
        }),
    }
}

fn split(prompt: &HostPrompt<'_>, graph: &Graph, look: Look, most: usize) -> HeadScore {
    let [_, tokens, width] = prompt.sizes();
    let (head_width, inner) = (prompt.config().head_width, prompt.config().query_width());
    let (state, lanes) = (
        &prompt.on_host.states[look.at.layer],
        look.at.head * head_width,
    );
    let factor = 1.0 / (head_width as f64).sqrt();
    let vector = |part: usize, token: usize| {
        let first = (token * 3 + part) * inner + lanes;
        &state.qkv[first..first + head_width]
    };
    let score = |key: usize| factor * dot(vector(0, look.at.query), vector(1, key));
    let minus = look.minus.map_or(0.0, score);
    let row = (look.at.head * tokens + look.at.query) * tokens;

    let sources = sources(graph, look.at.layer);
    let mut queries = Vec::with_capacity(sources.len());
    let mut keys = [Vec::new(), Vec::new()];
    for some in sources.chunks((AT_ONCE / (tokens * width)).max(1)) {
        let risen = prompt.carry_up(some, look.at.layer);
        let vectors = |part, token| vectors(prompt, &risen, some, look, part, token);
        queries.extend(vectors(0, look.at.query));
        keys[0].extend(vectors(1, look.key));
        if let Some(minus) = look.minus {
            keys[1].extend(vectors(1, minus));
        }
    }
    let mut pairs = Vec::new();
    for (query, at_query) in sources.iter().zip(&queries) {
        for (subtracted, sign, keys) in [(false, factor, &keys[0]), (true, -factor, &keys[1])] {
            for (key, at_key) in sources.iter().zip(keys) {
                let part = sign * dot(at_query, at_key);
                if part != 0.0 {
                    pairs.push(Pair {
                        query: *query,
                        key: *key,
                        subtracted,
                        part,
                    });
                }
            }
        }
    }
    let sizes: Vec<f32> = pairs.iter().map(|pair| pair.part.abs() as f32).collect();
    let mut largest = order::largest_first(&sizes);
    largest.truncate(most);
    let told: Vec<Pair> = largest.into_iter().map(|i| pairs[i]).collect();
    let sum: f64 = told.iter().map(|pair| pair.part).sum();
    let score_of_all = score(look.key) - minus;
    HeadScore {
        score: score_of_all,
        pattern: state.pattern[row..row + tokens].to_vec(),
        scores: (0..=look.at.query).map(|key| score(key) as f32).collect(),
        rest: score_of_all - sum,
        pairs: told,
    }
}

/// All that may write to the residual stream before a layer.
fn sources(graph: &Graph, layer: usize) -> Vec<StreamSource> {
    let [errors, tokens, logits] = graph.starts();
    let features = (0..errors).filter(|i| graph.features[*i].layer < layer);
    let errors = (errors..tokens).take(layer * graph.tokens.len());
    features
        .chain(errors)
        .chain(tokens..logits)
        .map(StreamSource::Node)
        .chain([StreamSource::Positions, StreamSource::Biases])
        .collect()
}

/// What each source brings to a head's queries (part 0) or keys (1) at a token: [sources][head width].
fn vectors(
    prompt: &HostPrompt<'_>,
    risen: &CarriedUp,
    sources: &[StreamSource],
    look: Look,
    part: usize,
    token: usize,
) -> Vec<Values> {
    let [_, tokens, width] = prompt.sizes();
    let (head_width, inner) = (prompt.config().head_width, prompt.config().query_width());
    let (state, block) = (
        &prompt.on_host.states[look.at.layer],
        &prompt.model.language.blocks[look.at.layer],
    );
    let lanes = look.at.head * head_width..(look.at.head + 1) * head_width;
    let scale = &state.attention_scale[token..=token];
    let read = |normed: &[f32]| {
        let mut out = vec![0.0f64; head_width];
        for (x, weights) in normed.iter().zip(state.weights[part].chunks_exact(inner)) {
            for (out, weight) in out.iter_mut().zip(&weights[lanes.clone()]) {
                *out += f64::from(*x) * f64::from(*weight);
            }
        }
        out
    };
    let norm = &block.attention_norm;
    let bias = block.attention_in.bias.as_ref();
    let bias = bias.map(|bias| each_its_own(prompt.config(), bias));
    let bias = bias
        .as_ref()
        .map(|bias| &bias[part * inner..][lanes.clone()]);
    let turned = Rotation {
        rows: 1,
        tokens: 1,
        first: token,
        stride: head_width,
        heads: 1,
        head_width,
        back: false,
    };
    let mut found = Vec::with_capacity(sources.len());
    for (place, source) in sources.iter().enumerate() {
        let at = (place * tokens + token) * width;
        let x = risen.last[at..at + width].to_vec().into();
        let mut vector = read(&push(norm, &x, scale, 1));
        if *source == StreamSource::Biases {
            let through_norm = read(norm.bias.as_deref().unwrap_or_default());
            for (i, out) in vector.iter_mut().enumerate() {
                *out += through_norm[i] + bias.map_or(0.0, |bias| f64::from(bias[i]));
            }
        }
        let mut vector = vector.into_iter().map(|x| x as f32).collect();
        if let Some(rotary) = &prompt.on_host.rotary {
            rotary.run(&Cpu, &mut vector, turned);
        }
        found.push(vector);
    }
    found
}
