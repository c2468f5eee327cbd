//! Text to tokens and back: `tokenizer.json`, by the `tokenizers` crate.
//!
//! The steps are the crate's. Its `Tokenizer` around them is not used: it links every kind of step that it
//! can read, and threads for batches, with which the page's module is a fifth larger.

use std::collections::HashMap;
use std::fmt::Display;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::error::Category;
use serde_json::{Map, Value};
use tokenizers::decoders::bpe::BPEDecoder;
use tokenizers::decoders::byte_fallback::ByteFallback;
use tokenizers::decoders::fuse::Fuse;
use tokenizers::decoders::wordpiece::WordPiece as WordPieceDecoder;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::replace::ReplacePattern;
use tokenizers::normalizers::{Lowercase, Replace, Strip};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::punctuation::Punctuation;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::pre_tokenizers::whitespace::{Whitespace, WhitespaceSplit};
use tokenizers::processors::bert::BertProcessing;
use tokenizers::processors::roberta::RobertaProcessing;
use tokenizers::processors::template::TemplateProcessing;
use tokenizers::{
    AddedToken, AddedVocabulary, Decoder, Encoding, Model, NormalizedString, Normalizer,
    OffsetType, PostProcessor, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior, Token,
};

use super::error::clause;
use super::fields::without_mark;
use super::{LoadError, TOKENIZER};

/// A model's tokenizer.
pub struct Tokenizer {
    added: AddedVocabulary,
    normalizer: Option<Steps<AnyNormalizer>>,
    pre_tokenizer: Option<Steps<AnyPreTokenizer>>,
    words: Words,
    post_processor: Option<Steps<AnyPostProcessor>>,
    decoder: Option<Steps<AnyDecoder>>,
}

impl Tokenizer {
    /// Reads a `tokenizer.json`. Its truncation and padding are left out, as in transformers: a prompt is what
    /// was typed, whole.
    ///
    /// # Errors
    /// [`LoadError::Syntax`] where it is not JSON, [`LoadError::Tokenizer`] where it is no tokenizer.
    pub fn from_bytes(bytes: &[u8]) -> Result<Tokenizer, LoadError> {
        let parts: Map<String, Value> =
            serde_json::from_slice(without_mark(bytes)).map_err(|error| {
                let reason = clause(&error);
                match error.classify() {
                    Category::Data => unusable(reason),
                    _ => LoadError::Syntax {
                        file: TOKENIZER.to_string(),
                        format: "JSON",
                        reason,
                    },
                }
            })?;
        Tokenizer::read(&parts).map_err(unusable)
    }

    fn read(parts: &Map<String, Value>) -> Read<Tokenizer> {
        if parts.get("version").is_some_and(|version| version != "1.0") {
            return Err("it is of another version than 1.0".to_string());
        }
        let words = Words::read(parts.get("model").ok_or("it has no model")?)?;
        let normalizer = Steps::read(parts, &NORMALIZERS)?;
        let mut added = AddedVocabulary::new();
        added.add_tokens(&added_tokens(parts)?, &words, normalizer.as_ref());
        Ok(Tokenizer {
            added,
            normalizer,
            pre_tokenizer: Steps::read(parts, &PRE_TOKENIZERS)?,
            words,
            post_processor: Steps::read(parts, &POST_PROCESSORS)?,
            decoder: Steps::read(parts, &DECODERS)?,
        })
    }

    /// The tokens of a text, with those that the tokenizer puts around it, such as `<bos>` first.
    ///
    /// # Errors
    /// [`LoadError::Tokenizer`] for a text that the tokenizer has no tokens for.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, LoadError> {
        let encoding = self.encoding(text).map_err(unusable)?;
        Ok(encoding.get_ids().to_vec())
    }

    fn encoding(&self, text: &str) -> tokenizers::Result<Encoding> {
        let normalizer = self.normalizer.as_ref();
        let mut words = self.added.extract_and_normalize(normalizer, text);
        if let Some(steps) = &self.pre_tokenizer {
            steps.pre_tokenize(&mut words)?;
        }
        words.tokenize(|word| self.words.tokenize(word.get()))?;
        let encoding = words.into_encoding(None, 0, OffsetType::None)?;
        match &self.post_processor {
            Some(steps) => steps.process(encoding, None, true),
            None => Ok(encoding),
        }
    }

    /// The text of tokens, special tokens left out. Unknown tokens are passed over.
    pub fn decode(&self, ids: &[u32]) -> String {
        let token = |&id| {
            let added = self.added.simple_id_to_token(id);
            added.or_else(|| self.words.id_to_token(id))
        };
        let shown = |token: &String| !self.added.is_special_token(token);
        let tokens: Vec<String> = ids.iter().filter_map(token).filter(shown).collect();
        match &self.decoder {
            Some(steps) => steps.decode(tokens).unwrap_or_default(),
            None => tokens.join(" "),
        }
    }
}

