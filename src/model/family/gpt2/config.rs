//! GPT-2's `config.json`.

use serde_json::Value;

use crate::model::fields::Fields;
use crate::model::known::Treatment::{Computed, NoEffect, Only, Refused};
use crate::model::known::{Known, known};
use crate::model::{Activation, Config, LoadError};

const TRAINING: &str = "it matters in training alone";
const GENERATION: &str = "it chooses among answers, and all of them are computed";
const HEAD: &str = "it is about a head for another task, which feeds no token's logit";
const STORAGE: &str = "it says how values are stored or computed, and here that is f32 throughout";
const OUTPUT: &str = "it says what else a program returns";
const NAME: &str = "it is a name or a note";
const TOKENS: &str = "the tokenizer's file says what its tokens are";

/// The fields of a GPT-2's `config.json`.
pub const CONFIG_FIELDS: &[Known] = &[
    known(
        Computed,
        &[
            "model_type",
            "architectures",
            "vocab_size",
            "n_positions",
            "n_embd",
            "n_layer",
            "n_head",
            "n_inner",
            // Other names of four of these, which transformers lets count.
            "max_position_embeddings",
            "hidden_size",
            "num_hidden_layers",
            "num_attention_heads",
            "activation_function",
            "layer_norm_epsilon",
            "scale_attn_weights",
            "scale_attn_by_inverse_layer_idx",
            "tie_word_embeddings",
            "bos_token_id",
        ],
    ),
    known(
        NoEffect("n_positions says how long a prompt may be"),
        &["n_ctx"],
    ),
    known(NoEffect("a GPT-2 is a decoder either way"), &["is_decoder"]),
    known(
        NoEffect("there is no cross-attention and no encoder"),
        &[
            "cross_attention_hidden_size",
            "tie_encoder_decoder",
            "decoder_start_token_id",
        ],
    ),
    known(
        NoEffect(TRAINING),
        &[
            "attn_pdrop",
            "embd_pdrop",
            "resid_pdrop",
            "initializer_range",
            "gradient_checkpointing",
            "finetuning_task",
            "problem_type",
            "tf_legacy_loss",
        ],
    ),
    known(
        NoEffect(HEAD),
        &[
            "summary_type",
            "summary_use_proj",
            "summary_activation",
            "summary_proj_to_labels",
            "summary_first_dropout",
            "summary_last_dropout",
            "classifier_dropout",
            "hidden_dropout",
            "id2label",
            "label2id",
            "num_labels",
            "_num_labels",
        ],
    ),
    known(
        NoEffect(STORAGE),
        &[
            "dtype",
            "torch_dtype",
            "use_bfloat16",
            "reorder_and_upcast_attn",
            "chunk_size_feed_forward",
            "attn_implementation",
            "_attn_implementation",
            "_attn_implementation_autoset",
            "_attn_implementation_internal",
            "torchscript",
            "use_cache",
            "output_past",
        ],
    ),
    known(
        NoEffect(OUTPUT),
        &[
            "output_attentions",
            "_output_attentions",
            "output_hidden_states",
            "output_scores",
            "return_dict",
            "return_dict_in_generate",
        ],
    ),
    known(
        NoEffect(NAME),
        &[
            "transformers_version",
            "tokenizer_class",
            "name_or_path",
            "_name_or_path",
            "_commit_hash",
        ],
    ),
    known(
        NoEffect(TOKENS),
        &[
            "eos_token_id",
            "pad_token_id",
            "unk_token_id",
            "sep_token_id",
            "cls_token_id",
            "mask_token_id",
            "predict_special_tokens",
        ],
    ),
    known(
        NoEffect(GENERATION),
        &[
            "task_specific_params",
            "prefix",
            "custom_pipelines",
            "do_sample",
            "max_length",
            "max_new_tokens",
            "min_length",
            "early_stopping",
            "num_beams",
            "num_beam_groups",
            "diversity_penalty",
            "temperature",
            "top_k",
            "top_p",
            "typical_p",
            "repetition_penalty",
            "length_penalty",
            "no_repeat_ngram_size",
            "encoder_no_repeat_ngram_size",
            "bad_words_ids",
            "num_return_sequences",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "remove_invalid_values",
            "exponential_decay_length_penalty",
            "suppress_tokens",
            "begin_suppress_tokens",
        ],
    ),
    known(
        Only("false"),
        &["add_cross_attention", "is_encoder_decoder"],
    ),
    known(Only("{}"), &["pruned_heads"]),
    known(
        Refused("quantised weights are not read; save them as F32, F16 or BF16"),
        &["quantization_config"],
    ),
    known(
        Refused(
            "code that comes with a checkpoint is not run; save the model as transformers' own GPT-2",
        ),
        &["auto_map"],
    ),
];

/// What `config.json` says.
pub(super) struct Settings {
    pub config: Config,
    /// Whether the unembedding is the token embedding.
    pub tied: bool,
    /// Whether queries' products with keys are divided by the root of a head's width.
    scaled: bool,
    /// Whether they are divided by the number of their layer, from 1 on.
    scaled_by_layer: bool,
}

