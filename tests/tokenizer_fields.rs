//! Every field that a tokenizer.json may have: the tokens depend on it, or it is read past for a reason, and one
//! that is not known is refused.
#![cfg(feature = "tokenizer")]

use crate::common::folders::{assert_one_sentence, assert_says, byte_level};
use attograph::model::Tokenizer;
use attograph::model::known::{TOKENIZER_FIELDS, Treatment};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// A byte-level BPE without any step, which every part is put into.
fn bare() -> Value {
    let mut file: Value = serde_json::from_slice(&byte_level()).unwrap();
    file["added_tokens"] = json!([]);
    // Without ByteLevel these stand for themselves; the last is a token across what its pattern splits.
    for (id, token) in (500..).zip([" ", "\u{1}", "漢", "!a"]) {
        file["model"]["vocab"][token] = json!(id);
    }
    file["model"]["merges"]
        .as_array_mut()
        .unwrap()
        .push(json!(["!", "a"]));
    for part in ["normalizer", "pre_tokenizer", "post_processor", "decoder"] {
        file[part] = Value::Null;
    }
    file
}

/// An example of a part with each of its fields, as it stands in the file, and where that is.
fn example(part: &str) -> (Value, String) {
    let flags = json!({"single_word": false, "lstrip": false, "rstrip": false, "normalized": false, "special": false});
    let pattern = json!({"String": "a"});
    let bos = json!({"SpecialToken": {"id": "<bos>", "type_id": 0}});
    let words = json!({"[UNK]": 0, "a": 1, "##a": 2, "b": 3});
    let (place, kind) = part.split_once(' ').unwrap_or((part, ""));
    let mut fields = match part {
        "file" => return (bare(), String::new()),
        "added token" => {
            let mut token = flags.as_object().unwrap().clone();
            token.extend(map(json!({"id": 300, "content": "<x>"})));
            return (Value::Object(token), "/added_tokens/0".to_string());
        }
        "model BPE" => map(bare()["model"].clone()),
        "model WordLevel" => map(json!({"unk_token": "[UNK]", "vocab": words})),
        "model WordPiece" => map(
            json!({"unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": words}),
        ),
        "normalizer Sequence" => map(json!({"normalizers": [{"type": "Lowercase"}]})),
        "pre_tokenizer Sequence" => map(json!({"pretokenizers": [{"type": "Whitespace"}]})),
        "post_processor Sequence" => map(json!({"processors": []})),
        "decoder Sequence" => map(json!({"decoders": [{"type": "BPEDecoder", "suffix": "a"}]})),
        "normalizer BertNormalizer" => {
            map(json!({"clean_text": true, "handle_chinese_chars": true,
            "strip_accents": false, "lowercase": false}))
        }
        "normalizer Prepend" => map(json!({"prepend": "3"})),
        "normalizer Replace" | "decoder Replace" => {
            map(json!({"pattern": pattern, "content": "b"}))
        }
        "normalizer Strip" => map(json!({"strip_left": true, "strip_right": true})),
        "pre_tokenizer Digits" => map(json!({"individual_digits": true})),
        "pre_tokenizer Punctuation" => map(json!({"behavior": "Isolated"})),
        "pre_tokenizer Split" => {
            map(json!({"pattern": {"String": "3"}, "behavior": "MergedWithNext", "invert": false}))
        }
        "post_processor BertProcessing" => map(json!({"sep": ["!", 0], "cls": ["36", 256]})),
        "post_processor RobertaProcessing" => map(json!({"sep": ["!", 0], "cls": ["36", 256],
            "trim_offsets": true, "add_prefix_space": false})),
        "post_processor TemplateProcessing" => map(json!({"single": [bos], "pair": [bos],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [260], "tokens": ["<bos>"]}}})),
        "decoder BPEDecoder" => map(json!({"suffix": "a"})),
        "decoder WordPiece" => map(json!({"prefix": "a", "cleanup": false})),
        _ if kind == "ByteLevel" => {
            map(json!({"add_prefix_space": false, "trim_offsets": true, "use_regex": true}))
        }
        _ => Map::new(),
    };
    fields.insert("type".to_string(), json!(kind));
    (Value::Object(fields), format!("/{place}"))
}

