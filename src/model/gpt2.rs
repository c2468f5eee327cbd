//! GPT-2 from a folder as Hugging Face writes it: `config.json` and `model.safetensors`.

use serde_json::{Map, Value};

use super::error::clause;
use super::files::{Files, read};
use super::tensors::Tensors;
use super::{Affine, Block, Config, LanguageModel, LoadError, Norm};

const CONFIG: &str = "config.json";
const WEIGHTS: &str = "model.safetensors";

/// No size of a model is larger. It keeps products of a few sizes in range, also where `usize` has 32 bits.
const LARGEST: usize = 1 << 24;

/// Reads the model in `files`.
pub(super) fn load(files: &dyn Files) -> Result<LanguageModel, LoadError> {
    let needed = || format!("a model's folder holds {CONFIG} and {WEIGHTS}");
    let bytes = read(files, CONFIG, needed)?;
    let settings = Settings::parse(files.name(CONFIG), &bytes)?;
    settings.check_architecture()?;
    let config = settings.sizes()?;
    let tied = settings.flag("tie_word_embeddings", true)?;

    if !files.exists(WEIGHTS) && files.exists("model.safetensors.index.json") {
        let why = "this model is split over several files, which is not supported; save it as one"
            .to_string();
        return Err(LoadError::Missing {
            file: files.name(WEIGHTS),
            why,
        });
    }
    let bytes = read(files, WEIGHTS, needed)?;
    let tensors = Tensors::parse(files.name(WEIGHTS), &bytes)?;
    Weights::new(&tensors, &config).read(config.clone(), tied)
}

/// The fields of `config.json`.
struct Settings {
    file: String,
    fields: Map<String, Value>,
}

impl Settings {
    fn parse(file: String, bytes: &[u8]) -> Result<Settings, LoadError> {
        match serde_json::from_slice(bytes) {
            Ok(fields) => Ok(Settings { file, fields }),
            Err(error) => Err(LoadError::Syntax {
                file,
                format: "JSON",
                reason: clause(error),
            }),
        }
    }

    /// Refuses what would be computed differently: another architecture, or a variant of GPT-2.
    fn check_architecture(&self) -> Result<(), LoadError> {
        const EXPECTED: &str = "GPT-2 (\"gpt2\")";
        match (self.get("model_type"), self.get("architectures")) {
            (Some(Value::String(name)), _) if name == "gpt2" => {}
            (Some(other), _) => return Err(self.wrong("model_type", other, EXPECTED)),
            (None, Some(Value::Array(names)))
                if names.iter().any(|name| name == "GPT2LMHeadModel") => {}
            (None, Some(other)) => {
                return Err(self.wrong("architectures", other, "[\"GPT2LMHeadModel\"]"));
            }
            (None, None) => return Err(self.missing("model_type", EXPECTED)),
        }
        // The second is the same function under PyTorch's name.
        match self.get("activation_function") {
            None => {}
            Some(Value::String(name)) if name == "gelu_new" || name == "gelu_pytorch_tanh" => {}
            Some(other) => return Err(self.wrong("activation_function", other, "\"gelu_new\"")),
        }
        for (field, supported) in [
            ("scale_attn_by_inverse_layer_idx", false),
            ("scale_attn_weights", true),
            ("add_cross_attention", false),
        ] {
            if self.flag(field, supported)? != supported {
                return Err(self.wrong(field, !supported, &supported.to_string()));
            }
        }
        Ok(())
    }

    fn sizes(&self) -> Result<Config, LoadError> {
        let layers = self.size("n_layer")?;
        let width = self.size("n_embd")?;
        let heads = self.size("n_head")?;
        let vocabulary = self.size("vocab_size")?;
        if !width.is_multiple_of(heads) {
            return Err(self.wrong("n_head", heads, &format!("a divisor of n_embd = {width}")));
        }
        let inner = match self.get("n_inner") {
            None => 4 * width,
            Some(_) => self.size("n_inner")?,
        };
        let epsilon = match self.get("layer_norm_epsilon") {
            None => 1e-5,
            Some(value) => match value.as_f64() {
                // As f32, which is what it is added to.
                Some(number) if number as f32 > 0.0 && number < 1.0 => number as f32,
                _ => return Err(self.wrong("layer_norm_epsilon", value, "a small number above 0")),
            },
        };
        let bos = match self.get("bos_token_id") {
            None => None,
            Some(value) => match value.as_u64().and_then(|id| u32::try_from(id).ok()) {
                Some(id) if (id as usize) < vocabulary => Some(id),
                _ => {
                    let expected = format!("a token below vocab_size = {vocabulary}");
                    return Err(self.wrong("bos_token_id", value, &expected));
                }
            },
        };
        Ok(Config {
            layers,
            width,
            heads,
            inner,
            vocabulary,
            context: self.size("n_positions")?,
            epsilon,
            bos,
        })
    }