impl Settings {
    /// Reads and checks the file, whose name is `file`.
    pub fn parse(file: String, bytes: &[u8]) -> Result<Settings, LoadError> {
        let fields = Fields::json(file, bytes)?;
        check_architecture(&fields)?;
        let settings = Settings {
            config: config(&fields)?,
            tied: fields.flag("tie_word_embeddings", true)?,
            scaled: fields.flag("scale_attn_weights", true)?,
            scaled_by_layer: fields.flag("scale_attn_by_inverse_layer_idx", false)?,
        };
        fields.check(CONFIG_FIELDS)?;
        Ok(settings)
    }

    /// What the queries of a layer have to be multiplied with, so that attention by the usual scale, one over
    /// the root of a head's width, comes out as this model means it.
    pub fn query_factor(&self, layer: usize) -> f32 {
        let head_width = self.config.head_width as f32;
        let own = if self.scaled { 1.0 } else { head_width.sqrt() };
        let divisor = if self.scaled_by_layer { layer + 1 } else { 1 };
        own / divisor as f32
    }
}

/// Refuses another architecture than GPT-2's.
fn check_architecture(fields: &Fields) -> Result<(), LoadError> {
    const EXPECTED: &str = "GPT-2 (\"gpt2\")";
    // All of these have the same body, and logits by its token embedding where they have no unembedding.
    const NAMES: [&str; 6] = [
        "GPT2LMHeadModel",
        "GPT2Model",
        "GPT2DoubleHeadsModel",
        "GPT2ForSequenceClassification",
        "GPT2ForTokenClassification",
        "GPT2ForQuestionAnswering",
    ];
    match fields.get("model_type") {
        None if fields
            .get("architectures")
            .is_none_or(|names| *names == Value::Array(vec![])) =>
        {
            return Err(fields.missing("model_type", EXPECTED));
        }
        None => {}
        Some(Value::String(name)) if name == "gpt2" => {}
        Some(other) => return Err(fields.wrong("model_type", other, EXPECTED)),
    }
    let known = |name: &Value| {
        let name = name.as_str().unwrap_or_default();
        let name = name
            .strip_prefix("TF")
            .or(name.strip_prefix("Flax"))
            .unwrap_or(name);
        NAMES.contains(&name)
    };
    match fields.get("architectures") {
        None => Ok(()),
        Some(Value::Array(names)) if names.is_empty() || names.iter().any(known) => Ok(()),
        Some(other) => Err(fields.wrong("architectures", other, "[\"GPT2LMHeadModel\"]")),
    }
}

fn config(fields: &Fields) -> Result<Config, LoadError> {
    let layers = size(fields, "n_layer", "num_hidden_layers")?;
    let width = size(fields, "n_embd", "hidden_size")?;
    let heads = size(fields, "n_head", "num_attention_heads")?;
    let vocabulary = fields.size("vocab_size")?;
    if !width.is_multiple_of(heads) {
        return Err(fields.wrong("n_head", heads, &format!("a divisor of n_embd = {width}")));
    }
    let epsilon = match fields.get("layer_norm_epsilon") {
        None => 1e-5,
        Some(value) => match value.as_f64() {
            // As f32, which is what it is added to.
            Some(number) if number as f32 > 0.0 && number < 1.0 => number as f32,
            _ => return Err(fields.wrong("layer_norm_epsilon", value, "a small number above 0")),
        },
    };
    Ok(Config {
        layers,
        width,
        heads,
        key_heads: heads,
        head_width: width / heads,
        rotary: None,
        inner: fields.optional_size("n_inner")?.unwrap_or(4 * width),
        vocabulary,
        context: size(fields, "n_positions", "max_position_embeddings")?,
        epsilon,
        activation: activation(fields)?,
        bos: bos(fields, vocabulary)?,
    })
}

/// A size that has two names. Both may stand there, if they agree.
fn size(fields: &Fields, field: &str, other: &str) -> Result<usize, LoadError> {
    match (fields.get(field), fields.optional_size(other)?) {
        (None, Some(size)) => Ok(size),
        (_, other_size) => {
            let size = fields.size(field)?;
            match other_size.filter(|other| *other != size) {
                Some(found) => Err(fields.wrong(other, found, &format!("{field} = {size}"))),
                None => Ok(size),
            }
        }
    }
}

/// The names are those of transformers' `ACT2FN`.
fn activation(fields: &Fields) -> Result<Activation, LoadError> {
    const FIELD: &str = "activation_function";
    const EXPECTED: &str = "\"gelu_new\", \"gelu\", \"relu\" or \"silu\"";
    match fields.text(FIELD, EXPECTED)? {
        // All but the first are other names of the same function.
        None
        | Some(
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_python_tanh" | "gelu_fast" | "gelu_accurate",
        ) => Ok(Activation::GeluNew),
        Some("gelu" | "gelu_python") => Ok(Activation::Gelu),
        Some("relu") => Ok(Activation::Relu),
        Some("silu" | "swish") => Ok(Activation::Silu),
        Some(other) => Err(fields.wrong(FIELD, Value::from(other), EXPECTED)),
    }
}

/// A BOS beyond the vocabulary is none: transformers writes GPT-2's 50256 into models of any size.
fn bos(fields: &Fields, vocabulary: usize) -> Result<Option<u32>, LoadError> {
    let Some(value) = fields.get("bos_token_id") else {
        return Ok(None);
    };
    match value.as_u64() {
        Some(id) => Ok(u32::try_from(id)
            .ok()
            .filter(|id| (*id as usize) < vocabulary)),
        None => Err(fields.wrong("bos_token_id", value, "a token's number")),
    }
}
