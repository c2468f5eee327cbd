//! What crosses to JavaScript, as plain records. `www/lab/wire.d.ts` is written from them and from what
//! `study` reports (`cargo xtask wire`); a test fails where it tells something else.

#[cfg(test)]
mod declared;

use crate::{study, trace};
use serde::{Deserialize, Serialize, Serializer};

/// Numbers that cross as one of JavaScript's typed arrays.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbers<T>(pub Vec<T>);

impl<T> From<Vec<T>> for Numbers<T> {
    fn from(values: Vec<T>) -> Numbers<T> {
        Numbers(values)
    }
}

impl FromIterator<usize> for Numbers<u32> {
    /// Indices, of which there are never as many as u32 has.
    fn from_iter<I: IntoIterator<Item = usize>>(values: I) -> Numbers<u32> {
        Numbers(values.into_iter().map(|value| value as u32).collect())
    }
}

macro_rules! typed_array {
    ($number:ty, $array:ident) => {
        impl Serialize for Numbers<$number> {
            #[cfg(all(feature = "web-engine", target_arch = "wasm32"))]
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let array = js_sys::$array::from(&self.0[..]);
                serde_wasm_bindgen::preserve::serialize(&array, serializer)
            }

            #[cfg(not(all(feature = "web-engine", target_arch = "wasm32")))]
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }

        #[cfg(test)]
        impl ts_rs::TS for Numbers<$number> {
            type WithoutGenerics = Self;
            type OptionInnerType = Self;

            fn name(_: &ts_rs::Config) -> String {
                concat!(stringify!($array), "<ArrayBuffer>").to_owned()
            }

            fn inline(config: &ts_rs::Config) -> String {
                Self::name(config)
            }
        }
    };
}
typed_array!(u8, Uint8Array);
typed_array!(u32, Uint32Array);
typed_array!(i32, Int32Array);
typed_array!(f32, Float32Array);

/// What runs, and the model's sizes.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct EngineDescription {
    #[cfg_attr(test, ts(type = "\"cpu\" | \"gpu\""))]
    pub engine: &'static str,
    pub device: String,
    /// True for a GPU adapter that is emulated on the CPU.
    pub software: bool,
    pub layers: usize,
    pub width: usize,
    pub heads: usize,
    pub vocabulary: usize,
    pub context: usize,
    pub features_per_layer: usize,
    #[cfg_attr(test, ts(type = "\"cross-layer\" | \"per-layer\""))]
    pub transcoder: &'static str,
    /// The token that is put in front of a prompt that begins with no special token; missing where the model has none.
    pub bos: Option<u32>,
}

/// How a prompt is to be traced.
#[derive(Deserialize, Default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(default)]
pub struct TraceOptions {
    #[cfg_attr(test, ts(optional, type = "Targets"))]
    pub targets: Option<Wanted>,
    pub max_logits: Option<usize>,
    pub probability: Option<f32>,
    pub max_features: Option<usize>,
    pub batch_size: Option<usize>,
    /// What edges take as given; patterns and norms where nothing is said.
    pub hold: Option<String>,
}

/// `{ tokens }` or `{ token, minus }`: the `Targets` of the page.
#[derive(Deserialize)]
pub struct Wanted {
    pub tokens: Option<Vec<u32>>,
    pub token: Option<u32>,
    pub minus: Option<u32>,
}

/// A candidate for the next token.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Answer"))]
pub struct AnswerRecord {
    pub token: String,
    /// What `Engine.token` finds this token by, and no other: its text, or `#12`.
    pub name: String,
    pub id: u32,
    pub probability: f32,
    /// NaN in a graph from a file.
    pub logit: f32,
}

/// Milliseconds of a trace.
#[derive(Clone, Copy, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Timing {
    pub forward_ms: f64,
    pub rows_ms: f64,
    pub total_ms: f64,
}

/// The part of a graph that is left after pruning: node indices, and three parallel arrays of edges.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Pruned"))]
pub struct PrunedRecord {
    pub nodes: Numbers<u32>,
    pub sources: Numbers<u32>,
    pub targets: Numbers<u32>,
    pub weights: Numbers<f32>,
}