fn unusable(reason: impl Display) -> LoadError {
    LoadError::Tokenizer {
        file: TOKENIZER.to_string(),
        reason: clause(reason),
    }
}

/// What is read, or what is wrong with it, in words.
type Read<T> = Result<T, String>;

/// A setting; one that is not there reads as null.
fn setting<'a, T: Deserialize<'a>>(part: &'a Value, name: &str) -> Read<T> {
    T::deserialize(&part[name]).map_err(|error| format!("has {name} wrong: {error}"))
}

fn unreadable(error: impl Display) -> String {
    format!("cannot be read: {error}")
}

fn added_tokens(parts: &Map<String, Value>) -> Read<Vec<AddedToken>> {
    let Some(tokens) = parts.get("added_tokens") else {
        return Ok(Vec::new());
    };
    let tokens = tokens.as_array().ok_or("its added_tokens are no list")?;
    let read = |token| {
        // The crate numbers them itself, and still asks for a number.
        setting::<u32>(token, "id")?;
        AddedToken::deserialize(token).map_err(unreadable)
    };
    let tokens = tokens.iter().map(read).collect::<Read<_>>();
    tokens.map_err(|reason| format!("one of its added_tokens {reason}"))
}

/// The models that number their tokens, and do not score them.
enum Words {
    Bpe(BPE),
    WordLevel(WordLevel),
    WordPiece(WordPiece),
}

impl Words {
    fn read(part: &Value) -> Read<Words> {
        // Old files, GPT-2's among them, do not say what the model is.
        let kind = match part["type"].as_str() {
            Some(kind) => kind,
            None if part.get("merges").is_some() => "BPE",
            None if part.get("max_input_chars_per_word").is_some() => "WordPiece",
            None => "WordLevel",
        };
        let model = match kind {
            "BPE" => {
                // The crate cuts so many bytes off the second part of each merge, whatever they are.
                let prefix = &part["continuing_subword_prefix"];
                if !prefix.is_null() && prefix != "" {
                    let reason = "a BPE with a continuing_subword_prefix is not supported";
                    return Err(reason.to_string());
                }
                if part["dropout"].as_f64().is_some_and(|chance| chance != 0.0) {
                    return Err("with dropout, it gives other tokens each time".to_string());
                }
                BPE::deserialize(part).map(Words::Bpe)
            }
            "WordLevel" => WordLevel::deserialize(part).map(Words::WordLevel),
            "WordPiece" => WordPiece::deserialize(part).map(Words::WordPiece),
            _ => return Err(unknown("model", kind, "BPE, WordLevel, WordPiece")),
        };
        model.map_err(|error| format!("its model {kind} {}", unreadable(error)))
    }
}

fn unknown(part: &str, kind: &str, known: &str) -> String {
    let kind = clause(kind);
    format!("its {part} is {kind}, and only these are known: {known}")
}

/// Calls the same method of whichever model it is.
macro_rules! of_any {
    ($words:expr, $model:ident => $call:expr) => {
        match $words {
            Words::Bpe($model) => $call,
            Words::WordLevel($model) => $call,
            Words::WordPiece($model) => $call,
        }
    };
}

impl Model for Words {
    // The trait asks for one; nothing is trained here.
    type Trainer = BpeTrainer;

    fn tokenize(&self, word: &str) -> tokenizers::Result<Vec<Token>> {
        of_any!(self, model => model.tokenize(word))
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        of_any!(self, model => model.token_to_id(token))
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        of_any!(self, model => model.id_to_token(id))
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        of_any!(self, model => model.get_vocab())
    }

