//! How long a text may be before it is not worth taking apart.

use serde_json::{Map, Value};

/// A first part of a text with so many times the tokens that a model reads is enough to know that the whole
/// has too many: what follows may join other characters into tokens, but not all of them.
pub(super) const MARGIN: usize = 4;

/// Bytes of the first part that is tried; natural text has about four a token.
const FIRST_PART: usize = 16;

/// The bytes that the longest token stands for, where a text is covered by its tokens: each byte is in one.
pub(super) struct Lengths(Option<usize>);

impl Lengths {
    /// Of a byte-level BPE that leaves nothing out; none of others, where a token may stand for any text.
    pub(super) fn read(parts: &Map<String, Value>) -> Lengths {
        let part = |name: &str| parts.get(name).unwrap_or(&Value::Null);
        let vocabulary = part("model")["vocab"].as_object();
        let is_bpe = part("model").get("merges").is_some();
        let covers = is_bpe && part("normalizer").is_null() && keeps_all(part("pre_tokenizer"));
        let added = part("added_tokens").as_array().into_iter().flatten();
        let strips = |token: &&Value| token["lstrip"] == true || token["rstrip"] == true;
        if !covers || added.clone().any(|token| strips(&token)) {
            return Lengths(None);
        }
        let names = vocabulary.into_iter().flat_map(|names| names.keys());
        // In the vocabulary a byte is written as one character.
        let own = names.clone().map(|name| name.chars().count());
        let added = added.filter_map(|token| Some(token["content"].as_str()?.len()));
        // A byte without a token would be left out.
        let bytes = names.filter(|name| name.chars().count() == 1).count();
        Lengths(own.chain(added).max().filter(|_| bytes >= 256))
    }

    /// Whether the text certainly has more tokens than the limit.
    pub(super) fn exceed(&self, text: &str, limit: usize) -> bool {
        self.0
            .is_some_and(|longest| text.len() > longest.saturating_mul(limit))
    }
}

/// Whether a pre-tokenizer ends in bytes and leaves nothing of the text out.
fn keeps_all(step: &Value) -> bool {
    let kept = |step: &Value| {
        let kept = ["ByteLevel", "Split", "Digits"]
            .iter()
            .any(|kind| step["type"] == **kind);
        kept && step["behavior"] != "Removed"
    };
    match step["pretokenizers"].as_array() {
        Some(steps) => {
            steps.last().is_some_and(|last| last["type"] == "ByteLevel") && steps.iter().all(kept)
        }
        None => step["type"] == "ByteLevel",
    }
}

/// First parts of a long text, each four times as long as the one before.
pub(super) fn starts(text: &str, limit: usize) -> impl Iterator<Item = &str> {
    let first = FIRST_PART * limit.max(1);
    let lengths = std::iter::successors(Some(first), |length| length.checked_mul(4));
    let shorter = lengths.take_while(|length| *length < text.len() / 2);
    shorter.filter_map(|length| (0..=length).rev().find_map(|end| text.get(..end)))
}
