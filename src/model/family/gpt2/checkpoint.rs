//! The tensors of a GPT-2, in one safetensors file or in several with an index.

use std::borrow::Cow;

use serde_json::Value;

use crate::model::error::clause;
use crate::model::fields::Fields;
use crate::model::files::{Files, read, within};
use crate::model::known::Treatment::{Computed, NoEffect, Refused};
use crate::model::known::{self, Known, known};
use crate::model::tensors::Tensors;
use crate::model::{LoadError, Matrix, Shape};

/// The file of weights, where there is one alone.
pub(super) const WEIGHTS: &str = "model.safetensors";
/// The file that says which of several files holds which tensor.
const INDEX: &str = "model.safetensors.index.json";
/// PyTorch's own formats, in which transformers used to save.
const PICKLED: [&str; 2] = ["pytorch_model.bin", "pytorch_model.bin.index.json"];
/// What stands before names in a checkpoint with a head.
const PREFIX: &str = "transformer.";

const OTHER_HEAD: &str = "it is a head for another task, which feeds no token's logit";

/// The tensors of a GPT-2 itself; where the checkpoint has a head, `transformer.` stands before their names.
pub const CHECKPOINT_TENSORS: &[Known] = &[
    known(
        Computed,
        &[
            "wte.weight",
            "wpe.weight",
            "h.*.ln_1.weight",
            "h.*.ln_1.bias",
            "h.*.attn.c_attn.weight",
            "h.*.attn.c_attn.bias",
            "h.*.attn.c_proj.weight",
            "h.*.attn.c_proj.bias",
            "h.*.ln_2.weight",
            "h.*.ln_2.bias",
            "h.*.mlp.c_fc.weight",
            "h.*.mlp.c_fc.bias",
            "h.*.mlp.c_proj.weight",
            "h.*.mlp.c_proj.bias",
            "ln_f.weight",
            "ln_f.bias",
        ],
    ),
    known(
        NoEffect("it is the causal mask, which is the same in every GPT-2"),
        &["h.*.attn.bias", "h.*.attn.masked_bias"],
    ),
    known(
        Refused("cross-attention is not computed; save the decoder as a GPT-2 without it"),
        &[
            "h.*.ln_cross_attn.weight",
            "h.*.ln_cross_attn.bias",
            "h.*.crossattention.c_attn.weight",
            "h.*.crossattention.c_attn.bias",
            "h.*.crossattention.q_attn.weight",
            "h.*.crossattention.q_attn.bias",
            "h.*.crossattention.c_proj.weight",
            "h.*.crossattention.c_proj.bias",
            "h.*.crossattention.bias",
            "h.*.crossattention.masked_bias",
        ],
    ),
];

/// The tensors of heads on a GPT-2, which have no prefix.
pub const HEAD_TENSORS: &[Known] = &[
    // Where the embeddings are tied, the unembedding is the token embedding, and a stored one is passed over,
    // as in transformers.
    known(Computed, &["lm_head.weight"]),
    known(
        NoEffect(OTHER_HEAD),
        &[
            "score.weight",
            "classifier.weight",
            "classifier.bias",
            "qa_outputs.weight",
            "qa_outputs.bias",
            "multiple_choice_head.summary.weight",
            "multiple_choice_head.summary.bias",
            "v_head.summary.weight",
            "v_head.summary.bias",
        ],
    ),
];

/// The fields of `model.safetensors.index.json`.
pub const INDEX_FIELDS: &[Known] = &[
    known(Computed, &["weight_map"]),
    known(
        NoEffect("it tells sizes, which the files tell too"),
        &["metadata"],
    ),
];

/// Reads the bytes of the checkpoint's files, whose paths come with them, and the index where there is one.
pub(super) fn fetch<'a>(files: &'a dyn Files, needed: &str) -> Result<Fetched<'a>, LoadError> {
    if files.exists("adapter_config.json") {
        return Err(LoadError::Refused {
            file: files.name("adapter_config.json"),
            what: "file",
            name: "of an adapter".to_string(),
            instead: "adapters are not added to weights here; merge it into the model (peft: merge_and_unload) and save that",
        });
    }
    if files.exists(WEIGHTS) || !files.exists(INDEX) {
        let pickled = PICKLED.iter().find(|file| files.exists(file));
        let why = || match pickled {
            Some(file) => format!(
                "{file} holds these weights in PyTorch's own format, which is not read; convert it in Python by transformers' AutoModelForCausalLM.from_pretrained(folder).save_pretrained(folder)"
            ),
            None => needed.to_string(),
        };
        let bytes = read(files, WEIGHTS, why)?;
        return Ok(Fetched {
            parts: vec![(WEIGHTS.to_string(), bytes)],
            index: None,
        });
    }
    let index = Index::parse(files.name(INDEX), &files.read(INDEX)?)?;
    let mut parts: Vec<(String, Cow<'a, [u8]>)> = Vec::new();
    for (_, path) in &index.tensors {
        if parts.iter().all(|(part, _)| part != path) {
            let why = || format!("{} says that it holds some of the weights", index.file);
            parts.push((path.clone(), read(files, path, why)?));
        }
    }
    Ok(Fetched {
        parts,
        index: Some(index),
    })
}

