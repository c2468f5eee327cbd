//! Text to tokens and back, as the `tokenizers` crate does it, and what is said of tokenizers that cannot be used.
#![cfg(feature = "tokenizer")]

use crate::common::folders::{
    CLT, TOKENIZER, assert_one_sentence, assert_says, byte_level, damages, fixture,
};
use attograph::model::{Files, Tokenizer};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::Instant;

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
