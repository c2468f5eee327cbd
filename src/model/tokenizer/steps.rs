//! The steps that a text goes through on its way to tokens and back.

use serde_json::{Map, Value};
use tokenizers::decoders::bpe::BPEDecoder;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::normalizers::{Lowercase, Prepend, Strip};
use tokenizers::pattern::{Invert, Pattern as _};
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::punctuation::Punctuation;
use tokenizers::pre_tokenizers::whitespace::{Whitespace, WhitespaceSplit};
use tokenizers::{
    Decoder, NormalizedString, Normalizer, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior,
};

use super::normal::{Bert, NormalForm, NormalForms, StripAccents};
use super::pattern::Pattern;
use super::{Read, fields, setting};

pub(super) type AnyNormalizer = dyn Normalizer + Send + Sync;
pub(super) type AnyPreTokenizer = dyn PreTokenizer + Send + Sync;
pub(super) type AnyDecoder = dyn Decoder + Send + Sync;

/// The kinds of step that a part of the file may consist of.
pub(super) struct Kinds<Step: ?Sized + 'static> {
    pub(super) part: &'static str,
    /// What a Sequence calls its steps.
    list: &'static str,
    /// Each with how it is read from its settings.
    known: &'static [(&'static str, Reader<Step>)],
}

type Reader<Step> = fn(&Value, NormalForms) -> Read<Box<Step>>;

pub(super) static NORMALIZERS: Kinds<AnyNormalizer> = Kinds {
    part: "normalizer",
    list: "normalizers",
    known: &[
        ("BertNormalizer", |part, forms| {
            let lowercase = setting(part, "lowercase")?;
            let strip_accents: Option<bool> = setting(part, "strip_accents")?;
            Ok(Box::new(Bert {
                clean_text: setting(part, "clean_text")?,
                handle_chinese_chars: setting(part, "handle_chinese_chars")?,
                strip_accents: strip_accents.unwrap_or(lowercase),
                lowercase,
                forms,
            }))
        }),
        ("Lowercase", |_, _| Ok(Box::new(Lowercase))),
        ("NFC", |_, forms| normal_form("NFC", forms)),
        ("NFD", |_, forms| normal_form("NFD", forms)),
        ("NFKC", |_, forms| normal_form("NFKC", forms)),
        ("NFKD", |_, forms| normal_form("NFKD", forms)),
        ("Prepend", |part, _| {
            Ok(Box::new(Prepend::new(setting(part, "prepend")?)))
        }),
        ("Replace", |part, _| Ok(Box::new(Replace::read(part)?))),
        ("Strip", |part, _| {
            let (left, right) = (setting(part, "strip_left")?, setting(part, "strip_right")?);
            Ok(Box::new(Strip::new(left, right)))
        }),
        ("StripAccents", |_, _| Ok(Box::new(StripAccents))),
    ],
};

pub(super) static PRE_TOKENIZERS: Kinds<AnyPreTokenizer> = Kinds {
    part: "pre_tokenizer",
    list: "pretokenizers",
    known: &[
        ("BertPreTokenizer", |_, _| Ok(Box::new(BertPreTokenizer))),
        ("ByteLevel", |part, _| Ok(Box::new(byte_level(part)?))),
        ("Split", |part, _| Ok(Box::new(Split::read(part)?))),
        ("Digits", |part, _| {
            Ok(Box::new(Digits::new(setting(part, "individual_digits")?)))
        }),
        ("Punctuation", |part, _| {
            let behavior: Option<SplitDelimiterBehavior> = setting(part, "behavior")?;
            let behavior = behavior.unwrap_or(SplitDelimiterBehavior::Isolated);
            Ok(Box::new(Punctuation::new(behavior)))
        }),
        ("Whitespace", |_, _| Ok(Box::new(Whitespace))),
        ("WhitespaceSplit", |_, _| Ok(Box::new(WhitespaceSplit))),
    ],
};

pub(super) static DECODERS: Kinds<AnyDecoder> = Kinds {
    part: "decoder",
    list: "decoders",
    known: &[
        ("ByteLevel", |part, _| Ok(Box::new(byte_level(part)?))),
        ("BPEDecoder", |part, _| {
            Ok(Box::new(BPEDecoder::new(setting(part, "suffix")?)))
        }),
        ("WordPiece", |part, _| {
            let (prefix, cleanup) = (setting(part, "prefix")?, setting(part, "cleanup")?);
            Ok(Box::new(WordPieceDecoder::new(prefix, cleanup)))
        }),
        ("ByteFallback", |_, _| Ok(Box::new(ByteFallback::new()))),
        ("Fuse", |_, _| Ok(Box::new(Fuse::new()))),
        ("Replace", |part, _| Ok(Box::new(Replace::read(part)?))),
    ],
};

fn normal_form(form: &'static str, forms: NormalForms) -> Read<Box<AnyNormalizer>> {
    Ok(Box::new(NormalForm { form, forms }))
}

