//! Random models of any size, made in memory.

use attograph::model::{
    Activation, Affine, Block, Config, EncoderInput, Gate, LanguageModel, Matrix, Model, Norm,
    Transcoder, TranscoderKind, TranscoderLayer, Vocabulary,
};

/// A small generator of numbers that look random (xorshift), the same on every machine.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// From 0 to 1.
    pub fn uniform(&mut self) -> f32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }

    /// About normal with this spread.
    pub fn normal(&mut self, spread: f32) -> f32 {
        let sum: f32 = (0..12).map(|_| self.uniform()).sum();
        spread * (sum - 6.0)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        ((self.uniform() * limit as f32) as usize).min(limit - 1)
    }

    pub fn values(&mut self, length: usize, spread: f32) -> Vec<f32> {
        (0..length).map(|_| self.normal(spread)).collect()
    }

    fn matrix(&mut self, rows: usize, columns: usize, spread: f32) -> Matrix {
        Matrix {
            rows,
            columns,
            values: self.values(rows * columns, spread).into(),
        }
    }
}

/// What a random model is to be like.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub layers: usize,
    pub width: usize,
    pub heads: usize,
    pub inner: usize,
    pub features: usize,
    pub kind: TranscoderKind,
    pub input: EncoderInput,
    /// JumpReLU; or else ReLU, or for odd seeds TopK.
    pub jump: bool,
    pub skip: bool,
    pub tied: bool,
}

pub const VOCABULARY: usize = 23;
pub const CONTEXT: usize = 9;

/// The number of TopK in a random model of so many features: more than are positive at some tokens.
pub fn top(features: usize) -> usize {
    features / 4 + 1
}

/// A model whose features are sparse and whose norms, biases and attention are uneven. Its activation function
/// goes by the seed, so that many models have all of them.
pub fn model(shape: Shape, seed: u64) -> Model {
    let mut random = Random::new(seed);
    let Shape {
        layers,
        width,
        heads,
        inner,
        features,
        ..
    } = shape;
    let unit = 1.0 / (width as f32).sqrt();
    let norm = |random: &mut Random| Norm {
        weight: random.values(width, 0.25).iter().map(|x| 1.0 + x).collect(),
        bias: Some(random.values(width, 0.25).into()),
        centred: true,
    };
    let affine = |random: &mut Random, inputs, outputs, spread| Affine {
        weight: random.matrix(inputs, outputs, spread),
        bias: Some(random.values(outputs, 0.2)),
    };
    let blocks = (0..layers)
        .map(|_| Block {
            attention_norm: norm(&mut random),
            attention_in: affine(&mut random, width, 3 * width, 1.2 * unit),
            attention_out: affine(&mut random, width, width, 0.9 * unit),
            mlp_norm: norm(&mut random),
            mlp_in: affine(&mut random, width, inner, 1.2 * unit),
            mlp_gate: None,
            mlp_out: affine(&mut random, inner, width, 0.9 / (inner as f32).sqrt()),
        })
        .collect();
    let transcoders = (0..layers)
        .map(|layer| {
            let outputs = match shape.kind {
                TranscoderKind::CrossLayer => layers - layer,
                TranscoderKind::PerLayer => 1,
            };
            TranscoderLayer {
                encoder: random.matrix(features, width, unit),
                encoder_bias: random
                    .values(features, 0.2)
                    .iter()
                    .map(|x| x - 0.5)
                    .collect(),
                gate: match shape.jump {
                    true => {
                        Gate::Threshold((0..features).map(|_| 0.3 * random.uniform()).collect())
                    }
                    false if seed % 2 == 1 => Gate::TopK(top(features)),
                    false => Gate::Threshold(vec![0.0; features]),
                },
                decoder: random.matrix(features, outputs * width, 0.4),
                decoder_bias: random.values(width, 0.2),
                skip: shape.skip.then(|| random.matrix(width, width, 0.2)),
            }
        })
        .collect();
    Model {
        language: LanguageModel {
            config: Config {
                layers,
                width,
                heads,
                key_heads: heads,
                head_width: width / heads,
                rotary: None,
                inner,
                vocabulary: VOCABULARY,
                context: CONTEXT,
                epsilon: 1e-5,
                activation: {
                    use Activation::{Gelu, GeluNew, Relu, Silu};
                    [GeluNew, Gelu, Relu, Silu][seed as usize % 4]
                },
                bos: Some(0),
            },
            token_embedding: random.matrix(VOCABULARY, width, 0.6),
            position_embedding: Some(random.matrix(CONTEXT, width, 0.3)),
            blocks,
            final_norm: norm(&mut random),
            untied_unembedding: (!shape.tied).then(|| random.matrix(VOCABULARY, width, 0.5)),
        },
        transcoder: Transcoder {
            kind: shape.kind,
            input: shape.input,
            layers: transcoders,
        },
        vocabulary: Vocabulary::empty(),
    }
}

