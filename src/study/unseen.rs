//! Words of a prompt that stand in none of the texts that its model learned from: of tokens that were
//! never trained, what the model makes is chance.

use crate::model::Vocabulary;
use serde::Deserialize;

/// Tokens that no training text has, as ranges of ids, each with its first and its last.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(try_from = "String")]
pub struct Unseen(Vec<(u32, u32)>);

impl FromIterator<(u32, u32)> for Unseen {
    fn from_iter<I: IntoIterator<Item = (u32, u32)>>(ranges: I) -> Unseen {
        Unseen(ranges.into_iter().collect())
    }
}

impl TryFrom<String> for Unseen {
    type Error = String;

    /// Reads ranges as a manifest writes them: `3-35,41`.
    fn try_from(ranges: String) -> Result<Unseen, String> {
        let id = |text: &str| text.parse().ok();
        let range = |text: &str| {
            let (first, last) = text.split_once('-').unwrap_or((text, text));
            Some((id(first)?, id(last)?)).filter(|(first, last)| first <= last)
        };
        let parts = ranges.split(',').filter(|_| !ranges.is_empty());
        let parts = parts.map(|text| range(text).ok_or(text));
        let all: Result<_, &str> = parts.collect();
        all.map(Unseen)
            .map_err(|text| format!("{text:?} is no token id and no range of them, as 3-35"))
    }
}

/// A word with a token that no training text has.
#[derive(Clone, Debug, PartialEq)]
pub struct UnseenWord {
    /// The position of that token in the prompt.
    pub position: usize,
    /// The whole word, which may be of several tokens, with a space in front where it has one.
    pub text: String,
}

impl Unseen {
    /// Whether no training text has this token.
    pub fn has(&self, token: u32) -> bool {
        self.0
            .iter()
            .any(|(first, last)| (*first..=*last).contains(&token))
    }

    /// The first word of a prompt with a token that no training text has.
    pub fn word(&self, vocabulary: &Vocabulary, ids: &[u32]) -> Option<UnseenWord> {
        let position = ids.iter().position(|id| self.has(*id))?;
        let pieces = vocabulary.pieces(ids);
        let mut tokens = 0;
        let mut first = pieces.iter().position(|piece| {
            tokens += piece.tokens;
            tokens > position
        })?;
        let joined = |at: usize| {
            pieces[at - 1].text.ends_with(is_of_word) && pieces[at].text.starts_with(is_of_word)
        };
        let mut end = first + 1;
        while first > 0 && joined(first) {
            first -= 1;
        }
        while end < pieces.len() && joined(end) {
            end += 1;
        }
        let text = pieces[first..end].iter().map(|piece| &*piece.text);
        Some(UnseenWord {
            position,
            text: text.collect(),
        })
    }
}

/// Letters and digits, of any script: whatever is not ASCII, but for the blocks of punctuation, arrows, operators and
/// pictures. The tables that tell exactly would be a part of every download.
fn is_of_word(c: char) -> bool {
    match c {
        '\0'..='\x7F' => c.is_ascii_alphanumeric(),
        '\u{80}'..='\u{BF}' | '×' | '÷' => false,
        '\u{2000}'..='\u{2BFF}' | '\u{3000}'..='\u{303F}' | '\u{1F000}'..='\u{1FAFF}' => false,
        _ => true,
    }
}
