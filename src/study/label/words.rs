//! Tokens as a name has them, and as many of them as it has room for.

use super::MOST_LISTED;
use crate::model::Model;

/// Longest label, in characters.
pub const LONGEST: usize = 48;

/// As many tokens as a name has room for, and how many more there are.
pub fn listed(model: &Model, tokens: &[u32]) -> String {
    let all = quoted(model, tokens.iter().copied());
    if tokens.len() <= MOST_LISTED {
        return all;
    }
    let with = |shown: usize| {
        let more = tokens.len() - shown;
        format!(
            "{} or {more} more",
            quoted(model, tokens.iter().take(shown).copied())
        )
    };
    let room = (1..=MOST_LISTED)
        .rev()
        .find(|shown| length(&with(*shown)) + "on some ".len() <= LONGEST);
    with(room.unwrap_or(1))
}

/// Tokens between quotation marks, one after the other; what differs in white space alone is named once.
pub fn quoted(model: &Model, tokens: impl IntoIterator<Item = u32>) -> String {
    let name = |token| match model.vocabulary.token(token).trim() {
        "" => "“␣”".to_string(),
        text => format!("“{text}”"),
    };
    let mut names: Vec<String> = Vec::new();
    for token in tokens {
        let name = name(token);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.join(", ")
}

/// In characters.
pub fn length(label: &str) -> usize {
    label.chars().count()
}

/// Cut where it is too long.
pub fn shorten(label: String) -> String {
    match length(&label) <= LONGEST {
        true => label,
        false => label.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}