fn byte_level(part: &Value) -> Read<ByteLevel> {
    let add_prefix_space = setting(part, "add_prefix_space")?;
    let trim_offsets = setting(part, "trim_offsets")?;
    let use_regex: Option<bool> = setting(part, "use_regex")?;
    let use_regex = use_regex.unwrap_or(true);
    Ok(ByteLevel::new(add_prefix_space, trim_offsets, use_regex))
}

/// Puts one text in the place of others.
struct Replace {
    pattern: Pattern,
    content: String,
}

impl Replace {
    fn read(part: &Value) -> Read<Replace> {
        let (pattern, content) = (Pattern::read(&part["pattern"])?, setting(part, "content")?);
        Ok(Replace { pattern, content })
    }
}

impl Normalizer for Replace {
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        text.replace(&self.pattern, &self.content)
    }
}

impl Decoder for Replace {
    fn decode_chain(&self, tokens: Vec<String>) -> tokenizers::Result<Vec<String>> {
        let one = |token: String| {
            let pieces = (&self.pattern).find_matches(&token)?;
            let piece = |((from, to), found)| match found {
                true => self.content.as_str(),
                false => &token[from..to],
            };
            Ok(pieces.into_iter().map(piece).collect())
        };
        tokens.into_iter().map(one).collect()
    }
}

/// Splits a text at what a pattern matches, or else at what it does not.
struct Split {
    pattern: Pattern,
    behavior: SplitDelimiterBehavior,
    invert: bool,
}

impl Split {
    fn read(part: &Value) -> Read<Split> {
        Ok(Split {
            pattern: Pattern::read(&part["pattern"])?,
            behavior: setting(part, "behavior")?,
            invert: setting(part, "invert")?,
        })
    }
}

impl PreTokenizer for Split {
    fn pre_tokenize(&self, text: &mut PreTokenizedString) -> tokenizers::Result<()> {
        text.split(|_, piece| match self.invert {
            true => piece.split(Invert(&self.pattern), self.behavior),
            false => piece.split(&self.pattern, self.behavior),
        })
    }
}

/// Refuses a `post_processor` of an unknown kind, or with an unknown field. What it would do is of no effect.
pub(super) fn check_post_processor(part: &Value) -> Read<()> {
    if part.is_null() {
        return Ok(());
    }
    let kind = part["type"].as_str().unwrap_or("of no type");
    fields::check(&format!("post_processor {kind}"), part)?;
    let mut inner = part["processors"].as_array().into_iter().flatten();
    inner.try_for_each(check_post_processor)
}

/// The steps that a text goes through one after the other; what is in a Sequence is in line with the rest.
pub(super) struct Steps<Step: ?Sized + 'static>(Vec<Box<Step>>);

impl<Step: ?Sized> Steps<Step> {
    pub(super) fn read(
        parts: &Map<String, Value>,
        kinds: &Kinds<Step>,
        forms: NormalForms,
    ) -> Read<Option<Steps<Step>>> {
        let Some(part) = parts.get(kinds.part).filter(|part| !part.is_null()) else {
            return Ok(None);
        };
        let mut steps = Steps(Vec::new());
        steps.append(part, kinds, forms)?;
        Ok(Some(steps))
    }

    fn append(&mut self, part: &Value, kinds: &Kinds<Step>, forms: NormalForms) -> Read<()> {
        let kind = part["type"].as_str().unwrap_or("of no type");
        fields::check(&format!("{} {kind}", kinds.part), part)?;
        let Some((_, read)) = kinds.known.iter().find(|(name, _)| *name == kind) else {
            // Only a Sequence is in the table of fields, and not read by itself.
            let Some(steps) = part[kinds.list].as_array() else {
                return Err(format!("its {} Sequence has no {}", kinds.part, kinds.list));
            };
            return steps
                .iter()
                .try_for_each(|step| self.append(step, kinds, forms));
        };
        let step =
            read(part, forms).map_err(|reason| format!("its {} {kind} {reason}", kinds.part))?;
        self.0.push(step);
        Ok(())
    }
}

impl Normalizer for Steps<AnyNormalizer> {
    fn normalize(&self, text: &mut NormalizedString) -> tokenizers::Result<()> {
        self.0.iter().try_for_each(|step| step.normalize(text))
    }
}

impl PreTokenizer for Steps<AnyPreTokenizer> {
    fn pre_tokenize(&self, text: &mut PreTokenizedString) -> tokenizers::Result<()> {
        self.0.iter().try_for_each(|step| step.pre_tokenize(text))
    }
}

impl Decoder for Steps<AnyDecoder> {
    fn decode_chain(&self, tokens: Vec<String>) -> tokenizers::Result<Vec<String>> {
        self.0
            .iter()
            .try_fold(tokens, |tokens, step| step.decode_chain(tokens))
    }
}