fn map(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

/// The file with one part.
fn with(part: &Value, place: &str) -> Value {
    if place.is_empty() {
        return part.clone();
    }
    let mut file = bare();
    if place.starts_with("/added_tokens") {
        file["added_tokens"] = json!([null]);
    }
    *file.pointer_mut(place).unwrap() = part.clone();
    file
}

/// Tokens of a few texts, and the text that tokens become; or what is said.
fn outcome(file: &Value) -> Result<(Vec<Vec<u32>>, Vec<String>), String> {
    let tokenizer = Tokenizer::from_bytes(&serde_json::to_vec(file).unwrap())
        .map_err(|error| error.to_string())?;
    let texts = [
        " aA b 36 3336!?!a\u{1}漢é \u{ac00} \n",
        "a",
        "b<x>  a",
        "b  <x>a<x> ",
        "<X>",
        "aaaa",
        "c\u{e000}\u{e000}",
        "",
    ];
    let encode = |text: &&str| {
        tokenizer
            .encode(text, 1024)
            .map_err(|error| error.to_string())
    };
    let ids = texts.iter().map(encode).collect::<Result<Vec<_>, _>>()?;
    let mut decoded: Vec<String> = ids.iter().map(|ids| tokenizer.decode(ids)).collect();
    decoded.push(tokenizer.decode(&[1, 97, 32, 46, 300, 97, 0, 256]));
    Ok((ids, decoded))
}

/// Other values of a field, one of which must tell.
fn others(field: &str, now: &Value) -> Vec<Value> {
    match field {
        "vocab" => {
            let mut fewer = map(now.clone());
            fewer.remove("a");
            vec![Value::Object(fewer)]
        }
        "merges" => vec![json!([])],
        "added_tokens" => vec![
            json!([{"id": 300, "content": "a", "single_word": false, "lstrip": false,
            "rstrip": false, "normalized": false, "special": false}]),
        ],
        "normalizer" | "model" => vec![json!({"type": "Lowercase"})],
        "pre_tokenizer" => vec![json!({"type": "Digits", "individual_digits": true})],
        "decoder" => vec![json!({"type": "Fuse"})],
        "post_processor" => {
            vec![json!({"type": "BertProcessing", "sep": ["!", 0], "cls": ["36", 256]})]
        }
        "version" => vec![json!("2.0")],
        "truncation" => vec![
            json!({"direction": "Right", "max_length": 1, "strategy": "LongestFirst", "stride": 0}),
        ],
        "padding" => vec![
            json!({"strategy": {"Fixed": 40}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "!"}),
        ],
        "dropout" => vec![json!(0.5)],
        "unk_token" => vec![json!("b"), json!("!")],
        "end_of_word_suffix" => vec![json!("6")],
        "continuing_subword_prefix" => vec![json!("#")],
        "max_input_chars_per_word" => vec![json!(3)],
        "behavior" => vec![json!("Removed")],
        "pattern" => vec![json!({"Regex": "6"})],
        "id" => vec![json!(301)],
        "content" | "prepend" | "suffix" | "prefix" => vec![json!("!")],
        "normalizers" => vec![json!([])],
        "pretokenizers" | "decoders" | "processors" => vec![json!([])],
        "sep" | "cls" => vec![json!(["a", 97])],
        "single" | "pair" | "special_tokens" => vec![json!([]), json!({})],
        _ => vec![json!(now != &json!(true))],
    }
}

/// What a field needs around it to be of use.
fn setting_for(part: &str, field: &str, file: &mut Value) {
    match (part, field) {
        ("model BPE", "fuse_unk" | "unk_token" | "byte_fallback") => {
            file["model"]["unk_token"] = json!("a");
            for byte in ["0xEE", "0x80"] {
                let id = 400 + file["model"]["vocab"].as_object().unwrap().len();
                file["model"]["vocab"][format!("<{byte}>")] = json!(id);
            }
        }
        ("model BPE", "ignore_merges") => file["model"]["vocab"]["aaaa"] = json!(301),
        ("added token", "normalized") => {
            file["normalizer"] = json!({"type": "Lowercase"});
        }
        _ => {}
    }
}

#[test]
fn every_field_counts_or_is_said_not_to() {
    let mut wrong = Vec::new();
    for (part, fields) in TOKENIZER_FIELDS {
        let (value, place) = example(part);
        let whole = with(&value, &place);
        outcome(&whole).unwrap_or_else(|error| panic!("{part}: {error}"));
        let rows = fields.iter();
        let rows = rows.flat_map(|known| known.names.iter().map(|field| (*field, known.treatment)));
        let rows: Vec<(&str, Treatment)> = rows.collect();
        let named: BTreeSet<&str> = rows.iter().map(|(field, _)| *field).collect();
        assert_eq!(named.len(), rows.len(), "{part}: a field twice");
        for (field, treatment) in rows {
            let mut file = whole.clone();
            setting_for(part, field, &mut file);
            let before = outcome(&file).unwrap_or_else(|error| panic!("{part} {field}: {error}"));
            let now = file
                .pointer(&format!("{place}/{field}"))
                .cloned()
                .unwrap_or_default();
            let changed = others(field, &now).into_iter().any(|other| {
                let mut file = file.clone();
                file.pointer_mut(&place).unwrap()[field] = other;
                outcome(&file).as_ref() != Ok(&before)
            });
            match treatment {
                Treatment::Computed if changed => {}
                Treatment::NoEffect(why) if !changed && !why.is_empty() => {}
                other => wrong.push(format!(
                    "{part}: {field} is {other:?}, and changes something: {changed}"
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn an_unknown_field_is_refused_by_name() {
    for (part, _) in TOKENIZER_FIELDS {
        let (mut value, place) = example(part);
        value["casing"] = json!(true);
        let sentence = outcome(&with(&value, &place)).expect_err(part);
        assert_one_sentence(&sentence);
        assert_says(&sentence, &["tokenizer.json", part, "casing"]);
    }
}
