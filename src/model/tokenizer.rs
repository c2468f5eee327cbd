//! Text to tokens and back: `tokenizer.json`, by the `tokenizers` crate.

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

fn failure(error: &dyn std::error::Error) -> LoadError {
    LoadError::Tokenizer {
        file: TOKENIZER.to_string(),
        reason: clause(error),
    }
}