/// How the blocks of a random model are other than GPT-2's.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// RMSNorm in LayerNorm's place.
    pub root_mean_square: bool,
    /// Of attention and MLPs, and of LayerNorms.
    pub biases: bool,
    /// Heads of keys and values, and the width of every head.
    pub key_heads: usize,
    pub head_width: usize,
    /// Rotary positions in place of learned ones.
    pub rotary: bool,
    /// MLPs with a gate through SiLU.
    pub gated: bool,
}

impl Family {
    /// All that is other than GPT-2's, with biases.
    pub fn other(shape: Shape) -> Family {
        Family {
            root_mean_square: true,
            biases: true,
            key_heads: if shape.heads.is_multiple_of(2) {
                shape.heads / 2
            } else {
                1
            },
            head_width: 6,
            rotary: true,
            gated: true,
        }
    }
}

/// A model as [`model`] makes it, with blocks of another family.
pub fn of_family(shape: Shape, family: Family, seed: u64) -> Model {
    let mut model = model(shape, seed);
    let mut random = Random::new(1000 + seed);
    let (width, unit) = (shape.width, 1.0 / (shape.width as f32).sqrt());
    let language = &mut model.language;
    let config = &mut language.config;
    config.key_heads = family.key_heads;
    config.head_width = family.head_width;
    let queries = shape.heads * family.head_width;
    let all = queries + 2 * family.key_heads * family.head_width;
    if family.rotary {
        language.position_embedding = None;
        let frequency = |i| 1.3 * 0.2_f32.powf(i as f32 / (family.head_width / 2) as f32);
        config.rotary = Some((0..family.head_width / 2).map(frequency).collect());
    }
    if family.gated {
        config.activation = Activation::Silu;
    }
    let mut affine = |inputs, outputs, spread| Affine {
        weight: random.matrix(inputs, outputs, spread),
        bias: family.biases.then(|| random.values(outputs, 0.2)),
    };
    for block in &mut language.blocks {
        block.attention_in = affine(width, all, 1.2 * unit);
        block.attention_out = affine(queries, width, 0.9 / (queries as f32).sqrt());
        block.mlp_in = affine(width, shape.inner, 1.2 * unit);
        block.mlp_gate = family.gated.then(|| affine(width, shape.inner, 1.5 * unit));
        block.mlp_out = affine(shape.inner, width, 0.9 / (shape.inner as f32).sqrt());
    }
    for norm in norms(&mut model) {
        norm.centred = !family.root_mean_square;
        if family.root_mean_square || !family.biases {
            norm.bias = None;
        }
    }
    model
}

/// Every norm of a model.
pub fn norms(model: &mut Model) -> impl Iterator<Item = &mut Norm> {
    let language = &mut model.language;
    let norms = language.blocks.iter_mut();
    let norms = norms.flat_map(|block| [&mut block.attention_norm, &mut block.mlp_norm]);
    norms.chain([&mut language.final_norm])
}

/// A prompt with the BOS, 0, first.
pub fn prompt(tokens: usize, seed: u64) -> Vec<u32> {
    let mut random = Random::new(seed);
    std::iter::once(0)
        .chain((1..tokens).map(|_| random.below(VOCABULARY) as u32))
        .collect()
}
