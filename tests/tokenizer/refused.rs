//! Tokenizers that cannot be used are told in one sentence.

use super::{LIMIT, like_gpt2};
use crate::common::folders::{
    CLT, TOKENIZER, assert_one_sentence, assert_says, byte_level, damages, fixture,
};
use attograph::model::{Files, Tokenizer};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn a_broken_tokenizer_is_told() {
    let merges = String::from_utf8(byte_level())
        .unwrap()
        .replace("[\"3\",\"6\"]", "[\"3\",\"unknown\"]");
    for bytes in [
        &b"{ not json"[..],
        b"",
        b"{}",
        b"\xFF",
        b"{\"model\":{\"vocab\":{\"a\":0}}}",
        merges.as_bytes(),
    ] {
        let Err(error) = Tokenizer::from_bytes(bytes) else {
            panic!("should not load")
        };
        let sentence = error.to_string();
        assert_one_sentence(&sentence);
        assert_says(&sentence, &["tokenizer.json"]);
    }
}

/// Files that make the `tokenizers` crate panic.
#[test]
fn a_tokenizer_that_contradicts_itself_is_told() {
    let mut whole: Value = serde_json::from_slice(&byte_level()).unwrap();
    whole["normalizer"] = Value::Null;
    let spoilt = |path: &str, value: Value| {
        let mut tokenizer = whole.clone();
        *tokenizer.pointer_mut(path).unwrap() = value;
        tokenizer
    };
    let prefix = spoilt("/model/continuing_subword_prefix", json!("##"));
    let star = json!({"type": "Replace", "pattern": {"Regex": "a*"}, "content": "x"});
    let everywhere = json!({"type": "Replace", "pattern": {"String": ""}, "content": "x"});
    for (tokenizer, says) in [
        (prefix, "continuing_subword_prefix"),
        (
            spoilt("/normalizer", star),
            "Replace has a pattern that matches the empty text",
        ),
        (
            spoilt("/normalizer", everywhere),
            "Replace has a pattern that matches the empty text",
        ),
    ] {
        let outcome = Tokenizer::from_bytes(&serde_json::to_vec(&tokenizer).unwrap());
        let Err(error) = outcome else {
            panic!("should not load: {says}")
        };
        assert_one_sentence(&error.to_string());
        assert_says(&error.to_string(), &["tokenizer.json", says]);
    }
    // Found only once there is a text: it matches between two letters.
    let between = json!({"type": "Replace", "pattern": {"Regex": "(?<=a)(?=b)"}, "content": "x"});
    let tokenizer =
        Tokenizer::from_bytes(&serde_json::to_vec(&spoilt("/normalizer", between)).unwrap())
            .unwrap();
    assert_eq!(tokenizer.encode("a b", LIMIT).unwrap(), [97, 32, 98]);
    let sentence = tokenizer.encode("ab", LIMIT).unwrap_err().to_string();
    assert_one_sentence(&sentence);
    assert_says(&sentence, &["tokenizer.json", "matches the empty text"]);
}

/// The crate has more kinds; what is not read here is told by name, and so is what is wrong with a step.
#[test]
fn what_is_not_known_is_told() {
    let digits = json!({"type": "Digits", "individual_digits": "yes"});
    for (part, step, says) in [
        (
            "normalizer",
            json!({"type": "Nmt"}),
            "its normalizer is Nmt",
        ),
        (
            "post_processor",
            json!({"type": "Sequence", "processors": [{"type": "Shuffle"}]}),
            "its post_processor is Shuffle",
        ),
        (
            "pre_tokenizer",
            json!({"type": "Split", "pattern": {"Regex": "("}, "behavior": "Isolated", "invert": false}),
            "Split has the pattern (, which cannot be read",
        ),
        ("normalizer", json!({"strip_left": true}), "of no type"),
        ("pre_tokenizer", json!({"type": "Metaspace"}), "Metaspace"),
        (
            "pre_tokenizer",
            json!({"type": "Sequence"}),
            "Sequence has no pretokenizers",
        ),
        (
            "pre_tokenizer",
            digits,
            "Digits has individual_digits wrong",
        ),
        ("decoder", json!({"type": "CTC"}), "Fuse"),
        ("model", json!({"type": "Unigram", "vocab": []}), "Unigram"),
        (
            "model",
            json!({"type": "BPE", "vocab": {}}),
            "model BPE cannot be read",
        ),
        ("version", json!("2.0"), "version"),
        ("added_tokens", json!([{"content": "x"}]), "has id wrong"),
    ] {
        let mut file = like_gpt2();
        file[part] = step;
        let outcome = Tokenizer::from_bytes(&serde_json::to_vec(&file).unwrap());
        let Err(error) = outcome else {
            panic!("should not load: {says}")
        };
        assert_one_sentence(&error.to_string());
        assert_says(&error.to_string(), &["tokenizer.json", says]);
    }
}

#[test]
fn damage_never_panics() {
    for bytes in [
        fixture(CLT).read(TOKENIZER).unwrap().into_owned(),
        byte_level(),
    ] {
        for (what, damaged) in damages(&bytes, 100) {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                if let Ok(tokenizer) = Tokenizer::from_bytes(&damaged) {
                    let ids = tokenizer.encode("a 36+3 t3", LIMIT).unwrap_or_default();
                    tokenizer.decode(&ids);
                }
            }));
            assert!(
                outcome.is_ok(),
                "{what}: {}",
                String::from_utf8_lossy(&damaged)
            );
        }
    }
}