/// The unpruned inputs of a node by |weight|; weights and remainder sum to total, its pre-activation. Errors and tokens
/// have none; of a graph from a file, remainder and total are NaN.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Inputs {
    pub nodes: Numbers<u32>,
    pub weights: Numbers<f32>,
    pub remainder: f32,
    pub total: f32,
}

/// The unpruned outputs of a node by |weight|.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Outputs {
    pub nodes: Numbers<u32>,
    pub weights: Numbers<f32>,
}

/// A head's score before the softmax, or the difference of two, in parts that sum to it.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "HeadScore"))]
pub struct HeadScoreRecord {
    pub score: f64,
    /// What all other pairs add.
    pub rest: f64,
    /// How much the head looks at each token; zero after the query.
    pub pattern: Numbers<f32>,
    /// All scores of the query, as far as it sees.
    pub scores: Numbers<f32>,
    /// Of each pair what stands at the query and at the key: a node, -1 for the position embeddings, -2 for biases.
    pub queries: Numbers<i32>,
    pub keys: Numbers<i32>,
    /// 1 where a pair is of the key that is subtracted; its part has its sign.
    pub subtracted: Numbers<u8>,
    pub parts: Numbers<f32>,
}

impl From<trace::HeadScore> for HeadScoreRecord {
    fn from(found: trace::HeadScore) -> HeadScoreRecord {
        let ends = |end: fn(&trace::Pair) -> trace::StreamSource| {
            let ends = found.pairs.iter().map(|pair| match end(pair) {
                trace::StreamSource::Node(node) => node as i32,
                trace::StreamSource::Positions => -1,
                trace::StreamSource::Biases => -2,
            });
            Numbers(ends.collect())
        };
        let pairs = || found.pairs.iter();
        HeadScoreRecord {
            score: found.score,
            rest: found.rest,
            queries: ends(|pair| pair.query),
            keys: ends(|pair| pair.key),
            subtracted: Numbers(pairs().map(|pair| pair.subtracted.into()).collect()),
            parts: Numbers(pairs().map(|pair| pair.part as f32).collect()),
            pattern: found.pattern.into(),
            scores: found.scores.into(),
        }
    }
}

/// All edges among some nodes, three parallel arrays: by target, each one's strongest first.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Among {
    pub sources: Numbers<u32>,
    pub targets: Numbers<u32>,
    pub weights: Numbers<f32>,
}

/// A subgraph to start from: its nodes, those of them that are a supernode, and the most influential of each of these.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Suggestion"))]
pub struct SuggestionRecord {
    pub nodes: Numbers<u32>,
    pub groups: Vec<Numbers<u32>>,
    pub leaders: Numbers<u32>,
}

/// A graph told in few items, and what flows between them, the strongest first.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Story"))]
#[serde(rename_all = "camelCase")]
pub struct StoryRecord {
    pub items: Vec<StoryItem>,
    /// Places among the items: source and target, and the signed influence that passes.
    pub flows: Vec<(usize, usize, f32)>,
    /// Replacement and completeness with what stands in no item counted as an error.
    pub scores: [f32; 2],
    /// The same of all that pruning leaves.
    pub pruned: [f32; 2],
    /// Features on show that stand in no item.
    pub left_out: usize,
    /// Tokens that stand in no item, and their share of what all tokens add.
    pub idle: (usize, f32),
}

/// One item of a story: tokens (and what is read there), features that do the same, or an answer.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct StoryItem {
    #[cfg_attr(test, ts(type = "\"tokens\" | \"features\" | \"answer\""))]
    pub kind: &'static str,
    /// What it has to do with two numbers, such as `sum ones`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// From the tokens, 0, up to the answers, 4.
    pub row: usize,
    pub words: String,
    pub nodes: Vec<usize>,
    pub leader: usize,
    pub influence: f32,
}

impl StoryRecord {
    /// A story whose nodes have other numbers on the other side.
    pub fn new(story: study::Story, number: impl Fn(usize) -> usize) -> StoryRecord {
        let item = |item: study::Item| StoryItem {
            kind: item.kind.name(),
            part: item.part.map(|part| part.to_string()),
            row: item.row,
            words: item.words,
            nodes: item.nodes.into_iter().map(&number).collect(),
            leader: number(item.leader),
            influence: item.influence,
        };
        let flow = |flow: study::Flow| (flow.source, flow.target, flow.weight);
        let scores = |scores: trace::Scores| [scores.replacement, scores.completeness];
        StoryRecord {
            scores: scores(story.scores),
            pruned: scores(story.pruned),
            left_out: story.left_out,
            idle: story.idle,
            items: story.items.into_iter().map(item).collect(),
            flows: story.flows.into_iter().map(flow).collect(),
        }
    }
}