    fn get_vocab_size(&self) -> usize {
        of_any!(self, model => model.get_vocab_size())
    }

    fn save(&self, folder: &Path, prefix: Option<&str>) -> tokenizers::Result<Vec<PathBuf>> {
        of_any!(self, model => model.save(folder, prefix))
    }

    fn get_trainer(&self) -> BpeTrainer {
        BpeTrainer::default()
    }
}

type AnyNormalizer = dyn Normalizer + Send + Sync;
type AnyPreTokenizer = dyn PreTokenizer + Send + Sync;
type AnyPostProcessor = dyn PostProcessor + Send + Sync;
type AnyDecoder = dyn Decoder + Send + Sync;

/// The kinds of step that a part of the file may consist of.
struct Kinds<Step: ?Sized + 'static> {
    part: &'static str,
    /// What a Sequence calls its steps.
    list: &'static str,
    /// Each with how it is read from its settings.
    known: &'static [(&'static str, Reader<Step>)],
}

type Reader<Step> = fn(&Value) -> Read<Box<Step>>;

// Of the kinds that are left out some panic on damaged files, and none is GPT-2's. NFC and its like are left
// out for their tables, with which the page's module is a seventh larger.

static NORMALIZERS: Kinds<AnyNormalizer> = Kinds {
    part: "normalizer",
    list: "normalizers",
    known: &[
        ("Lowercase", |_| Ok(Box::new(Lowercase))),
        ("Strip", |part| {
            let (left, right) = (setting(part, "strip_left")?, setting(part, "strip_right")?);
            Ok(Box::new(Strip::new(left, right)))
        }),
        ("Replace", |part| Ok(Box::new(replace(part)?))),
    ],
};

static PRE_TOKENIZERS: Kinds<AnyPreTokenizer> = Kinds {
    part: "pre_tokenizer",
    list: "pretokenizers",
    known: &[
        ("ByteLevel", |part| Ok(Box::new(byte_level(part)?))),
        ("Split", |part| {
            let pattern: SplitPattern = setting(part, "pattern")?;
            let (behavior, invert) = (setting(part, "behavior")?, setting(part, "invert")?);
            let split = Split::new(pattern, behavior, invert).map_err(unreadable)?;
            Ok(Box::new(split))
        }),
        ("Digits", |part| {
            Ok(Box::new(Digits::new(setting(part, "individual_digits")?)))
        }),
        ("Punctuation", |part| {
            let behavior: Option<SplitDelimiterBehavior> = setting(part, "behavior")?;
            let behavior = behavior.unwrap_or(SplitDelimiterBehavior::Isolated);
            Ok(Box::new(Punctuation::new(behavior)))
        }),
        ("Whitespace", |_| Ok(Box::new(Whitespace))),
        ("WhitespaceSplit", |_| Ok(Box::new(WhitespaceSplit))),
    ],
};

static POST_PROCESSORS: Kinds<AnyPostProcessor> = Kinds {
    part: "post_processor",
    list: "processors",
    known: &[
        ("ByteLevel", |part| Ok(Box::new(byte_level(part)?))),
        ("TemplateProcessing", |part| Ok(Box::new(template(part)?))),
        ("BertProcessing", |part| {
            let (sep, cls) = (setting(part, "sep")?, setting(part, "cls")?);
            Ok(Box::new(BertProcessing::new(sep, cls)))
        }),
        ("RobertaProcessing", |part| {
            let (sep, cls) = (setting(part, "sep")?, setting(part, "cls")?);
            let processing = RobertaProcessing::new(sep, cls)
                .trim_offsets(setting(part, "trim_offsets")?)
                .add_prefix_space(setting(part, "add_prefix_space")?);
            Ok(Box::new(processing))
        }),
    ],
};

