//! The same tokens and the same text as the `tokenizers` crate makes of the same file.

use super::{LIMIT, like_gpt2};
use crate::common::folders::{
    CLT, TOKENIZER, assert_one_sentence, assert_says, byte_level, fixture,
};
use attograph::model::{Files, Tokenizer};
use serde_json::{Value, json};
use std::path::Path;

/// What the `tokenizers` crate's own `Tokenizer` makes of the same file.
fn assert_as_the_crate(what: &str, file: &[u8]) {
    let own = Tokenizer::from_bytes(file).unwrap_or_else(|error| panic!("{what}: {error}"));
    let theirs = tokenizers::Tokenizer::from_bytes(file).unwrap();
    for text in [
        "",
        "calc: 36+59=95",
        "The doctor's patient has  12,345 tokens.\n\n  She said: “naïve café”, didn't she?",
        " <bos>36 <|endoftext|>A fooBar foo bar [x] ##s\t€ 漢字 👩‍⚕️ e\u{301}",
        "t3 t21 unknown ▁a\r\n",
    ] {
        let ids = own.encode(text, LIMIT).unwrap();
        let expected = theirs.encode(text, false).unwrap();
        assert_eq!(ids, expected.get_ids(), "{what}: {text:?}");
        let expected = theirs.decode(&ids, true).unwrap();
        assert_eq!(own.decode(&ids), expected, "{what}: {text:?}");
    }
}

#[test]
fn shipped_tokenizers_are_read_as_the_crate_reads_them() {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models");
    for name in ["addition", "diagnosis"] {
        let file = std::fs::read(models.join(name).join("tokenizer.json")).unwrap();
        assert_as_the_crate(name, &file);
    }
    let words = fixture(CLT).read(TOKENIZER).unwrap().into_owned();
    assert_as_the_crate(CLT, &words);
    assert_as_the_crate("byte level", &byte_level());
}

#[test]
fn every_kind_of_step_is_as_in_the_crate() {
    let whole = like_gpt2();
    assert_as_the_crate("GPT-2", &serde_json::to_vec(&whole).unwrap());
    let pattern = json!({"Regex": "\\d{1,3}(?=(?:\\d{3})*(?!\\d))"});
    let special = json!({"<bos>": {"id": "<bos>", "ids": [260], "tokens": ["<bos>"]}});
    let bos = json!({"SpecialToken": {"id": "<bos>", "type_id": 0}});
    let text = json!({"Sequence": {"id": "A", "type_id": 0}});
    let template = json!({"type": "TemplateProcessing", "single": [bos, text], "pair": [text],
        "special_tokens": special});
    let byte_level = whole["decoder"].clone();
    for (part, step) in [
        ("normalizer", json!({"type": "Lowercase"})),
        ("normalizer", json!({"type": "NFC"})),
        ("normalizer", json!({"type": "NFD"})),
        ("normalizer", json!({"type": "NFKC"})),
        ("normalizer", json!({"type": "NFKD"})),
        ("normalizer", json!({"type": "StripAccents"})),
        ("normalizer", json!({"type": "Prepend", "prepend": "3"})),
        (
            "normalizer",
            json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true}),
        ),
        (
            "normalizer",
            json!({"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": false,
            "strip_accents": true, "lowercase": false}),
        ),
        ("pre_tokenizer", json!({"type": "BertPreTokenizer"})),
        (
            "pre_tokenizer",
            json!({"type": "Split", "pattern": {"Regex": "[0-9]{1,2}(?=([0-9]{2})*(?![0-9]))"},
            "behavior": "Isolated", "invert": false}),
        ),
        (
            "normalizer",
            json!({"type": "Strip", "strip_left": true, "strip_right": false}),
        ),
        (
            "normalizer",
            json!({"type": "Replace", "pattern": {"String": "a"}, "content": "36"}),
        ),
        (
            "normalizer",
            json!({"type": "Sequence", "normalizers": [
            {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
            {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}]}),
        ),
        (
            "pre_tokenizer",
            json!({"type": "ByteLevel", "add_prefix_space": true,
            "trim_offsets": true, "use_regex": false}),
        ),
        (
            "pre_tokenizer",
            json!({"type": "Sequence", "pretokenizers": []}),
        ),
        (
            "pre_tokenizer",
            json!({"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": false},
            {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithNext", "invert": true},
            {"type": "Digits", "individual_digits": true}, {"type": "Punctuation"},
            {"type": "Punctuation", "behavior": "Contiguous"}, byte_level]}),
        ),
        (
            "pre_tokenizer",
            json!({"type": "Digits", "individual_digits": false}),
        ),
        ("pre_tokenizer", json!({"type": "Whitespace"})),
        ("pre_tokenizer", json!({"type": "WhitespaceSplit"})),
        ("post_processor", Value::Null),
        ("post_processor", template.clone()),
        (
            "post_processor",
            json!({"type": "BertProcessing", "sep": ["!", 0], "cls": ["36", 256]}),
        ),
        (
            "post_processor",
            json!({"type": "RobertaProcessing", "sep": ["!", 0], "cls": ["36", 256],
            "trim_offsets": true, "add_prefix_space": false}),
        ),
        (
            "post_processor",
            json!({"type": "Sequence", "processors": [byte_level, template]}),
        ),
        ("decoder", Value::Null),
        ("decoder", json!({"type": "BPEDecoder", "suffix": "3"})),
        (
            "decoder",
            json!({"type": "WordPiece", "prefix": "3", "cleanup": true}),
        ),
        (
            "decoder",
            json!({"type": "Sequence", "decoders": [
            {"type": "Replace", "pattern": {"String": "Ġ"}, "content": " "},
            {"type": "ByteFallback"}, {"type": "Fuse"}]}),
        ),
    ] {
        let mut file = whole.clone();
        file[part] = step;
        let what = format!("{part} {}", file[part]);
        assert_as_the_crate(&what, &serde_json::to_vec(&file).unwrap());
    }
}

