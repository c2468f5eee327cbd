//! Makes the page's stylesheet one of a shadow root: sizes do not depend on the page around, and what is the page's is the element's.

use anyhow::{Context, Result};
use std::fs;
use std::path::Path;

/// Converts a stylesheet in place.
pub fn convert(path: &Path) -> Result<()> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(fs::write(path, converted(&text))?)
}

/// Registered properties and conditions on the page stay out; `:root` and `body` are the element and what it draws in; `rem` is a
/// multiple of `--rem`, but for media queries, where it is the browser's own size of letters and none of the page's.
fn converted(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        made.push_str(&rules(&rest[..at]));
        rest = &rest[at..];
        let Some(open) = rest.find('{') else { break };
        let (prelude, body) = rest.split_at(open);
        if prelude.starts_with("@property") {
            let close = body.find('}').map_or(body.len(), |at| at + 1);
            rest = &body[close..];
        } else {
            made.push_str(prelude);
            rest = body;
        }
    }
    made.push_str(&rules(rest));
    made
}

fn rules(text: &str) -> String {
    let mut text = text.to_owned();
    for theme in ["light", "dark"] {
        for quoted in [format!("\"{theme}\""), theme.to_owned()] {
            let page = format!(":root[data-theme={quoted}]");
            text = text.replace(&page, &format!(":host([theme={theme}])"));
        }
    }
    text = text.replace(":root", ":host");
    for before in ["}", ",", "\n"] {
        text = text.replace(&format!("{before}body{{"), &format!("{before}.lab{{"));
    }
    in_own_rem(&text)
}

/// `1.5rem` as `calc(1.5*var(--rem))`.
fn in_own_rem(text: &str) -> String {
    let mut made = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("rem") {
        let (before, after) = (&rest[..at], &rest[at + 3..]);
        let digits = before.trim_end_matches(|each: char| each.is_ascii_digit() || each == '.');
        let number = &before[digits.len()..];
        let ends = !after.starts_with(|each: char| each.is_alphanumeric() || each == '-');
        let apart = !digits.ends_with(|each: char| each.is_alphanumeric() || each == '_');
        if number.is_empty() || !ends || !apart {
            made.push_str(&rest[..at + 3]);
        } else {
            // A sign belongs to the number, where none stands in a sum.
            let signed = digits.strip_suffix('-').filter(|start| {
                !start.ends_with(|each: char| each.is_alphanumeric() || each == '-')
            });
            let (start, sign) = signed.map_or((digits, ""), |start| (start, "-"));
            made.push_str(&format!("{start}calc({sign}{number}*var(--rem))"));
        }
        rest = after;
    }
    made.push_str(rest);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_the_elements_own() {
        for (page, element) in [
            (".a{top:1.5rem}", ".a{top:calc(1.5*var(--rem))}"),
            (
                ".a{margin:-.5rem 2rem}",
                ".a{margin:calc(-.5*var(--rem)) calc(2*var(--rem))}",
            ),
            (
                ".a{left:calc(100% - .6rem)}",
                ".a{left:calc(100% - calc(.6*var(--rem)))}",
            ),
            (".theorem{top:0}", ".theorem{top:0}"),
            (
                "@media (max-width:60rem){.a{top:1rem}}",
                "@media (max-width:60rem){.a{top:calc(1*var(--rem))}}",
            ),
        ] {
            assert_eq!(converted(page), element);
        }
    }

    #[test]
    fn what_is_the_pages_is_the_elements() {
        let page = "@property --ink{syntax:\"<color>\";inherits:true}:root{--ink:red}:root[data-theme=dark]{color-scheme:dark}body{margin:0}";
        assert_eq!(
            converted(page),
            ":host{--ink:red}:host([theme=dark]){color-scheme:dark}.lab{margin:0}"
        );
    }
}
