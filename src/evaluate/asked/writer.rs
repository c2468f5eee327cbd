//! Texts as tokens that the model can read: prompts, answers and what they go on with.

use super::exam::Explanation;
use crate::model::{Model, Tokenizer, clause};

/// Text to tokens that the model can read.
pub struct Writer<'a> {
    pub model: &'a Model,
    pub tokenizer: &'a Tokenizer,
}

impl Writer<'_> {
    /// The tokens of a text, with the BOS first.
    pub fn ids(&self, text: &str) -> Result<Vec<u32>, String> {
        let limit = self.model.language.config.context;
        let ids = self.model.with_bos(self.encode(text)?);
        match ids.len() {
            0 => Err("a prompt is empty".into()),
            tokens if tokens > limit => Err(format!(
                "{text:?} has {tokens} tokens, and the model reads at most {limit}"
            )),
            _ => Ok(ids),
        }
    }

    fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        let limit = self.model.language.config.context;
        self.tokenizer.encode(text, limit).map_err(clause)
    }

    /// The one token that `answer` is after `prompt`, which is `ids`.
    pub fn next(&self, prompt: &str, ids: &[u32], answer: &str) -> Result<u32, String> {
        let whole = self.encode(&format!("{prompt}{answer}"))?;
        let whole = self.model.with_bos(whole);
        match whole.strip_prefix(ids) {
            Some([token]) => Ok(*token),
            _ => Err(format!("{answer:?} is not one token after {prompt:?}")),
        }
    }

    /// The one token that a text is on its own.
    pub fn token(&self, text: &str) -> Result<u32, String> {
        let ids = self.encode(text)?;
        match ids[..] {
            [token] => Ok(token),
            _ => Err(format!(
                "the answer {text:?} is {} tokens, not one",
                ids.len()
            )),
        }
    }

    /// A text that goes on with `expected` after `prompt`.
    pub fn explanation(&self, prompt: &str, expected: &str) -> Result<Explanation, String> {
        let given = self.ids(prompt)?;
        let ids = self.ids(&format!("{prompt}{expected}"))?;
        match ids.strip_prefix(&given[..]) {
            Some([_, ..]) => Ok(Explanation {
                given: given.len(),
                ids,
            }),
            _ => Err(format!(
                "{expected:?} does not begin with a token of its own after {prompt:?}"
            )),
        }
    }
}