/// An added token with these flags: single_word, lstrip, rstrip, normalized, special.
fn added(id: u32, content: &str, flags: [bool; 5]) -> Value {
    let [single_word, lstrip, rstrip, normalized, special] = flags;
    json!({"id": id, "content": content, "single_word": single_word, "lstrip": lstrip,
        "rstrip": rstrip, "normalized": normalized, "special": special})
}

const PLAIN: [bool; 5] = [false; 5];

#[test]
fn added_tokens_are_as_in_the_crate() {
    let mut file = like_gpt2();
    file["normalizer"] = json!({"type": "Lowercase"});
    file["added_tokens"] = json!([
        added(260, "<bos>", [false, true, true, false, true]),
        added(261, "foo", [true, false, false, false, false]),
        added(262, "FOO", [false, false, true, true, false]),
        added(256, "36", [false, false, false, false, true]),
        added(7, "", PLAIN),
    ]);
    assert_as_the_crate("added tokens", &serde_json::to_vec(&file).unwrap());
}

#[test]
fn other_models_are_as_in_the_crate() {
    let mut file = like_gpt2();
    file["pre_tokenizer"] = json!({"type": "Whitespace"});
    file["model"] = json!({"unk_token": "?", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 9, "vocab": {"?": 0, "t": 1, "##3": 2, "foo": 3, "##s": 4}});
    file["added_tokens"][0]["id"] = json!(5);
    assert_as_the_crate("WordPiece", &serde_json::to_vec(&file).unwrap());
    file["model"]["type"] = json!("WordPiece");
    assert_as_the_crate("WordPiece", &serde_json::to_vec(&file).unwrap());
    file["model"] = json!({"unk_token": "?", "vocab": {"?": 0, "foo": 1, "36": 2}});
    file["added_tokens"][0]["id"] = json!(3);
    assert_as_the_crate("WordLevel", &serde_json::to_vec(&file).unwrap());
}

/// The crate numbers them itself, one after the other behind the vocabulary.
#[test]
fn added_tokens_have_the_numbers_of_the_file() {
    let mut file = like_gpt2();
    let encode = |file: &Value, text: &str| {
        let tokenizer = Tokenizer::from_bytes(&serde_json::to_vec(file).unwrap())?;
        let ids = tokenizer.encode(text, LIMIT).unwrap();
        assert_eq!(tokenizer.decode(&ids), text);
        Ok::<_, attograph::model::LoadError>(ids)
    };
    for ids in [
        [300, 301],
        [301, 300],
        [5000, 261],
        [70_000, 4_000_000_000],
        [261, 3],
    ] {
        file["added_tokens"] = json!([added(ids[0], "<x>", PLAIN), added(ids[1], "<y>", PLAIN)]);
        assert_eq!(encode(&file, "a<x>b<y>").unwrap(), [97, ids[0], 98, ids[1]]);
    }
    // In the vocabulary, too, and twice: under one number.
    file["added_tokens"] = json!([
        added(256, "36", PLAIN),
        added(300, "<x>", PLAIN),
        added(300, "<x>", PLAIN)
    ]);
    assert_eq!(encode(&file, "36<x>").unwrap(), [256, 300]);

    for (tokens, says) in [
        (json!([added(300, "36", PLAIN)]), ["\"36\"", "300 and 256"]),
        (
            json!([added(300, "<x>", PLAIN), added(301, "<x>", PLAIN)]),
            ["\"<x>\"", "301 and 300"],
        ),
        (
            json!([added(300, "<x>", PLAIN), added(300, "<y>", PLAIN)]),
            ["\"<x>\" and \"<y>\"", "number, 300"],
        ),
    ] {
        file["added_tokens"] = tokens;
        let sentence = encode(&file, "").unwrap_err().to_string();
        assert_one_sentence(&sentence);
        assert_says(&sentence, &[&["tokenizer.json"], &says[..]].concat());
    }
}
