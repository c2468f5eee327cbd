//! The models that number their tokens, and do not score them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use tokenizers::models::bpe::{BPE, BpeTrainer};
use tokenizers::models::wordlevel::WordLevel;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::{Model, Token};

use super::{Read, fields, unreadable};

/// A word of so many characters takes WordPiece the square of them to take apart.
const LONGEST_WORD: u64 = 1000;

/// What takes words apart into tokens.
pub(super) enum Words {
    Bpe(BPE),
    WordLevel(WordLevel),
    WordPiece(WordPiece),
}

impl Words {
    pub(super) fn read(part: &Value) -> Read<Words> {
        // Old files, GPT-2's among them, do not say what the model is.
        let kind = match part["type"].as_str() {
            Some(kind) => kind,
            None if part.get("merges").is_some() => "BPE",
            None if part.get("max_input_chars_per_word").is_some() => "WordPiece",
            None => "WordLevel",
        };
        fields::check(&format!("model {kind}"), part)?;
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
            _ => {
                let most = part["max_input_chars_per_word"].as_u64();
                if most.is_some_and(|most| most > LONGEST_WORD) {
                    return Err(format!(
                        "its model WordPiece has a max_input_chars_per_word above {LONGEST_WORD}, which is not supported"
                    ));
                }
                WordPiece::deserialize(part).map(Words::WordPiece)
            }
        };
        model.map_err(|error| format!("its model {kind} {}", unreadable(error)))
    }
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
