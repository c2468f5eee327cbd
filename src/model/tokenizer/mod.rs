//! Text to tokens and back: `tokenizer.json`, by the `tokenizers` crate.
//!
//! The steps are the crate's. Its `Tokenizer` around them is not used: it links every kind of step that it
//! can read, and threads for batches, with which the page's module is a fifth larger; it gives added tokens
//! numbers of its own, and passes over what it does not know.

mod added;
mod fields;
mod length;
mod normal;
mod pattern;
mod steps;
mod words;

use std::cell::Cell;
use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Deserialize;
use serde_json::{Map, Value};
use tokenizers::{
    AddedVocabulary, Decoder, Encoding, Model, NormalizedString, Normalizer, OffsetType,
    PreTokenizer,
};

use super::error::clause;
use super::fields::{json, without_mark};
use super::{LoadError, TOKENIZER};
pub use fields::TOKENIZER_FIELDS;
use length::Lengths;
use normal::NormalForms;
use steps::{
    AnyDecoder, AnyNormalizer, AnyPreTokenizer, DECODERS, NORMALIZERS, PRE_TOKENIZERS, Steps,
};
use words::Words;

/// A model's tokenizer.
pub struct Tokenizer {
    added: AddedVocabulary,
    normalizer: Option<Steps<AnyNormalizer>>,
    pre_tokenizer: Option<Steps<AnyPreTokenizer>>,
    words: Words,
    decoder: Option<Steps<AnyDecoder>>,
    lengths: Lengths,
}

/// What keeps a text from becoming tokens.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum PromptError {
    /// It certainly has more tokens than the model reads, or has them in its first part already.
    #[error(
        "The prompt has {characters} characters, far more than this model reads: at most {limit} tokens."
    )]
    TooLong { characters: usize, limit: usize },
    /// The tokenizer has no tokens for it.
    #[error("{file} has no tokens for this prompt: {reason}.")]
    NoTokens { file: String, reason: String },
}

