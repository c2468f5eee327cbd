//! What tokens look like, by their number: read from `tokenizer.json` without a tokenizer.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::LoadError;
use super::error::clause;
use super::fields::{json, without_mark};
use crate::order;

/// The text of each token.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    /// By id: a file may number its tokens as it likes.
    tokens: Vec<(u32, String)>,
    /// The token of each number that is one token, by the number.
    numbers: Vec<(u32, u32)>,
    /// Places in `tokens`, by text.
    by_text: Vec<usize>,
    /// Of tokens that are no text on their own, by id: parts of characters.
    bytes: Vec<(u32, Vec<u8>)>,
    added: Vec<Added>,
    /// In ascending order.
    special: Vec<u32>,
}

/// Some tokens in a row that are one text.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Piece {
    /// Bytes of an unfinished character are shown as `\xF0`.
    pub text: String,
    /// How many tokens it is.
    pub tokens: usize,
    /// Whether it ends where a character ends. If not, it is no text that one could type.
    pub whole: bool,
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
        let parsed: File = json(without_mark(bytes)).map_err(|error| {
            let (file, reason) = (file.to_string(), clause(&error));
            match error.is_other() {
                true => LoadError::Tokenizer { file, reason },
                false => LoadError::Syntax {
                    file,
                    format: "JSON",
                    reason,
                },
            }
        })?;
        let steps = [&parsed.decoder, &parsed.pre_tokenizer];
        let has = |kind: &str| steps.iter().any(|step| is_of_kind(step, kind));
        let bytes_of = has("ByteLevel").then(byte_of_symbol);
        let single = is_of_kind(&parsed.decoder, "ByteFallback");
        let bytes_in = |token: &str| match &bytes_of {
            Some(bytes_of) => bytes_of_symbols(token, bytes_of),
            None if single => Some(vec![byte_in_brackets(token)?]),
            None => None,
        };
        let mut parts = Vec::new();
        let mut text = |id: u32, token: String| {
            let Some(bytes) = bytes_in(&token) else {
                return (id, token);
            };
            let text = shown(&bytes);
            if std::str::from_utf8(&bytes).is_err() {
                parts.push((id, bytes));
            }
            (id, text)
        };
        let mut tokens: Vec<(u32, String)> = match parsed.model.vocab {
            Tokens::ByName(InFile(ids)) => {
                ids.into_iter().map(|(token, id)| text(id, token)).collect()
            }
            Tokens::InOrder(tokens) => (0..)
                .zip(tokens)
                .map(|(id, (token, _))| text(id, token))
                .collect(),
        };
        // Added tokens are matched before any byte is encoded, so they are text already.
        let added = parsed.added_tokens;
        tokens.extend(added.iter().map(|added| (added.id, added.content.clone())));
        parts.retain(|(id, _)| added.iter().all(|added| added.id != *id));
        order::sort(&mut parts, &|a, b| a.0.cmp(&b.0));
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
        let mut by_text: Vec<usize> = (0..tokens.len()).collect();
        order::sort(&mut by_text, &|a, b| tokens[*a].1.cmp(&tokens[*b].1));
        Ok(Vocabulary {
            tokens,
            numbers,
            by_text,
            bytes: parts,
            added,
            special: Vec::new(),
        })
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

    /// A run of tokens as texts, each as short as can be without cutting a character.
    pub fn pieces(&self, ids: &[u32]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        let mut bytes = Vec::new();
        let mut tokens = 0;
        for (i, id) in ids.iter().enumerate() {
            match self.bytes.binary_search_by(|(found, _)| found.cmp(id)) {
                Ok(place) => bytes.extend(&self.bytes[place].1),
                Err(_) => bytes.extend(self.token(*id).bytes()),
            }
            tokens += 1;
            let read = std::str::from_utf8(&bytes);
            // What only lacks its end may be finished by the next token.
            let unfinished = read.is_err_and(|error| error.error_len().is_none());
            if !unfinished || i + 1 == ids.len() {
                pieces.push(Piece {
                    text: shown(&bytes),
                    tokens,
                    whole: read.is_ok(),
                });
                bytes.clear();
                tokens = 0;
            }
        }
        pieces
    }

    /// The token that a text names, of a model that has `size`: `#12` is token 12, and any other text the first
    /// token that is exactly this, or else has a space more in front, or is this with white space as it is shown:
    /// `␣` for a space, `↵` for a new line, `⇥` for a tab. An empty text names none.
    pub fn named(&self, name: &str, size: usize) -> Option<u32> {
        if name.is_empty() {
            return None;
        }
        if let Some(id) = numbered(name) {
            return id.filter(|id| (*id as usize) < size);
        }
        let exactly = |text: &str| self.id_of_text(text).filter(|id| (*id as usize) < size);
        let spaced = || exactly(&format!(" {name}"));
        exactly(name)
            .or_else(spaced)
            .or_else(|| exactly(&typed(name)))
    }

    /// A name of a token that can be seen and typed, and names no other: its text, or else `#12`.
    pub fn name(&self, id: u32) -> String {
        let told = self.text(id).filter(|text| {
            let plain = text.replace(['\'', '"', '\\'], "");
            plain.escape_debug().eq(plain.chars())
                && !text.trim().is_empty()
                && numbered(text).is_none()
                && self.id_of_text(text) == Some(id)
        });
        told.map_or_else(|| format!("#{id}"), str::to_string)
    }

    /// Whether the token is one of the tokenizer's special tokens.
    pub fn is_special(&self, id: u32) -> bool {
        self.special.binary_search(&id).is_ok()
    }

    pub(super) fn set_special(&mut self, ascending: Vec<u32>) {
        self.special = ascending;
    }

    /// The token that a file means by this text: an added one, or one of the others.
    pub(super) fn id_of_content(&self, content: &str) -> Option<u32> {
        let added = self.added.iter().find(|added| added.content == content);
        added
            .map(|added| added.id)
            .or_else(|| self.id_of_text(content))
    }

    /// The added tokens that are marked as special, in the file's order.
    pub(super) fn marked_special(&self) -> impl Iterator<Item = u32> {
        let marked = self.added.iter().filter(|added| added.special);
        marked.map(|added| added.id)
    }

    /// The first token with this text.
    fn id_of_text(&self, text: &str) -> Option<u32> {
        let places = &self.by_text;
        let first = places.partition_point(|place| self.tokens[*place].1.as_str() < text);
        let (id, found) = &self.tokens[*places.get(first)?];
        (found == text).then_some(*id)
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
    #[serde(default, deserialize_with = "listed")]
    added_tokens: Vec<Added>,
    #[serde(default)]
    decoder: Value,
    #[serde(default)]
    pre_tokenizer: Value,
}