    /// A field's value; a field that is `null` counts as left out.
    fn get(&self, field: &str) -> Option<&Value> {
        self.fields.get(field).filter(|value| !value.is_null())
    }

    fn size(&self, field: &str) -> Result<usize, LoadError> {
        let expected = format!("a whole number from 1 to {LARGEST}");
        let Some(value) = self.get(field) else {
            return Err(self.missing(field, &expected));
        };
        match value.as_u64().and_then(|size| usize::try_from(size).ok()) {
            Some(size) if (1..=LARGEST).contains(&size) => Ok(size),
            _ => Err(self.wrong(field, value, &expected)),
        }
    }

    fn flag(&self, field: &str, default: bool) -> Result<bool, LoadError> {
        match self.get(field) {
            None => Ok(default),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.wrong(field, other, "true or false")),
        }
    }

    fn missing(&self, field: &str, expected: &str) -> LoadError {
        LoadError::MissingField {
            file: self.file.clone(),
            field: field.to_string(),
            expected: expected.to_string(),
        }
    }

    fn wrong(&self, field: &str, found: impl std::fmt::Display, expected: &str) -> LoadError {
        let (file, field, expected) = (self.file.clone(), field.to_string(), expected.to_string());
        LoadError::Field {
            file,
            field,
            found: clause(found),
            expected,
        }
    }
}

/// The tensors of a GPT-2, by their names without the prefix.
struct Weights<'a> {
    tensors: &'a Tensors<'a>,
    /// `transformer.`, or nothing in checkpoints of the bare model.
    prefix: &'static str,
    width: usize,
    inner: usize,
}

impl<'a> Weights<'a> {
    fn new(tensors: &'a Tensors<'a>, config: &Config) -> Weights<'a> {
        let prefix = if tensors.has("wte.weight") {
            ""
        } else {
            "transformer."
        };
        Weights {
            tensors,
            prefix,
            width: config.width,
            inner: config.inner,
        }
    }

    fn read(&self, config: Config, tied: bool) -> Result<LanguageModel, LoadError> {
        let Config {
            vocabulary,
            context,
            width,
            ..
        } = config;
        let untied_unembedding = match tied {
            true => None,
            false => Some(self.tensors.matrix("lm_head.weight", vocabulary, width)?),
        };
        Ok(LanguageModel {
            token_embedding: self
                .tensors
                .matrix(&self.name("wte.weight"), vocabulary, width)?,
            position_embedding: self
                .tensors
                .matrix(&self.name("wpe.weight"), context, width)?,
            blocks: (0..config.layers)
                .map(|i| self.block(i))
                .collect::<Result<_, _>>()?,
            final_norm: self.norm("ln_f")?,
            untied_unembedding,
            config,
        })
    }

    fn block(&self, i: usize) -> Result<Block, LoadError> {
        let (width, inner) = (self.width, self.inner);
        Ok(Block {
            attention_norm: self.norm(&format!("h.{i}.ln_1"))?,
            attention_in: self.affine(&format!("h.{i}.attn.c_attn"), width, 3 * width)?,
            attention_out: self.affine(&format!("h.{i}.attn.c_proj"), width, width)?,
            mlp_norm: self.norm(&format!("h.{i}.ln_2"))?,
            mlp_in: self.affine(&format!("h.{i}.mlp.c_fc"), width, inner)?,
            mlp_out: self.affine(&format!("h.{i}.mlp.c_proj"), inner, width)?,
        })
    }

    fn affine(&self, name: &str, inputs: usize, outputs: usize) -> Result<Affine, LoadError> {
        Ok(Affine {
            weight: self
                .tensors
                .matrix(&self.name(&format!("{name}.weight")), inputs, outputs)?,
            bias: self
                .tensors
                .values(&self.name(&format!("{name}.bias")), [outputs])?,
        })
    }

    fn norm(&self, name: &str) -> Result<Norm, LoadError> {
        Ok(Norm {
            weight: self
                .tensors
                .values(&self.name(&format!("{name}.weight")), [self.width])?,
            bias: self
                .tensors
                .values(&self.name(&format!("{name}.bias")), [self.width])?,
        })
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}
