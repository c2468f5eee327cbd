//! Phrases of a text: tokens beside each other that are read together.

use std::ops::RangeInclusive;

/// Words of a phrase before what stands out in it, and after; all that follow, where these are few.
const BEFORE: usize = 2;
const AFTER: usize = 1;
const FEW: usize = 3;
/// Words that no phrase begins or ends with.
const EDGES: [&str; 16] = [
    "a", "an", "the", "at", "of", "in", "on", "is", "are", "to", "by", "we", "she", "he", "they",
    "it",
];
/// Words that join what is listed, or say that somebody has it.
const BETWEEN: [&str; 7] = ["and", "or", "with", "presents", "has", "show", "shows"];

/// The phrases around the positions that stand out, each at most once, in their order. A phrase is what stands out and some words
/// around it, never over the end of a sentence or a comma.
pub(super) fn phrases(texts: &[&str], out: &[bool]) -> Vec<RangeInclusive<usize>> {
    let mut found: Vec<RangeInclusive<usize>> = Vec::new();
    for position in (0..texts.len()).filter(|position| out[*position] && !breaks(texts[*position]))
    {
        let phrase = trimmed(texts, around(texts, position), position);
        match found.last_mut() {
            Some(last)
                if *last.end() > 0
                    && *phrase.start() <= last.end() + 1
                    && joins(texts, *last.end(), position) =>
            {
                *last = *last.start()..=*phrase.end().max(last.end());
            }
            _ => {
                let start = found.last().map_or(0, |last| last.end() + 1);
                found.push(*phrase.start().max(&start)..=*phrase.end());
            }
        }
    }
    found
}

/// Whether nothing between two positions breaks a phrase.
fn joins(texts: &[&str], from: usize, to: usize) -> bool {
    !texts[from.min(to)..to].iter().any(|text| breaks(text))
}

fn around(texts: &[&str], position: usize) -> RangeInclusive<usize> {
    let (mut start, mut end) = (position, position);
    if position == 0 {
        return 0..=0; // The tokenizer's own.
    }
    let mut words = 0;
    while start > 1 && !breaks(texts[start - 1]) {
        words += usize::from(begins_word(texts[start]));
        if words > BEFORE {
            break;
        }
        start -= 1;
    }
    let mut after = position + 1..texts.len();
    let stop = after.find(|at| breaks(texts[*at])).unwrap_or(texts.len());
    let rest = &texts[position + 1..stop];
    let following = rest.iter().filter(|text| begins_word(text)).count();
    let most = if following <= FEW { FEW } else { AFTER };
    words = 0;
    while end + 1 < stop {
        words += usize::from(begins_word(texts[end + 1]));
        if words > most {
            break;
        }
        end += 1;
    }
    start..=end
}

fn trimmed(
    texts: &[&str],
    phrase: RangeInclusive<usize>,
    position: usize,
) -> RangeInclusive<usize> {
    let (mut start, mut end) = phrase.into_inner();
    let bare = |at: usize| {
        let word = texts[at].trim();
        word.is_empty() || EDGES.contains(&word)
    };
    while start < position && bare(start) {
        start += 1;
    }
    while end > position && bare(end) {
        end -= 1;
    }
    start..=end
}

/// White space belongs to the word that follows it, whether it is a token of its own or not.
fn begins_word(text: &str) -> bool {
    text.starts_with(char::is_whitespace)
}

/// A comma, a full stop, the end of a line, and words that join what is listed.
fn breaks(text: &str) -> bool {
    let word = text.trim_matches(' ');
    matches!(word, "," | "." | ";" | ":" | "!" | "?")
        || BETWEEN.contains(&word)
        || text.contains('\n')
}

/// The text of a phrase, without white space around it.
pub(super) fn text(texts: &[&str], phrase: &RangeInclusive<usize>) -> String {
    texts[phrase.clone()].concat().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: &[&str], out: &[usize]) -> Vec<String> {
        let mut marks = vec![false; texts.len()];
        for position in out {
            marks[*position] = true;
        }
        let found = phrases(texts, &marks);
        found.iter().map(|phrase| text(texts, phrase)).collect()
    }

    #[test]
    fn a_phrase_is_what_stands_out_and_the_words_around_it() {
        let texts = [
            "<bos>",
            "A",
            " female",
            " at",
            " ",
            "30",
            " weeks",
            " gestation",
            " presents",
            " with",
            " severe",
            " right",
            " upper",
            " quadrant",
            " pain",
            ",",
            " mild",
            " headache",
            ",",
            " and",
            " nausea",
            ".",
            " BP",
            " is",
            " ",
            "162",
            "/",
            "98",
            " mmHg",
            ".",
        ];
        assert_eq!(
            found(&texts, &[6, 12, 14, 17, 20, 27]),
            [
                "30 weeks gestation",
                "severe right upper quadrant pain",
                "mild headache",
                "nausea",
                "BP is 162/98 mmHg"
            ]
        );
        let texts = [
            " labs",
            " show",
            " mildly",
            " elevated",
            " liver",
            " enzymes",
            ".",
        ];
        assert_eq!(found(&texts, &[2]), ["mildly elevated liver enzymes"]);
        // What breaks a phrase is none.
        assert_eq!(found(&texts, &[1, 6]), [""; 0]);
    }

    #[test]
    fn a_phrase_ends_with_the_text() {
        assert_eq!(
            found(&["<bos>", " a", " sore", " throat"], &[3]),
            ["sore throat"]
        );
        assert_eq!(found(&["x"], &[0]), ["x"]);
        assert_eq!(found(&["<bos>", "A", " man"], &[0, 2]), ["<bos>", "A man"]);
    }
}