static DECODERS: Kinds<AnyDecoder> = Kinds {
    part: "decoder",
    list: "decoders",
    known: &[
        ("ByteLevel", |part| Ok(Box::new(byte_level(part)?))),
        ("BPEDecoder", |part| {
            Ok(Box::new(BPEDecoder::new(setting(part, "suffix")?)))
        }),
        ("WordPiece", |part| {
            let (prefix, cleanup) = (setting(part, "prefix")?, setting(part, "cleanup")?);
            Ok(Box::new(WordPieceDecoder::new(prefix, cleanup)))
        }),
        ("ByteFallback", |_| Ok(Box::new(ByteFallback::new()))),
        ("Fuse", |_| Ok(Box::new(Fuse::new()))),
        ("Replace", |part| Ok(Box::new(replace(part)?))),
    ],
};

fn byte_level(part: &Value) -> Read<ByteLevel> {
    let add_prefix_space = setting(part, "add_prefix_space")?;
    let trim_offsets = setting(part, "trim_offsets")?;
    let use_regex: Option<bool> = setting(part, "use_regex")?;
    let use_regex = use_regex.unwrap_or(true);
    Ok(ByteLevel::new(add_prefix_space, trim_offsets, use_regex))
}

fn replace(part: &Value) -> Read<Replace> {
    let pattern: ReplacePattern = setting(part, "pattern")?;
    let content: String = setting(part, "content")?;
    Replace::new(pattern, content).map_err(unreadable)
}

fn template(part: &Value) -> Read<TemplateProcessing> {
    let template = TemplateProcessing::deserialize(part).map_err(unreadable)?;
    // The crate panics over what is put around a single text and not defined.
    let mut pieces = part["single"].as_array().into_iter().flatten();
    let undefined = pieces.find_map(|piece| match piece["SpecialToken"]["id"].as_str() {
        Some(id) => part["special_tokens"].get(id).is_none().then(|| clause(id)),
        // B is the second of two texts.
        None => (piece["Sequence"]["id"] == "B").then(|| "the text B".to_string()),
    });
    match undefined {
        Some(what) => Err(format!(
            "puts {what} around a text, and does not say what that is"
        )),
        None => Ok(template),
    }
}

/// The steps that a text goes through one after the other; what is in a Sequence is in line with the rest.
struct Steps<Step: ?Sized + 'static>(Vec<Box<Step>>);

impl<Step: ?Sized> Steps<Step> {
    fn read(parts: &Map<String, Value>, kinds: &Kinds<Step>) -> Read<Option<Steps<Step>>> {
        let Some(part) = parts.get(kinds.part).filter(|part| !part.is_null()) else {
            return Ok(None);
        };
        let mut steps = Steps(Vec::new());
        steps.append(part, kinds)?;
        Ok(Some(steps))
    }

    fn append(&mut self, part: &Value, kinds: &Kinds<Step>) -> Read<()> {
        let kind = part["type"].as_str().unwrap_or("of no type");
        if kind == "Sequence" {
            let Some(steps) = part[kinds.list].as_array() else {
                return Err(format!("its {} Sequence has no {}", kinds.part, kinds.list));
            };
            return steps.iter().try_for_each(|step| self.append(step, kinds));
        }
        let Some((_, read)) = kinds.known.iter().find(|(name, _)| *name == kind) else {
            let mut known = "Sequence".to_string();
            for (name, _) in kinds.known {
                known = known + ", " + name;
            }
            return Err(unknown(kinds.part, kind, &known));
        };
        let step = read(part).map_err(|reason| format!("its {} {kind} {reason}", kinds.part))?;
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

impl PostProcessor for Steps<AnyPostProcessor> {
    fn added_tokens(&self, is_pair: bool) -> usize {
        self.0.iter().map(|step| step.added_tokens(is_pair)).sum()
    }

    fn process_encodings(
        &self,
        encodings: Vec<Encoding>,
        add_special_tokens: bool,
    ) -> tokenizers::Result<Vec<Encoding>> {
        self.0.iter().try_fold(encodings, |encodings, step| {
            step.process_encodings(encodings, add_special_tokens)
        })
    }
}

impl Decoder for Steps<AnyDecoder> {
    fn decode_chain(&self, tokens: Vec<String>) -> tokenizers::Result<Vec<String>> {
        self.0
            .iter()
            .try_fold(tokens, |tokens, step| step.decode_chain(tokens))
    }
}