impl Tokenizer {
    /// Reads a `tokenizer.json`. What each of its fields does is told by [`TOKENIZER_FIELDS`].
    ///
    /// # Errors
    /// [`LoadError::Syntax`] where it is not JSON, [`LoadError::Tokenizer`] where it is no tokenizer, or where
    /// something in it is not known.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn from_bytes(bytes: &[u8]) -> Result<Tokenizer, LoadError> {
        Tokenizer::with_forms(bytes, normal::by_the_crate)
    }

    /// The same with normal forms of Unicode from elsewhere: what brings a text into a form by its name.
    ///
    /// # Errors
    /// As `from_bytes`.
    pub fn with_forms(
        bytes: &[u8],
        forms: fn(&str, &str) -> String,
    ) -> Result<Tokenizer, LoadError> {
        let parts: Map<String, Value> = json(without_mark(bytes)).map_err(|error| {
            let reason = clause(&error);
            match error.is_other() {
                true => unusable(reason),
                false => LoadError::Syntax {
                    file: TOKENIZER.to_string(),
                    format: "JSON",
                    reason,
                },
            }
        })?;
        caught(|| Tokenizer::read(parts, forms)).map_err(unusable)
    }

    fn read(parts: Map<String, Value>, forms: NormalForms) -> Read<Tokenizer> {
        if parts.get("version").is_some_and(|version| version != "1.0") {
            return Err("it is of another version than 1.0".to_string());
        }
        let words = Words::read(parts.get("model").ok_or("it has no model")?)?;
        let normalizer = Steps::read(&parts, &NORMALIZERS, forms)?;
        steps::check_post_processor(parts.get("post_processor").unwrap_or(&Value::Null))?;
        let tokenizer = Tokenizer {
            added: added::read(&parts, &words, normalizer.as_ref())?,
            normalizer,
            pre_tokenizer: Steps::read(&parts, &PRE_TOKENIZERS, forms)?,
            words,
            decoder: Steps::read(&parts, &DECODERS, forms)?,
            lengths: Lengths::read(&parts),
        };
        fields::check("file", &Value::Object(parts))?;
        Ok(tokenizer)
    }

    /// The tokens of a text, and none around it: a BOS is put in front by [`super::Model::with_bos`]. A text
    /// that is far too long for a model that reads `limit` tokens is refused before time is spent on it.
    ///
    /// # Errors
    /// A text that is too long, or that the tokenizer has no tokens for.
    pub fn encode(&self, text: &str, limit: usize) -> Result<Vec<u32>, PromptError> {
        let too_long = || PromptError::TooLong {
            characters: text.chars().count(),
            limit,
        };
        if self.lengths.exceed(text, limit) {
            return Err(too_long());
        }
        for start in length::starts(text, limit) {
            if self.tokens(start)?.len() > length::MARGIN * limit {
                return Err(too_long());
            }
        }
        self.tokens(text)
    }

    fn tokens(&self, text: &str) -> Result<Vec<u32>, PromptError> {
        let encoding = caught(|| self.encoding(text).map_err(clause));
        match encoding {
            Ok(encoding) => Ok(encoding.get_ids().to_vec()),
            Err(reason) => Err(PromptError::NoTokens {
                file: TOKENIZER.to_string(),
                reason,
            }),
        }
    }

    fn encoding(&self, text: &str) -> tokenizers::Result<Encoding> {
        let normalizer = self.normalizer.as_ref().map(Watched::new);
        let mut words = self.added.extract_and_normalize(normalizer.as_ref(), text);
        if let Some(failure) = normalizer.and_then(|watched| watched.failure.take()) {
            return Err(failure);
        }
        if let Some(steps) = &self.pre_tokenizer {
            steps.pre_tokenize(&mut words)?;
        }
        words.tokenize(|word| self.words.tokenize(word.get()))?;
        words.into_encoding(None, 0, OffsetType::None)
    }

    /// The text of tokens, special tokens left out. Unknown tokens are passed over.
    pub fn decode(&self, ids: &[u32]) -> String {
        self.text(ids, |token| !self.added.is_special_token(token))
    }

    /// What to write after a prompt so that `more` tokens follow its own; none where no text does so, as after
    /// a part of a character. `ids` are the prompt's, with those in front that its text does not hold.
    pub fn going_on(
        &self,
        prompt: &str,
        ids: &[u32],
        more: &[u32],
        limit: usize,
    ) -> Option<String> {
        let own = self.encode(prompt, limit).ok()?;
        if !ids.ends_with(&own) {
            return None;
        }
        let whole = [&own[..], more].concat();
        let (before, after) = (self.text(&own, |_| true), self.text(&whole, |_| true));
        let text = after.strip_prefix(&before)?;
        // What is typed may be taken apart in another way than the model went on.
        let again = self.encode(&format!("{prompt}{text}"), limit).ok()?;
        (again == whole).then(|| text.to_string())
    }

    /// The text that `more` tokens add to those of `ids`.
    pub fn continuation(&self, ids: &[u32], more: &[u32]) -> String {
        let before = self.text(ids, |_| true);
        let after = self.text(&[ids, more].concat(), |_| true);
        match after.strip_prefix(&before) {
            Some(added) => added.to_string(),
            None => self.text(more, |_| true),
        }
    }

    fn text(&self, ids: &[u32], shown: impl Fn(&str) -> bool) -> String {
        let token = |&id| {
            let added = self.added.simple_id_to_token(id);
            added.or_else(|| self.words.id_to_token(id))
        };
        let tokens = ids.iter().filter_map(token);
        let tokens: Vec<String> = tokens.filter(|token| shown(token)).collect();
        match &self.decoder {
            // Some steps count back from the last token.
            Some(steps) if !tokens.is_empty() => {
                let decoded = caught(|| steps.decode(tokens).map_err(clause));
                decoded.unwrap_or_default()
            }
            _ => tokens.join(" "),
        }
    }
}

/// A normalizer whose failure is kept, since the crate passes over it.
struct Watched<'a> {
    steps: &'a Steps<AnyNormalizer>,
    failure: Cell<Option<tokenizers::Error>>,
}

impl<'a> Watched<'a> {
    fn new(steps: &'a Steps<AnyNormalizer>) -> Watched<'a> {
        let failure = Cell::new(None);
        Watched { steps, failure }
    }
}

impl Normalizer for Watched<'_> {
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        if let Err(error) = self.steps.normalize(text) {
            self.failure.set(Some(error));
        }
        Ok(())
    }
}

/// Runs what calls the crate. What panics in it is refused in words; on the page, where nothing can be caught,
/// all that is known to panic is refused before.
fn caught<T>(run: impl FnOnce() -> Read<T>) -> Read<T> {
    let fault = |_| Err("the tokenizers crate fails on it".to_string());
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(fault)
}

fn unusable(reason: impl Display) -> LoadError {
    LoadError::Tokenizer {
        file: TOKENIZER.to_string(),
        reason: clause(reason),
    }
}

/// What is read, or what is wrong with it, in words.
type Read<T> = Result<T, String>;

/// A setting; one that is not there reads as null.
fn setting<'a, T: Deserialize<'a>>(part: &'a Value, name: &str) -> Read<T> {
    T::deserialize(&part[name]).map_err(|error| format!("has {name} wrong: {error}"))
}

fn unreadable(error: impl Display) -> String {
    format!("cannot be read: {error}")
}
