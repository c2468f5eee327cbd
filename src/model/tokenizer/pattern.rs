//! What texts are split at: a text, or a regular expression by `fancy-regex`, natively as on the page.
//!
//! The crate's own patterns stop without a word where an expression gives up, and panic where one matches
//! the empty text.

use fancy_regex::Regex;
use serde_json::Value;
use tokenizers::Offsets;

use super::Read;
use crate::model::error::clause;

/// A pattern that never matches the empty text.
pub(super) enum Pattern {
    Text(String),
    Expression(Regex),
    /// Runs of these characters, in groups of so many, counted from the right, as one writes large numbers.
    Groups {
        runs: Regex,
        size: usize,
    },
}

/// Numbers in groups are told by a look ahead to the end of the number, at every group: for a long number
/// that takes time by its square. The same groups are found in one walk.
const GROUPED: [&str; 4] = [r"\d", r"\p{N}", r"\p{Nd}", "[0-9]"];

impl Pattern {
    /// Reads `{"String": …}` or `{"Regex": …}`.
    pub(super) fn read(part: &Value) -> Read<Pattern> {
        let fields = part.as_object().filter(|fields| fields.len() == 1);
        let only = fields.and_then(|fields| fields.iter().next());
        let pattern = match only.map(|(kind, text)| (kind.as_str(), text.as_str())) {
            Some(("String", Some(text))) => Pattern::Text(text.to_string()),
            Some(("Regex", Some(text))) => match groups(text) {
                Some((class, size)) => Pattern::Groups {
                    runs: expression(&format!("{class}+"))?,
                    size,
                },
                None => Pattern::Expression(expression(text)?),
            },
            _ => return Err("has a pattern that is neither a String nor a Regex".to_string()),
        };
        let empty = match &pattern {
            Pattern::Text(text) => text.is_empty(),
            Pattern::Expression(regex) => regex.is_match("").map_err(gave_up)?,
            Pattern::Groups { .. } => false,
        };
        match empty {
            true => Err(MATCHES_NOTHING.to_string()),
            false => Ok(pattern),
        }
    }

    /// Where it matches: bytes from, to.
    fn places(&self, text: &str) -> Read<Vec<Offsets>> {
        match self {
            Pattern::Text(wanted) => {
                let starts = text.match_indices(wanted);
                Ok(starts
                    .map(|(start, found)| (start, start + found.len()))
                    .collect())
            }
            Pattern::Expression(regex) => matches(regex, text),
            Pattern::Groups { runs, size } => {
                let mut places = Vec::new();
                for (start, end) in matches(runs, text)? {
                    let ends = text[start..end].char_indices().map(|(at, _)| start + at);
                    let starts: Vec<usize> = ends.collect();
                    let mut from = 0;
                    while from < starts.len() {
                        let length = (starts.len() - from - 1) % size + 1;
                        let to = starts.get(from + length).copied().unwrap_or(end);
                        places.push((starts[from], to));
                        from += length;
                    }
                }
                Ok(places)
            }
        }
    }
}

const MATCHES_NOTHING: &str = "has a pattern that matches the empty text, which is not supported";

/// The class and the size of groups that an expression tells from the right: of
/// `\d{1,3}(?=(?:\d{3})*(?!\d))` `\d` and 3.
fn groups(expression: &str) -> Option<(&'static str, usize)> {
    let class = GROUPED
        .into_iter()
        .find(|class| expression.starts_with(class))?;
    let rest = expression.strip_prefix(class)?.strip_prefix("{1,")?;
    let size: usize = rest
        .split_once('}')?
        .0
        .parse()
        .ok()
        .filter(|size| *size > 0)?;
    let same = ["(?:", "("].iter().any(|open| {
        expression == format!("{class}{{1,{size}}}(?={open}{class}{{{size}}})*(?!{class}))")
    });
    same.then_some((class, size))
}

fn expression(text: &str) -> Read<Regex> {
    Regex::new(text).map_err(|error| {
        format!(
            "has the pattern {}, which cannot be read: {}",
            clause(text),
            clause(error)
        )
    })
}

fn gave_up(error: fancy_regex::Error) -> String {
    format!(
        "has a pattern that gives up on this text: {}",
        clause(error)
    )
}

fn matches(regex: &Regex, text: &str) -> Read<Vec<Offsets>> {
    let mut places = Vec::new();
    for found in regex.find_iter(text) {
        let found = found.map_err(gave_up)?;
        if found.start() == found.end() {
            return Err(MATCHES_NOTHING.to_string());
        }
        places.push((found.start(), found.end()));
    }
    Ok(places)
}

impl tokenizers::pattern::Pattern for &Pattern {
    fn find_matches(&self, inside: &str) -> tokenizers::Result<Vec<(Offsets, bool)>> {
        if inside.is_empty() {
            return Ok(vec![((0, 0), false)]);
        }
        let mut all = Vec::new();
        let mut before = 0;
        for (start, end) in self.places(inside)? {
            if before < start {
                all.push(((before, start), false));
            }
            all.push(((start, end), true));
            before = end;
        }
        if before < inside.len() {
            all.push(((before, inside.len()), false));
        }
        Ok(all)
    }
}
