//! What a model and its transcoder are made of, once read and checked. All values are f32, row-major.

use super::Values;

/// A matrix, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix {
    /// How many rows.
    pub rows: usize,
    /// Values of each row.
    pub columns: usize,
    /// `rows * columns` values, which the CPU engine shares.
    pub values: Values,
}

impl Matrix {
    /// Row `i`, `columns` values.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.values[i * self.columns..(i + 1) * self.columns]
    }
}

/// `x -> x weight + bias`; `weight` is [inputs, outputs], as GPT-2's `Conv1D` stores it.
#[derive(Clone, Debug)]
pub struct Affine {
    pub weight: Matrix,
    /// [outputs]; where there is none nothing is added.
    pub bias: Option<Vec<f32>>,
}

/// `x -> (x - mean) / denominator * weight + bias`.
#[derive(Clone, Debug)]
pub struct Norm {
    /// [width]
    pub weight: Values,
    /// [width]; where there is none nothing is added.
    pub bias: Option<Values>,
    /// LayerNorm, whose denominator is the standard deviation; or else RMSNorm: without the mean, and over the
    /// root of the mean square.
    pub centred: bool,
}

/// What an MLP does to each value between its two matrices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// `x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))`, GPT-2's own.
    GeluNew,
    /// `x` times the share of a standard normal distribution below it.
    Gelu,
    /// `max(x, 0)`
    Relu,
    /// `x / (1 + exp(-x))`
    Silu,
}

/// The sizes and settings of a language model. In brackets, what GPT-2's `config.json` calls them.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    pub layers: usize,
    /// Width of the residual stream (`n_embd`).
    pub width: usize,
    /// Heads, each with queries of its own (`n_head`).
    pub heads: usize,
    /// Heads of keys and values, a divisor of `heads`: each serves as many neighbouring heads.
    pub key_heads: usize,
    /// Width of one head; `heads` of them may be more or less than `width`. Even where positions are rotary.
    pub head_width: usize,
    /// Where positions are rotary, that is, queries and keys are turned by where their tokens stand: radians a token,
    /// of each pair of a head's lanes `i` and `i + head_width / 2`, [head_width / 2].
    pub rotary: Option<Vec<f32>>,
    /// Width inside an MLP (`n_inner`, or 4 x width).
    pub inner: usize,
    pub vocabulary: usize,
    /// Most tokens that a prompt may have (`n_positions`).
    pub context: usize,
    /// What norms add to the variance or mean square.
    pub epsilon: f32,
    /// Of the MLPs (`activation_function`).
    pub activation: Activation,
    /// The token that is put in front of a prompt: the tokenizer's, or else `bos_token_id`; none where the
    /// vocabulary has none.
    pub bos: Option<u32>,
}

impl Config {
    /// Of the queries of all heads together, and of what the heads take.
    pub fn query_width(&self) -> usize {
        self.heads * self.head_width
    }

    /// Of the keys of all heads together, or of the values.
    pub fn key_width(&self) -> usize {
        self.key_heads * self.head_width
    }

    /// The lane of the keys, or of the values, that goes with a lane of the queries.
    pub fn key_lane(&self, lane: usize) -> usize {
        let group = self.heads / self.key_heads;
        lane / self.head_width / group * self.head_width + lane % self.head_width
    }
}

/// One transformer block.
#[derive(Clone, Debug)]
pub struct Block {
    pub attention_norm: Norm,
    /// Queries, keys and values side by side: [width, query_width + 2 key_width]. Products of queries and keys
    /// are to be divided by the root of a head's width; where a model scales them otherwise, the queries are
    /// scaled here.
    pub attention_in: Affine,
    /// [query_width, width]
    pub attention_out: Affine,
    pub mlp_norm: Norm,
    /// [width, inner]
    pub mlp_in: Affine,
    /// Of a gated MLP, [width, inner]: the activation function is of this one, and what `mlp_in` gives is
    /// multiplied by it.
    pub mlp_gate: Option<Affine>,
    /// [inner, width]
    pub mlp_out: Affine,
}

/// A transformer: blocks with an attention and an MLP, each after a norm and added to the residual stream.
#[derive(Clone, Debug)]
pub struct LanguageModel {
    pub config: Config,
    /// [vocabulary, width]
    pub token_embedding: Matrix,
    /// [context, width]; none where positions are not learned.
    pub position_embedding: Option<Matrix>,
    pub blocks: Vec<Block>,
    pub final_norm: Norm,
    /// [vocabulary, width]; none where it is the token embedding (tied).
    pub untied_unembedding: Option<Matrix>,
}

impl LanguageModel {
    /// The unembedding, one row a token: [vocabulary, width].
    pub fn unembedding(&self) -> &Matrix {
        self.untied_unembedding
            .as_ref()
            .unwrap_or(&self.token_embedding)
    }
}

/// Where a feature writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TranscoderKind {
    /// To the MLP outputs of its own and every later layer ("Circuit Tracing", 2025, section 2.1).
    CrossLayer,
    /// To the MLP output of its own layer.
    PerLayer,
}

impl TranscoderKind {
    /// `cross-layer` or `per-layer`.
    pub fn name(self) -> &'static str {
        match self {
            TranscoderKind::CrossLayer => "cross-layer",
            TranscoderKind::PerLayer => "per-layer",
        }
    }
}

/// What an encoder reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncoderInput {
    /// The residual stream before the MLP's norm (`hook_resid_mid`).
    ResidualMid,
    /// The output of the MLP's norm, weight and bias included (`ln2.hook_normalized`).
    MlpNorm,
}

/// Which features of a layer are active at a token; the others are silent.
#[derive(Clone, Debug, PartialEq)]
pub enum Gate {
    /// Those whose pre-activation lies above their threshold, [features]: JumpReLU. Zeros are ReLU.
    Threshold(Vec<f32>),
    /// Those with so many largest pre-activations, whatever their sign; of equal ones the first: TopK.
    TopK(usize),
}

/// The features that read at one layer.
#[derive(Clone, Debug)]
pub struct TranscoderLayer {
    /// [features, width]
    pub encoder: Matrix,
    /// [features]
    pub encoder_bias: Vec<f32>,
    /// Active features have their pre-activation for an activation.
    pub gate: Gate,
    /// [features, outputs x width]: one block of `width` for each layer that a feature writes to,
    /// its own first. Cross-layer: layers - i outputs; per-layer: one.
    pub decoder: Matrix,
    /// Added to the reconstruction of this layer's MLP output: [width].
    pub decoder_bias: Vec<f32>,
    /// A linear path from the encoder's input to the MLP output, [outputs, inputs] = [width, width].
    pub skip: Option<Matrix>,
}

/// A cross-layer transcoder, or one transcoder a layer.
#[derive(Clone, Debug)]
pub struct Transcoder {
    pub kind: TranscoderKind,
    pub input: EncoderInput,
    /// One a layer of the model; every layer has the same number of features.
    pub layers: Vec<TranscoderLayer>,
}

impl Transcoder {
    /// Features of each layer.
    pub fn features(&self) -> usize {
        self.layers.first().map_or(0, |layer| layer.encoder.rows)
    }

    /// How many layers the features of this layer write to.
    pub fn outputs(&self, layer: usize) -> usize {
        match self.kind {
            TranscoderKind::CrossLayer => self.layers.len() - layer,
            TranscoderKind::PerLayer => 1,
        }
    }
}