/// A list; null is an empty one.
fn listed<'de, D: Deserializer<'de>>(list: D) -> Result<Vec<Added>, D::Error> {
    Ok(Option::deserialize(list)?.unwrap_or_default())
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
    ByName(InFile),
    /// Unigram: each with its score.
    InOrder(Vec<(String, f64)>),
}

/// The entries of an object in the file's order, so that of two with one id it is always the same that counts.
struct InFile(Vec<(String, u32)>);

impl<'de> Deserialize<'de> for InFile {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<InFile, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = InFile;

            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("an object of numbers")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<InFile, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(InFile(entries))
            }
        }
        object.deserialize_map(Entries)
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(expecting = "a token with id and content")]
struct Added {
    id: u32,
    content: String,
    #[serde(default)]
    special: bool,
}

/// Whether this decoder or pre-tokenizer, or one of a sequence, is of a kind.
fn is_of_kind(step: &Value, kind: &str) -> bool {
    let inner = |list: &str| {
        step[list]
            .as_array()
            .is_some_and(|steps| steps.iter().any(|step| is_of_kind(step, kind)))
    };
    step["type"] == kind || inner("decoders") || inner("pretokenizers")
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

/// The bytes of a token in byte symbols; none where a character stands for no byte.
fn bytes_of_symbols(token: &str, bytes_of: &[(char, u8)]) -> Option<Vec<u8>> {
    let byte = |symbol: char| {
        let place = bytes_of.binary_search_by(|(found, _)| found.cmp(&symbol));
        Some(bytes_of[place.ok()?].1)
    };
    token.chars().map(byte).collect()
}

/// The byte that a token such as `<0xE2>` is.
fn byte_in_brackets(token: &str) -> Option<u8> {
    let digits = token.strip_prefix("<0x")?.strip_suffix('>')?;
    let hexadecimal = digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal
        .then(|| u8::from_str_radix(digits, 16).ok())
        .flatten()
}

/// Bytes as text, those that are none as `\xE2`.
fn shown(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    text
}

/// The number in `#12`; none inside where it is too large to be a token's.
fn numbered(name: &str) -> Option<Option<u32>> {
    let digits = name.strip_prefix('#').filter(|digits| !digits.is_empty())?;
    let all = digits.bytes().all(|digit| digit.is_ascii_digit());
    all.then(|| digits.parse().ok())
}

/// The text whose white space is shown as this.
fn typed(name: &str) -> String {
    let sign = |shown| match shown {
        '␣' => ' ',
        '↵' => '\n',
        '⇥' => '\t',
        other => other,
    };
    name.chars().map(sign).collect()
}

fn number(token: &str) -> Option<u32> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let canonical = token == "0" || !token.starts_with('0');
    // Refuses the empty text, and what is too large.
    (digits && canonical).then(|| token.parse().ok()).flatten()
}
