//! Text to tokens and back: `tokenizer.json`, by the `tokenizers` crate.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::error::clause;
use super::{LoadError, TOKENIZER, Vocabulary};

/// A model's tokenizer.
pub struct Tokenizer(tokenizers::Tokenizer);

impl Tokenizer {
    /// Reads a `tokenizer.json`. Its truncation and padding are left out, as in transformers: a prompt is what
    /// was typed, whole.
    ///
    /// # Errors
    /// [`LoadError::Syntax`] where it is not JSON, [`LoadError::Tokenizer`] where it is no tokenizer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Tokenizer, LoadError> {
        Vocabulary::parse(TOKENIZER, bytes)?;
        check(bytes)?;
        let mut inner =
            tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| failure(&*error))?;
        inner
            .with_truncation(None)
            .map_err(|error| failure(&*error))?;
        inner.with_padding(None);
        Ok(Tokenizer(inner))
    }

    /// The tokens of a text, with those that the tokenizer puts around it, such as `<bos>` first.
    ///
    /// # Errors
    /// [`LoadError::Tokenizer`] for a text that the tokenizer has no tokens for.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, LoadError> {
        let encoding = self
            .0
            .encode_fast(text, true)
            .map_err(|error| failure(&*error))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of tokens, special tokens left out. Unknown tokens are passed over.
    pub fn decode(&self, ids: &[u32]) -> String {
        self.0.decode(ids, true).unwrap_or_default()
    }
}

/// What a text may go through. Of the other kinds some panic on damaged files, and none is GPT-2's.
const NORMALIZERS: [&str; 9] = [
    "Sequence",
    "NFC",
    "NFD",
    "NFKC",
    "NFKD",
    "Lowercase",
    "Strip",
    "StripAccents",
    "Replace",
];
const PRE_TOKENIZERS: [&str; 7] = [
    "Sequence",
    "ByteLevel",
    "Split",
    "Digits",
    "Punctuation",
    "Whitespace",
    "WhitespaceSplit",
];
const POST_PROCESSORS: [&str; 5] = [
    "Sequence",
    "ByteLevel",
    "TemplateProcessing",
    "BertProcessing",
    "RobertaProcessing",
];

/// The parts of a `tokenizer.json` with which the `tokenizers` crate panics instead of refusing them.
#[derive(Deserialize)]
struct Risky {
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    model: RiskyModel,
}

#[derive(Deserialize)]
struct RiskyModel {
    continuing_subword_prefix: Option<String>,
    /// Chance of splitting a word at random.
    dropout: Option<f64>,
    /// Only a BPE has them.
    merges: Option<IgnoredAny>,
}

fn check(bytes: &[u8]) -> Result<(), LoadError> {
    let parts: Risky = serde_json::from_slice(bytes).map_err(|error| failure(&error))?;
    let refuse = |reason: String| {
        let file = TOKENIZER.to_string();
        Err(LoadError::Tokenizer { file, reason })
    };
    // The crate cuts so many bytes off the second part of each merge, whatever they are.
    if parts.model.merges.is_some()
        && parts
            .model
            .continuing_subword_prefix
            .is_some_and(|prefix| !prefix.is_empty())
    {
        return refuse("a BPE with a continuing_subword_prefix is not supported".to_string());
    }
    if parts.model.dropout.is_some_and(|dropout| dropout != 0.0) {
        return refuse("with dropout, it gives other tokens each time".to_string());
    }
    for (what, part, known) in [
        ("normalizer", &parts.normalizer, &NORMALIZERS[..]),
        ("pre_tokenizer", &parts.pre_tokenizer, &PRE_TOKENIZERS),
        ("post_processor", &parts.post_processor, &POST_PROCESSORS),
    ] {
        if let Some(kind) = unknown(part, known) {
            let known = known.join(", ");
            return refuse(format!(
                "its {what} is {kind}, and only these are known: {known}"
            ));
        }
    }
    match misplaced(&parts.post_processor) {
        Some(id) => refuse(format!(
            "its post_processor puts {id} around a text, and does not say what that is"
        )),
        None => Ok(()),
    }
}

/// A step of a kind that is not known, also in a sequence.
fn unknown(part: &Value, known: &[&str]) -> Option<String> {
    if part.is_null() {
        return None;
    }
    let kind = part["type"].as_str().unwrap_or("of no type");
    if !known.contains(&kind) {
        return Some(clause(kind));
    }
    ["normalizers", "pretokenizers", "processors"]
        .iter()
        .flat_map(|steps| part[*steps].as_array().into_iter().flatten())
        .find_map(|step| unknown(step, known))
}

/// What a template, also one of several, puts around a single text without a definition.
fn misplaced(processor: &Value) -> Option<String> {
    let pieces = processor["single"].as_array().into_iter().flatten();
    let own = pieces.filter_map(|piece| {
        let special = &piece["SpecialToken"]["id"];
        match special.as_str() {
            Some(id) => processor["special_tokens"]
                .get(id)
                .is_none()
                .then(|| clause(id)),
            // B is the second of two texts.
            None => (piece["Sequence"]["id"] == "B").then(|| "the text B".to_string()),
        }
    });
    let steps = processor["processors"].as_array().into_iter().flatten();
    own.chain(steps.filter_map(misplaced)).next()
}

fn failure(error: &dyn std::error::Error) -> LoadError {
    LoadError::Tokenizer {
        file: TOKENIZER.to_string(),
        reason: clause(error),
    }
}
