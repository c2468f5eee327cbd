//! Text to tokens and back, as the `tokenizers` crate does it, and what is said of tokenizers that cannot be used.
#![cfg(feature = "tokenizer")]

mod as_the_crate;
mod lengths;
mod refused;

use crate::common::folders::{CLT, TOKENIZER, assert_says, byte_level, fixture};
use attograph::model::{Files, Tokenizer};
use serde_json::{Value, json};

/// Tokens that a model may read, in these tests.
const LIMIT: usize = 1024;

#[test]
fn text_becomes_tokens_and_back() {
    let tokenizer = Tokenizer::from_bytes(&byte_level()).unwrap();
    let ids = tokenizer.encode("a 36+3€", LIMIT).unwrap();
    assert_eq!(ids, [97, 32, 256, 43, 51, 258]);
    assert_eq!(tokenizer.decode(&ids), "a 36+3€");
    assert!(tokenizer.encode("", LIMIT).unwrap().is_empty());
    assert_eq!(tokenizer.decode(&[u32::MAX, 97]), "a");

    let words = fixture(CLT).read(TOKENIZER).unwrap().into_owned();
    let tokenizer = Tokenizer::from_bytes(&words).unwrap();
    assert_eq!(
        tokenizer.encode("t3 t21 unknown", LIMIT).unwrap(),
        [3, 21, 39]
    );
}

/// Settings for training and for batches; a prompt is to stay whole, and the same each time.
#[test]
fn nothing_is_cut_off_or_filled_up() {
    let mut file: Value = serde_json::from_slice(&byte_level()).unwrap();
    let text = "a 36+3€";
    let encode = |file: &Value| {
        let bytes = serde_json::to_vec(file).unwrap();
        Tokenizer::from_bytes(&bytes).map(|tokenizer| tokenizer.encode(text, LIMIT).unwrap())
    };
    let whole = encode(&file).unwrap();
    file["truncation"] = serde_json::json!({
        "direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 7
    });
    file["padding"] = serde_json::json!({
        "strategy": {"Fixed": 40}, "direction": "Right", "pad_to_multiple_of": null,
        "pad_id": 0, "pad_type_id": 0, "pad_token": "!"
    });
    assert_eq!(encode(&file).unwrap(), whole);

    file["model"]["dropout"] = serde_json::json!(0.5);
    assert_says(
        &encode(&file).unwrap_err().to_string(),
        &["tokenizer.json", "dropout"],
    );
    file["model"]["dropout"] = Value::Null;
    file["normalizer"] = serde_json::json!({
        "type": "Sequence",
        "normalizers": [{"type": "Precompiled", "precompiled_charsmap": "AAAAAA=="}]
    });
    assert_says(
        &encode(&file).unwrap_err().to_string(),
        &["normalizer", "Precompiled"],
    );
}

/// As in GPT-2's own file: the model has no type, each merge is one text, and the steps are ByteLevel.
fn like_gpt2() -> Value {
    let mut file: Value = serde_json::from_slice(&byte_level()).unwrap();
    let model = file["model"].as_object_mut().unwrap();
    for name in ["type", "byte_fallback", "ignore_merges"] {
        model.remove(name);
    }
    model["continuing_subword_prefix"] = json!("");
    model["end_of_word_suffix"] = json!("");
    model["merges"] = json!(["3 6", "Ġ 3", "â Ĥ", "âĤ ¬"]);
    file["added_tokens"] = json!([{"id": 260, "content": "<|endoftext|>", "single_word": false,
        "lstrip": false, "rstrip": false, "normalized": true, "special": true}]);
    file["pre_tokenizer"] =
        json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true});
    file["post_processor"] =
        json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false});
    file["decoder"] = json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true});
    file
}

/// What a click on a word that the model goes on with writes: text that becomes just these tokens.
#[test]
fn text_goes_on_by_whole_characters() {
    let tokenizer = Tokenizer::from_bytes(&byte_level()).unwrap();
    let bos = 260;
    let going_on =
        |prompt: &str, ids: &[u32], more: &[u32]| tokenizer.going_on(prompt, ids, more, LIMIT);
    assert_eq!(going_on("a", &[bos, 97], &[256]), Some("36".to_string()));
    assert_eq!(going_on("a", &[97], &[258]), Some("€".to_string()));
    assert_eq!(going_on("a", &[bos, 97], &[0xE2]), None);
    assert_eq!(going_on("a", &[bos, 97], &[259]), None);
    assert_eq!(going_on("a", &[bos, 97], &[0xE2, 0x82]), None);
    assert_eq!(tokenizer.continuation(&[97], &[259, 0xAC, 256]), "€36");
    // 36 is one token, so it is never typed as two; and these ids are not the prompt's.
    assert_eq!(going_on("a", &[bos, 97], &[51, 54]), None);
    assert_eq!(going_on("b", &[bos, 97], &[256]), None);
    assert_eq!(going_on("a", &[bos, 97], &[bos]), Some("<bos>".to_string()));

    let words = fixture(CLT).read(TOKENIZER).unwrap().into_owned();
    let tokenizer = Tokenizer::from_bytes(&words).unwrap();
    assert_eq!(
        tokenizer.going_on("t3", &[0, 3], &[21], LIMIT),
        Some(" t21".to_string())
    );
    assert_eq!(tokenizer.continuation(&[0, 3], &[21, 5]), " t21 t5");
}
