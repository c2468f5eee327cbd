//! Text to tokens and back: `tokenizer.json`, by the `tokenizers` crate.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::error::clause;
use super::{LoadError, TOKENIZER, Vocabulary};

/// A model's tokenizer.
pub struct Tokenizer {
    inner: tokenizers::Tokenizer,
    vocabulary: Vocabulary,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// [`LoadError::Syntax`] where it is not JSON, [`LoadError::Tokenizer`] where it is no tokenizer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Tokenizer, LoadError> {
        let vocabulary = Vocabulary::parse(TOKENIZER, bytes)?;
        check(bytes)?;
        let inner = tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| failure(&*error))?;
        Ok(Tokenizer { inner, vocabulary })
    }

    /// The tokens of a text, with those that the tokenizer puts around it, such as `<bos>` first.
    ///
    /// # Errors
    /// [`LoadError::Tokenizer`] for a text that the tokenizer has no tokens for.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, LoadError> {
        let encoding = self
            .inner
            .encode_fast(text, true)
            .map_err(|error| failure(&*error))?;
        Ok(encoding.get_ids().to_vec())
    }

    /// The text of tokens, special tokens left out. Unknown tokens are passed over.
    pub fn decode(&self, ids: &[u32]) -> String {
        self.inner.decode(ids, true).unwrap_or_default()
    }

    /// One token as it is shown: see [`Vocabulary::token`].
    pub fn token(&self, id: u32) -> String {
        self.vocabulary.token(id)
    }

    /// The text of each token.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }
}

/// The parts of a `tokenizer.json` with which the `tokenizers` crate panics instead of refusing them.
#[derive(Deserialize)]
struct Risky {
    #[serde(default)]
    post_processor: Value,
    model: RiskyModel,
}

#[derive(Deserialize)]
struct RiskyModel {
    continuing_subword_prefix: Option<String>,
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
    match misplaced(&parts.post_processor) {
        Some(id) => refuse(format!(
            "its post_processor puts {id} around a text, and does not say what that is"
        )),
        None => Ok(()),
    }
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