/// Nodes that two graphs have in common, in pairs; in a file several of the second may be one of the first.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Aligned {
    pub first: Numbers<u32>,
    pub second: Numbers<u32>,
}

/// Whether a prompt is like the training texts; without `position` where the manifest does not say how to tell.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct LikenessTold {
    pub unlike: bool,
    /// Of the token that belongs there least.
    pub position: Option<usize>,
    /// The word that it is of, where no training text has that token.
    pub unseen: Option<String>,
    /// Where all tokens are in training texts: by how much it surprises more than expected, and what is usual at its place, in nats.
    pub surprise: Option<f32>,
    pub limit: Option<f32>,
    /// A prompt that the model knows and that is near to this one.
    pub near: Option<String>,
}

/// A feature's activation over all 100 x 100 operand pairs: row = a, column = b, 255 = max.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OperandPlot {
    pub pixels: Numbers<u8>,
    pub max: f32,
}

/// A token, and how strongly something acts on it.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Effect"))]
pub struct EffectRecord {
    pub token: String,
    pub id: u32,
    pub value: f32,
}

/// Another feature, and a weight.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Connection"))]
pub struct ConnectionRecord {
    pub layer: usize,
    pub index: usize,
    pub weight: f32,
}

/// What the weights alone say of a feature, whatever the prompt.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "FeatureFacts", optional_fields))]
pub struct FeatureFactsRecord {
    /// Effects on the logits of a unit of activation through the unembedding, mean logit taken away: strongest first.
    pub top: Vec<EffectRecord>,
    pub bottom: Vec<EffectRecord>,
    /// The same for the numbers 0 to 199, where each is one token of the vocabulary.
    pub numbers: Option<Numbers<f32>>,
    /// Tokens whose embedding its encoder reads most strongly.
    pub reads: Vec<EffectRecord>,
    /// Strongest virtual weights through the residual stream, from earlier features and to later ones.
    pub inputs: Vec<ConnectionRecord>,
    pub outputs: Vec<ConnectionRecord>,
}

/// One place of a sample text where a feature is active.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SampleExample {
    /// Index into the contexts, and of the prompt among all.
    pub context: u32,
    pub prompt: usize,
    /// Token with the largest activation.
    pub position: usize,
    pub tokens: Vec<String>,
    /// One a token.
    pub activations: Numbers<f32>,
}

/// A feature over the model's sample texts.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SampleFacts"))]
pub struct SampleFactsRecord {
    /// Tokens it is active on, and tokens in all (without the first of each prompt).
    pub active: usize,
    pub tokens: usize,
    pub max: f32,
    /// Counts of activations above zero, in equal steps from 0 to max.
    pub histogram: Numbers<u32>,
    /// Of every context where it is active, the strongest few.
    pub examples: Vec<SampleExample>,
    /// A name by what it reads or says, where no operand plot tells.
    pub label: String,
    /// Whether the name fits well.
    pub fits: bool,
}

/// What only this project's files say: whose it is, and the page's own JSON.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct FileOwn {
    pub model: String,
    pub transcoder: String,
    pub density: f32,
    pub page: Option<String>,
}

/// A graph that was read from a file, less its trace. The thresholds are those that it was pruned with before it was written, 1 if that
/// is not told: pruned by them it is all of the file. Without `own` its answers are its logits.
#[derive(Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
#[serde(rename_all = "camelCase")]
pub struct FileFacts {
    pub scan: String,
    pub prompt: String,
    pub node_threshold: f32,
    pub edge_threshold: f32,
    /// Names of biases, by node.
    pub biases: Vec<(u32, String)>,
    pub own: Option<FileOwn>,
    /// Links that are no part of the graph: of nodes that are not in the file, and second ones between two nodes.
    pub links_of_missing_nodes: usize,
    pub repeated_links: usize,
}
