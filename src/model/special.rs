//! Which tokens are special, and which of them is put in front of a prompt: circuit-tracer's rule
//! (`ensure_tokenized`), by what the tokenizer's files say.

use serde_json::Value;

use super::fields::Fields;
use super::{Files, LoadError, TOKENIZER, Vocabulary};
use crate::order;

const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const MAP: &str = "special_tokens_map.json";
const CONFIG: &str = "config.json";

/// The names that special tokens go by, in the order in which `transformers` lists them.
const ROLES: [&str; 7] = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"];
/// Lists of more of them.
const MORE: [&str; 2] = ["additional_special_tokens", "extra_special_tokens"];

/// A model's special tokens.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Special {
    /// What is put in front of a prompt that begins with none of them: the first that there is of the
    /// tokenizer's bos, pad and eos, and any other. Unlike circuit-tracer, which takes the number 0 for none,
    /// this may be token 0.
    pub(super) opening: Option<u32>,
    pub(super) all: Vec<u32>,
}

impl Special {
    /// Reads what is there of `tokenizer_config.json`, `special_tokens_map.json` and `config.json`. `bos` is
    /// the model's own. Tokens that the model of so many has no embedding for are left out.
    pub(super) fn read(
        files: &dyn Files,
        vocabulary: &Vocabulary,
        bos: Option<u32>,
        size: usize,
    ) -> Result<Special, LoadError> {
        let tokenizer = object(files, TOKENIZER_CONFIG)?;
        let map = object(files, MAP)?;
        let config = object(files, CONFIG)?;
        if let Some(tokenizer) = &tokenizer {
            agrees(files, tokenizer)?;
        }
        let exists = |id: &u32| (*id as usize) < size;
        let named = [&tokenizer, &map];
        let named = |name: &str| {
            let mut found = named
                .into_iter()
                .flatten()
                .filter_map(|file| content(file.get(name)?));
            found
                .find_map(|content| vocabulary.id_of_content(content))
                .filter(exists)
        };
        let role = |role: &str| named(&format!("{role}_token"));
        let in_config = |name: &str| {
            let id = config.as_ref()?.get(name)?;
            let id = id
                .as_array()
                .map_or(id, |several| several.first().unwrap_or(id));
            id.as_u64()
                .and_then(|id| u32::try_from(id).ok())
                .filter(exists)
        };
        // The tokenizer of GPT-2, which is the one where no other class is named, has this for a bos.
        let class = tokenizer
            .as_ref()
            .and_then(|file| file.get("tokenizer_class")?.as_str());
        let by_class = class.is_none_or(|class| class.starts_with("GPT2"));
        let own = || {
            vocabulary
                .id_of_content("<|endoftext|>")
                .filter(exists)
                .filter(|_| by_class)
        };

        let bos = role("bos").or(bos.filter(exists)).or_else(own);
        let pad = role("pad").or_else(|| in_config("pad_token_id"));
        let eos = role("eos").or_else(|| in_config("eos_token_id"));
        let mut all: Vec<u32> = [bos, pad, eos].into_iter().flatten().collect();
        all.extend(ROLES.iter().filter_map(|name| role(name)));
        for file in [&tokenizer, &map].into_iter().flatten() {
            let lists = MORE.iter().filter_map(|name| file.get(name)?.as_array());
            let more = lists.flatten().filter_map(content);
            all.extend(
                more.filter_map(|content| vocabulary.id_of_content(content))
                    .filter(exists),
            );
        }
        // Where nothing is named, what the tokenizer itself marks.
        if all.is_empty() {
            all.extend(vocabulary.marked_special().filter(exists));
        }
        let opening = all.first().copied();
        order::sort(&mut all, &|a, b| a.cmp(b));
        all.dedup();
        Ok(Special { opening, all })
    }
}

/// A file's fields; none where it is not there.
fn object(files: &dyn Files, path: &str) -> Result<Option<Fields>, LoadError> {
    match files.exists(path) {
        true => Fields::json(files.name(path), &files.read(path)?).map(Some),
        false => Ok(None),
    }
}

/// A token as these files write it: its text, or a record with its text as `content`.
fn content(token: &Value) -> Option<&str> {
    token.as_str().or_else(|| token["content"].as_str())
}

/// Settings with which `transformers` changes what `tokenizer.json` says, each with where that says it.
const SETTINGS: [(&str, &str, &str); 4] = [
    ("add_prefix_space", "pre_tokenizer", "add_prefix_space"),
    ("do_lower_case", "normalizer", "lowercase"),
    ("strip_accents", "normalizer", "strip_accents"),
    (
        "tokenize_chinese_chars",
        "normalizer",
        "handle_chinese_chars",
    ),
];

/// Refuses a `tokenizer_config.json` that makes another tokenizer of `tokenizer.json`.
fn agrees(files: &dyn Files, config: &Fields) -> Result<(), LoadError> {
    if config.flag("split_special_tokens", false)? {
        return Err(config.wrong("split_special_tokens", true, "false"));
    }
    // A tokenizer that is missing or broken is told where it is needed.
    let Some(tokenizer) = object(files, TOKENIZER).ok().flatten() else {
        return Ok(());
    };
    for (field, part, name) in SETTINGS {
        let said = tokenizer.get(part).and_then(|part| part.get(name));
        let said = said.filter(|said| said.is_boolean());
        let asked = config.get(field).filter(|asked| asked.is_boolean());
        if let (Some(said), Some(asked)) = (said, asked)
            && said != asked
        {
            let expected = format!("{said}, as the {part} of {TOKENIZER} says");
            return Err(config.wrong(field, asked, &expected));
        }
    }
    Ok(())
}
