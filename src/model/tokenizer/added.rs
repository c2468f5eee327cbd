//! Tokens that are found in a text before anything else, under the numbers that the file gives them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};
use tokenizers::models::bpe::BpeTrainer;
use tokenizers::{AddedToken, AddedVocabulary, Model, NormalizedString, Normalizer, Token};

use super::steps::{AnyNormalizer, Steps};
use super::words::Words;
use super::{Read, fields, setting, unreadable};
use crate::model::error::clause;

/// Reads the file's `added_tokens`.
pub(super) fn read(
    parts: &Map<String, Value>,
    words: &Words,
    normalizer: Option<&Steps<AnyNormalizer>>,
) -> Read<AddedVocabulary> {
    let mut added = AddedVocabulary::new();
    let Some(tokens) = parts.get("added_tokens").filter(|tokens| !tokens.is_null()) else {
        return Ok(added);
    };
    let tokens = tokens.as_array().ok_or("its added_tokens are no list")?;
    let mut numbers = Numbers(HashMap::new());
    let mut read = Vec::new();
    for token in tokens {
        let (id, token) =
            one(token).map_err(|reason| format!("one of its added_tokens {reason}"))?;
        numbers.add(id, &token.content, words)?;
        if token.normalized
            && let Some(steps) = normalizer
        {
            // The crate panics where this fails.
            let mut content = NormalizedString::from(token.content.as_str());
            let failed = |error| format!("its normalizer cannot be used: {}", clause(error));
            steps.normalize(&mut content).map_err(failed)?;
        }
        read.push(token);
    }
    added.add_tokens(&read, &numbers, normalizer);
    // Of two tokens with one number only the later is found by it.
    let by_number = added.get_added_tokens_decoder();
    for (content, id) in added.get_vocab() {
        let other = by_number.get(id).map_or("", |other| &other.content);
        if other != content {
            let two = clause(format!("{content:?} and {other:?}"));
            return Err(format!("it gives the added tokens {two} one number, {id}"));
        }
    }
    Ok(added)
}

fn one(token: &Value) -> Read<(u32, AddedToken)> {
    if !token.is_object() {
        return Err("is no JSON object".to_string());
    }
    fields::check("added token", token)?;
    let token = (
        setting::<u32>(token, "id")?,
        AddedToken::deserialize(token).map_err(unreadable)?,
    );
    Ok(token)
}

/// The numbers of added tokens, by content. The crate asks a model for the number of a token before it gives
/// one itself: this one knows them all.
struct Numbers(HashMap<String, u32>);

impl Numbers {
    /// Refuses a file that gives one token two numbers.
    fn add(&mut self, id: u32, content: &str, words: &Words) -> Read<()> {
        if content.is_empty() {
            return Ok(()); // it is found nowhere
        }
        let other = self
            .token_to_id(content)
            .or_else(|| words.token_to_id(content));
        match other.filter(|other| *other != id) {
            Some(other) => Err(format!(
                "it gives the added token {} two numbers, {id} and {other}",
                clause(format!("{content:?}"))
            )),
            None => {
                self.0.insert(content.to_string(), id);
                Ok(())
            }
        }
    }
}

impl Model for Numbers {
    type Trainer = BpeTrainer;

    fn tokenize(&self, _: &str) -> tokenizers::Result<Vec<Token>> {
        Ok(Vec::new())
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        self.0.get(token).copied()
    }

    fn id_to_token(&self, _: u32) -> Option<String> {
        None
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        self.0.clone()
    }

    fn get_vocab_size(&self) -> usize {
        self.0.len()
    }

    fn save(&self, _: &Path, _: Option<&str>) -> tokenizers::Result<Vec<PathBuf>> {
        Ok(Vec::new())
    }

    fn get_trainer(&self) -> BpeTrainer {
        BpeTrainer::default()
    }
}
