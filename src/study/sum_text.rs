//! Texts about a sum: templates with placeholders such as `{a.ones}`, filled in for two numbers, and found
//! again in a prompt.

use std::ops::Range;

/// Fills a template in: the prompt before the `|`, and what is to follow it. `a` and `b` are below
/// 100.
///
/// # Errors
/// A clause that says what is wrong with the template.
pub fn fill(template: &str, a: u32, b: u32) -> Result<(String, String), String> {
    let mut filled = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, inside) = rest.split_at(start);
        let Some(end) = inside.find('}') else {
            return Err(format!("the template {template:?} has a {{ without a }}"));
        };
        filled.push_str(before);
        match value(&inside[1..end], a, b) {
            Some(value) => filled.push_str(&value),
            None => {
                let name = &inside[..=end];
                let known = "{a}, {b}, {sum}, {a.ones}, {a.tens}, {b.ones}, {b.tens}, {ones}, \
                             {digit}, {carry}, {tens}, {start}, {end.head} and {end.tail}";
                return Err(format!(
                    "the template {template:?} has the placeholder {name}, and only {known} are known"
                ));
            }
        }
        rest = &inside[end + 1..];
    }
    filled.push_str(rest);
    match filled.split_once('|') {
        Some((prompt, expected)) if !expected.contains('|') => {
            Ok((prompt.to_string(), expected.to_string()))
        }
        _ => Err(format!(
            "the template {template:?} needs one | between the prompt and what is to follow"
        )),
    }
}

/// A placeholder's value as a text. Years are 1900 + a and that many years later.
pub(super) fn value(name: &str, a: u32, b: u32) -> Option<String> {
    let ones = a % 10 + b % 10;
    let carry = ones / 10;
    let end = 1900 + a + b;
    let number = match name {
        "a" => a,
        "b" => b,
        "sum" => a + b,
        "a.ones" => a % 10,
        "a.tens" => a / 10,
        "b.ones" => b % 10,
        "b.tens" => b / 10,
        "ones" => ones,
        "digit" => ones % 10,
        "carry" => carry,
        "tens" => a / 10 + b / 10 + carry,
        "start" => 1900 + a,
        "end.head" => end / 1000,
        "end.tail" => return Some(format!("{:03}", end % 1000)),
        _ => return None,
    };
    Some(number.to_string())
}

/// A template found in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    pub a: u32,
    pub b: u32,
    /// Each placeholder's name, and its bytes in the text.
    pub places: Vec<(&'a str, Range<usize>)>,
}

/// Finds a template in a text, wherever it begins; where it does so more than once, one after the other, the last counts. The text may
/// break off once both operands are known, and may go on otherwise than the template from its `|` on. A template that
/// begins with a number is not found within a longer number or sum.
pub fn find<'a>(template: &'a str, text: &str) -> Option<Found<'a>> {
    let starts = text.char_indices().map(|(start, _)| start);
    let mut last: Option<Found<'a>> = None;
    for start in starts {
        let within = last.as_ref().and_then(|found| found.places.last());
        let is_within = within.is_some_and(|(_, place)| start < place.end);
        if !is_within && (!template.starts_with('{') || number_begins(text, start)) {
            last = found_at(template, text, start).or(last);
        }
    }
    last
}

/// Whether a number at byte `start` of the text is its own, no part of a longer one and no later summand.
fn number_begins(text: &str, start: usize) -> bool {
    const SIGNS: &[char] = &['+', '-', '\u{2212}', '*', '/', '\u{d7}', '\u{f7}', '^', '='];
    let before = &text[..start];
    let in_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    !before.ends_with(in_number) && !before.trim_end().ends_with(SIGNS)
}

/// The template from byte `start` of the text on.
fn found_at<'a>(template: &'a str, text: &str, start: usize) -> Option<Found<'a>> {
    let (mut a, mut b) = (None, None);
    let mut places = Vec::new();
    let mut at = start;
    let mut rest = template;
    let mut answering = false;
    while let Some(first) = rest.chars().next() {
        let here = &text[at..];
        if here.is_empty() {
            break;
        }
        if first == '|' {
            answering = true;
            rest = &rest[1..];
            continue;
        }
        if first != '{' {
            if !here.starts_with(first) {
                match answering {
                    true => break,
                    false => return None,
                }
            }
            at += first.len_utf8();
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (name, after) = rest[1..].split_once('}')?;
        let digits = here.bytes().take_while(u8::is_ascii_digit).count();
        let length = match (a, b) {
            (Some(a), Some(b)) => {
                let value = value(name, a, b)?;
                let goes_on = after.trim_start_matches('|').starts_with('{');
                let ends = value.len() == digits || goes_on;
                match here.starts_with(&value) && ends {
                    true => value.len(),
                    false if answering => break,
                    false => return None,
                }
            }
            _ => {
                let operand = match name {
                    "b" => &mut b,
                    _ => &mut a,
                };
                *operand = operand_of(name, &here[..digits]);
                (*operand)?;
                digits
            }
        };
        places.push((name, at..at + length));
        at += length;
        rest = after;
    }
    let (a, b) = (a?, b?);
    Some(Found { a, b, places })
}

