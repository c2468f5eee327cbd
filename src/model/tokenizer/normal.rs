//! Normal forms of Unicode, and the normalizer of BERT, which needs one.
//!
//! The tables of the forms are a seventh of the page's module, and its browser has them: whoever makes a
//! tokenizer says where they come from.

use std::sync::LazyLock;

use fancy_regex::Regex;
use tokenizers::{NormalizedString, Normalizer};

/// Brings a text into a form by its name: NFC, NFD, NFKC or NFKD.
pub(super) type NormalForms = fn(form: &str, text: &str) -> String;

/// By the tables of the `tokenizers` crate.
#[cfg(not(target_arch = "wasm32"))]
pub(super) fn by_the_crate(form: &str, text: &str) -> String {
    let mut text = NormalizedString::from(text);
    match form {
        "NFC" => text.nfc(),
        "NFD" => text.nfd(),
        "NFKC" => text.nfkc(),
        _ => text.nfkd(),
    };
    text.get().to_string()
}

/// A step that brings a text into a form.
pub(super) struct NormalForm {
    pub(super) form: &'static str,
    pub(super) forms: NormalForms,
}

impl Normalizer for NormalForm {
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        *text = (self.forms)(self.form, text.get()).into();
        Ok(())
    }
}

/// Leaves out accents that stand for themselves, as a decomposed text has them.
pub(super) struct StripAccents;

impl Normalizer for StripAccents {
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        *text = without(&MARKS, text.get()).into();
        Ok(())
    }
}

/// What a BERT does before it takes a text apart; its settings are those of the file.
pub(super) struct Bert {
    pub(super) clean_text: bool,
    pub(super) handle_chinese_chars: bool,
    pub(super) strip_accents: bool,
    pub(super) lowercase: bool,
    pub(super) forms: NormalForms,
}

impl Normalizer for Bert {
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        let mut written = text.get().to_string();
        if self.clean_text {
            let spaced = written.replace(['\t', '\n', '\r'], " ");
            let seen = without(&CONTROLS, &spaced);
            written = seen.replace(char::is_whitespace, " ");
        }
        if self.handle_chinese_chars {
            let apart = |c: char| match is_chinese(c) {
                true => format!(" {c} "),
                false => c.to_string(),
            };
            written = written.chars().map(apart).collect();
        }
        if self.strip_accents {
            written = without(&NONSPACING, &(self.forms)("NFD", &written));
        }
        if self.lowercase {
            written = written.chars().flat_map(char::to_lowercase).collect();
        }
        *text = written.into();
        Ok(())
    }
}

// The classes of characters are in the tables of the regular expressions already.
static MARKS: LazyLock<Regex> = LazyLock::new(|| class(r"\p{M}"));
static NONSPACING: LazyLock<Regex> = LazyLock::new(|| class(r"\p{Mn}"));
static CONTROLS: LazyLock<Regex> = LazyLock::new(|| class("[\\p{Cc}\\p{Cf}\\p{Co}\u{fffd}]"));

fn class(expression: &str) -> Regex {
    Regex::new(expression).expect("a class of characters")
}

fn without(class: &Regex, text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut from = 0;
    // A class of characters needs no looking back, so it never gives up.
    for found in class.find_iter(text).flatten() {
        kept.push_str(&text[from..found.start()]);
        from = found.end();
    }
    kept.push_str(&text[from..]);
    kept
}

/// Characters of the blocks that BERT takes for Chinese.
fn is_chinese(c: char) -> bool {
    matches!(
        u32::from(c),
        0x4E00..=0x9FFF
            | 0x3400..=0x4DBF
            | 0x20000..=0x2A6DF
            | 0x2A700..=0x2B73F
            | 0x2B740..=0x2B81F
            | 0x2B920..=0x2CEAF
            | 0xF900..=0xFAFF
            | 0x2F800..=0x2FA1F
    )
}
