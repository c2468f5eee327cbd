//! Long texts: how long they take, and which are too long.

use super::like_gpt2;
use crate::common::folders::{CLT, TOKENIZER, assert_says, fixture};
use attograph::model::{Files, Tokenizer};
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// No pattern looks at a long text again and again, and what is certainly too long is not looked at at all.
#[test]
fn long_runs_take_no_time_by_their_square() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models");
    let shipped = ["addition", "diagnosis"]
        .map(|name| std::fs::read(models.join(name).join("tokenizer.json")).unwrap());
    let gpt2 = serde_json::to_vec(&like_gpt2()).unwrap();
    let mut bert = like_gpt2();
    bert["normalizer"] = json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true});
    bert["pre_tokenizer"] = json!({"type": "BertPreTokenizer"});
    bert["model"] = json!({"type": "WordPiece", "unk_token": "?", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {"?": 0, "a": 1, "##a": 2}});
    bert["added_tokens"] = json!([]);
    let bert = serde_json::to_vec(&bert).unwrap();
    for (what, file) in [
        ("addition", &shipped[0]),
        ("diagnosis", &shipped[1]),
        ("GPT-2", &gpt2),
        ("BERT", &bert),
    ] {
        let tokenizer = Tokenizer::from_bytes(file).unwrap();
        for run in ["1", "a", " ", "\n", "!", "é", "漢", "🦊", "1a", "a ", " \n"] {
            let text = run.repeat(120_000 / run.len()) + "x";
            let start = Instant::now();
            // A limit that refuses nothing, and one of a real model.
            tokenizer.encode(&text, 1_000_000).unwrap();
            let whole = start.elapsed();
            assert!(whole.as_secs() < 8, "{what}, {run:?}: {whole:?}");
            let start = Instant::now();
            match tokenizer.encode(&text, 64) {
                Ok(ids) => assert!(ids.len() <= 4 * 64, "{what}, {run:?}"),
                Err(error) => assert_says(&error.to_string(), &["characters", "at most 64 tokens"]),
            }
            assert!(
                start.elapsed().as_secs() < 2,
                "{what}, {run:?}: {:?}",
                start.elapsed()
            );
        }
    }
}

/// Spaces that the tokenizer leaves out do not count, however many.
#[test]
fn a_long_text_of_few_tokens_is_no_long_prompt() {
    let words = fixture(CLT).read(TOKENIZER).unwrap().into_owned();
    let tokenizer = Tokenizer::from_bytes(&words).unwrap();
    let text = format!("t3{}t21", " ".repeat(100_000));
    assert_eq!(tokenizer.encode(&text, 16).unwrap(), [3, 21]);
    let sixteen = "t3 ".repeat(16);
    assert_eq!(tokenizer.encode(&sixteen, 16).unwrap().len(), 16);
}