/// The operand below 100 that a placeholder's digits tell.
fn operand_of(name: &str, digits: &str) -> Option<u32> {
    let number: u32 = digits.parse().ok()?;
    let operand = match name {
        "a" | "b" => number,
        "start" => number.checked_sub(1900)?,
        _ => return None,
    };
    (operand < 100 && value(name, operand, operand)? == digits).then_some(operand)
}

#[cfg(test)]
mod tests {
    use super::{fill, find};

    #[test]
    fn every_placeholder_has_its_value() {
        let whole = |template: &str, a, b| {
            let (prompt, expected) = fill(template, a, b).unwrap();
            format!("{prompt}|{expected}")
        };
        assert_eq!(whole("calc: {a}+{b}=|{sum}", 36, 59), "calc: 36+59=|95");
        assert_eq!(
            whole(
                "|{a.ones}+{b.ones}={ones}, {digit}, {carry}; {a.tens}+{b.tens}+{carry}={tens}",
                36,
                59
            ),
            "|6+9=15, 5, 1; 3+5+1=9"
        );
        assert_eq!(
            whole("${a} {start}-|{end.head}{end.tail}", 40, 65),
            "$40 1940-|2005"
        );
    }

    #[test]
    fn what_is_wrong_is_told() {
        for (template, part) in [
            ("{c}|", "{c}"),
            ("{a", "without"),
            ("{a}", "one |"),
            ("a|b|", "one |"),
        ] {
            assert!(
                fill(template, 1, 2).unwrap_err().contains(part),
                "{template}"
            );
        }
    }

    #[test]
    fn a_number_is_not_found_within_another_or_as_a_later_summand() {
        let found = |template: &str, text: &str| find(template, text).map(|it| (it.a, it.b));
        for text in [
            "136+59=",
            "1+2+3=",
            "1+36+59=",
            "1.36+59=",
            "5-36+59=",
            "2^36+59=",
            "8 ÷ 36+59=",
        ] {
            assert_eq!(found("{a}+{b}=|{sum}", text), None, "{text}");
        }
        assert_eq!(found("{a} + {b} =|{sum}", "1 + 2 + 3 ="), None);
        for text in ["<bos>36+59=", "calc: 36+59=", "It was 3. 36+59="] {
            assert_eq!(found("{a}+{b}=|{sum}", text), Some((36, 59)), "{text}");
        }
    }

    #[test]
    fn a_template_is_found_where_it_stands() {
        let calc = "calc: {a}+{b}=|{sum}. How? {a.ones}+{b.ones}={ones}.";
        let journal = "Founded: {start}. Volume: {b}. Year: {end.head}|{end.tail}";
        for (template, text, expected) in [
            (calc, "calc: 36+59=", Some((36, 59, 2))),
            (calc, "calc: 36+59", Some((36, 59, 2))),
            (
                calc,
                "<bos>3 pens. calc: 36+59=95. How? 6+9=15.",
                Some((36, 59, 6)),
            ),
            // What follows the answer is not the template's.
            (calc, "calc: 36+59=12", Some((36, 59, 2))),
            (calc, "calc: 1+2=3; calc: 36+59=", Some((36, 59, 2))),
            (
                journal,
                "Founded: 1936. Volume: 59. Year: 1",
                Some((36, 59, 3)),
            ),
            (
                journal,
                "Founded: 1980. Volume: 40. Year: 2020",
                Some((80, 40, 4)),
            ),
            (journal, "Founded: 1936. Volume: 59. Year: 2", None),
            (journal, "Founded: 2036. Volume: 59. Year: 2", None),
            (calc, "calc: 36+", None),
            (calc, "calc: 136+59=", None),
            (calc, "calc: 06+59=", None),
            (calc, "calc: 36-59=", None),
            (calc, "", None),
        ] {
            let found = find(template, text);
            let seen = found
                .as_ref()
                .map(|found| (found.a, found.b, found.places.len()));
            assert_eq!(seen, expected, "{text}");
        }
        let found = find(journal, "Founded: 1936. Volume: 59. Year: 1").unwrap();
        assert_eq!(
            found.places,
            [("start", 9..13), ("b", 23..25), ("end.head", 33..34)]
        );
    }
}
