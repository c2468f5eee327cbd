//! What tokens look like, by their number: read from `tokenizer.json` without a tokenizer.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;

use super::LoadError;
use super::error::clause;
use super::fields::without_mark;
use crate::order;

/// The text of each token.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// By id: a file may number its tokens as it likes.
    tokens: Vec<(u32, String)>,
    /// The token of each number that is one token, by the number.
    numbers: Vec<(u32, u32)>,
}

impl Vocabulary {
    /// No tokens are known: each is shown as its number, `#12`.
    pub fn empty() -> Vocabulary {
        Vocabulary::default()
    }

    /// Reads the tokens of a `tokenizer.json`, called `file` in errors.
    ///
    /// # Errors
    /// [`LoadError::Syntax`] where it is not JSON, [`LoadError::Tokenizer`] where it lists no tokens.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<Vocabulary, LoadError> {
        let parsed: File = serde_json::from_slice(without_mark(bytes)).map_err(|error| {
            let (file, reason) = (file.to_string(), clause(&error));
            match error.classify() {
                Category::Data => LoadError::Tokenizer { file, reason },
                _ => LoadError::Syntax {
                    file,
                    format: "JSON",
                    reason,
                },
            }
        })?;
        let byte_level = is_byte_level(&parsed.decoder) || is_byte_level(&parsed.pre_tokenizer);
        let bytes_of = byte_level.then(byte_of_symbol);
        let text = |token: String| match &bytes_of {
            Some(bytes_of) => bytes_as_text(&token, bytes_of).unwrap_or(token),
            None => token,
        };
        let mut tokens: Vec<(u32, String)> = match parsed.model.vocab {
            Tokens::ByName(ids) => ids
                .into_iter()
                .map(|(token, id)| (id, text(token)))
                .collect(),
            Tokens::InOrder(tokens) => (0..)
                .zip(tokens)
                .map(|(id, (token, _))| (id, text(token)))
                .collect(),
        };
        // Added tokens are matched before any byte is encoded, so they are text already.
        tokens.extend(
            parsed
                .added_tokens
                .into_iter()
                .map(|added| (added.id, added.content)),
        );
        // Of two with one id the later counts, of two that are one number the first.
        tokens.reverse();
        order::sort(&mut tokens, &|a, b| a.0.cmp(&b.0));
        tokens.dedup_by_key(|(id, _)| *id);
        let numbered = tokens
            .iter()
            .filter_map(|(id, token)| Some((number(token)?, *id)));
        let mut numbers: Vec<(u32, u32)> = numbered.collect();
        order::sort(&mut numbers, &|a, b| a.0.cmp(&b.0));
        numbers.dedup_by_key(|(number, _)| *number);
        Ok(Vocabulary { tokens, numbers })
    }

    /// The same for a model of so many tokens: no others are found by their number. Their texts stay, to be told.
    pub(super) fn of_model(mut self, tokens: usize) -> Vocabulary {
        self.numbers.retain(|(_, id)| (*id as usize) < tokens);
        self
    }

    /// A token's text. Bytes that are no UTF-8 on their own are shown as `\xE2`, an unknown token as `#12`.
    pub fn token(&self, id: u32) -> String {
        self.text(id)
            .map_or_else(|| format!("#{id}"), str::to_string)
    }

    /// The number that the token is: only digits, no sign, no zero in front.
    pub fn number(&self, id: u32) -> Option<u32> {
        number(self.text(id)?)
    }

    /// The token that is this number, the first where several are.
    pub fn id_of_number(&self, number: u32) -> Option<u32> {
        let numbers = &self.numbers;
        let place = numbers.binary_search_by(|(found, _)| found.cmp(&number));
        Some(numbers[place.ok()?].1)
    }

    /// The token with this text, the first where several have it.
    pub fn id(&self, text: &str) -> Option<u32> {
        let mut tokens = self.tokens.iter();
        tokens.find(|(_, token)| token == text).map(|(id, _)| *id)
    }

    /// The largest token that has a text.
    pub fn last(&self) -> Option<u32> {
        self.tokens.last().map(|(id, _)| *id)
    }

    fn text(&self, id: u32) -> Option<&str> {
        let place = self.tokens.binary_search_by(|(found, _)| found.cmp(&id));
        Some(&self.tokens[place.ok()?].1)
    }
}

/// What is read of a `tokenizer.json`.
#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct File {
    model: Model,
    #[serde(default)]
    added_tokens: Vec<Added>,
    #[serde(default)]
    decoder: Value,
    #[serde(default)]
    pre_tokenizer: Value,
}

#[derive(Deserialize)]
#[serde(expecting = "a JSON object")]
struct Model {
    vocab: Tokens,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "model.vocab should give each token a number or a score"
)]
enum Tokens {
    /// BPE, WordPiece, WordLevel.
    ByName(HashMap<String, u32>),
    /// Unigram: each with its score.
    InOrder(Vec<(String, f64)>),
}

#[derive(Deserialize)]
#[serde(expecting = "a token with id and content")]
struct Added {
    id: u32,
    content: String,
}

/// Whether this decoder or pre-tokenizer, or one of a sequence, is `ByteLevel`.
fn is_byte_level(step: &Value) -> bool {
    let inner = |list: &str| {
        step[list]
            .as_array()
            .is_some_and(|steps| steps.iter().any(is_byte_level))
    };
    step["type"] == "ByteLevel" || inner("decoders") || inner("pretokenizers")
}

/// GPT-2 writes each byte as a printable character: itself where it is one, else the next from U+0100.
/// By character.
fn byte_of_symbol() -> Vec<(char, u8)> {
    let mut next = 0x100;
    let mut bytes: Vec<(char, u8)> = (0..=255)
        .map(|byte: u8| match byte {
            b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => (char::from(byte), byte),
            _ => {
                next += 1;
                (char::from_u32(next - 1).unwrap_or_default(), byte)
            }
        })
        .collect();
    order::sort(&mut bytes, &|a, b| a.0.cmp(&b.0));
    bytes
}

/// The text of a token in byte symbols; none where a character stands for no byte.
fn bytes_as_text(token: &str, bytes_of: &[(char, u8)]) -> Option<String> {
    let bytes: Vec<u8> = token
        .chars()
        .map(|symbol| {
            let place = bytes_of.binary_search_by(|(found, _)| found.cmp(&symbol));
            Some(bytes_of[place.ok()?].1)
        })
        .collect::<Option<_>>()?;
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    Some(text)
}

fn number(token: &str) -> Option<u32> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = token == "0" || !token.starts_with('0');
    // Refuses the empty text, and what is too large.
    (digits && canonical).then(|| token.parse().ok()).flatten()
}