/// The files of a checkpoint, read but not parsed.
pub(super) struct Fetched<'a> {
    parts: Vec<(String, Cow<'a, [u8]>)>,
    index: Option<Index>,
}

/// Which file holds which tensor.
struct Index {
    /// Its name in errors.
    file: String,
    /// Names of tensors, and the paths of their files.
    tensors: Vec<(String, String)>,
}

impl Index {
    fn parse(file: String, bytes: &[u8]) -> Result<Index, LoadError> {
        const FIELD: &str = "weight_map";
        const EXPECTED: &str = "the file of each tensor, by its name";
        let fields = Fields::json(file, bytes)?;
        let map = match fields.get(FIELD) {
            Some(Value::Object(map)) if !map.is_empty() => map,
            Some(other) => return Err(fields.wrong(FIELD, other, EXPECTED)),
            None => return Err(fields.missing(FIELD, EXPECTED)),
        };
        let mut tensors = Vec::new();
        for (tensor, path) in map {
            let Some(path) = path.as_str().and_then(within) else {
                let expected = "the path of a file in this folder";
                return Err(fields.wrong(&format!("{FIELD}.{}", clause(tensor)), path, expected));
            };
            tensors.push((tensor.clone(), path));
        }
        fields.check(INDEX_FIELDS)?;
        Ok(Index {
            file: fields.file,
            tensors,
        })
    }
}

/// The tensors of a checkpoint.
pub(super) struct Checkpoint<'a> {
    parts: Vec<(&'a str, Tensors<'a>)>,
    index: Option<&'a Index>,
    /// `transformer.`, or nothing in checkpoints of the bare model.
    prefix: &'static str,
}

impl<'a> Checkpoint<'a> {
    /// Checks the files' headers, and that they hold what the index says.
    pub fn parse(files: &dyn Files, fetched: &'a Fetched<'_>) -> Result<Checkpoint<'a>, LoadError> {
        let mut parts = Vec::new();
        for (path, bytes) in &fetched.parts {
            parts.push((path.as_str(), Tensors::parse(files.name(path), bytes)?));
        }
        let index = fetched.index.as_ref();
        if let Some(index) = index {
            for (path, tensors) in &parts {
                index.check(path, tensors)?;
            }
        }
        let bare = parts.iter().any(|(_, part)| part.has("wte.weight"));
        Ok(Checkpoint {
            parts,
            index,
            prefix: if bare { "" } else { PREFIX },
        })
    }

    /// Refuses every tensor that is not known, or of a layer that the model has not.
    pub fn check(&self, layers: usize) -> Result<(), LoadError> {
        for (_, tensors) in &self.parts {
            for name in tensors.names() {
                let own = name.strip_prefix(self.prefix);
                let own = own.and_then(|own| known::find(CHECKPOINT_TENSORS, own));
                let found = own.or_else(|| known::find(HEAD_TENSORS, name));
                known::check_tensor(found, 0..layers, tensors.file(), name)?;
            }
        }
        Ok(())
    }

    /// A tensor's values, by its name without a prefix.
    pub fn values(&self, name: &str, length: usize) -> Result<Vec<f32>, LoadError> {
        let name = format!("{}{name}", self.prefix);
        self.part(&name, &[length])?.values(&name, [length])
    }

    /// A matrix, by its name without a prefix.
    pub fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix, LoadError> {
        self.whole_name(&format!("{}{name}", self.prefix), rows, columns)
    }

    /// A matrix whose name has no prefix.
    pub fn whole_name(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix, LoadError> {
        self.part(name, &[rows, columns])?
            .matrix(name, rows, columns)
    }

    /// The file that holds a tensor.
    fn part(&self, name: &str, shape: &[usize]) -> Result<&Tensors<'a>, LoadError> {
        if let [(_, only)] = self.parts.as_slice() {
            return Ok(only);
        }
        let part = self.parts.iter().find(|(_, part)| part.has(name));
        part.map(|(_, part)| part)
            .ok_or_else(|| LoadError::MissingTensor {
                file: self
                    .index
                    .map_or_else(String::new, |index| index.file.clone()),
                tensor: name.to_string(),
                expected: Shape::found(shape),
            })
    }
}

impl Index {
    /// Checks that a file holds the tensors that it should, and no others.
    fn check(&self, path: &str, tensors: &Tensors<'_>) -> Result<(), LoadError> {
        let elsewhere = |tensor: &str, reason: String| LoadError::Elsewhere {
            file: tensors.file().to_string(),
            tensor: clause(tensor),
            index: self.file.clone(),
            reason,
        };
        for (tensor, place) in &self.tensors {
            if place == path && !tensors.has(tensor) {
                return Err(elsewhere(
                    tensor,
                    "that it is there, but it is not".to_string(),
                ));
            }
        }
        for name in tensors.names() {
            let entry = self.tensors.iter().find(|(tensor, _)| tensor == name);
            match entry {
                Some((_, place)) if place == path => {}
                Some((_, place)) => {
                    let reason = format!("that it is in {}, but it is here", clause(place));
                    return Err(elsewhere(name, reason));
                }
                None => return Err(elsewhere(name, "nothing of it".to_string())),
            }
        }
        Ok(())
    }
}
